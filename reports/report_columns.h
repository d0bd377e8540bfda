/* The dictionary of columns: what each one means. A key means the same in every report. */
#pragma once
#include "reports/report.h"

struct renderer;

/* One sentence; NULL for an unknown key. */
const char *report_column_meaning(const char *key);

/* The dictionary itself, by its keys; false past its end. */
bool report_column_at(size_t index, const char **key, const char **meaning);

/* Writes report, column, kind and meaning of all columns; report_name NULL: of every report. */
void report_columns_write(const char *report_name, const struct renderer *renderer, FILE *out);
