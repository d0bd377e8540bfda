/* An endpoint's life: probe by port, hello after hello as the strategy says, each on a connection of its own,
 * all counted; one observation per variant; then the same for the next server name. It holds one slot of its
 * loop from beginning to end.
 *
 *     scope ── strategy ──► pacing ──► connection ──► note ──┐
 *                  ▲                                         │
 *                  └──── more hellos, more names ────────────┴──► observations ──► dispatcher_end()
 */
#pragma once
#include "scanner/sweep/conn.h"
#include "scanner/sweep/dispatcher.h"

struct scan_loop;
struct attempt;

/* Takes the work; it ends with dispatcher_end() or dispatcher_put_back(), and scan_loop_slot_free(). */
void attempt_start(struct scan_loop *loop, const struct work *work);

/* Ends it at once, as aborted. */
void attempt_abort(struct attempt *attempt);

struct attempt *attempt_next(const struct attempt *attempt);    /* of the same loop; NULL after the last */

/* The loop ends: frees what ended attempts have left for the next ones. */
void attempt_destroy_spare(struct scan_loop *loop);
