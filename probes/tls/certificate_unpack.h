/* The compressed form of a Certificate message (RFC 8879): zlib, brotli (what Chrome asks for) and zstd. */
#pragma once
#include "probes/tls/messages.h"

/* Writes the Certificate message's body to plain, which has room for packed->uncompressed_len bytes: as many as that, or
 * it is an error. NULL: done; else what is wrong, as a detail says it. Reads no more than packed holds. */
const char *certificate_unpack(const struct compressed_certificate *packed, uint8_t *plain);
