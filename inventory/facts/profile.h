/* What many certificates share, as one row: issuer, algorithms, kind of key, usages, policies, URLs. A profile is
 * identified by a hash over the DER of these fields, so its texts are made once per profile, not once per certificate. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/store/db.h"

struct profiles;

struct profiles *profiles_create(void);
void profiles_destroy(struct profiles *profiles);

/* Empties the cache. To be called after a rollback, since the ids of that transaction do not exist. */
void profiles_forget(struct profiles *profiles);

/* Sets ids[i] to the profile of certs[i]; stores new profiles. */
bool profiles_resolve(struct profiles *profiles, struct db *db, struct cert *const *certs, size_t count, int64_t *ids,
                      struct error *err);
