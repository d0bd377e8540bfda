/* Decides what to request from CAs over the network, and stores their answers. The caller (scanner/fetch) transfers
 * both: this folder opens no socket. */
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

/* Lists of certificates with a path, and those that the policy names; again: also those requested less than an hour
 * ago. reconcile_prepare() has been called. */
bool revocation_ask_lists(struct db *db, bool again, struct revocation_questions *questions, struct error *err);

/* Responders of the certificates that no list covers, at most limit. Call it after the lists were stored. */
bool revocation_ask_responders(struct db *db, size_t limit, struct revocation_questions *questions, struct error *err);

struct revocation_account {
    struct crl_account lists;
    size_t answers, unanswered;     /* of responders: answers that could be parsed; requests without one */
};

struct revocation_taking;           /* the state while answers arrive */
struct revocation_taking *revocation_taking_begin(struct db *db, struct revocation_account *account);
/* fault NULL: body is the answer. False only if the database fails; an unusable answer is recorded and logged. */
bool revocation_take(struct revocation_taking *taking, const struct revocation_question *question, const char *fault,
                     struct byte_reader body, struct error *err);
void revocation_taking_end(struct revocation_taking *taking);
