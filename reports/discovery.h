/* The discovery report: all reports on one HTML page, for readers without access to the inventory. Self-contained: it can
 * be mailed, opened without a network, and printed. */
#pragma once
#include "reports/report.h"

bool discovery_write(const struct report_options *options, struct db *db, FILE *out, struct error *err);
