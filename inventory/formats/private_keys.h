/* Private keys. Only a few facts are kept, and the hash of the public key as a certificate would contain it. The
 * key itself is wiped before the call returns. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>

struct private_key {
    bool has_spki;
    uint8_t spki_sha256[32];            /* over the SubjectPublicKeyInfo */
    char algorithm[32];                 /* as a certificate's: "rsa", "ec", "ed25519"; "" unknown */
    int bits;                           /* 0 unknown */
    bool is_encrypted;
};

/* A key in DER: PKCS#8 (RFC 5208), encrypted or not, PKCS#1, SEC 1. False: not a key. */
bool private_key_read(struct byte_reader der, struct private_key *key);

/* What a PEM block of this label holds. False: no private key. is_encrypted: a header of the block said so. */
bool private_key_read_block(const char *label, bool is_encrypted, struct byte_reader decoded, struct private_key *key);

/* What is known of the public half alone. curve: as OpenSSL names it; point: uncompressed. Nothing is added where they are no key. */
void private_key_describe_rsa(struct byte_reader exponent, struct byte_reader modulus, struct private_key *key);
void private_key_describe_ec(const char *curve, struct byte_reader point, struct private_key *key);

/* Takes the facts of OpenSSL's key (an EVP_PKEY). */
bool private_key_describe(const void *pkey, struct private_key *key);
