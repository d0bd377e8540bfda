/* What follows from an endpoint's answers: spans (from when to when it showed a chain to a kind of hello) and events. A pure
 * function of the answers, whether they come at once or a scan at a time, so that bundles may be loaded in any order.
 *
 *     answers of one key (endpoint, role, peer, variant), cut into units (one scan; part of a capture's hour) by time
 *
 *     a chain that is not shown beside others        closes those before it, at this unit
 *     one that closed so and comes back within three units, or two in one unit      stand side by side: `several`
 *     one of several that three units do not show    closes at the third
 *
 * A member that at most two units have missed is `tracked`: its closing may still be taken back. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_NO_TIME INT64_MIN
#define ANSWER_UNITS_MISSED 3
#define ANSWER_MEMBERS_MAX  64      /* chains side by side in one key; what comes beyond has no span */

/* One answer, or a span that is known from before (is_span: the tracked ones of its key come first). */
struct answer {
    int64_t source;                 /* the row whose fields these are; 0: a confirmation, "as the answer before it" */
    int64_t time_us, last_us;       /* of a sighting, first and last; otherwise the same */
    int64_t unit;                   /* scan */
    int64_t chain, leaf;            /* 0: no certificate */
    int32_t tls_version, cipher_suite;          /* 0 and -1: unknown; they only travel with the source */
    bool absent;                    /* an outcome that says: here is none; */
    bool finished;                  /* and its scan may say so */
    bool is_passive;                /* units are parts of an hour (hour_us) */
    int64_t hour_us;

    bool is_span;
    int64_t from_us, closed_us;     /* ANSWER_NO_TIME: open */
    int missed;
    bool several, is_last;
};

struct answer_span {
    int64_t source, unit, chain, leaf;
    int32_t tls_version, cipher_suite;
    int64_t from_us, closed_us;
    int missed;
    bool several, is_last, settled, tracked;
    bool absent;
};

struct answer_event {
    const char *kind;               /* "new", "changed", "gone", "returned" */
    int64_t time_us;
    int variant;                    /* of changed; 0 otherwise */
    int64_t before, after;          /* chains; 0 none */
};

struct answer_history;

struct answer_history *answer_history_create(void);
void answer_history_destroy(struct answer_history *history);

/* An endpoint begins: what is known of it from before. */
void answer_history_begin(struct answer_history *history, int64_t first_certificate_us, int64_t gone_us);
/* All answers of one key, confirmations resolved and spans first, the rest in any order (at one time: as given). is_server: they say whether the
 * endpoint has a certificate. */
void answer_history_key(struct answer_history *history, int variant, bool is_server, const struct answer *answers, size_t count);
/* An answer that another place gave for this one: "nobody is here". Only where nothing was seen within its span does
 * it speak. */
void answer_history_negative(struct answer_history *history, int64_t from_us, int64_t to_us);
/* After the last key: events of the endpoint as a whole. */
void answer_history_end(struct answer_history *history);

/* Borrowed, valid until the next begin; spans in the order of the keys, key: which one (from 0). */
size_t answer_history_spans(const struct answer_history *history, const struct answer_span **spans, const size_t **keys);
size_t answer_history_events(const struct answer_history *history, const struct answer_event **events);
int64_t answer_history_first_certificate_us(const struct answer_history *history);     /* ANSWER_NO_TIME: none yet */
int64_t answer_history_gone_us(const struct answer_history *history);
