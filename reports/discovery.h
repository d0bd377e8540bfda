/* The discovery report: one HTML page of all reports, for people who were not there. Self-contained: it can be
 * mailed, opened without a network, and printed. */
#pragma once
#include "reports/report.h"

bool discovery_write(const struct report_options *options, struct db *db, FILE *out, struct error *err);
