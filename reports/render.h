/* A renderer turns rows into text: table, CSV, JSON, HTML. It streams: only the table looks ahead, at a bounded
 * number of rows, to find its widths. Every value comes from certificates that strangers made: each renderer
 * cleans (clean_text.h) and escapes for its own format. */
#pragma once
#include "reports/report.h"

struct render_state;

struct renderer {
    const char *name;           /* of --format */
    void *(*begin)(const struct report *report, FILE *out);
    void (*row)(void *state, const char *const *values);     /* one per column; NULL: no value */
    void (*end)(void *state, size_t more);      /* more: rows that a limit left out; frees the state */
};

extern const struct renderer render_table, render_csv, render_json, render_html_table;

/* By --format; NULL where unknown. */
const struct renderer *renderer_find(const char *name);

/* Longer lines of a value are cut with a mark (clean_text_lines()): a name of 64 KB helps nobody on a screen and breaks a
 * spreadsheet, whose cells end at 32,767 characters. JSON has every value whole. */
enum { RENDER_TABLE_LINE = 512, RENDER_HTML_LINE = 2048, RENDER_CSV_LINE = 4096 };

/* HTML text: cleaned and cut, with &, <, >, " and ' escaped. */
void render_html_text(FILE *out, const char *text);
