/* Documents for people: what was found, what needs action and whose it is, as one HTML page each. All numbers of a document come
 * from one snapshot, and from the same temporary tables (document_begin.sql), so that every sum in it agrees.
 *
 *     document_open() ── document_fill(owner) ──► discovery_write() or letter_write() ... ── document_close()
 */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct db;

/* For the title block; the inventory does not know it. NULL: not given. */
struct document_title {
    const char *organization, *author, *classification, *reference;
    const char *answer_to;      /* address for an owner's answer; NULL: the author */
};

struct document_options {
    const char *site;           /* NULL: every site. Call site_check() first */
    const char *owner;          /* in any case; NULL: all owners; "": certificates without an owner */
    struct document_title title;
    const char *written_by;     /* "certsweep 1.0.0" */
    bool is_replay;             /* of another day: letters come without calendars */
    bool is_of_letters;         /* also what lies in files, and what is recorded alone: letters list all that is an owner's */
    const char *lists;          /* how the full lists are named: "findings.csv, beside this document"; NULL: by their commands */
};

struct document {
    struct db *db;
    const struct document_options *options;
    struct document_options spelled;    /* the options, with the owner as the inventory spells it */
    struct db_result *owner;            /* document_owner.sql */
    FILE *out;
    bool has_policy_matter;             /* the page tells one (policy_matter.h) */
    struct db_result *head;     /* document_head.sql */
    struct db_result *counts;   /* document_counts.sql */
};

/* options and out may be changed between documents of one snapshot. */
bool document_open(struct document *document, struct db *db, const struct document_options *options, struct error *err);
bool document_fill(struct document *document, struct error *err);       /* options->owner's */
void document_close(struct document *document);                         /* ends the snapshot */
bool document_commit(struct document *document, struct error *err);     /* ends it and keeps what was written into the database */

/* Values of document->head and document->counts by column name. */
const char *document_fact(const struct document *document, const char *name);
long long document_count(const struct document *document, const char *name);

/* The policy and the owner rules that the verdicts are of, each with its day; yours. Owner rules: NULL where there are none. */
char *document_policy(const struct document *document);
char *document_policy_rules(const struct document *document);      /* and how many rules it has */
char *document_owner_rules(const struct document *document);
/* Where its days begin and end, for the head; yours. */
char *document_days(const struct document *document);

/* A name or evidence where only its beginning has room: what is longer ends in "...". Borrowed until the next but three. */
const char *document_short(const char *text);
/* The owner as people read it, as short; who is called like nobody or all, in quotes. */
const char *document_owner_name(const char *owner);
/* The id of the owner's part of the page: "own-" and some hex digits of the name's SHA-256. Borrowed until the next but three. */
const char *document_owner_id(const char *owner);
/* The command that lists what a part of the document is of: this report, of one rule (NULL: of all), and of its site, its day and owner (NULL: the document's;
 * "": nobody) as far as it understands them; yours. */
char *document_command(const struct document *document, const char *report, const char *rule, const char *owner);
/* What the latest runs asked, as the document and its evidence tell it: places that were asked, that answered, and that were not
 * asked what else they accept. */
struct document_asked {
    long long asked, answered, untested;
    bool is_repeated;           /* spaces of the runs overlap, so that places may count more than once */
};

bool document_asked(const struct document *document, struct document_asked *asked, struct error *err);

/* A query with the document's database; NULL with the error. */
struct db_result *document_ask(const struct document *document, const char *sql, size_t count, const char *const *params,
                               struct error *err);
