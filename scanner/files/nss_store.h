/* NSS's own store (cert9.db, key4.db), by SQLite over bytes in memory: certificates, and which of their keys are
 * present. */
#pragma once
#include "scanner/files/found.h"

/* True for an SQLite database with NSS's table of objects. */
bool nss_store_is(struct byte_reader bytes);
void nss_store_read(struct byte_reader bytes, struct found *found);
