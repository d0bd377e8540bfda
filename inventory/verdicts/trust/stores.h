/* Trust stores: "system" (public) and what the machine's administrator added (private; both: inventory/certificate/system_roots.h), those of
 * the policy, and "managed" (self-issued CA certificates of the managed set, private). Their roots are certificates of the inventory like others. */
#pragma once
#include "inventory/certificate/system_roots.h"
#include "inventory/store/db.h"

/* Updates trust_store and store_root; marks the paths to be recomputed if a store changed. */
bool stores_update(struct db *db, struct error *err);
bool stores_update_from(struct db *db, const struct root_places *places, struct error *err);

/* The same without the machine's: for roots of the managed set that only became authorities since. */
bool stores_sync(struct db *db, struct error *err);
