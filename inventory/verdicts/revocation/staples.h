/* OCSP answers that servers stapled, read into what is known of revocation. */
#pragma once
#include "inventory/store/db.h"

/* Staples that wait. One whose issuer is not known waits on; one that cannot be read or that its issuer did not sign says
 * nothing, and is not looked at again. */
bool staples_update(struct db *db, struct error *err);
