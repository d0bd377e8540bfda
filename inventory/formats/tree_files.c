/* JSON, JSON lines and YAML: one tree, by jansson; YAML by libyaml into the same. */
#include "inventory/formats/format_parts.h"

#include "inventory/formats/json_values.h"
#include "inventory/formats/tree_table.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define ROWS_MAX        5000000
#define YAML_DEPTH_MAX  64
#define YAML_NODES_MAX  5000000

struct rows {
    json_t **roots;                     /* ours: what the rows lie in */
    size_t root_count;
    const json_t **items;
    size_t count;
};

static void on_row(void *context, const json_t *row)
{
    struct rows *rows = context;
    if (rows->count == ROWS_MAX)
        return;
    if ((rows->count & (rows->count - 1)) == 0)         /* grows at powers of two */
        rows->items = xreallocarray(rows->items, rows->count == 0 ? 1 : rows->count * 2, sizeof *rows->items);
    rows->items[rows->count++] = row;
}

static void add_root(struct rows *rows, json_t *root)
{
    if ((rows->root_count & (rows->root_count - 1)) == 0)
        rows->roots = xreallocarray(rows->roots, rows->root_count == 0 ? 1 : rows->root_count * 2, sizeof *rows->roots);
    rows->roots[rows->root_count++] = root;
    tree_each_row(root, on_row, rows);
}

static void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->root_count; i++)
        json_decref(rows->roots[i]);
    free(rows->roots);
    free(rows->items);
}

static bool give_rows(struct format_reader *reader, const char *file, const struct rows *rows, struct error *err)
{
    struct table table;
    if (rows->count == 0)
        return error_set(err, ERROR_INPUT, "%s: no objects in it, so no records", file);
    table_init(&table);
    tree_table_fill(&table, rows->items, rows->count);
    bool ok = reader->sink->table(reader->sink->context, file, &table, err);
    table_clear(&table);
    return ok;
}

struct json_reading {
    struct format_reader *reader;
    const char *file;
    struct rows rows;
    size_t faults;
    struct error *err;
    bool is_none;                       /* this is no JSON at all */
};

static void on_json(void *context, json_t *value, size_t line)
{
    struct json_reading *reading = context;
    (void)line;
    add_root(&reading->rows, json_incref(value));
}

/* Two faults and no value: this is no JSON, whatever its first byte. */
static bool on_json_fault(void *context, size_t line, const char *text, bool is_last)
{
    struct json_reading *reading = context;
    if (reading->rows.root_count == 0 && (is_last || reading->faults > 0)) {
        reading->is_none = true;
        return error_set(reading->err, ERROR_INPUT, "%s:%zu: %s", reading->file, line, text);
    }
    if (reading->faults++ < 100)
        reading->reader->sink->fault(reading->reader->sink->context, reading->file, line, text);
    return true;
}

bool json_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err)
{
    struct json_reading reading = {.reader = reader, .file = file, .err = err};
    json_values_each(text, on_json, on_json_fault, &reading);
    bool ok = !reading.is_none && give_rows(reader, file, &reading.rows, err);
    rows_clear(&reading.rows);
    return ok;
}

/* ---- YAML ---- */

struct yaml_reading {
    yaml_parser_t parser;
    size_t nodes;
    bool has_alias;
    const char *fault;
};

static json_t *yaml_value(struct yaml_reading *yaml, const yaml_event_t *event, int depth);

static bool yaml_next(struct yaml_reading *yaml, yaml_event_t *event)
{
    if (yaml->fault != NULL)
        return false;
    if (yaml->nodes++ == YAML_NODES_MAX)
        yaml->fault = "more than 5,000,000 values";
    else if (yaml_parser_parse(&yaml->parser, event) == 0)
        yaml->fault = yaml->parser.problem == NULL ? "no YAML" : yaml->parser.problem;
    else
        return true;
    return false;
}

static json_t *yaml_sequence(struct yaml_reading *yaml, int depth)
{
    json_t *array = json_array();
    yaml_event_t event;
    while (yaml_next(yaml, &event)) {
        bool is_end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!is_end)
            json_array_append_new(array, yaml_value(yaml, &event, depth + 1));
        yaml_event_delete(&event);
        if (is_end)
            break;
    }
    return array;
}

static json_t *yaml_mapping(struct yaml_reading *yaml, int depth)
{
    json_t *object = json_object();
    yaml_event_t key, value;
    while (yaml_next(yaml, &key)) {
        if (key.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&key);
            break;
        }
        json_t *name = yaml_value(yaml, &key, depth + 1);
        yaml_event_delete(&key);
        if (yaml_next(yaml, &value)) {
            json_t *member = yaml_value(yaml, &value, depth + 1);
            if (json_is_string(name))
                json_object_set_new(object, json_string_value(name), member);
            else
                json_decref(member);
            yaml_event_delete(&value);
        }
        json_decref(name);
    }
    return object;
}

/* An alias is not followed: aliases let a small file expand to a huge one. */
static json_t *yaml_value(struct yaml_reading *yaml, const yaml_event_t *event, int depth)
{
    json_t *text = NULL;
    if (depth > YAML_DEPTH_MAX && (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)) {
        yaml->fault = "nested more than 64 deep";
        return json_null();
    }
    switch (event->type) {
    case YAML_SEQUENCE_START_EVENT:
        return yaml_sequence(yaml, depth);
    case YAML_MAPPING_START_EVENT:
        return yaml_mapping(yaml, depth);
    case YAML_SCALAR_EVENT:
        text = json_stringn((const char *)event->data.scalar.value, event->data.scalar.length);
        return text == NULL || (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp((const char *)event->data.scalar.value, "null") == 0)
                   ? json_decref(text), json_null()
                   : text;
    case YAML_ALIAS_EVENT:
        yaml->has_alias = true;
        return json_null();
    default:
        return json_null();
    }
}

bool yaml_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err)
{
    struct yaml_reading yaml = {0};
    struct rows rows = {0};
    yaml_event_t event;
    bool at_end = false;
    if (yaml_parser_initialize(&yaml.parser) == 0)
        return error_set(err, ERROR_SYSTEM, "%s: YAML cannot be read: out of memory", file);
    yaml_parser_set_input_string(&yaml.parser, text.at, text.left);
    while (!at_end && yaml_next(&yaml, &event)) {
        at_end = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
            add_root(&rows, yaml_value(&yaml, &event, 0));
        yaml_event_delete(&event);
    }
    bool ok = yaml.fault == NULL || rows.count > 0;
    if (!ok)
        error_set(err, ERROR_INPUT, "%s:%zu: no YAML: %s", file, yaml.parser.problem_mark.line + 1, yaml.fault);
    else if (yaml.fault != NULL)
        reader->sink->fault(reader->sink->context, file, yaml.parser.problem_mark.line + 1, yaml.fault);
    if (yaml.has_alias)
        reader->sink->note(reader->sink->context, file, "aliases (*name) are not followed; their values are left out");
    yaml_parser_delete(&yaml.parser);
    ok = ok && give_rows(reader, file, &rows, err);
    rows_clear(&rows);
    return ok;
}
