/* Finds the keys that may have signed a certificate: the authorities with its issuer's name, in the order in which they are tried.
 * Reads them from the database in batches and caches them for the run, with decoded keys, since most children share a few issuers.
 *
 * Order: anchored ones, those that the key identifier matches, the newest. Of each of these three kinds at most NAMESAKES_MAX
 * are read, however many CAs share the name. */
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
    bool more;                      /* there are others, which were not read */
};

/* A query: the hash of the canonical issuer name, and the authority key identifier (left 0: none). */
struct namesakes_query {
    uint8_t name[32];
    struct byte_reader key_id;
    const struct namesakes *answer; /* filled in; lives until the next call or destroy */
};

struct namesakes_cache *namesakes_cache_create(void);
void namesakes_cache_destroy(struct namesakes_cache *cache);    /* NULL is fine */
bool namesakes_find(struct namesakes_cache *cache, struct db *db, struct namesakes_query *queries, size_t count, struct error *err);

/* Empties the cached lists, but not the keys. To be called when authorities were added or anchored. */
void namesakes_cache_forget(struct namesakes_cache *cache);
