/* Verifies one revocation list and stores it; used only inside this folder. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/verdicts/trust/namesakes.h"
#include "probes/base/byte_reader.h"

enum crl_stored { CRL_STORED_NEW, CRL_STORED_KNOWN, CRL_STORED_NOT, CRL_STORED_FAILED };

/* NOT: *reason says why; FAILED: err does. */
enum crl_stored crl_store(struct db *db, struct namesakes_cache *cache, const char *source, struct byte_reader der, const char **reason,
                          struct error *err);
