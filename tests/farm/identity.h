/* Keys and certificate chains of the farm, made in code: nothing secret, nothing kept, dates relative to now.
 *
 *     leaf (the kind of key that was asked for) <- CA 1 <- CA 2 ... <- root      (CAs share one P-256 key)
 *
 * Keys are made on first use and shared by all identities of a kind: RSA-8192 takes seconds. */
#pragma once
#include <openssl/ssl.h>

#include <stdbool.h>
#include <stddef.h>

struct identity {
    EVP_PKEY *key;
    X509 *leaf;
    STACK_OF(X509) *rest;           /* what follows the leaf, in order */
};

/* A chain of count certificates (1: self-signed) of about bytes bytes in all (0: as they come) for name. kind is that of the
 * leaf's key: "rsa1024" ... "rsa8192", "p224", "p256", "p384", "p521", "k256" (secp256k1), "bp256", "bp384", "bp512" (brainpool),
 * "pss2048", "ed25519", "ed448". False where it is unknown. */
bool identity_init(struct identity *identity, const char *kind, const char *name, unsigned count, size_t bytes);

/* The chain's SHA-256 in hexadecimal, leaf first, commas between: 65 * count characters. Yours: free(). */
char *identity_hashes(const struct identity *identity);
