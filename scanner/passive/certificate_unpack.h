/* The compressed form of a Certificate message (RFC 8879): zlib, brotli (what Chrome asks for) and zstd. */
#pragma once
#include "probes/base/byte_reader.h"

#define CERTIFICATE_UNPACKED_MAX (1u << 20)

/* A CompressedCertificate's body: the Certificate message's body, yours to free. NULL: damaged, too large, by
 * an algorithm that is not known here, or not of the length that it claims. */
uint8_t *certificate_unpack(struct byte_reader body, size_t *len);
