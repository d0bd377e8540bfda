#include "probes/survey/dh_primes.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#define PRIME_MAX 1024      /* bytes: 8,192 bits */

/* The primes of the RFCs, which libcrypto has. */
static const struct {
    const char *name;
    BIGNUM *(*make)(BIGNUM *);
} modp[] = {
    {"MODP 768 (RFC 2409)", BN_get_rfc2409_prime_768},    {"MODP 1024 (RFC 2409)", BN_get_rfc2409_prime_1024},
    {"MODP 1536 (RFC 3526)", BN_get_rfc3526_prime_1536},  {"MODP 2048 (RFC 3526)", BN_get_rfc3526_prime_2048},
    {"MODP 3072 (RFC 3526)", BN_get_rfc3526_prime_3072},  {"MODP 4096 (RFC 3526)", BN_get_rfc3526_prime_4096},
    {"MODP 6144 (RFC 3526)", BN_get_rfc3526_prime_6144},  {"MODP 8192 (RFC 3526)", BN_get_rfc3526_prime_8192},
};

static const struct {
    const char *group, *name;
} named[] = {
    {"ffdhe2048", "ffdhe2048 (RFC 7919)"}, {"ffdhe3072", "ffdhe3072 (RFC 7919)"}, {"ffdhe4096", "ffdhe4096 (RFC 7919)"},
    {"ffdhe6144", "ffdhe6144 (RFC 7919)"}, {"ffdhe8192", "ffdhe8192 (RFC 7919)"}, {"dh_1024_160", "1024/160 (RFC 5114)"},
    {"dh_2048_224", "2048/224 (RFC 5114)"}, {"dh_2048_256", "2048/256 (RFC 5114)"},
};

#define MODP_COUNT  (sizeof modp / sizeof modp[0])
#define NAMED_COUNT (sizeof named / sizeof named[0])

static bool hash_is(const BIGNUM *prime, const uint8_t sha256[32])
{
    uint8_t bytes[PRIME_MAX], digest[32];
    int len = prime == NULL || BN_num_bytes(prime) > PRIME_MAX ? 0 : BN_bn2bin(prime, bytes);
    return len > 0 && EVP_Digest(bytes, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1 &&
           memcmp(digest, sha256, sizeof digest) == 0;
}

static BIGNUM *named_prime(const char *group)
{
    BIGNUM *prime = NULL;
    EVP_PKEY *parameters = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DHX", NULL);
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)group, 0), OSSL_PARAM_END};
    params[0].data_size = strlen(group);
    if (strncmp(group, "ffdhe", 5) == 0) {
        EVP_PKEY_CTX_free(ctx);
        ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    }
    if (ctx != NULL && EVP_PKEY_paramgen_init(ctx) == 1 && EVP_PKEY_CTX_set_params(ctx, params) == 1 &&
        EVP_PKEY_generate(ctx, &parameters) == 1)
        EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_P, &prime);
    EVP_PKEY_free(parameters);
    EVP_PKEY_CTX_free(ctx);
    return prime;
}

/* A dozen hashes at most for one server test: not worth a table that is kept. */
const char *dh_prime_name(const uint8_t sha256[32])
{
    const char *name = NULL;
    for (size_t i = 0; i < MODP_COUNT + NAMED_COUNT && name == NULL; i++) {
        bool is_modp = i < MODP_COUNT;
        BIGNUM *prime = is_modp ? modp[i].make(NULL) : named_prime(named[i - MODP_COUNT].group);
        if (hash_is(prime, sha256))
            name = is_modp ? modp[i].name : named[i - MODP_COUNT].name;
        BN_free(prime);
    }
    return name;
}
