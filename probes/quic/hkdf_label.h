/* HKDF-Extract and HKDF-Expand-Label (RFC 5869; RFC 8446, section 7.1; RFC 9001, section 5.1). hash is OpenSSL's
 * name: "SHA256", "SHA384". */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool hkdf_extract(const char *hash, const uint8_t *salt, size_t salt_len, const uint8_t *key, size_t key_len,
                  uint8_t *out, size_t out_len);
/* label without its "tls13 "; the context is empty. */
bool hkdf_expand_label(const char *hash, const uint8_t *secret, size_t secret_len, const char *label, uint8_t *out,
                       size_t out_len);
