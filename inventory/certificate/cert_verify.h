/* Does a certificate's signature verify under a key? The key is set up once, from its SubjectPublicKeyInfo and without
 * OpenSSL's decoders, and can then verify any number of certificates: a caller with many of them
 * keeps its keys by cert->spki_sha256. */
#pragma once
#include "inventory/certificate/cert.h"

enum cert_verified {
    CERT_VERIFIED,
    CERT_NOT_VERIFIED,              /* this key did not make this signature */
    CERT_NOT_VERIFIABLE,            /* an algorithm that we cannot check, a key of another type, or truncated bytes */
};

struct cert_verify_key;

/* NULL: no key that can be used (a point off its curve, explicit parameters, an unknown algorithm, RSA numbers beyond
 * 16,384 bits). */
struct cert_verify_key *cert_verify_key_create(struct byte_reader spki);
void cert_verify_key_destroy(struct cert_verify_key *key);       /* NULL is fine */

/* The key as OpenSSL's EVP_PKEY, borrowed: for verifying anything but a certificate. */
struct evp_pkey_st *cert_verify_key_evp(const struct cert_verify_key *key);

/* A key may be used by one thread at a time. NULL: CERT_NOT_VERIFIABLE. Costs about 25 us with RSA of 2,048 bits, 90 us
 * with P-256, a millisecond and more with P-384 and P-521. */
enum cert_verified cert_verify(struct cert_verify_key *key, const struct cert *cert);
