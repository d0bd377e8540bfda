/* Object identifiers (X.660), given as their encoded content: their usual names, or the dotted form. */
#pragma once
#include "probes/base/byte_reader.h"

#include <string.h>

/* OID_IS(oid, "\x55\x1d\x11"): compares with a literal of the encoded form. */
#define OID_IS(oid, literal) ((oid).left == sizeof(literal) - 1 && memcmp((oid).at, (literal), sizeof(literal) - 1) == 0)

/* The usual name: OpenSSL's short name ("CN", "serverAuth"), its long one for RSA ("sha256WithRSAEncryption"), NIST's
 * for what OpenSSL 3.0 does not know ("ML-DSA-44"). NULL where there is none; lives for ever. */
const char *oid_name(struct byte_reader oid);

/* "2.5.29.17"; "#hex" where the bytes are no identifier. Yours: free(). */
char *oid_text(struct byte_reader oid);

/* The name, or else the dotted form. Yours: free(). */
char *oid_label(struct byte_reader oid);
