/* Which keys may have signed a certificate: the authorities of its issuer's name, in the order in which they are tried. Read
 * from the database a batch at a time and kept for the run, keys ready to verify, since most children share a few issuers.
 *
 * Order: anchored ones, those that the key identifier points at, the newest. At most NAMESAKES_MAX of the anchored, the
 * pointed-at and the others each are read, however many CAs share the name. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/verdicts/trust/issuer_key.h"

#include <stddef.h>

#define NAMESAKES_MAX 16

struct namesake {
    int64_t authority;
    bool is_anchored, is_pointed_at;
    struct issuer_key *key;         /* borrowed */
};

struct namesakes {                  /* of one issuer name and key identifier */
    struct namesake *items;
    size_t count;
    bool more;                      /* others were not even read */
};

/* What is asked for: the canonical issuer name's hash and the authority key identifier (left 0: none). */
struct namesakes_query {
    uint8_t name[32];
    struct byte_reader key_id;
    const struct namesakes *answer; /* filled in; lives until the next call or destroy */
};

struct namesakes_cache *namesakes_cache_create(void);
void namesakes_cache_destroy(struct namesakes_cache *cache);    /* NULL is fine */
bool namesakes_find(struct namesakes_cache *cache, struct db *db, struct namesakes_query *queries, size_t count, struct error *err);

/* Forgets lists (authorities have come, or have been anchored), not keys. */
void namesakes_cache_forget(struct namesakes_cache *cache);
