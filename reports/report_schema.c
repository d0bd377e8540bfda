#include "reports/report_schema.h"

#include "reports/render.h"
#include "reports/report_columns.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *type_or_null(const char *type)
{
    return json_pack("{s:[s,s]}", "type", type, "null");
}

static json_t *column_schema(const struct report_column *column)
{
    json_t *schema;
    switch (column->kind) {
    case COLUMN_NUMBER:
    case COLUMN_COUNT: schema = type_or_null("number"); break;
    case COLUMN_LIST: schema = json_pack("{s:s,s:{s:s}}", "type", "array", "items", "type", "string"); break;
    case COLUMN_TIME:
    case COLUMN_MOMENT:
        schema = type_or_null("string");
        json_object_set_new(schema, "format", json_string("date-time"));
        break;
    case COLUMN_HASH:
        schema = type_or_null("string");
        json_object_set_new(schema, "pattern", json_string("^[0-9a-f]+$"));
        break;
    case COLUMN_SEVERITY: schema = json_pack("{s:[s,s,s,s,s,n]}", "enum", "critical", "high", "medium", "low", "info"); break;
    case COLUMN_TEXT:
    case COLUMN_UNIT:
    case COLUMN_PLACE:
    case COLUMN_PROSE:
    default: schema = type_or_null("string"); break;
    }
    const char *meaning = report_column_meaning(column->key);
    json_object_set_new(schema, "description", meaning == NULL ? json_null() : json_string(meaning));
    return schema;
}

static json_t *row_schema(const struct report *report)
{
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < report_column_count(report); i++) {
        json_object_set_new(properties, report->columns[i].key, column_schema(&report->columns[i]));
        json_array_append_new(required, json_string(report->columns[i].key));
    }
    return json_pack("{s:s,s:o,s:o}", "type", "object", "required", required, "properties", properties);
}

/* Columns may be added one day, so members that are not listed here are allowed. */
void report_schema_write(const struct report *report, FILE *out)
{
    json_t *schema = json_pack(
        "{s:s, s:s, s:s, s:s, s:[s,s,s,s,s,s,s], s:{s:{s:s}, s:{s:s,s:o}, s:o, s:o, s:{s:s}, s:o, s:{s:s}, s:{s:s}}}", "$schema",
        "https://json-schema.org/draft/2020-12/schema", "title", report->title, "description", report->question, "type", "object",
        "required", "report", "rows", "more", "as_of", "not_judged", "reason", "waiting", "properties", "report", "const", report->name,
        "rows", "type", "array", "items", row_schema(report), "more", type_or_null("integer"), "as_of", type_or_null("string"),
        "not_judged", "type", "integer", "reason", type_or_null("string"), "waiting", "type", "integer", "note", "type", "string");
    if (schema != NULL && strcmp(report->name, "endpoint") == 0)        /* as certsweep test writes them */
        json_object_set_new(json_object_get(schema, "properties"), "server_tests", json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "object"));
    if (schema != NULL && report->has_pages) {
        json_object_set_new(json_object_get(schema, "properties"), "next", type_or_null("string"));
        json_array_append_new(json_object_get(schema, "required"), json_string("next"));
    }
    if (schema == NULL)
        abort();        /* the format above is wrong: our bug */
    if (json_dumpf(schema, out, JSON_INDENT(2)) == 0)       /* a full disk: who closes the output says so */
        fputc('\n', out);
    json_decref(schema);
}
