/* Loads bundles into the database, exactly once. Progress (the last row of each table) is written in the same
 * transaction as the rows, so a batch is stored completely or not at all: a kill of loader or database in the
 * middle loses only the open batch, and the next load continues after the last row stored. Loading a bundle twice changes nothing.
 *
 *     check everything ─► certificates, chains, staples ─► facts ─► batches of rows ─► finish ─► recompute
 *
 * An answer that equals its endpoint's last one becomes a bit; a new answer extends the endpoint's history; after a late
 * answer the history is recomputed from all stored answers. So bundles may be loaded in any order. */
#pragma once
#include "inventory/store/db.h"

struct loader_report {
    int64_t observations, sightings, postures, blocks, names, files;     /* rows that this load added */
    int64_t ahead;                  /* of these, dated more than a day ahead: kept, but never the present */
    int64_t recomputed;             /* endpoints whose history was recomputed */
    bool skipped;                   /* a capture whose sightings were all loaded before, from another one */
    bool finished;                  /* this bundle completed its scan */
};

/* report may be NULL. A bundle with any fault is refused as a whole. */
bool loader_load(struct db *db, const char *path, struct loader_report *report, struct error *err);
