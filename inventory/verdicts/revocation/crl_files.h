/* Revocation lists out of files into the database: DER or PEM, alone or many in one file, folders with all below them. */
#pragma once
#include "inventory/store/db.h"

#define CRL_OCTETS_MAX (256u << 20)     /* of one file */

struct crl_account {
    size_t loaded, known, bad;      /* lists: new, stored before, and those that could not be used (each is told in the log) */
};

/* The CA certificates must be known (trust_update()). A list that nobody known signed is not stored. False: the database's
 * trouble; bad files are counted. */
bool crl_files_load(struct db *db, const char *const *paths, size_t count, struct crl_account *account, struct error *err);
