/* Trust: edges (whose key verifies a certificate), paths of CA certificates to roots of stores, name constraints. It
 * does not look at the clock: the dates of each path are stored, and SQL judges them.
 *
 *     stores --> authorities --> edges of CAs --> paths down from roots --> edges of leaves
 *            --> name constraints, chain faults
 *
 * Incremental: a new certificate (trust_pending) affects only children and authorities of its own name; without new
 * ones a run costs a few statements. No signature is verified twice. The view certificate_path has the result. */
#pragma once
#include "inventory/store/db.h"

/* Facts and a policy must exist. One process runs at a time; others wait. */
bool trust_update(struct db *db, struct error *err);
