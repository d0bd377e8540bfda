/* Evaluates the OCSP answers that servers stapled. */
#pragma once
#include "inventory/store/db.h"

/* Processes pending staples. One whose issuer is unknown stays pending; one that cannot be read, or that its issuer did not sign,
 * is ignored and not tried again. */
bool staples_update(struct db *db, struct error *err);
