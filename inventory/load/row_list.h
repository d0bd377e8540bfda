/* Rows of a table of the bundle, growing, once each. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROW_LIST_RECENT 64

struct row_list {
    int64_t *items;
    size_t count, capacity;
    int64_t recent[ROW_LIST_RECENT];        /* by their last bits: rows that are in it */
    bool is_unsorted;
};

/* In any order; row_list_sort() before it is read. Cheap where rows grow, and where a few come again and again. */
void row_list_add(struct row_list *list, int64_t row);
void row_list_sort(struct row_list *list);
void row_list_clear(struct row_list *list);
