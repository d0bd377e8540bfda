/* The compressed form of a Certificate message (RFC 8879): zlib, brotli (what Chrome asks for) and zstd. */
#pragma once
#include "probes/tls/messages.h"

/* Writes the Certificate message's body to plain, which has room for packed->uncompressed_len bytes: a different
 * length is an error. Returns NULL, or what is wrong, as the text of a detail. */
const char *certificate_unpack(const struct compressed_certificate *packed, uint8_t *plain);
