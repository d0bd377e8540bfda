/* What all captures of one loop share: a cap on the bytes of half-read messages and kept chains, the contexts of the
 * ciphers, one place for opened records. A capture reserves a message's declared length before it reads the body. Small
 * messages have a share of their own, so that many large half-read chains cannot keep a small one from ending; a
 * capture that waits holds nothing, so waiting cannot lock up. One pool serves one thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_POOL_CAP      (64u << 20)
#define TLS_POOL_SMALL    (16u << 10)       /* a message up to this length is small */
#define TLS_SCRATCH_SIZE  (16384 + 2048)

struct tls_pool;

struct tls_pool *tls_pool_create(size_t cap);           /* 0: TLS_POOL_CAP; a quarter of it is the small ones' */
void tls_pool_destroy(struct tls_pool *pool);

bool tls_pool_reserve(struct tls_pool *pool, size_t len);
void tls_pool_release(struct tls_pool *pool, size_t len);       /* the len that was reserved */
size_t tls_pool_used(const struct tls_pool *pool);

/* Called when there is room again after a reservation was refused: captures that answered WAIT may be asked again. It runs
 * inside another capture's call: it notes, and asks later. */
void tls_pool_on_room(struct tls_pool *pool, void (*on_room)(void *arg), void *arg);

struct tls_aead *tls_pool_aead(struct tls_pool *pool);
uint8_t *tls_pool_scratch(struct tls_pool *pool);       /* TLS_SCRATCH_SIZE bytes, for the length of one call */
void tls_pool_random(struct tls_pool *pool, uint8_t *bytes, size_t len);
