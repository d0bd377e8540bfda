/* Edges: which key verifies a certificate. Each pair of child and key is tried once, and that is stored; so a new CA is tried
 * only with the children that name it as issuer. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/verdicts/trust/namesakes.h"

enum edges_of { EDGES_OF_CAS, EDGES_OF_ALL };

/* Finds the edges of pending children: of CA certificates only, or of all. EDGES_OF_ALL also removes them from the pending list. */
bool edges_find(struct db *db, struct namesakes_cache *cache, enum edges_of of, struct error *err);

/* Tries again children that no key verified so far (or none of an anchored authority), if authorities with their issuer's name
 * are new (id above `behind`) or were anchored by this run (the table authority_news). *found: were any edges found? */
bool edges_retry(struct db *db, struct namesakes_cache *cache, enum edges_of of, int64_t behind, bool *found, struct error *err);
