/* Counts handshakes into sightings: equal handshakes within an hour (of packet time) are one row with first, last and
 * count, and each chain is kept once. Rows are written to the bundle at the end of the hour, when the table is full,
 * and at the end of the capture. In a live capture a new row is also written at once, so that nothing new waits in
 * memory; the loader adds up the rows of one sighting. */
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

/* False after a write error, which sightings_flush() returns. */
bool sightings_add(struct sightings *sightings, const struct handshake *handshake);

/* Writes all that has not been written, lines too. */
bool sightings_flush(struct sightings *sightings, struct error *err);
const struct sightings_counts *sightings_counts(const struct sightings *sightings);
