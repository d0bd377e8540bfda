/* Does a certificate's signature verify under a key? The key is set up once, from its SubjectPublicKeyInfo and without
 * OpenSSL's decoders, and may then be asked for each certificate that it is said to have signed: whoever verifies many
 * keeps keys by cert->spki_sha256. */
#pragma once
#include "inventory/certificate/cert.h"

enum cert_verified {
    CERT_VERIFIED,
    CERT_NOT_VERIFIED,              /* this key did not make this signature */
    CERT_NOT_VERIFIABLE,            /* the algorithm is none that we can check, the key none that it fits, or cut bytes */
};

struct cert_verify_key;

/* NULL: no key that can be used (a point off its curve, explicit parameters, an unknown algorithm, RSA numbers beyond
 * 16,384 bits). */
struct cert_verify_key *cert_verify_key_create(struct byte_reader spki);
void cert_verify_key_destroy(struct cert_verify_key *key);       /* NULL is fine */

/* OpenSSL's form of it, borrowed: for who verifies what is no certificate. */
struct evp_pkey_st *cert_verify_key_evp(const struct cert_verify_key *key);

/* A key may be used by one thread at a time. NULL: CERT_NOT_VERIFIABLE. Costs about 25 us with RSA of 2,048 bits, 90 us
 * with P-256, a millisecond and more with P-384 and P-521. */
enum cert_verified cert_verify(struct cert_verify_key *key, const struct cert *cert);
