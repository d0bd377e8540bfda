/* Edges: whose key verifies a certificate. Each (child, key) is tried once; what was tried is remembered, so new CAs are
 * tried against the children of their name only. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/verdicts/trust/namesakes.h"

enum edges_of { EDGES_OF_CAS, EDGES_OF_ALL };

/* Children that wait, CA certificates first when asked so. EDGES_OF_ALL also takes them off the list of those that wait. */
bool edges_find(struct db *db, struct namesakes_cache *cache, enum edges_of of, struct error *err);

/* Children that no key verified so far (or none of an anchored authority), where authorities of their issuer's name are new
 * (behind authority number `behind`) or were anchored by this run (named in the table authority_news). found: were any edges
 * found? */
bool edges_retry(struct db *db, struct namesakes_cache *cache, enum edges_of of, int64_t behind, bool *found, struct error *err);
