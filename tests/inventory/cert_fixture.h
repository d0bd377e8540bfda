/* Certificates made for tests: what a case does not name has a sound default (P-256, SHA-256, v3, a SAN equal to
 * the common name, 90 days from 2026-01-01). */
#pragma once
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

struct cert_recipe {
    const char *subject;            /* "O=Agency,CN=www.example" in that order; NULL: CN=www.example */
    const char *sans;               /* OpenSSL's config form, "DNS:a.example,IP:127.0.0.1"; NULL: from CN; "": none */
    const char *key;                /* "P-256" (default), "P-384", "RSA:2048", "ED25519" */
    const char *hash;               /* "SHA256" (default), "SHA1", "MD5" */
    const char *not_before, *not_after;         /* "20260101000000Z" */
    long serial;                    /* 0: a counter */
    int is_ca;                      /* basicConstraints CA:TRUE */
    int version;                    /* 3; 1 has no extensions */
    const struct made_cert *issuer; /* NULL: self-signed */
    const struct made_cert *same_key;           /* takes this one's key */
    const char *extension[8];       /* pairs "extendedKeyUsage", "serverAuth" */
};

struct made_cert {
    X509 *x509;
    EVP_PKEY *key;
    uint8_t *der;
    size_t len;
};

struct made_cert *cert_make(const struct cert_recipe *recipe);
void cert_make_free(struct made_cert *made);
char *cert_make_pem(const struct made_cert *made);      /* yours: free() */
