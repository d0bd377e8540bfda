/* Which hello an endpoint gets next: one table (strategy.c) from what was asked and answered so far to the
 * next plan. The scanner opens a connection per plan, captures, reports how it ended, and asks for the next plan. */
#pragma once
#include "probes/tls/capture.h"
#include "probes/tls/contradictions.h"
#include "probes/tls/names.h"

enum tls_depth { TLS_DEPTH_CERT, TLS_DEPTH_POSTURE, TLS_DEPTH_SUITES, TLS_DEPTH_DEEP };

struct tls_strategy;

struct tls_strategy *tls_strategy_create(enum tls_depth depth, const char *server_name);
void tls_strategy_destroy(struct tls_strategy *strategy);
enum tls_depth tls_strategy_depth(const struct tls_strategy *strategy);

/* Connections to a usual endpoint, and the most that any endpoint costs under one name. At depth suites it is about one
 * more for each suite that is accepted and for each 126 suites that there are. */
#define TLS_STRATEGY_ALERTS_MAX 3       /* connections to an endpoint that answers with nothing but alerts */
unsigned tls_strategy_connections(enum tls_depth depth);
unsigned tls_strategy_connections_max(enum tls_depth depth, unsigned suite_connections);    /* 0: the default */

/* To be called before the first hello: hellos for a chain also ask for proof of the key, at any depth (posture and
 * suites always do). */
void tls_strategy_prove(struct tls_strategy *strategy);

/* Call before the first hello: leaves out hellos that no client of today sends (posture_spare()). */
void tls_strategy_be_usual(struct tls_strategy *strategy);
bool tls_strategy_is_usual(const struct tls_strategy *strategy);

/* Call before the first hello: how many connections depth suites may add. */
void tls_strategy_limit(struct tls_strategy *strategy, unsigned suite_connections);

/* The next hello; false when this endpoint is done. */
bool tls_strategy_next(struct tls_strategy *strategy, struct tls_hello_plan *plan);

/* For questions of others (probes/survey) after the last hello: fits a plan to what this endpoint needs of every hello (no
 * name, no extensions, real shares, an application protocol). False: no hello has brought a chain, so there is nothing to ask. */
bool tls_strategy_adapt(struct tls_strategy *strategy, struct tls_hello_plan *plan);
/* The value of a posture item as it stands: "accepted", "refused", "untested", a number. */
const char *tls_strategy_item(const struct tls_strategy *strategy, const char *item);

/* At depth deep: what the answers of this test say of each other, and a hello that is to be sent again (contradictions.h). The
 * survey's answers are among them. At other depths each answer stands. */
struct contradictions *tls_strategy_contradictions(const struct tls_strategy *strategy);      /* NULL at other depths */
bool tls_strategy_again(struct tls_strategy *strategy, struct tls_hello_plan *plan);
enum contradictions_verdict tls_strategy_check(struct tls_strategy *strategy, struct tls_hello_plan *plan, enum outcome outcome,
                                               const struct tls_facts *facts);

/* For answers after the last hello: what they accepted is accepted. A version that was refused is a contradiction; a suite that is
 * not in the list of those found is appended, and the list counts as not whole. Answers under another name than the endpoint's say
 * nothing of it: the server there may have versions and suites of its own. */
void tls_strategy_see(struct tls_strategy *strategy, const struct tls_hello_plan *plan, const struct tls_facts *facts);

/* How that hello ended. facts is NULL if it was not sent (refused, no connection, the end of the preamble). A plan with
 * finds_variant gets its variant, and is no posture question any more, where a certificate of another key has come. */
void tls_strategy_note(struct tls_strategy *strategy, struct tls_hello_plan *plan, enum outcome outcome,
                       const struct tls_facts *facts);

/* True if the endpoint answered at first and then refused every hello. */
bool tls_strategy_has_stopped(const struct tls_strategy *strategy);

/* No more hellos may be sent to the endpoint: untested items get this reason. */
void tls_strategy_spare(struct tls_strategy *strategy, const char *reason);

/* After the end: posture items as name and value (posture.h); count may be 0. Borrowed from the strategy. */
struct tls_posture_item {
    const char *item, *value, *detail;
};
size_t tls_strategy_posture(struct tls_strategy *strategy, const struct tls_posture_item **items);

/* Before the end, and without changing anything: the items of posture.h as they stand (the first of the final list), and how many
 * suites have been accepted so far. */
size_t tls_strategy_items_now(const struct tls_strategy *strategy, const struct tls_posture_item **items);
size_t tls_strategy_suites_now(const struct tls_strategy *strategy);
/* Has a suite of this version been accepted for which `fits` is true? */
bool tls_strategy_accepts(const struct tls_strategy *strategy, uint16_t version, bool (*fits)(const struct tls_suite *suite));
/* Those of this version, in the order of tls_strategy_posture(): at most `most`, and a 0 behind them. How many. */
size_t tls_strategy_suites(const struct tls_strategy *strategy, uint16_t version, uint16_t *list, size_t most);
bool tls_strategy_knows_suites(const struct tls_strategy *strategy);     /* every suite was asked, and none lacks an answer */
