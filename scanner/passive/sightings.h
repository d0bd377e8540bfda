/* From handshakes to sightings: what is the same within an hour (of packet time) is one row with first, last and
 * count, however often it is seen; each chain is held once. Rows go to the bundle at the hour's end, when the
 * table is full, and at the end; live ones the first time at once, so that nothing new waits in memory. The
 * loader adds deltas up. */
#pragma once
#include "inventory/bundle/bundle.h"
#include "scanner/passive/handshake/handshake.h"

#include <stdbool.h>

struct sightings;

struct sightings_options {
    struct bundle_writer *writer;
    bool first_at_once;             /* live */
    int lines_fd;                   /* JSON lines, one for each handshake; -1: none */
    const char *scan_id, *site;     /* for them */
};

struct sightings_counts {
    uint64_t handshakes, chains, hidden, incomplete, resumed, rows;
};

struct sightings *sightings_create(const struct sightings_options *options);
void sightings_destroy(struct sightings *sightings);

/* False after trouble with the disk, which is kept for sightings_flush(). */
bool sightings_add(struct sightings *sightings, const struct handshake *handshake);

/* Writes all that has not been written, lines too. */
bool sightings_flush(struct sightings *sightings, struct error *err);
const struct sightings_counts *sightings_counts(const struct sightings *sightings);
