/* What must be renewed by when, a line for all and one for each owner, most urgent first: for the screen and for a page. A certificate of
 * several owners counts at each of them (renewals_due()), which a line below then says. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;
struct db_result;

/* filter: as a report's (report_filter.h). NULL with an error. */
struct db_result *due_table_read(struct db *db, const char *filter, struct error *err);

void due_table_print(FILE *out, const struct db_result *rows);
/* The head of such a table on a page: the summary's columns, or these and Later and All. due_table_label(): what a narrow screen, which
 * stacks the cells of a row, calls column 1 and on. */
enum { DUE_TABLE_COLUMNS = 6, DUE_TABLE_COLUMNS_ALL = 8 };
void due_table_head(FILE *out, const char *caption, size_t columns);
const char *due_table_label(size_t column);

/* The line below one whose rows sum to more: how many different ones there are. */
void due_table_different(FILE *out, long long different);

void due_table_print_html(FILE *out, const void *rows);          /* rows: of due_table_read() */
