/* See chain_cache.h. */
#include "inventory/bundle/chain_cache.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS           4096u
#define CHAIN_BYTES_MAX (64u << 10)     /* a longer chain is rare, and is hashed each time */
#define CACHE_BYTES_MAX (16u << 20)     /* all copies together; above, the cache is emptied */

struct slot {
    struct chain_entry entry;
    uint64_t key;
    uint8_t *block;         /* lengths (size_t each), hashes (32 each), bytes */
    size_t block_len;
};

struct chain_cache {
    size_t bytes;
    struct slot slots[SLOTS];
};

struct chain_cache *chain_cache_create(void)
{
    return xcalloc(1, sizeof(struct chain_cache));
}

/* An empty cache is not looked at: its pages were never touched. */
static void free_blocks(struct chain_cache *cache)
{
    for (size_t i = 0; i < SLOTS && cache->bytes != 0; i++)
        free(cache->slots[i].block);
}

static void chain_cache_reset(struct chain_cache *cache)
{
    free_blocks(cache);
    memset(cache, 0, sizeof *cache);
}

void chain_cache_destroy(struct chain_cache *cache)
{
    if (cache == NULL)
        return;
    free_blocks(cache);
    free(cache);
}

static uint64_t mix(uint64_t key, uint64_t value)
{
    unsigned __int128 product = (unsigned __int128)(key ^ value) * 0x9e3779b97f4a7c15u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t chain_key(const struct der *chain, size_t count)
{
    uint64_t key = count + 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t tail[2] = {0, 0};
        size_t len = chain[i].len < sizeof tail ? chain[i].len : sizeof tail;
        if (len > 0)
            memcpy(tail, chain[i].bytes + chain[i].len - len, len);
        key = mix(mix(mix(key, chain[i].len), tail[0]), tail[1]);
    }
    return key;
}

static const size_t *slot_lengths(const struct slot *slot)
{
    return (const size_t *)(const void *)slot->block;
}

static bool slot_equals(const struct slot *slot, const struct der *chain, size_t count)
{
    const size_t *lengths = slot_lengths(slot);
    const uint8_t *bytes = slot->block + count * (sizeof(size_t) + 32);
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] != chain[i].len)
            return false;
    }
    for (size_t i = 0; i < count; bytes += lengths[i], i++) {
        if (lengths[i] > 0 && memcmp(bytes, chain[i].bytes, lengths[i]) != 0)
            return false;
    }
    return true;
}

const struct chain_entry *chain_cache_find(const struct chain_cache *cache, const struct der *chain, size_t count)
{
    uint64_t key = chain_key(chain, count);
    const struct slot *slot = &cache->slots[key % SLOTS];
    if (slot->block == NULL || slot->key != key || slot->entry.count != count || !slot_equals(slot, chain, count))
        return NULL;
    return &slot->entry;
}

void chain_cache_put(struct chain_cache *cache, const struct der *chain, size_t count, int64_t id,
                     const uint8_t (*sha256)[32])
{
    size_t len = 0;
    for (size_t i = 0; i < count && len <= CHAIN_BYTES_MAX; i++)
        len += chain[i].len + sizeof(size_t) + 32;
    if (len > CHAIN_BYTES_MAX)
        return;
    if (cache->bytes + len > CACHE_BYTES_MAX)
        chain_cache_reset(cache);
    uint64_t key = chain_key(chain, count);
    struct slot *slot = &cache->slots[key % SLOTS];
    cache->bytes -= slot->block_len;
    free(slot->block);
    slot->block = xmalloc(len == 0 ? 1 : len);
    slot->block_len = len;
    cache->bytes += len;
    slot->key = key;

    size_t *lengths = (size_t *)(void *)slot->block;
    uint8_t *hashes = slot->block + count * sizeof(size_t), *bytes = hashes + count * 32;
    memcpy(hashes, sha256, count * 32);
    for (size_t i = 0; i < count; bytes += chain[i].len, i++) {
        lengths[i] = chain[i].len;
        if (chain[i].len > 0)
            memcpy(bytes, chain[i].bytes, chain[i].len);
    }
    slot->entry = (struct chain_entry){
        .chain = id, .count = count, .sha256 = (const uint8_t(*)[32])(const void *)hashes};
}
