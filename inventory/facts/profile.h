/* What many certificates share, as one row: issuer, algorithms, kind of key, usages, policies, URLs. A profile is known by a
 * hash over the DER of all of that, so its texts are made once per profile, not once per certificate. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/store/db.h"

struct profiles;

struct profiles *profiles_create(void);
void profiles_destroy(struct profiles *profiles);

/* Forgets what it knew: ids of a transaction that was rolled back do not exist. */
void profiles_forget(struct profiles *profiles);

/* The profile of each certificate: ids[i] of certs[i]; new ones become rows. */
bool profiles_resolve(struct profiles *profiles, struct db *db, struct cert *const *certs, size_t count, int64_t *ids,
                      struct error *err);
