/* A renderer writes rows as text: table, CSV, JSON, HTML. It streams; only the table first buffers a bounded number of
 * rows, to compute column widths. Values come from foreign certificates, so each renderer cleans them (clean_text.h) and
 * escapes them for its own format. */
#pragma once
#include "reports/report.h"

struct render_state;

/* What is printed after the rows. */
struct render_end {
    size_t more;                /* rows beyond the limit */
    bool is_more_unknown;       /* there are more, not counted */
    const char *next;           /* the cursor with which they go on; NULL: there are no more, or the list has no pages */
    const char *as_of;          /* the moment of the verdicts, RFC 3339; NULL: nothing was judged */
    long long unjudged;         /* certificates that could not be judged, so may be missing above */
    const char *reason;         /* why; NULL if there are none */
    const char *lead;           /* the report's sentences ahead of all, a line each; NULL or "": none */
    const char *note;           /* a sentence about the whole list; NULL or "": none */
    long long waiting;          /* changes that are not judged yet; everything, where before is set */
    const char *before;         /* what is in use and was not judged by ("the policy in use since ..."); NULL: nothing */
    struct error *err;          /* gets why a renderer could not finish; NULL: not needed */
};

struct renderer {
    const char *name;           /* as in --format */
    void *(*begin)(const struct report *report, FILE *out);
    void (*row)(void *state, const char *const *values);     /* one per column; NULL: no value */
    void (*end)(void *state, const struct render_end *end);     /* NULL: nothing to tell; frees the state */
};

extern const struct renderer render_table, render_csv, render_json, render_jsonl, render_targets, render_xlsx, render_html;

/* By --format; NULL if unknown. */
const struct renderer *renderer_find(const char *name);

/* The names of all, for people: "table, csv, ...". */
const char *renderer_names(void);

/* Why rows may be missing or no longer true, and what to do; yours. NULL: nothing is to be said. The mark is a line for formats that
 * have only rows: "# not judged: 3 certificates, since ...". */
char *render_unjudged_reason(const struct render_end *end);
char *render_unjudged_mark(const struct render_end *end);

/* "2026-01-31 12:00:00+00" as "2026-01-31T12:00:00Z"; what is no such time stays as it is. */
enum { RENDER_TIME_SIZE = 48 };
bool render_is_time(enum column_kind kind);
bool render_is_number(enum column_kind kind);
const char *render_time(const char *text, char buffer[RENDER_TIME_SIZE]);

/* Longer lines of a value are cut, with a mark (clean_text_lines()): a name of 64 KB is useless on a screen and too long for a
 * spreadsheet, whose cells have at most 32,767 characters. JSON always has the whole value. */
enum { RENDER_TABLE_LINE = 512, RENDER_HTML_LINE = 2048, RENDER_CSV_LINE = 4096 };
