/* Everything that is asked of one endpoint: the probe of its port, then one hello after another as the strategy says,
 * each on a connection of its own; one observation per variant; then the same for the next server name. An attempt
 * holds one slot of its owner until it calls on_end().
 *
 *     scope ── strategy ──► pacing ──► connection ──► note ──┐
 *                  ▲                                         │
 *                  └──── more hellos, more names ────────────┴──► observations ──► dispatcher_end()
 */
#pragma once
#include "scanner/sweep/conn.h"
#include "scanner/sweep/dispatcher.h"
#include "scanner/sweep/scan.h"

struct attempt;
struct resolver;

/* What the attempts of one thread share. Its owner fills in the upper part; it outlives them. */
struct attempt_shared {
    struct scan *scan;
    struct conn_shared *conns;
    struct resolver *resolver;
    const struct timeval *time;     /* of a whole attempt: a common timeout of the event base */
    void (*on_end)(void *owner);    /* a slot is free; may be called within attempt_start() */
    /* This machine had no room for conn: there should be fewer at once for a while. */
    void (*on_local_limit)(const struct conn *conn, const char *why, void *owner);
    void *owner;

    struct attempt *attempts;       /* all unfinished ones */
    struct attempt *spare;          /* ended ones, for reuse */
    unsigned spare_count;
};

/* Takes the work; it ends with dispatcher_end() or dispatcher_put_back(), and on_end(). */
void attempt_start(struct attempt_shared *shared, const struct work *work);

/* Ends all attempts at once, as aborted. */
void attempt_abort_all(struct attempt_shared *shared);

/* Frees what ended attempts have left for the next ones. */
void attempt_destroy_spare(struct attempt_shared *shared);
