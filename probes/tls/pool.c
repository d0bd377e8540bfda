#include "probes/tls/pool.h"

#include "probes/base/memory.h"
#include "probes/tls/aead.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

struct tls_pool {
    size_t cap[2], used[2];             /* small, large */
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
    pool->cap[0] = cap / 4;
    pool->cap[1] = cap - cap / 4;
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

bool tls_pool_reserve(struct tls_pool *pool, size_t len)
{
    bool large = len > TLS_POOL_SMALL;
    if (pool->cap[large] - pool->used[large] < len) {
        pool->refused = true;
        return false;
    }
    pool->used[large] += len;
    return true;
}

void tls_pool_release(struct tls_pool *pool, size_t len)
{
    pool->used[len > TLS_POOL_SMALL] -= len;
    if (pool->refused && len != 0) {
        pool->refused = false;
        if (pool->on_room != NULL)
            pool->on_room(pool->on_room_arg);
    }
}

size_t tls_pool_used(const struct tls_pool *pool)
{
    return pool->used[0] + pool->used[1];
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
