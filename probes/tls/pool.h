/* Shared by all captures of one loop: a limit on the memory of captures, incomplete messages and records, and kept
 * chains; the cipher contexts; one buffer for opened records. A capture reserves a message's declared length before it
 * reads the body. Small messages have a share of their own, so that many large incomplete chains cannot block a small
 * one; so have records that can be opened only when they are complete. A capture with reserved space (for an encrypted
 * message: and for one record) can finish; a waiting one holds at most one record, so they cannot deadlock. One pool
 * serves one thread. */
#pragma once
#include "probes/base/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_POOL_CAP      (48u << 20)       /* so that a scan with ten thousand attempts stays below 100 MB */
#define TLS_POOL_SMALL    (36u << 10)       /* a reservation up to this length is small: 16 KiB and a record */
#define TLS_SCRATCH_SIZE  (16384 + 2048)

enum tls_pool_share { TLS_POOL_SMALL_MESSAGES, TLS_POOL_LARGE_MESSAGES, TLS_POOL_RECORDS, TLS_POOL_SHARES };

struct tls_pool;

struct tls_pool *tls_pool_create(size_t cap);           /* 0: TLS_POOL_CAP; 3/16 for small ones, 1/16 for records */
void tls_pool_destroy(struct tls_pool *pool);

/* Counts a capture's own len bytes, or gives them back. Never refused; it is taken from the share of large messages. */
void tls_pool_join(struct tls_pool *pool, size_t len);
void tls_pool_leave(struct tls_pool *pool, size_t len);

enum tls_pool_share tls_pool_share_of(size_t len);      /* of a message */
bool tls_pool_reserve(struct tls_pool *pool, size_t len);
void tls_pool_release(struct tls_pool *pool, size_t len);       /* the len that was reserved */
size_t tls_pool_used(const struct tls_pool *pool);

/* Room for one record that is incomplete. */
bool tls_pool_reserve_record(struct tls_pool *pool, size_t len);
void tls_pool_release_record(struct tls_pool *pool, size_t len);

/* More than a quarter is used of what the captures themselves leave free: they should read little at a time, since one
 * that waits keeps what it has read. */
bool tls_pool_is_crowded(const struct tls_pool *pool);

/* Called when a share that refused has room again: captures that answered WAIT for it can be read again. It runs inside
 * another capture's call, so it must only note this and read later. */
typedef void (*tls_pool_room)(void *arg, enum tls_pool_share share);
void tls_pool_on_room(struct tls_pool *pool, tls_pool_room on_room, void *arg);

struct tls_aead *tls_pool_aead(struct tls_pool *pool);
struct byte_buffer *tls_pool_first_hello(struct tls_pool *pool);        /* empty until the first one was written */
uint8_t *tls_pool_scratch(struct tls_pool *pool);       /* TLS_SCRATCH_SIZE bytes, for the length of one call */
void tls_pool_random(struct tls_pool *pool, uint8_t *bytes, size_t len);
