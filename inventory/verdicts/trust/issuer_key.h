/* An issuer's public key, decoded once: decoding costs more than a verification, and a CA has thousands of children.
 * Verifies X.509 signatures (certificates, CRLs, OCSP) over the original bytes. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>

#define ISSUER_KEY_LANES 8          /* threads that may use one key at once */

struct issuer_key;

/* spki: a whole SubjectPublicKeyInfo. A key that OpenSSL cannot read verifies nothing. */
struct issuer_key *issuer_key_create(struct byte_reader spki);
void issuer_key_destroy(struct issuer_key *key);            /* NULL is fine */

/* algorithm: a whole AlgorithmIdentifier (RFC 5280, 4.1.1.2; RFC 4055; RFC 8410). */
bool issuer_key_verify(struct issuer_key *key, struct byte_reader algorithm, struct byte_reader covered,
                       struct byte_reader signature);

/* The same in one of ISSUER_KEY_LANES lanes: threads may use a key at once, each in a lane of its own. */
bool issuer_key_verify_in(struct issuer_key *key, unsigned lane, struct byte_reader algorithm, struct byte_reader covered,
                          struct byte_reader signature);
