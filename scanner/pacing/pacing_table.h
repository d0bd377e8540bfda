/* What pacing remembers of hosts and of prefixes: a hash table of fixed-size entries that forgets by itself.
 * When it is full, an entry that is neither in use nor recently used is replaced (the clock algorithm); the table
 * grows only when all entries are in use. So its memory depends on what is in flight, not on what was scanned. */
#pragma once
#include "probes/base/address.h"

struct pacing_entry {
    uint64_t key;
    int64_t slot_us; /* prefix: the next slot to give out; host: paused until then */
    int64_t go_us;   /* prefix: when the next connection is due */
    int64_t seen_us;
    uint32_t next; /* in its bucket's chain */
    uint16_t in_flight;
    uint8_t failures; /* in a row */
    uint8_t slow;     /* steps of back-off */
    bool answered;    /* ever, since it is remembered */
    bool single;      /* host: one connection at once; never forgotten */
    bool recent;      /* met since the clock's hand passed */
};

struct pacing_table {
    struct pacing_entry *entries; /* entry 0 is not used: 0 ends a chain */
    uint32_t *buckets;
    uint32_t capacity; /* a power of two */
    uint32_t count;
    uint32_t hand;
};

#define PACING_REMEMBERED 16384            /* entries, before any table grows */
#define PACING_FORGET_US  (60 * 1000000LL) /* an idle entry is reset after that */

void pacing_table_init(struct pacing_table *table);
void pacing_table_clear(struct pacing_table *table);

/* The key's entry, made where it is not there. Borrowed until the next get. */
struct pacing_entry *pacing_table_get(struct pacing_table *table, uint64_t key, int64_t now_us);

uint64_t pacing_host_key(const struct address *address);
uint64_t pacing_prefix_key(const struct address *address); /* /24 or /64 */
