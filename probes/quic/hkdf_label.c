#include "probes/quic/hkdf_label.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

static bool derive(const char *hash, int mode, OSSL_PARAM a, OSSL_PARAM b, uint8_t *out, size_t out_len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)hash, 0),
                           OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), a, b, OSSL_PARAM_END};
    bool ok = context != NULL && EVP_KDF_derive(context, out, out_len, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return ok;
}

static OSSL_PARAM octets(const char *name, const uint8_t *bytes, size_t len)
{
    static uint8_t none;
    return OSSL_PARAM_construct_octet_string(name, bytes == NULL ? (void *)&none : (void *)(uintptr_t)bytes, len);
}

bool hkdf_extract(const char *hash, const uint8_t *salt, size_t salt_len, const uint8_t *key, size_t key_len,
                  uint8_t *out, size_t out_len)
{
    return derive(hash, EVP_KDF_HKDF_MODE_EXTRACT_ONLY, octets(OSSL_KDF_PARAM_SALT, salt, salt_len),
                  octets(OSSL_KDF_PARAM_KEY, key, key_len), out, out_len);
}

bool hkdf_expand_label(const char *hash, const uint8_t *secret, size_t secret_len, const char *label, uint8_t *out,
                       size_t out_len)
{
    uint8_t info[64];
    size_t label_len = strlen(label);
    if (label_len > 32)
        return false;
    info[0] = (uint8_t)(out_len >> 8);
    info[1] = (uint8_t)out_len;
    info[2] = (uint8_t)(label_len + 6);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    info[9 + label_len] = 0;
    return derive(hash, EVP_KDF_HKDF_MODE_EXPAND_ONLY, octets(OSSL_KDF_PARAM_KEY, secret, secret_len),
                  octets(OSSL_KDF_PARAM_INFO, info, 10 + label_len), out, out_len);
}
