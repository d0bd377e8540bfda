#include "probes/tls/pool.h"

#include "probes/base/memory.h"
#include "probes/tls/aead.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum share { SHARE_SMALL, SHARE_LARGE, SHARE_RECORDS };

#define SHARE_LEAST (64u << 10)
#define LARGE_LEAST ((1u << 20) + SHARE_LEAST) /* the largest chain and a record fit into any pool */

struct tls_pool {
    size_t cap[3], used[3];             /* enum share */
    bool refused;
    void (*on_room)(void *arg);
    void *on_room_arg;
    struct tls_aead *aead;
    size_t random_left;
    uint8_t random[4096];               /* drawn at once: one call of the generator costs more than a hello */
    uint8_t scratch[TLS_SCRATCH_SIZE];
};

struct tls_pool *tls_pool_create(size_t cap)
{
    struct tls_pool *pool = xcalloc(1, sizeof *pool);
    if (cap == 0)
        cap = TLS_POOL_CAP;
    pool->cap[SHARE_SMALL] = pool->cap[SHARE_RECORDS] = cap / 8 > SHARE_LEAST ? cap / 8 : SHARE_LEAST;
    pool->cap[SHARE_LARGE] = cap - cap / 4 > LARGE_LEAST ? cap - cap / 4 : LARGE_LEAST;
    pool->aead = tls_aead_create();
    return pool;
}

void tls_pool_destroy(struct tls_pool *pool)
{
    if (pool == NULL)
        return;
    tls_aead_destroy(pool->aead);
    free(pool);
}

static enum share share_of(size_t len)
{
    return len > TLS_POOL_SMALL ? SHARE_LARGE : SHARE_SMALL;
}

static bool reserve(struct tls_pool *pool, enum share share, size_t len)
{
    if (pool->cap[share] - pool->used[share] < len) {
        pool->refused = true;
        return false;
    }
    pool->used[share] += len;
    return true;
}

static void release(struct tls_pool *pool, enum share share, size_t len)
{
    pool->used[share] -= len;
    if (pool->refused && len != 0) {
        pool->refused = false;
        if (pool->on_room != NULL)
            pool->on_room(pool->on_room_arg);
    }
}

bool tls_pool_reserve(struct tls_pool *pool, size_t len)
{
    return reserve(pool, share_of(len), len);
}

void tls_pool_release(struct tls_pool *pool, size_t len)
{
    release(pool, share_of(len), len);
}

bool tls_pool_reserve_record(struct tls_pool *pool)
{
    return reserve(pool, SHARE_RECORDS, TLS_SCRATCH_SIZE);
}

void tls_pool_release_record(struct tls_pool *pool)
{
    release(pool, SHARE_RECORDS, TLS_SCRATCH_SIZE);
}

size_t tls_pool_used(const struct tls_pool *pool)
{
    return pool->used[SHARE_SMALL] + pool->used[SHARE_LARGE] + pool->used[SHARE_RECORDS];
}

bool tls_pool_is_crowded(const struct tls_pool *pool)
{
    return tls_pool_used(pool) > (pool->cap[SHARE_SMALL] + pool->cap[SHARE_LARGE] + pool->cap[SHARE_RECORDS]) / 4;
}

void tls_pool_on_room(struct tls_pool *pool, void (*on_room)(void *arg), void *arg)
{
    pool->on_room = on_room;
    pool->on_room_arg = arg;
}

struct tls_aead *tls_pool_aead(struct tls_pool *pool)
{
    return pool->aead;
}

uint8_t *tls_pool_scratch(struct tls_pool *pool)
{
    return pool->scratch;
}

void tls_pool_random(struct tls_pool *pool, uint8_t *bytes, size_t len)
{
    if (pool->random_left < len) {
        if (RAND_bytes(pool->random, sizeof pool->random) != 1)
            abort();                    /* a machine without randomness */
        pool->random_left = sizeof pool->random;
    }
    memcpy(bytes, pool->random + sizeof pool->random - pool->random_left, len);
    pool->random_left -= len;
}
