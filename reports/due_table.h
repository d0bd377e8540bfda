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
void due_table_print_html(FILE *out, const void *rows);          /* rows: of due_table_read() */
