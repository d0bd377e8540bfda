/* How many rows of a report have each value of one column. */
#pragma once
#include "reports/report.h"

struct render_end;
struct renderer;
struct report_groups;

/* column must outlive it. Each value of a list counts. */
struct report_groups *report_groups_create(const struct report_column *column);
void report_groups_destroy(struct report_groups *groups);           /* NULL is fine */
void report_groups_add(struct report_groups *groups, const char *value);     /* of one row; NULL: none */

/* Writes the value and the number of its rows, the most frequent first, or as options->sort says ("count", or the
 * column); options->limit 0: all. end is written after them, with its `more` set. Returns the number of lines
 * written. */
size_t report_groups_write(struct report_groups *groups, const struct report *report, const struct report_options *options,
                           struct render_end *end, const struct renderer *renderer, FILE *out);
