/* All that a server test found out about one endpoint under one name: its chains, its posture and survey items
 * (probes/tls/posture.h, probes/survey/server_survey.h). Read from a bundle; every judgement of the server test
 * (grade.h, weaknesses.h, profiles.h, chain_check.h) is a function of this alone, so that each can be tested with
 * facts made by hand. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/server_test/staple.h"
#include "probes/base/error.h"
#include "probes/base/observation.h"
#include "probes/tls/names.h"

struct server_item {
    char *item, *value, *detail;    /* detail "" if there is none */
    uint32_t hash;                  /* of item: simulating the clients looks thousands of items up */
};

struct server_chain {               /* one answer with certificates */
    enum variant variant;
    uint16_t tls_version;
    int32_t cipher_suite, group;
    enum key_proven key_proven;
    struct server_staple staple;    /* status NULL: there is none */
    uint32_t sct_count;             /* in the handshake */
    size_t count;
    struct cert **certs;            /* leaf first, as sent; owned by the facts */
};

struct server_facts {
    struct endpoint endpoint;
    char protocol[PROTOCOL_SIZE];
    char detail[DETAIL_SIZE];       /* of the outcome, where there is no chain */
    enum outcome outcome;           /* the best of the endpoint */
    int64_t began_us;               /* UTC */
    unsigned connections;           /* of the whole test; less where it was not of depth deep: those that brought chains */
    size_t chain_count, item_count;
    struct server_chain *chains;    /* the default variant's first */
    struct server_item *items;
};

struct server_test {                /* what a bundle holds */
    size_t count;
    struct server_facts *servers;   /* by order of their first row */
    unsigned silent[OUTCOME_COUNT];      /* positions and names without an answer, by outcome */
};

/* False with an error if the file is not a complete bundle of ours. Yours: server_test_clear(), also after a failure. */
bool server_test_read(const char *bundle, struct server_test *test, struct error *err);
void server_test_clear(struct server_test *test);
void server_facts_clear(struct server_facts *facts);

/* The value of an item, "untested" where it is not there. */
const char *server_value(const struct server_facts *facts, const char *item);
const char *server_detail(const struct server_facts *facts, const char *item);      /* "" */
bool server_accepts(const struct server_facts *facts, const char *item);
bool server_refuses(const struct server_facts *facts, const char *item);

/* Walks the items that begin with this prefix, as "suite:": NULL after the last. *at begins with 0. */
const struct server_item *server_items_next(const struct server_facts *facts, const char *prefix, size_t *at);

/* The same for the suites that were accepted: NULL after the last. *version gets the version of each; unknown names are skipped. */
const struct tls_suite *server_suites_next(const struct server_facts *facts, size_t *at, uint16_t *version);

/* An item whose value is a number ("dh_bits"); 0 if it is a word. */
unsigned server_number(const struct server_facts *facts, const char *item);

/* The versions, worst first, as people name them. */
#define SERVER_VERSIONS 6
extern const struct server_version {
    const char *item, *title;       /* "tls10", "TLS 1.0" */
} server_versions[SERVER_VERSIONS];

/* The usual chain; NULL if none was sent. */
const struct server_chain *server_usual_chain(const struct server_facts *facts);

/* Are they of this endpoint, with its server name? */
bool server_facts_are_of(const struct server_facts *facts, const struct endpoint *endpoint);

/* For tests and other sources: appends a copy. */
void server_facts_add(struct server_facts *facts, const char *item, const char *value, const char *detail);
