/* CSV after RFC 4180, quoted by libcsv. A text that a spreadsheet would take for a formula is prefixed with an apostrophe, since
 * a certificate's names may contain anything. Some spreadsheets take the full-width signs of East Asian text for the same. */
#include "reports/render.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define FLUSH (64u << 10)       /* bytes gathered before they are written */

struct csv_state {
    const struct report *report;
    FILE *out;
    size_t columns;
    struct byte_buffer lines;
};

static void flush_lines(struct csv_state *state)
{
    struct byte_buffer *lines = &state->lines;
    if (byte_buffer_len(lines) > 0)
        fwrite(lines->bytes + lines->head, 1, byte_buffer_len(lines), state->out);
    byte_buffer_consume(lines, byte_buffer_len(lines));
}

/* In quotation marks, those within it doubled: at most twice as long. Most texts hold none: these are not scanned byte by byte. */
static size_t quote(char *to, const char *text, size_t len)
{
    if (memchr(text, '"', len) != NULL)
        return csv_write(to, 2 * len + 2, text, len);
    to[0] = '"';
    memcpy(to + 1, text, len);
    to[len + 1] = '"';
    return len + 2;
}

static void write_field(struct csv_state *state, size_t column, const char *text)
{
    size_t len = strlen(text);
    char *to = (char *)byte_buffer_room(&state->lines, 2 * len + 5), *at = to;
    if (column != 0)
        *at++ = ',';
    at += quote(at, text, len);
    if (column + 1 == state->columns) {
        *at++ = '\r';
        *at++ = '\n';
    }
    byte_buffer_added(&state->lines, (size_t)(at - to));
    if (byte_buffer_len(&state->lines) >= FLUSH)
        flush_lines(state);
}

static void *csv_begin(const struct report *report, FILE *out)
{
    struct csv_state *state = xcalloc(1, sizeof *state);
    *state = (struct csv_state){.report = report, .out = out, .columns = report_column_count(report)};
    for (size_t i = 0; i < state->columns; i++)
        write_field(state, i, report->columns[i].key);
    return state;
}

static bool looks_like_formula(const struct report_column *column, const char *text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};   /* full-width = + - @ */
    if (render_is_number(column->kind) || text[0] == '\0')
        return false;
    for (size_t i = 0; text[0] == '\xef' && i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return true;
    return text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@';
}

static void csv_row(void *context, const char *const *values)
{
    struct csv_state *state = context;
    for (size_t i = 0; i < state->columns; i++) {
        char time[RENDER_TIME_SIZE];
        const char *value = values[i] == NULL ? "" : values[i];
        if (render_is_time(state->report->columns[i].kind))
            value = render_time(value, time);
        char *clean = clean_text_is_plain(value, RENDER_CSV_LINE) ? NULL : clean_text_lines(value, RENDER_CSV_LINE);
        const char *shown = clean == NULL ? value : clean;
        char *guarded = looks_like_formula(&state->report->columns[i], shown) ? xasprintf("'%s", shown) : NULL;
        write_field(state, i, guarded == NULL ? shown : guarded);
        free(guarded);
        free(clean);
    }
}

/* The number of further rows is printed on standard error, since a program would take such a line for a row. What could not be
 * judged is a row of its own, marked by "#", because an empty list would mean that there is nothing. */
static void csv_end(void *context, const struct render_end *end)
{
    struct csv_state *state = context;
    char *mark = end == NULL ? NULL : render_unjudged_mark(end);
    if (mark != NULL) {
        for (size_t i = 0; i < state->columns; i++)
            write_field(state, i, i == 0 ? mark : "");
        free(mark);
    }
    flush_lines(state);
    byte_buffer_clear(&state->lines);
    free(state);
}

const struct renderer render_csv = {.name = "csv", .begin = csv_begin, .row = csv_row, .end = csv_end};
