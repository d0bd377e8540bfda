/* What is to be attempted next, for all loops of a worker: positions of the space, block by block, and the
 * endpoints of names that have resolved. A loop pulls when it has a free slot, so nothing is ever queued in
 * advance. A target that pacing, or this machine, has no room for now waits here and is given out when it is
 * due; a block is finished when its last position has ended, and its outcomes go to the recorder then. What a
 * kill loses is the open blocks, and they are never more than DISPATCHER_OPEN_BLOCKS.
 *
 *     space ── permutation ── blocks of the shard not yet finished ──┐
 *     name lines ── resolver ── endpoints ───────────────────────────┼──► pacing ──► a loop ──► dispatcher_end()
 *     waiting: until pacing lets them, until this machine has room ──┘
 *
 * Locked inside; any loop may call. */
#pragma once
#include "inventory/bundle/bundle.h"
#include "probes/base/target_space.h"
#include "scanner/targets/name_list.h"
#include "scanner/pacing/pacing.h"
#include "scanner/sweep/recorder.h"

#define DISPATCHER_OPEN_BLOCKS 1024
#define POSITION_NONE          UINT64_MAX

struct dispatcher;
struct block;

struct work {
    struct target target;
    uint64_t position;              /* POSITION_NONE: a name's endpoint */
    struct block *block;            /* of the position */
    struct name_task *name;         /* of the name's endpoint */
    struct pacing_ticket ticket;
    uint32_t tries;                 /* how often this machine had no room for it */
};

enum dispatch {
    DISPATCH_TARGET,                /* work is yours; the first connection to it counts as begun (pacing) */
    DISPATCH_NAME,                  /* resolve work->name->spec.name, then dispatcher_resolved() */
    DISPATCH_LATER,                 /* nothing now: ask again at *later_us */
    DISPATCH_DONE,                  /* nothing any more */
};

/* space NULL: names only. writer is asked which blocks are finished, only in here; then the recorder has it.
 * names stay the caller's. */
struct dispatcher *dispatcher_create(const struct target_space *space, struct name_list *names,
                                     struct bundle_writer *writer, struct pacing *pacing, struct error *err);
void dispatcher_start(struct dispatcher *dispatcher, struct recorder *recorder);
void dispatcher_destroy(struct dispatcher *dispatcher);

enum dispatch dispatcher_next(struct dispatcher *dispatcher, int64_t now_us, struct work *work,
                              int64_t *later_us);

/* The name resolved to these addresses; or to none, and failure (a static text) says why. */
void dispatcher_resolved(struct dispatcher *dispatcher, struct name_task *name, const struct address *addresses,
                         size_t count, const char *failure);

/* The work has ended with this outcome. Its observations were given to the recorder before. */
void dispatcher_end(struct dispatcher *dispatcher, const struct work *work, enum outcome outcome);

/* This machine had no room for it: it is given out again, not before at_us. */
void dispatcher_put_back(struct dispatcher *dispatcher, const struct work *work, int64_t at_us);

/* --- with a SYN stage (syn/stage.h) ahead: it takes the blocks, and only open ports are given out --------- */

/* To be called before the start. dispatcher_syn_end() must then be called at the end. */
void dispatcher_use_syn(struct dispatcher *dispatcher);

enum dispatch dispatcher_syn_block(struct dispatcher *dispatcher, uint64_t *block);     /* TARGET: *block is it */
void dispatcher_syn_open(struct dispatcher *dispatcher, const struct target *target, uint64_t position);
/* The outcomes of a block without an answer; 0: the port was open, and its attempt brings the outcome. */
void dispatcher_syn_result(struct dispatcher *dispatcher, uint64_t block, const uint8_t *outcomes, uint32_t count);
void dispatcher_syn_end(struct dispatcher *dispatcher);

/* Gives out no more work; open blocks stay open. */
void dispatcher_stop(struct dispatcher *dispatcher);

/* For progress: how many positions ended in this and earlier runs, and how many this shard has. */
struct dispatcher_counts {
    uint64_t ended, total;          /* positions */
    uint64_t names_ended, names_total;
};
void dispatcher_progress(struct dispatcher *dispatcher, struct dispatcher_counts *counts);
