/* A cache of recent chains, by their bytes: a server farm sends the same chain a million times, and hashing it and
 * looking it up each time would cost more than the rest of the row. Direct-mapped and bounded. The key is computed from
 * lengths and last bytes (those of the signatures) and only selects the slot; two chains are equal if every byte is. */
#pragma once
#include "probes/base/observation.h"

struct chain_cache;

struct chain_entry {
    int64_t chain;                      /* its id in the bundle */
    size_t count;
    const uint8_t (*sha256)[32];        /* of each certificate; borrowed from the cache */
};

struct chain_cache *chain_cache_create(void);
void chain_cache_destroy(struct chain_cache *cache);

/* NULL if it is not there. */
const struct chain_entry *chain_cache_find(const struct chain_cache *cache, const struct der *chain, size_t count);

/* Copies chain and hashes. A chain that is too large for the cache is ignored. */
void chain_cache_put(struct chain_cache *cache, const struct der *chain, size_t count, int64_t id,
                     const uint8_t (*sha256)[32]);
