/* The only thread that writes. It owns the bundle and the JSON lines; the loops only queue. The queue is bounded:
 * a loop that finds it full waits, so a slow disk makes a slower scan and loses nothing. Rows of one loop are
 * written in the order they were queued; so a block's quiet row, queued when its last position has ended, comes
 * after all that was answered in it.
 *
 *     loop ─┐ copies
 *     loop ─┴──► queue ──► this thread ──► bundle (committed every 900 rows or 250 ms, lines first)
 *                                   └────► JSON lines
 */
#pragma once
#include "inventory/bundle/bundle.h"
#include "scanner/pacing/certificate_budget.h"

struct recorder;

struct recorder_lines {
    int fd;                 /* -1: no lines */
    bool all;               /* quiet attempts too */
};

/* writer belongs to the recorder until recorder_finish(). budget is charged with what each host adds; NULL: none. */
struct recorder *recorder_create(struct bundle_writer *writer, const struct recorder_lines *lines,
                                 struct certificate_budget *budget);

/* An answered attempt: a row and, if asked for, a line. */
void recorder_observation(struct recorder *recorder, const struct observation *observation);
/* One without an answer: only a line, where every one is asked for; its row is its block's. */
void recorder_quiet(struct recorder *recorder, const struct observation *observation);
bool recorder_wants_quiet(const struct recorder *recorder);
void recorder_posture(struct recorder *recorder, const struct posture_fact *fact);
void recorder_block(struct recorder *recorder, const struct block_result *result);
void recorder_name(struct recorder *recorder, const struct name_result *result);

/* Has writing failed? The loops check this now and then, and end the scan. Any thread may call. */
bool recorder_failed(const struct recorder *recorder);

/* Writes what is queued, commits, ends the thread. The recorder is gone; the writer is the caller's again. */
bool recorder_finish(struct recorder *recorder, struct error *err);
