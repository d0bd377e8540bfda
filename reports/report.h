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

struct report {
    const char *name;           /* on the command line */
    const char *title;
    const char *question;       /* one sentence: what the rows answer */
    const char *sql;            /* $1 site or NULL for all; columns in the order of `columns` */
    const char *none;           /* what an empty answer means, said without comfort */
    const char *next;           /* the next useful command; NULL: by what the inventory holds (next_command.h) */
    struct report_column columns[REPORT_COLUMNS_MAX];       /* a NULL key ends them */
};

extern const struct report *const reports_all[];            /* NULL at its end */
const struct report *report_find(const char *name);         /* NULL where unknown */
size_t report_column_count(const struct report *report);

struct renderer;

struct report_options {
    const char *site;           /* NULL: every site */
    size_t limit;               /* rows printed, 0: all; the rest is counted and told */
};

/* Runs the report and writes it. *rows gets the count (may be NULL). */
bool report_write(const struct report *report, const struct report_options *options, struct db *db,
                  const struct renderer *renderer, FILE *out, size_t *rows, struct error *err);
