/* Finds the paths of CA certificates, down from the roots of each store, so that CAs without a known root cost nothing. Does not
 * look at the clock: dates are stored, and SQL judges them. A path has at most PATH_DEPTH_MAX certificates and no authority twice;
 * at most PATHS_MAX sound ones are kept per authority and store (the shortest, then those valid longest). */
#pragma once
#include "inventory/store/db.h"

#define PATH_DEPTH_MAX  8
#define PATHS_MAX       16
#define PATHS_FAULTY_MAX 4          /* kept as well, to explain why there is no sound one */

/* Recomputes the paths if a store, or a CA below an anchored authority, is new. Marks the certificates below a changed path as
 * dirty, and adds newly anchored authorities to authority_news. *anchored: were there any? */
bool paths_update(struct db *db, bool *anchored, struct error *err);
