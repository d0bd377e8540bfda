/* CA certificates and roots of stores as authorities: each pair of name and key once. */
#pragma once
#include "inventory/store/db.h"

/* Adds rows for pending CA certificates and roots of stores that have none: in one transaction of the caller, or in
 * batches of its own. */
bool authorities_update(struct db *db, struct error *err);
