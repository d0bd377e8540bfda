/* `--depth suites`: every suite that an endpoint accepts, per version, by chunk and remove: a hello with as many
 * suites as it may hold, the likely ones first; what the server chooses is noted and left out of the next; a refusal
 * ends the chunk. A busy server may close a connection that it would have answered: the hello is repeated once
 * before a close counts as a refusal. A close, or an alert that refuses nothing (internal_error), may come of one
 * suite: the rest is asked without DHE, and DHE alone at the version's end, unless that has shown nothing before.
 * A server of two certificates is asked for those of RSA without ECDSA, too.
 * So it takes one connection per accepted suite, and one per chunk. One more
 * hello in reverse order shows whether the server's order decides. A chunk shows only the order within itself. If
 * the server's order decides, hellos of two suites each merge the chunks' lists; two hellos are enough where one
 * whole list precedes the other, as is usual. */
#pragma once
#include "probes/tls/client_hello.h"
#include "probes/tls/posture.h"

#define SUITE_SURVEY_MAX         512        /* accepted suites of all versions together */
#define SUITE_SURVEY_CONNECTIONS 100        /* what is not known then stays untested */
#define SUITE_SURVEY_CONNECTIONS_DEEP 300   /* a Debian mail server accepts some 90 pairs; the test must not end before TLS 1.3 */
#define SUITE_SURVEY_ORDER_HELLOS 24        /* of one version; lists that interleave further are appended */
#define SUITE_SURVEY_VAIN_SPLITS  2         /* chunks without DHE that showed nothing, and none did: this server refuses */
#define SUITE_SURVEY_KEPT_FOR_13  12        /* connections that the order leaves to TLS 1.3: seven suites, refusals, a preference */

struct suite_survey {
    struct posture *posture;            /* learns from each suite that is accepted */
    bool versions[5];                   /* to be asked: SSLv3, TLS 1.0 ... 1.3 */
    size_t version;                     /* the one under way */
    size_t next_suite;                  /* of the table of names, once for each class: where the next chunk begins */
    size_t chunk_max;
    unsigned connections, connections_max;
    bool is_chunk_open, is_preference_asked, is_unproven;
    bool is_repeated, closes;           /* the current hello was answered by a close before; this server refuses by closing */
    const char *ended;                  /* why it ended early; NULL it did not */
    uint16_t chunk[HELLO_SUITES + 1];
    struct {                            /* after a hello that failed */
        bool is_by_kind;                /* this version's DHE suites are asked last, in chunks of their own */
        bool is_under_way, has_shown;   /* the current hello is the first after a split; a split has shown a suite more */
        unsigned vain;                  /* splits that showed none */
    } split;
    struct {                            /* after a refusal: the caller knows that certificates of RSA and ECDSA are there */
        bool are_two, is_under_way, has_shown, is_vain;
    } keys;
    struct tls_offer offer;
    uint16_t version_list[2];
    struct suite_accepted {
        uint16_t version, suite, chunk;
    } accepted[SUITE_SURVEY_MAX];
    size_t accepted_count;
    uint16_t chunk_number;
    struct {                            /* lists that are merged */
        bool is_begun;
        unsigned hellos;                /* so far, of this version */
        size_t begin, at, end;          /* those from begin are in order up to at; what follows, up to end, is of one chunk */
        enum { ORDER_BEHIND, ORDER_BEFORE, ORDER_WITHIN } asks;         /* where does that chunk belong? */
        size_t low, high;               /* within: bounds for the first of the chunk */
    } order;
    const char *preference, *preference_13;     /* "server", "client"; NULL untested; TLS 1.3's is its own */
};

/* The versions that the posture found accepted; it must live as long. connections_max 0: the default. */
void suite_survey_init(struct suite_survey *survey, struct posture *posture, unsigned connections_max);
bool suite_survey_next(struct suite_survey *survey, struct tls_hello_plan *plan);
/* A suite that was accepted after the end: it is appended if it is new, and then the list lacks others perhaps. */
void suite_survey_see(struct suite_survey *survey, uint16_t version, uint16_t suite);
void suite_survey_note(struct suite_survey *survey, enum outcome outcome, const struct tls_facts *facts);

/* As posture_is_unproven(), posture_alive(); NULL is a survey that did not begin. */
bool suite_survey_is_unproven(const struct suite_survey *survey);
void suite_survey_alive(struct suite_survey *survey);

/* Why the list may lack suites; NULL: it lacks none. */
const char *suite_survey_lack(const struct suite_survey *survey);
