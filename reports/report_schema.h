/* The JSON Schema (2020-12) of what a report writes with --format json; the files of reports/schema are these texts. */
#pragma once
#include "reports/report.h"

void report_schema_write(const struct report *report, FILE *out);
