/* What CAs are to be asked over the network, and what becomes of their answers. Who carries questions and answers is the caller's
 * business (scanner/fetch): this room opens no socket. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/verdicts/revocation/crl_files.h"
#include "probes/base/byte_reader.h"

struct revocation_question {
    char *url;                      /* or, of a list, the path of a file */
    bool is_file;
    struct byte_reader body;        /* an OCSP request; empty: the URL is a list's */
};

struct revocation_questions {
    struct revocation_question *items;
    size_t count;
};
void revocation_questions_clear(struct revocation_questions *questions);

/* Lists of certificates with a path, and those that the policy names; again: also those asked for less than an hour ago.
 * reconcile_prepare() has been called. */
bool revocation_ask_lists(struct db *db, bool again, struct revocation_questions *questions, struct error *err);

/* Responders of the certificates that no list covers, at most so many: after the lists have been taken over. */
bool revocation_ask_responders(struct db *db, size_t limit, struct revocation_questions *questions, struct error *err);

struct revocation_account {
    struct crl_account lists;
    size_t answers, unanswered;     /* of responders: usable ones by form; without */
};

struct revocation_taking;           /* while answers come */
struct revocation_taking *revocation_taking_begin(struct db *db, struct revocation_account *account);
/* fault NULL: body is what came. False only if the database fails; what cannot be used is noted and logged. */
bool revocation_take(struct revocation_taking *taking, const struct revocation_question *question, const char *fault,
                     struct byte_reader body, struct error *err);
void revocation_taking_end(struct revocation_taking *taking);
