/* The rows of a query as --format asks (table, csv, json), for commands that list what the database holds. The
 * query's column names are keys and headings. */
#pragma once
#include "inventory/store/db.h"
#include "scanner/cli/command.h"

/* What --format names, of table, csv and json; else NULL. */
const struct renderer *result_renderer(const struct options *options, struct error *err);

/* One row of columns of its own. */
struct report;
bool result_row_print(struct options *options, const struct report *report, const char *const *values, struct error *err);

/* none: said in the log where there are no rows. */
bool result_table_print(struct options *options, struct db *db, const char *sql, size_t count,
                        const char *const *params, const char *none, struct error *err);
