/* CA certificates and roots of stores as authorities: each pair of name and key once. */
#pragma once
#include "inventory/store/db.h"

/* Pending CA certificates, and roots of stores, that have no row yet get one. All in one transaction of the caller's or
 * in batches of its own. */
bool authorities_update(struct db *db, struct error *err);
