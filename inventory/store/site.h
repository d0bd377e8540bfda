/* Sites by name. */
#pragma once
#include "inventory/store/db.h"

/* Is there such a site? NULL (every site) is true. An unknown site is a usage error that lists the known ones: an empty report
 * would look like an empty network. */
bool site_check(struct db *db, const char *name, struct error *err);
