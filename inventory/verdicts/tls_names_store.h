/* Tables of probes/tls, stored so that SQL can judge and name what servers speak: cipher suites and groups, with the numbers of IANA's registries. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>

struct db;

/* Writes cipher_suite and named_group, if the program knows another number of them than is stored. */
bool tls_names_store(struct db *db, struct error *err);
