/* Splits a SubjectPublicKeyInfo (RFC 5280, 4.1) into its parts, for keys of any algorithm. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>

struct spki {
    struct byte_reader algorithm;   /* content of the OID */
    struct byte_reader parameters;  /* what follows it, whole; empty where absent */
    struct byte_reader bits;        /* the key itself, without the count of unused bits */
};

bool spki_read(struct byte_reader der, struct spki *spki);
