/* A renderer turns rows into text: table, CSV, JSON, HTML. It streams: only the table looks ahead, at a bounded
 * number of rows, to find its widths. Every value comes from certificates that strangers made: each renderer
 * escapes for its own format, and no control character reaches a terminal. */
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

/* Text as people may read it: control characters (and DEL, and C1) become "?"; yours to free. */
char *render_clean(const char *text);

/* HTML text with &, <, >, " and ' escaped and control characters made visible. */
void render_html_text(FILE *out, const char *text);
