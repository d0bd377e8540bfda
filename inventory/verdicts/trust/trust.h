/* Who vouches for what: edges (whose key verifies a certificate), paths of CA certificates to roots of stores, name
 * constraints. Without a clock: the dates of each path are kept and SQL judges them.
 *
 *     stores --> authorities --> edges of CAs --> paths down from roots --> edges of leaves --> name constraints, chain faults
 *
 * Incremental: new certificates (trust_pending) touch the children and namesakes of their own name; nothing new costs a few
 * statements. What is verified is never verified again. Read it by the view certificate_path. */
#pragma once
#include "inventory/store/db.h"

/* Facts and a policy must be there. One process at a time; others wait. */
bool trust_update(struct db *db, struct error *err);
