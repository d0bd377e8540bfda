/* Chain x store --> is a path found, without looking at the clock, and from when to when are all on it valid? So
 * SQL judges the date. Stores: "public" (the system's roots and those the policy calls public), "known" (roots of the
 * managed set and those the policy calls private). */
#pragma once
#include "inventory/store/db.h"

#define TRUST_SYSTEM_ROOTS "/etc/ssl/certs/ca-certificates.crt"

/* Every served chain and every managed leaf gets its rows in `trust`; rows of a store whose roots have changed are
 * made anew. Facts and a policy must be there. */
bool trust_update(struct db *db, struct error *err);
