#include "inventory/formats/tree_table.h"

#include "probes/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX      24
#define RECORD_SCALARS 4                /* an object with so many values of its own is a record; fewer wrap a list (total, page) */

/* The names of columns, in the order of their first use; a table of hashes beside them. */
struct headings {
    char **names;
    size_t count;
    uint16_t slots[4 * TABLE_COLUMNS_MAX];      /* 1 + index; 0: free */
};

static size_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211u;
    return (size_t)(hash % (4 * TABLE_COLUMNS_MAX));
}

/* SIZE_MAX where no more fit. */
static size_t heading_of(struct headings *headings, const char *name)
{
    size_t slot = hash_of(name);
    while (headings->slots[slot] != 0) {
        if (strcmp(headings->names[headings->slots[slot] - 1], name) == 0)
            return headings->slots[slot] - 1u;
        slot = (slot + 1) % (4 * TABLE_COLUMNS_MAX);
    }
    if (headings->count == TABLE_COLUMNS_MAX)
        return SIZE_MAX;
    headings->names = xreallocarray(headings->names, headings->count + 1, sizeof *headings->names);
    headings->names[headings->count++] = xstrdup(name);
    headings->slots[slot] = (uint16_t)headings->count;
    return headings->count - 1;
}

static size_t count_scalars(const json_t *object)
{
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
        count += !json_is_object(value) && !json_is_array(value) && !json_is_null(value);
    return count;
}

static bool is_list_of_objects(const json_t *value)
{
    return json_is_array(value) && json_array_size(value) > 0 && json_is_object(json_array_get(value, 0));
}

static const json_t *list_inside(const json_t *object)
{
    const char *key;
    json_t *value;
    const json_t *list = NULL;
    if (count_scalars(object) >= RECORD_SCALARS)
        return NULL;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
        if (is_list_of_objects(value) && (list == NULL || json_array_size(value) > json_array_size(list)))
            list = value;
    return list;
}

void tree_each_row(const json_t *root, void (*on_row)(void *context, const json_t *row), void *context)
{
    const json_t *list = json_is_object(root) ? list_inside(root) : json_is_array(root) ? root : NULL;
    if (list == NULL && json_is_object(root))
        on_row(context, root);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_object(json_array_get(list, i)))
            on_row(context, json_array_get(list, i));
}

/* One row: a text for each column that it has. */
struct cells {
    struct headings *headings;
    struct byte_buffer values[TABLE_COLUMNS_MAX];
};

static void add_value(struct cells *cells, const char *path, const char *text, size_t len)
{
    size_t column = heading_of(cells->headings, path);
    if (column == SIZE_MAX)
        return;
    if (byte_buffer_len(&cells->values[column]) > 0)
        byte_buffer_append(&cells->values[column], "\n", 1);
    byte_buffer_append(&cells->values[column], text, len);
}

static void add_tree(struct cells *cells, const char *path, const json_t *value, int depth)
{
    char number[64];
    const char *key;
    json_t *member;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        if (depth >= DEPTH_MAX)
            return;
        json_object_foreach((json_t *)(uintptr_t)value, key, member) {
            char *longer = path[0] == '\0' ? xstrdup(key) : xasprintf("%s.%s", path, key);
            if (strlen(longer) < 512)
                add_tree(cells, longer, member, depth + 1);
            free(longer);
        }
        return;
    case JSON_ARRAY:
        for (size_t i = 0; depth < DEPTH_MAX && i < json_array_size(value); i++)
            add_tree(cells, path, json_array_get(value, i), depth + 1);
        return;
    case JSON_STRING:
        add_value(cells, path, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        snprintf(number, sizeof number, "%.17g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        snprintf(number, sizeof number, "%s", json_is_true(value) ? "true" : "false");
        break;
    case JSON_NULL:
        return;
    }
    add_value(cells, path, number, strlen(number));
}

static void write_row(struct table *table, struct cells *cells, size_t line)
{
    table_begin_row(table, line);
    for (size_t i = 0; i < cells->headings->count; i++) {
        struct byte_reader text = byte_buffer_reader(&cells->values[i]);
        table_add_cell(table, text.left == 0 ? "" : (const char *)text.at, text.left);
        byte_buffer_consume(&cells->values[i], text.left);
    }
}

/* The heading must be there first and whole, so the rows are walked twice. */
void tree_table_fill(struct table *table, const json_t *const *rows, size_t count)
{
    struct headings *headings = xcalloc(1, sizeof *headings);
    struct cells *cells = xcalloc(1, sizeof *cells);
    cells->headings = headings;
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        byte_buffer_init(&cells->values[i], TABLE_TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        add_tree(cells, "", rows[i], 0);
        for (size_t j = 0; j < headings->count; j++)
            byte_buffer_consume(&cells->values[j], byte_buffer_len(&cells->values[j]));
    }
    table->has_paths = true;
    table_begin_row(table, 0);
    for (size_t i = 0; i < headings->count; i++)
        table_add_cell(table, headings->names[i], strlen(headings->names[i]));
    for (size_t i = 0; i < count && !table->is_full; i++) {
        add_tree(cells, "", rows[i], 0);
        write_row(table, cells, i + 1);
    }
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        byte_buffer_clear(&cells->values[i]);
    for (size_t i = 0; i < headings->count; i++)
        free(headings->names[i]);
    free(headings->names);
    free(headings);
    free(cells);
}
