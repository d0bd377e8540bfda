/* Sites by name. */
#pragma once
#include "inventory/store/db.h"

/* Is there such a site? NULL: every site, which is fine. One that is not known is a usage error that names those that are:
 * an empty report of it would be read as a quiet network. */
bool site_check(struct db *db, const char *name, struct error *err);
