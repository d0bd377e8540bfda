/* The dictionary of columns: what each one means. A key means the same in every report. */
#pragma once
#include "reports/report.h"

struct renderer;

/* One sentence; NULL for a key that no dictionary has. */
const char *report_column_meaning(const char *key);

/* Writes report, column, kind and meaning of all columns; report_name NULL: of every report. */
void report_columns_write(const char *report_name, const struct renderer *renderer, FILE *out);
