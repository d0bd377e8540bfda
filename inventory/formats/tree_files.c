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
#define YAML_TOO_MANY   "more than 5,000,000 values"
#define YAML_ANCHORS_MAX 10000          /* each alias is looked up among them */

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
    if (rows->count == 0 && rows->root_count > 0 && json_is_string(json_array_get(rows->roots[0], 0)))
        return error_set(err, ERROR_INPUT, "%s: a list of words alone, so no records; of Vault's serial numbers read each: vault read -format=json "
                                           "pki/cert/SERIAL", file);
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
    size_t first_line;                  /* of a fault ahead of any value, kept back: the file may be no JSON at all */
    char *first_fault;
    struct error *err;
    bool is_none;                       /* this is no JSON at all */
};

static void json_tell_first(struct json_reading *reading)
{
    if (reading->first_fault != NULL)
        reading->reader->sink->fault(reading->reader->sink->context, reading->file, reading->first_line, reading->first_fault);
    free(reading->first_fault);
    reading->first_fault = NULL;
}

static void on_json(void *context, json_t *value, size_t line)
{
    struct json_reading *reading = context;
    (void)line;
    json_tell_first(reading);
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
    if (reading->rows.root_count == 0) {
        reading->first_line = line;
        reading->first_fault = xstrdup(text);
        reading->faults++;
    } else if (reading->faults++ < 100)
        reading->reader->sink->fault(reading->reader->sink->context, reading->file, line, text);
    return true;
}

bool json_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err)
{
    struct json_reading reading = {.reader = reader, .file = file, .err = err};
    json_values_each(text, on_json, on_json_fault, &reading);
    bool ok = !reading.is_none && give_rows(reader, file, &reading.rows, err);
    free(reading.first_fault);
    rows_clear(&reading.rows);
    return ok;
}

/* ---- YAML ---- */

/* A value with a name (&name), and how many values it has inside, those of its aliases too. */
struct yaml_anchor {
    char *name;
    json_t *value;                      /* ours */
    size_t nodes;
};

struct yaml_reading {
    yaml_parser_t parser;
    size_t nodes;
    struct yaml_anchor *anchors;
    size_t anchor_count;
    bool has_unknown_alias;
    const char *fault;
};

static json_t *yaml_value(struct yaml_reading *yaml, const yaml_event_t *event, int depth);

/* The last value of that name counts (YAML 1.2.2, 3.2.2.2). */
static struct yaml_anchor *yaml_anchor_find(const struct yaml_reading *yaml, const char *name)
{
    for (size_t i = yaml->anchor_count; i > 0; i--)
        if (strcmp(yaml->anchors[i - 1].name, name) == 0)
            return &yaml->anchors[i - 1];
    return NULL;
}

static void yaml_anchor_add(struct yaml_reading *yaml, const char *name, json_t *value, size_t nodes)
{
    struct yaml_anchor *same = yaml_anchor_find(yaml, name);
    if (same == NULL && yaml->anchor_count == YAML_ANCHORS_MAX) {
        yaml->fault = "more than 10,000 anchors";
        return;
    }
    if (same == NULL) {
        if ((yaml->anchor_count & (yaml->anchor_count - 1)) == 0)       /* grows at powers of two */
            yaml->anchors = xreallocarray(yaml->anchors, yaml->anchor_count == 0 ? 1 : yaml->anchor_count * 2, sizeof *yaml->anchors);
        same = &yaml->anchors[yaml->anchor_count++];
        *same = (struct yaml_anchor){.name = xstrdup(name)};
    }
    json_decref(same->value);
    same->value = json_incref(value);
    same->nodes = nodes;
}

static void yaml_anchors_clear(struct yaml_reading *yaml)
{
    for (size_t i = 0; i < yaml->anchor_count; i++) {
        free(yaml->anchors[i].name);
        json_decref(yaml->anchors[i].value);
    }
    free(yaml->anchors);
    yaml->anchors = NULL;
    yaml->anchor_count = 0;
}

/* The named value stands here once more, and counts once more: a few lines of aliases of aliases can mean billions of values. */
static json_t *yaml_alias(struct yaml_reading *yaml, const char *name)
{
    const struct yaml_anchor *anchor = yaml_anchor_find(yaml, name);
    if (anchor == NULL) {               /* a value that contains itself is not whole yet */
        yaml->has_unknown_alias = true;
        return json_null();
    }
    if (anchor->nodes > YAML_NODES_MAX - yaml->nodes) {
        yaml->fault = YAML_TOO_MANY;
        return json_null();
    }
    yaml->nodes += anchor->nodes;
    return json_incref(anchor->value);
}

/* "<<": the members of another mapping, or of several, that this one does not have itself. */
static void yaml_merge(json_t *object, json_t *other)
{
    for (size_t i = 0; i < json_array_size(other); i++)
        json_object_update_missing(object, json_array_get(other, i));
    if (json_is_object(other))
        json_object_update_missing(object, other);
}

static bool yaml_next(struct yaml_reading *yaml, yaml_event_t *event)
{
    if (yaml->fault != NULL)
        return false;
    if (yaml->nodes >= YAML_NODES_MAX)
        yaml->fault = YAML_TOO_MANY;
    else if (yaml_parser_parse(&yaml->parser, event) == 0)
        yaml->fault = yaml->parser.problem == NULL ? "no YAML" : yaml->parser.problem;
    else
        yaml->nodes++;
    return yaml->fault == NULL;
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
    json_t *object = json_object(), *merged = json_array();
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
            if (json_is_string(name) && strcmp(json_string_value(name), "<<") == 0)
                json_array_append_new(merged, member);
            else if (json_is_string(name))
                json_object_set_new(object, json_string_value(name), member);
            else
                json_decref(member);
            yaml_event_delete(&value);
        }
        json_decref(name);
    }
    for (size_t i = 0; i < json_array_size(merged); i++)
        yaml_merge(object, json_array_get(merged, i));
    json_decref(merged);
    return object;
}

static json_t *yaml_scalar(const yaml_event_t *event)
{
    json_t *text = json_stringn((const char *)event->data.scalar.value, event->data.scalar.length);
    if (text != NULL && (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || strcmp((const char *)event->data.scalar.value, "null") != 0))
        return text;
    json_decref(text);
    return json_null();
}

static const char *yaml_anchor_name(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.anchor;
    case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.anchor;
    default: return NULL;
    }
}

static json_t *yaml_bare_value(struct yaml_reading *yaml, const yaml_event_t *event, int depth)
{
    if (depth > YAML_DEPTH_MAX && (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)) {
        yaml->fault = "nested more than 64 deep";
        return json_null();
    }
    switch (event->type) {
    case YAML_SEQUENCE_START_EVENT: return yaml_sequence(yaml, depth);
    case YAML_MAPPING_START_EVENT: return yaml_mapping(yaml, depth);
    case YAML_SCALAR_EVENT: return yaml_scalar(event);
    case YAML_ALIAS_EVENT: return yaml_alias(yaml, (const char *)event->data.alias.anchor);
    default: return json_null();
    }
}

static json_t *yaml_value(struct yaml_reading *yaml, const yaml_event_t *event, int depth)
{
    size_t before = yaml->nodes;
    json_t *value = yaml_bare_value(yaml, event, depth);
    if (yaml_anchor_name(event) != NULL && yaml->fault == NULL)
        yaml_anchor_add(yaml, yaml_anchor_name(event), value, yaml->nodes - before + 1);
    return value;
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
    if (yaml.has_unknown_alias)
        reader->sink->note(reader->sink->context, file, "an alias (*name) of a value that is not there, or not whole; it is left out");
    yaml_anchors_clear(&yaml);
    yaml_parser_delete(&yaml.parser);
    ok = ok && give_rows(reader, file, &rows, err);
    rows_clear(&rows);
    return ok;
}
