/* Paths of CA certificates, walked down from the roots of each store over authorities, so that nothing that hangs below no
 * root is ever looked at. Without a clock: dates are kept, and judged by SQL. At most PATH_DEPTH_MAX certificates long, at most
 * PATHS_MAX sound ones per authority and store (the shortest, then those that last longest), no authority twice on one. */
#pragma once
#include "inventory/store/db.h"

#define PATH_DEPTH_MAX  8
#define PATHS_MAX       16
#define PATHS_FAULTY_MAX 4          /* kept beside them to say why there is none */

/* Walks them anew where a store, or a CA below an anchored authority, is new. Marks what hangs below a changed path as dirty and
 * tells in authority_news which authorities are anchored now. anchored: were there any? */
bool paths_update(struct db *db, bool *anchored, struct error *err);
