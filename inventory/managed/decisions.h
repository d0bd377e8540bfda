/* What people decide about certificates: accept, ignore, link, adopt, mute. A decision is made of all certificates that a filter
 * finds, and then holds for each of them by itself; only a standing one also holds for those that are found later. */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/byte_reader.h"

/* The fields of a filter, in the order of the table of the module. A condition may name those before DECISION_WHERE_COUNT; the others are
 * of a place that is given as reports print it. */
enum decision_field {
    DECISION_HASH, DECISION_NAME, DECISION_ISSUER, DECISION_OWNER, DECISION_ISSUER_KIND, DECISION_RECORD, DECISION_TIME, DECISION_RULE,
    DECISION_SITE, DECISION_NETWORK, DECISION_WHERE_COUNT,
    DECISION_PORT = DECISION_WHERE_COUNT, DECISION_SERVER_NAME, DECISION_HOST, DECISION_PATH, DECISION_FIELD_COUNT
};

struct decision_filter {
    char *conditions[DECISION_FIELD_COUNT];     /* NULL: none */
    char *text;                                 /* as it was given, for people */
};

/* Adds "owner=Parks*". False where the field is unknown, was given before, or its value is none of those that the field has. */
bool decision_filter_add(struct decision_filter *filter, const char *condition, struct error *err);
/* Adds what a report prints of a certificate or its place (named_subject.h): the beginning of its hash (eight digits and more), an address,
 * "branch 10.1.2.3:443 (www.example)", a file, a name. */
bool decision_filter_subject(struct decision_filter *filter, const char *subject, struct error *err);
void decision_filter_clear(struct decision_filter *filter);

#define RECORD_SUGGESTED "suggested"    /* each certificate is linked to the record that the ladder suggests for it */

struct decision_made {
    const char *kind;               /* "accept" ... */
    const char *reason, *who;
    const char *until;              /* a day, which is meant whole in the policy's zone, or a moment; NULL: until it is taken back */
    const char *record;             /* of link: the record's number, or RECORD_SUGGESTED */
    const char *rule;               /* of mute: the only rule whose notices it stops; NULL: all */
    bool is_standing;
};

/* "the end of 2026-12-31 (UTC)"; yours: free(). An error where it is no date, or over already. */
char *decisions_until(struct db *db, const char *given, struct error *err);

/* Begins a transaction that holds the filter; id is its number there. The caller previews (SQL_DECISION_PREVIEW), then
 * ends it by decisions_make() or db_rollback(). */
bool decisions_begin(struct db *db, const struct decision_filter *filter, const struct decision_made *made, char id[32], struct error *err);
/* Decides, and commits. Refuses an adoption that the policy has no licence left for. */
bool decisions_make(struct db *db, const char *id, const struct decision_made *made, int64_t *count, struct error *err);

/* "licences 37 of 100 used; 412 foreign found, 349 more than are left"; yours: free(). "" if the policy sets no number. */
char *decisions_licences(struct db *db, struct error *err);

struct decision_sink {
    void (*fault)(void *context, const char *file, size_t line, const char *text);
    void *context;
};
struct decision_account {
    int64_t added, faults;
    int64_t without_subject;        /* the certificate, or the record of a link, is not known here: held until it is */
    int64_t without_source;         /* links to a source that is not here: not taken over */
};
/* Takes over the decisions of a file that `managed decisions --format csv` has written, of another database too; those that are there
 * already stay. The sink gets what cannot be read, and what is not known here. */
bool decisions_import(struct db *db, const char *path, const struct decision_sink *sink, struct decision_account *account, struct error *err);
