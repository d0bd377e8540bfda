/* JSON and YAML as tables: a row for each object of a list, a column for each path ("certificate.common_name"); the elements of an
 * array inside share a cell, a line each. */
#pragma once
#include "inventory/formats/table.h"

#include <jansson.h>

/* The objects that are records: the elements of a list, of the one list of objects that wraps it ("items", "orders"), or the value
 * itself. on_row() gets each. */
void tree_each_row(const json_t *root, void (*on_row)(void *context, const json_t *row), void *context);

/* rows: count objects. line of the n-th row: n. */
void tree_table_fill(struct table *table, const json_t *const *rows, size_t count);
