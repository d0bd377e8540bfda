/* Computes from an endpoint's answers its spans (from when to when it showed a chain to a kind of hello) and events. A pure
 * function of the answers, whether they are given at once or scan by scan, so that bundles may be loaded in any order.
 *
 *     answers of one key (endpoint, role, peer, variant), sorted by time and grouped into units (a scan; part of a capture's hour)
 *
 *     a unit shows one chain alone                                      the open spans of other chains close at this unit
 *     a closed chain returns within three units, or a unit shows two    these chains are open together: `several`
 *     three units do not show one of several                            its span closes at the third
 *
 * A span that at most two units have missed is `tracked`: its closing can still be reverted. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_NO_TIME INT64_MIN
#define ANSWER_UNITS_MISSED 3
#define ANSWER_MEMBERS_MAX  64      /* chains side by side in one key; what comes beyond has no span */

/* One answer, or a span from an earlier load (is_span; the tracked spans of a key come before its answers). */
struct answer {
    int64_t source;                 /* the row that has these fields; 0: a confirmation, "the same as the answer before" */
    int64_t time_us, last_us;       /* of a sighting, first and last; otherwise the same */
    int64_t unit;                   /* scan */
    int64_t chain, leaf;            /* 0: no certificate */
    int32_t tls_version, cipher_suite;          /* 0 and -1: unknown; passed through to the span */
    bool absent;                    /* an outcome that proves that there is no certificate, */
    bool finished;                  /* which counts only if its scan is finished */
    bool is_passive;                /* units are parts of an hour (hour_us) */
    int64_t hour_us;

    bool is_span, is_held;          /* is_held is the caller's: the span's row goes on (answer_store.c) */
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
    int64_t leaf_before, leaf_after;            /* of changed; 0 otherwise */
};

struct answer_history;

struct answer_history *answer_history_create(void);
void answer_history_destroy(struct answer_history *history);

/* Begins an endpoint, with its state from earlier loads. */
void answer_history_begin(struct answer_history *history, int64_t first_certificate_us, int64_t gone_us);
/* Adds all answers of one key: spans first, the rest in any order (equal times: in the given order); confirmations must be
 * resolved. is_server: they decide whether the endpoint has a certificate. */
void answer_history_key(struct answer_history *history, int variant, bool is_server, const struct answer *answers, size_t count);
/* Adds evidence from elsewhere that the endpoint does not answer. It counts only if the endpoint was not seen in that time. */
void answer_history_negative(struct answer_history *history, int64_t from_us, int64_t to_us);
/* To be called after the last key: computes the events of the whole endpoint. */
void answer_history_end(struct answer_history *history);

/* Borrowed, valid until the next begin. Spans are in the order of the keys; keys: the number of each span's key, from 0. */
size_t answer_history_spans(const struct answer_history *history, const struct answer_span **spans, const size_t **keys);
size_t answer_history_events(const struct answer_history *history, const struct answer_event **events);
int64_t answer_history_first_certificate_us(const struct answer_history *history);     /* ANSWER_NO_TIME: none yet */
int64_t answer_history_gone_us(const struct answer_history *history);
