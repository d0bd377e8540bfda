/* The chains that came lately, by their bytes: a server farm shows the same chain a million times, and to hash
 * and look it up each time would cost more than all the rest of a row. Direct-mapped and bounded; the key is
 * drawn from lengths and tails (a signature's bytes) and only finds the slot: equality is decided by comparing
 * every byte. */
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

/* NULL where it is not there. */
const struct chain_entry *chain_cache_find(const struct chain_cache *cache, const struct der *chain, size_t count);

/* Copies chain and hashes; a chain too large to be kept is not. */
void chain_cache_put(struct chain_cache *cache, const struct der *chain, size_t count, int64_t id,
                     const uint8_t (*sha256)[32]);
