/* One JSON document per report: {"report": name, "rows": [{...}, ...], "more": count}. Each row is written as it
 * arrives, by jansson. */
#include "reports/render.h"

#include "probes/base/json_line.h"
#include "probes/base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct json_state {
    const struct report *report;
    FILE *out;
    size_t columns, rows;
    struct json_line line;      /* the row being written */
};

static void *json_begin(const struct report *report, FILE *out)
{
    struct json_state *state = xcalloc(1, sizeof *state);
    *state = (struct json_state){.report = report, .out = out, .columns = report_column_count(report)};
    fprintf(out, "{\"report\": \"%s\", \"rows\": [", report->name);
    return state;
}

/* PostgreSQL gives valid UTF-8; what is not would make json_string() fail, and then it is null. */
static json_t *text_value(const char *text, size_t len)
{
    json_t *value = json_stringn(text, len);
    return value == NULL ? json_null() : value;
}

static json_t *list_value(const char *text)
{
    json_t *list = json_array();
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        json_array_append_new(list, text_value(text, len));
        text += len + (text[len] == '\n');
    }
    return list;
}

static json_t *json_value(enum column_kind kind, const char *text)
{
    char *end;
    if (text == NULL)
        return kind == COLUMN_LIST ? json_array() : json_null();
    if (kind == COLUMN_LIST)
        return list_value(text);
    if (kind == COLUMN_NUMBER) {
        long long whole = strtoll(text, &end, 10);
        return *end == '\0' ? json_integer(whole) : json_real(strtod(text, NULL));
    }
    return text_value(text, strlen(text));
}

static void write_row(struct json_state *state, const json_t *row)
{
    char *text = json_dumps(row, JSON_COMPACT);
    if (text == NULL)
        abort();        /* a column's key is no text: our bug */
    state->line.len = 0;
    json_line_document(&state->line, text);
    fwrite(state->line.text, 1, state->line.len, state->out);
    free(text);
}

static void json_row(void *context, const char *const *values)
{
    struct json_state *state = context;
    json_t *row = json_object();
    for (size_t i = 0; i < state->columns; i++)
        json_object_set_new(row, state->report->columns[i].key,
                            json_value(state->report->columns[i].kind, values[i]));
    fputs(state->rows++ == 0 ? "\n" : ",\n", state->out);
    write_row(state, row);
    json_decref(row);
}

static void json_end(void *context, size_t more)
{
    struct json_state *state = context;
    fprintf(state->out, "\n], \"more\": %zu}\n", more);
    json_line_clear(&state->line);
    free(state);
}

const struct renderer render_json = {.name = "json", .begin = json_begin, .row = json_row, .end = json_end};
