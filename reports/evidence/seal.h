/* Who signed, and when: a CMS signature (RFC 5652) over SHA256SUMS by the user's key, detached, and a time stamp
 * (RFC 3161) for which a machine needs no network: the query is a file to take out, the reply a file to put beside
 * it. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Signs the text; PEM to `out`. certificate: a PEM file, the signer's first, then the others of its chain. key: a PEM file
 * without a passphrase. `openssl cms -verify -binary -purpose any -CAfile CA.pem -inform PEM -in SHA256SUMS.p7s -content
 * SHA256SUMS` accepts it. */
bool seal_sign(const char *text, size_t len, const char *certificate, const char *key, FILE *out, struct error *err);

/* A time stamp query for the text, DER to `out`. */
bool seal_ask_time(const char *text, size_t len, FILE *out, struct error *err);

enum seal { SEAL_ABSENT, SEAL_GOOD, SEAL_UNTRUSTED, SEAL_BAD };

/* The signature at path over the text. roots: a PEM file, NULL: the signature is checked, the signer is not (SEAL_UNTRUSTED).
 * detail gets who signed, or what is wrong. */
enum seal seal_check_signature(const char *path, const char *text, size_t len, const char *roots, char detail[256]);

/* The reply at path to the query at query_path over the text. detail gets the time, or what is wrong. */
enum seal seal_check_time(const char *path, const char *query_path, const char *text, size_t len, const char *roots, char detail[256]);
