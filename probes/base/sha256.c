#define OPENSSL_SUPPRESS_DEPRECATED     /* the low-level context needs no look-up */
#include "probes/base/sha256.h"

#include <openssl/sha.h>

void sha256_of(const void *bytes, size_t len, uint8_t hash[SHA256_SIZE])
{
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, len);
    SHA256_Final(hash, &context);
}
