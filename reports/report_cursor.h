/* Where a page of a list ends, as opaque text for people and programs: --after CURSOR goes on behind it. It holds the values by which the
 * list orders that row, so the next page is a range of the list's index and finds its place even if that row has gone. */
#pragma once
#include "reports/report.h"

#include <jansson.h>

/* `key`: the row's values as the statement writes them, a JSON array. `rows`: how many rows there are up to and with it. Yours: free(). */
char *report_cursor_write(const struct report *report, const char *key, size_t rows);

/* The values; yours: json_decref(). A text that is damaged, or that another report wrote, is a usage error. */
json_t *report_cursor_read(const struct report *report, const char *text, size_t *rows, struct error *err);
