/* SHA-256 of bytes in memory. OpenSSL's SHA256() looks its algorithm up at each call, which costs as much as
 * hashing 600 bytes; loading hashes a dozen short texts for each certificate. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

void sha256_of(const void *bytes, size_t len, uint8_t hash[SHA256_SIZE]);
