/* A renderer writes rows as text: table, CSV, JSON, HTML. It streams; only the table first buffers a bounded number of
 * rows, to compute column widths. Values come from foreign certificates, so each renderer cleans them (clean_text.h) and
 * escapes them for its own format. */
#pragma once
#include "reports/report.h"

struct render_state;

struct renderer {
    const char *name;           /* as in --format */
    void *(*begin)(const struct report *report, FILE *out);
    void (*row)(void *state, const char *const *values);     /* one per column; NULL: no value */
    void (*end)(void *state, size_t more);      /* more: number of rows beyond the limit; frees the state */
};

extern const struct renderer render_table, render_csv, render_json, render_html_table;

/* By --format; NULL where unknown. */
const struct renderer *renderer_find(const char *name);

/* Longer lines of a value are cut, with a mark (clean_text_lines()): a name of 64 KB is useless on a screen and too long for a
 * spreadsheet, whose cells have at most 32,767 characters. JSON always has the whole value. */
enum { RENDER_TABLE_LINE = 512, RENDER_HTML_LINE = 2048, RENDER_CSV_LINE = 4096 };

/* HTML text: cleaned and cut, with &, <, >, " and ' escaped. */
void render_html_text(FILE *out, const char *text);
