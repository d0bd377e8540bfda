#include "probes/tls/pool.h"

#include "probes/base/memory.h"
#include "probes/tls/aead.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define SHARE_LEAST (64u << 10)
#define LARGE_LEAST ((1u << 20) + SHARE_LEAST) /* the largest chain and a record fit into any pool */

struct tls_pool {
    size_t cap[TLS_POOL_SHARES], used[TLS_POOL_SHARES];
    size_t captures;                    /* bytes of the captures themselves */
    bool refused[TLS_POOL_SHARES];
    tls_pool_room on_room;
    void *on_room_arg;
    struct tls_aead *aead;
    struct byte_buffer first_hello;
    size_t random_left;
    uint8_t random[4096];               /* drawn at once: one call of the generator costs more than a hello */
    uint8_t scratch[TLS_SCRATCH_SIZE];
};

struct tls_pool *tls_pool_create(size_t cap)
{
    struct tls_pool *pool = xcalloc(1, sizeof *pool);
    if (cap == 0)
        cap = TLS_POOL_CAP;
    pool->cap[TLS_POOL_SMALL_MESSAGES] = cap / 16 * 3 > SHARE_LEAST ? cap / 16 * 3 : SHARE_LEAST;
    pool->cap[TLS_POOL_RECORDS] = cap / 16 > SHARE_LEAST ? cap / 16 : SHARE_LEAST;
    pool->cap[TLS_POOL_LARGE_MESSAGES] = cap - cap / 4 > LARGE_LEAST ? cap - cap / 4 : LARGE_LEAST;
    pool->aead = tls_aead_create();
    byte_buffer_init(&pool->first_hello, 0);
    return pool;
}

void tls_pool_destroy(struct tls_pool *pool)
{
    if (pool == NULL)
        return;
    tls_aead_destroy(pool->aead);
    byte_buffer_clear(&pool->first_hello);
    free(pool);
}

void tls_pool_join(struct tls_pool *pool, size_t len)
{
    pool->captures += len;
}

void tls_pool_leave(struct tls_pool *pool, size_t len)
{
    pool->captures -= len;
}

enum tls_pool_share tls_pool_share_of(size_t len)
{
    return len > TLS_POOL_SMALL ? TLS_POOL_LARGE_MESSAGES : TLS_POOL_SMALL_MESSAGES;
}

static size_t cap_of(const struct tls_pool *pool, enum tls_pool_share share)
{
    if (share != TLS_POOL_LARGE_MESSAGES || pool->captures == 0)
        return pool->cap[share];
    return pool->cap[share] > LARGE_LEAST + pool->captures ? pool->cap[share] - pool->captures : LARGE_LEAST;
}

static bool reserve(struct tls_pool *pool, enum tls_pool_share share, size_t len)
{
    size_t cap = cap_of(pool, share);
    if (pool->used[share] > cap || cap - pool->used[share] < len) {
        pool->refused[share] = true;
        return false;
    }
    pool->used[share] += len;
    return true;
}

static void release(struct tls_pool *pool, enum tls_pool_share share, size_t len)
{
    pool->used[share] -= len;
    if (pool->refused[share] && len != 0) {
        pool->refused[share] = false;
        if (pool->on_room != NULL)
            pool->on_room(pool->on_room_arg, share);
    }
}

bool tls_pool_reserve(struct tls_pool *pool, size_t len)
{
    return reserve(pool, tls_pool_share_of(len), len);
}

void tls_pool_release(struct tls_pool *pool, size_t len)
{
    release(pool, tls_pool_share_of(len), len);
}

bool tls_pool_reserve_record(struct tls_pool *pool, size_t len)
{
    return reserve(pool, TLS_POOL_RECORDS, len);
}

void tls_pool_release_record(struct tls_pool *pool, size_t len)
{
    release(pool, TLS_POOL_RECORDS, len);
}

static size_t sum(const size_t shares[TLS_POOL_SHARES])
{
    size_t all = 0;
    for (size_t i = 0; i < TLS_POOL_SHARES; i++)
        all += shares[i];
    return all;
}

size_t tls_pool_used(const struct tls_pool *pool)
{
    return sum(pool->used);
}

bool tls_pool_is_crowded(const struct tls_pool *pool)
{
    size_t large = cap_of(pool, TLS_POOL_LARGE_MESSAGES);
    size_t all = sum(pool->cap) - pool->cap[TLS_POOL_LARGE_MESSAGES] + large;
    return pool->used[TLS_POOL_LARGE_MESSAGES] > large / 4 || sum(pool->used) > all / 4;
}

void tls_pool_on_room(struct tls_pool *pool, tls_pool_room on_room, void *arg)
{
    pool->on_room = on_room;
    pool->on_room_arg = arg;
}

struct tls_aead *tls_pool_aead(struct tls_pool *pool)
{
    return pool->aead;
}

struct byte_buffer *tls_pool_first_hello(struct tls_pool *pool)
{
    return &pool->first_hello;
}

uint8_t *tls_pool_scratch(struct tls_pool *pool)
{
    return pool->scratch;
}

void tls_pool_random(struct tls_pool *pool, uint8_t *bytes, size_t len)
{
    if (pool->random_left < len) {
        if (RAND_bytes(pool->random, sizeof pool->random) != 1)
            abort();                    /* no random numbers */
        pool->random_left = sizeof pool->random;
    }
    memcpy(bytes, pool->random + sizeof pool->random - pool->random_left, len);
    pool->random_left -= len;
}
