/* Trust stores: "system" (inventory/certificate/system_roots.h, public), those of the policy, and "managed" (self-issued CA certificates of the
 * managed set, private). Their roots are certificates of the inventory like others. */
#pragma once
#include "inventory/store/db.h"

/* Updates trust_store and store_root; marks the paths to be recomputed if a store changed. */
bool stores_update(struct db *db, struct error *err);

/* The same without the system's: for roots of the managed set that only became authorities since. */
bool stores_sync(struct db *db, struct error *err);
