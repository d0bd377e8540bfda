/* Loads revocation lists from files into the database: DER or PEM, one or many per file; folders recursively. */
#pragma once
#include "inventory/store/db.h"

#define CRL_OCTETS_MAX (256u << 20)     /* of one file */

struct crl_account {
    size_t loaded, known, bad;      /* lists: new, stored before, and unusable ones (each is logged with the reason) */
};

/* The CA certificates must be known (trust_update()). A list that no known CA signed is not stored. False only if the database
 * fails; bad files are counted. */
bool crl_files_load(struct db *db, const char *const *paths, size_t count, struct crl_account *account, struct error *err);
