/* A report is a question, a query and a list of columns: one file per report (unmanaged.c), its query beside it
 * (unmanaged.sql), its row in reports.c. Reports do not depend on renderers (render.h), nor renderers on reports.
 *
 *     report --> query parameters --> db_stream() --> row by row --> renderer --> file
 */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct db;
struct report_options;

enum column_kind {
    COLUMN_TEXT,        /* names and words: not wrapped if there is room */
    COLUMN_PLACE,       /* an address: never broken */
    COLUMN_PROSE,       /* sentences: narrowed first if the table is too wide */
    COLUMN_NUMBER,      /* right-aligned; a number in JSON */
    COLUMN_COUNT,       /* a number that says how many: in groups of three on a page, as a port or a size is not */
    COLUMN_UNIT,        /* what such numbers count: a word or two, narrow beside them */
    COLUMN_TIME,        /* a timestamp as PostgreSQL writes it; the time of day is cut in tables */
    COLUMN_MOMENT,      /* the same, where the time of day matters: tables show it to the minute */
    COLUMN_SEVERITY,    /* critical, high, medium, low, info */
    COLUMN_HASH,        /* SHA-256 in hex; shortened where people read it */
    COLUMN_LIST,        /* several values, one a line; an array in JSON */
};

struct report_column {
    const char *key;            /* the query's column, the JSON key, the CSV heading */
    const char *heading;        /* for people */
    enum column_kind kind;
    bool detail;                /* not in the table on a terminal; on a separate line in HTML */
    bool head;                  /* on a terminal: printed once above consecutive rows that share it */
};

#define REPORT_COLUMNS_MAX 40

#define REPORT_OWN_FILTERS 8
#define REPORT_REFUSALS    3

/* An option that would leave no row, whatever is there: refused, because an empty list would say that there is nothing. */
struct report_refusal {
    const char *option;
    const char *only;           /* the words, as comma_words_have() reads them, that leave something; NULL: none does, or all but these do: */
    const char *never;          /* the words that do not; NULL: none beside `only` does */
    const char *why;            /* and what to do in its place */
};

/* Two options that together leave nothing of any list. */
struct report_pair {
    const char *option, *never; /* with these words alone; NULL: any */
    const char *other, *only;   /* with any but these words; NULL: any */
    const char *why;
};

enum report_needs { REPORT_NEEDS_NOTHING, REPORT_NEEDS_MANAGED, REPORT_NEEDS_OWN_CA };

/* What a page says of itself above its rows. NULL: not given. */
struct report_head {
    const char *organization, *author, *classification, *reference, *written_by;
    const char *as_of, *scope, *narrowed, *policy, *lead;       /* set by report_write(); lead: report_lead() */
    const char *kept;           /* and what follows the report's name in a command for the same rows, " --site north" */
    void (*print_more)(FILE *out, const void *context);         /* and this: a part of the page below the lead; NULL: none */
    const void *more;
};

struct report {
    const char *name;           /* as on the command line */
    const char *title;
    const char *question;       /* one sentence: what the rows answer */
    /* Columns in the order of `columns`; further ones are not shown. Its parameters: $1 the filter (report_filter.h), $2 rows at most or
     * NULL, $3 and $4 the column to sort by, upwards or downwards, or NULL, $5 certificates and $6 endpoints that can be wanted,
     * as arrays of ids, or NULL (report_near.sql). */
    const char *sql;
    /* In place of a statement, where rows are judged in C: gives them one by one, a value per column. on_row returns false to stop. */
    bool (*rows)(const struct report_options *options, struct db *db, bool (*on_row)(void *context, const char *const *values),
                 void *context, struct error *err);
    int params;                 /* how many of these the statement has */
    bool is_lookup;             /* it looks a few subjects up by keys, and is planned for that alone (report_lookup.sql) */
    /* The second column behind those of `columns` (the first is the row's number) is NULL, but in the last row of a page: an array of the
     * values that order it, which come back as "after" of the filter (report_cursor.h). */
    bool has_pages;
    const char *narrows;        /* a key that is set in its filter, where a statement serves several reports */
    const char *argument;       /* "ANY": its argument, key "argument" of the filter; NULL: it takes none */
    bool no_filter;             /* the shared filters but --site, and those that follow, mean nothing to it */
    const char *why;            /* says why, for the message that refuses them; NULL: it understands all */
    const char *own_filters[REPORT_OWN_FILTERS];        /* what it understands beside the shared ones; NULLs fill it up */
    struct report_refusal refuses[REPORT_REFUSALS];     /* of what it understands; a NULL option ends them */
    const char *none;           /* the text for an empty list: what it means, without false comfort */
    const char *none_ended;     /* the same where --status expired narrows it; NULL: as for any filter */
    /* Where the table now_count has the length of the whole list: a subject and its values. NULL: the length is unknown. */
    const char *counted_subject, *counted_values;
    enum report_needs needs;    /* if this is missing, an empty list means nothing */
    const char *note;           /* a statement for a sentence about the whole list, which may return NULL; NULL: no sentence */
    const char *lead;           /* a statement for sentences ahead of all, a row each: $1 the site or NULL. NULL: none */
    const char *lead_narrowed;  /* and one where more than a site narrows it: $1 the filter. NULL: none */
    bool has_due;               /* its page has what must be renewed by when and whose (due_table.h) above its rows, in place of its rows by owner */
    const char *next;           /* the command that follows from it, taken if it has rows, too; else, or NULL: chosen by what was asked for (next_command.h) */
    /* In its place a statement that finds it for what was asked: $1 the filter, $2 and $3 the certificates and endpoints that can be wanted,
     * or NULL. No row, or NULL: as above. */
    const char *next_sql;
    const char *next_none_sql;  /* the same where the list is empty */
    const char *next_column;    /* in its place: the column whose first value is the command that follows */
    struct report_column columns[REPORT_COLUMNS_MAX];       /* a NULL key ends them */
    const struct report_head *head;     /* set by report_write() for the renderer, from the options; NULL: none */
};

extern const struct report *const reports_all[];            /* NULL at its end */
const struct report *report_find(const char *name);         /* NULL if unknown */
size_t report_column_count(const struct report *report);

struct renderer;

struct report_state;

struct report_options {
    const char *site;           /* NULL: every site. Call site_check() first: an unknown site has an empty report */
    size_t limit;               /* rows to read and print, 0: all; the number of further rows comes from now_count */
    const char *after;          /* the cursor of the page before; NULL: from the first row */
    const char *filter;         /* report_filter_text(); NULL: only the site */
    const char *argument;       /* key "argument" of the filter; NULL: none */
    const char *sort;           /* a column, "-" ahead of it: downwards; NULL: the report's own order */
    bool is_replay;             /* of another day (--as-of): what was changed since the last run is no part of it */
    bool is_brief;              /* summary: without the rows by owner, which screen_print_due() shows */
    const char *group;          /* a column: how many rows have each of its values, in place of the rows; NULL: the rows */
    const struct report_head *head;     /* for a page; NULL: none */
    const struct report_state *state;   /* read already, in the same snapshot and for the same report; NULL: not yet */
};

/* Everything read between these two calls comes from one snapshot. */
bool report_snapshot_begin(struct db *db, struct error *err);
void report_snapshot_end(struct db *db);

/* How fresh the verdicts are, and how many are missing. */
struct report_state {
    char as_of[32];             /* "2026-01-31 12:00 UTC"; "" if nothing was ever judged */
    char as_of_time[32];        /* the same as RFC 3339 has it */
    char before[160];           /* what is in use and came after the run: "the policy in use since 2026-01-31 12:00 UTC and the owner rules in use"; "": nothing */
    bool is_old;                /* judged more than a day ago, or never */
    bool is_empty;              /* no certificate is known */
    long long unjudged;         /* certificates without the verdict that the report needs */
    long long waiting;          /* certificates, endpoints and records that have changed since, and are not judged again */
};
/* What they do not know yet: "as of 2026-01-31 12:00 UTC, before the policy in use since ...", or "...; 2 changes since are not judged yet"; yours.
 * NULL: nothing, or nothing was judged. */
char *report_state_behind(const struct report_state *state);

/* Why the report has unjudged ones, and what to do; NULL if it has none. */
const char *report_unjudged_reason(const struct report *report, const struct report_state *state);

/* What an empty list means at this state: never comfort where nothing was judged, or where filters leave nothing. */
const char *report_none(const struct report *report, const struct report_options *options, const struct report_state *state);

/* The sentence; yours: free(). "" if there is none, as where rows are grouped. NULL with an error. */
char *report_note(const struct report *report, const struct report_options *options, struct db *db, struct error *err);

/* The options of the command line that narrow any list, but --site; NULL ends them. */
extern const char *const report_shared_filters[];
/* Does it take this option as a filter? NULL: what the shared ones are. */
bool report_understands(const struct report *report, const char *filter);
/* Why it refuses the option with this value, or NULL. */
const char *report_refusal(const struct report *report, const char *option, const char *value);
extern const struct report_pair report_pairs[];             /* a NULL option ends them */
bool report_pair_is_refused(const struct report_pair *pair, const char *value, const char *other);

/* The command that acts on what was asked, with the same filters as far as it takes them; "": nothing is to be done. Yours. NULL with an error. */
char *report_next(const struct report *report, const struct report_options *options, bool is_empty, struct db *db, struct error *err);

/* Its sentences ahead of all, a line each; yours: free(). "" if there are none, as where rows are grouped. NULL with an error. */
char *report_lead(const struct report *report, const struct report_options *options, struct db *db, struct error *err);

/* report NULL: of no report, with no certificate unjudged. */
bool report_state_get(const struct report *report, const struct report_options *options, struct db *db,
                      struct report_state *state, struct error *err);

/* Runs the report and writes it. *rows (may be NULL) gets the number of rows written. */
bool report_write(const struct report *report, const struct report_options *options, struct db *db,
                  const struct renderer *renderer, FILE *out, size_t *rows, struct error *err);

/* All lists in one workbook, a sheet each, from the snapshot that is open. */
bool report_book_write(const struct report_options *options, struct db *db, FILE *out, struct error *err);
