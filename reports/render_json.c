/* One JSON document per report:
 *
 *     {"report": name, "rows": [{...}, ...], "more": count, "next": cursor, "as_of": time, "not_judged": count, "reason": text, "waiting": count}
 *
 * next is a member of lists that have pages, null on the last. Or JSON lines: a row each, and after them, if there is a next page or
 * something could not be judged, one line with only next, or not_judged and reason. Each row is written as it arrives. Times are RFC 3339 in UTC,
 * numbers numbers. reports/schema has the
 * JSON Schemas. */
#include "reports/render.h"

#include "probes/base/json_line.h"
#include "probes/base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct json_state {
    const struct report *report;
    FILE *out;
    bool is_lines;
    size_t columns, rows;
    struct json_line line;      /* the row being written */
};

static void *lines_begin(const struct report *report, FILE *out)
{
    struct json_state *state = xcalloc(1, sizeof *state);
    *state = (struct json_state){.report = report, .out = out, .is_lines = true, .columns = report_column_count(report)};
    return state;
}

static void *json_begin(const struct report *report, FILE *out)
{
    struct json_state *state = lines_begin(report, out);
    state->is_lines = false;
    fprintf(out, "{\"report\": \"%s\", \"rows\": [", report->name);
    return state;
}

static void write_list(struct json_line *line, const char *key, const char *text)
{
    json_line_array_begin(line, key);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        json_line_text_len(line, NULL, text, len);
        text += len + (text[len] == '\n');
    }
    json_line_array_end(line);
}

static void write_value(struct json_line *line, const struct report_column *column, const char *text)
{
    char time[RENDER_TIME_SIZE];
    if (column->kind == COLUMN_LIST)
        write_list(line, column->key, text == NULL ? "" : text);
    else if (text == NULL)
        json_line_null(line, column->key);
    else if (render_is_number(column->kind))
        json_line_number(line, column->key, text);
    else
        json_line_text(line, column->key, render_is_time(column->kind) ? render_time(text, time) : text);
}

static void json_row(void *context, const char *const *values)
{
    struct json_state *state = context;
    json_line_begin(&state->line);
    for (size_t i = 0; i < state->columns; i++)
        write_value(&state->line, &state->report->columns[i], values[i]);
    json_line_end(&state->line);
    if (!state->is_lines)
        fputs(state->rows++ == 0 ? "\n" : ",\n", state->out);
    fwrite(state->line.text, 1, state->line.len - !state->is_lines, state->out);       /* a document's row has its newline ahead */
}

/* "more" is null if the number is unknown. */
static void write_end(struct json_state *state, const struct render_end *end)
{
    json_t *rest = json_object();
    json_object_set_new(rest, "more", end->is_more_unknown ? json_null() : json_integer((json_int_t)end->more));
    if (state->report->has_pages)
        json_object_set_new(rest, "next", end->next == NULL ? json_null() : json_string(end->next));
    json_object_set_new(rest, "as_of", end->as_of == NULL ? json_null() : json_string(end->as_of));
    json_object_set_new(rest, "not_judged", json_integer(end->unjudged));
    char *reason = render_unjudged_reason(end);
    json_object_set_new(rest, "reason", reason == NULL ? json_null() : json_string(reason));
    free(reason);
    char *said = xasprintf("%s%s%s", end->lead == NULL ? "" : end->lead, end->lead != NULL && end->lead[0] != '\0' && end->note != NULL && end->note[0] != '\0' ? "\n" : "",
                           end->note == NULL ? "" : end->note);
    if (said[0] != '\0')
        json_object_set_new(rest, "note", json_string(said));
    free(said);
    json_object_set_new(rest, "waiting", json_integer(end->waiting));
    char *text = json_dumps(rest, 0);
    fprintf(state->out, "\n], %s\n", text + 1);       /* its members continue those of the document */
    free(text);
    json_decref(rest);
}

static void lines_end(FILE *out, const struct render_end *end)
{
    char *reason = render_unjudged_reason(end);
    if (end->next != NULL)
        fprintf(out, "{\"next\":\"%s\"%s", end->next, reason != NULL ? "," : "}\n");
    else if (reason != NULL)
        fputc('{', out);
    if (reason != NULL)
        fprintf(out, "\"not_judged\":%lld,\"reason\":\"%s\"}\n", end->unjudged, reason);
    free(reason);
}

static void json_end(void *context, const struct render_end *end)
{
    static const struct render_end nothing = {0};
    struct json_state *state = context;
    if (!state->is_lines)
        write_end(state, end == NULL ? &nothing : end);
    else if (end != NULL)
        lines_end(state->out, end);
    json_line_clear(&state->line);
    free(state);
}

const struct renderer render_json = {.name = "json", .begin = json_begin, .row = json_row, .end = json_end};
const struct renderer render_jsonl = {.name = "jsonl", .begin = lines_begin, .row = json_row, .end = json_end};
