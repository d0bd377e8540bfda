/* See row_list.h. */
#include "inventory/load/row_list.h"

#include "probes/base/memory.h"

#include <stdlib.h>

static int row_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void row_list_sort(struct row_list *list)
{
    size_t kept = 0;
    if (!list->is_unsorted)
        return;
    qsort(list->items, list->count, sizeof *list->items, row_compare);
    for (size_t i = 0; i < list->count; i++)
        if (i == 0 || list->items[i] != list->items[kept - 1])
            list->items[kept++] = list->items[i];
    list->count = kept;
    list->is_unsorted = false;
}

/* Is it there? The list is sorted, and its last row is not smaller. */
static bool is_known(struct row_list *list, int64_t row)
{
    int64_t *recent = &list->recent[(uint64_t)row % ROW_LIST_RECENT];
    if ((*recent == row && row != 0) || row == list->items[list->count - 1])
        return true;
    if (bsearch(&row, list->items, list->count, sizeof row, row_compare) == NULL)
        return false;
    *recent = row;
    return true;
}

/* Sorted before it grows: what is named many times takes room once. */
static void reserve(struct row_list *list)
{
    if (list->count < list->capacity)
        return;
    row_list_sort(list);
    if (list->count >= list->capacity / 2) {
        list->capacity = 2 * list->capacity + 1024;
        list->items = xreallocarray(list->items, list->capacity, sizeof *list->items);
    }
}

void row_list_add(struct row_list *list, int64_t row)
{
    if (!list->is_unsorted && list->count > 0 && row <= list->items[list->count - 1] && is_known(list, row))
        return;
    reserve(list);
    list->is_unsorted = list->is_unsorted || (list->count > 0 && row <= list->items[list->count - 1]);
    list->items[list->count++] = row;
}

void row_list_clear(struct row_list *list)
{
    free(list->items);
    *list = (struct row_list){0};
}
