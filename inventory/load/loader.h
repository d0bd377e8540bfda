/* Carries bundles into the database, exactly once. Progress (the last row of each table) is written in the same
 * transaction as the rows, so a batch is wholly there, once, or not at all: a kill of loader or database in the
 * middle costs the open batch, and the next load goes on behind the last one. A bundle loaded twice changes nothing.
 *
 *     check everything ─► certificates, chains, staples ─► facts ─► batches of rows ─► finish ─► recompute
 *
 * An answer that is the same as its endpoint's last one becomes a bit; what is new goes on with the endpoint's history;
 * where an answer is late, the history is made anew from all that is known. So bundles may come in any order. */
#pragma once
#include "inventory/store/db.h"

struct loader_report {
    int64_t observations, sightings, postures, blocks, names;       /* rows that this load brought */
    int64_t ahead;                  /* of these, from more than a day ahead of now: kept, never the present */
    int64_t recomputed;             /* endpoints whose history was made anew */
    bool skipped;                   /* a capture of which another one has told every sighting */
    bool finished;                  /* its scan is complete with it */
};

/* report may be NULL. Nothing is loaded of a bundle of which anything is wrong. */
bool loader_load(struct db *db, const char *path, struct loader_report *report, struct error *err);
