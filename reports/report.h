/* A report is a question with its answer's shape: one file per report (unmanaged.c), its query beside it
 * (unmanaged.sql), its row in reports.c. It knows no renderer, and a renderer (render.h) knows no report.
 *
 *     report --> query parameters --> db_stream() --> row by row --> renderer --> file
 */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct db;

enum column_kind {
    COLUMN_TEXT,        /* names and words: kept whole where there is room */
    COLUMN_PROSE,       /* sentences: the first to give up width */
    COLUMN_NUMBER,      /* right-aligned; a number in JSON */
    COLUMN_TIME,        /* a timestamp as PostgreSQL writes it; the time of day is cut in tables */
    COLUMN_SEVERITY,    /* critical, high, medium, low, info */
    COLUMN_HASH,        /* SHA-256 in hex; shortened where people read it */
    COLUMN_LIST,        /* several values, one a line; an array in JSON */
};

struct report_column {
    const char *key;            /* the query's column, the JSON key, the CSV heading */
    const char *heading;        /* for people */
    enum column_kind kind;
    bool detail;                /* left out of the table on a terminal; a line of its own in HTML */
};

#define REPORT_COLUMNS_MAX 24

enum report_needs { REPORT_NEEDS_NOTHING, REPORT_NEEDS_MANAGED, REPORT_NEEDS_OWN_CA };

struct report {
    const char *name;           /* on the command line */
    const char *title;
    const char *question;       /* one sentence: what the rows answer */
    const char *sql;            /* $1 site or NULL for all, $2 rows at most or NULL; columns in the order of `columns` */
    const char *none;           /* what an empty answer means, said without comfort */
    /* How long the whole list is, without reading it: a subject and values of the table now_count. NULL: not known. */
    const char *counted_subject, *counted_values;
    enum report_needs needs;    /* without this an empty list says nothing */
    const char *next;           /* the next useful command; NULL: by what the inventory holds (next_command.h) */
    struct report_column columns[REPORT_COLUMNS_MAX];       /* a NULL key ends them */
};

extern const struct report *const reports_all[];            /* NULL at its end */
const struct report *report_find(const char *name);         /* NULL where unknown */
size_t report_column_count(const struct report *report);

struct renderer;

struct report_options {
    const char *site;           /* NULL: every site. One that is not known shows nothing: site_check() first */
    size_t limit;               /* rows read and printed, 0: all; the rest is told from the numbers that are kept */
};

/* All that a document says comes from one snapshot: between these two. */
bool report_snapshot_begin(struct db *db, struct error *err);
void report_snapshot_end(struct db *db);

/* How fresh it is, and what could not be judged. */
struct report_state {
    char as_of[32];             /* "2026-01-31 12:00 UTC"; "" where nothing was ever judged */
    bool is_old;                /* judged more than a day ago, or never */
    long long unjudged;         /* certificates that a report which needs them does not know of */
};
bool report_state_get(const struct report *report, const struct report_options *options, struct db *db,
                      struct report_state *state, struct error *err);

/* Runs the report and writes it. *rows gets the count of those written (may be NULL). */
bool report_write(const struct report *report, const struct report_options *options, struct db *db,
                  const struct renderer *renderer, FILE *out, size_t *rows, struct error *err);
