#include "probes/tls/proof.h"

#include "probes/base/memory.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    uint16_t id;
    const char *digest;         /* NULL: the key's own */
    bool is_pss;
    int key;
} schemes[] = {
    {0x0201, "SHA1", false, EVP_PKEY_RSA},       {0x0301, "SHA224", false, EVP_PKEY_RSA},
    {0x0401, "SHA256", false, EVP_PKEY_RSA},     {0x0501, "SHA384", false, EVP_PKEY_RSA},
    {0x0601, "SHA512", false, EVP_PKEY_RSA},     {0x0101, "MD5", false, EVP_PKEY_RSA},
    {0x0203, "SHA1", false, EVP_PKEY_EC},        {0x0303, "SHA224", false, EVP_PKEY_EC},
    {0x0403, "SHA256", false, EVP_PKEY_EC},      {0x0503, "SHA384", false, EVP_PKEY_EC},
    {0x0603, "SHA512", false, EVP_PKEY_EC},      {0x0202, "SHA1", false, EVP_PKEY_DSA},
    {0x0402, "SHA256", false, EVP_PKEY_DSA},     {0x0804, "SHA256", true, EVP_PKEY_RSA},
    {0x0805, "SHA384", true, EVP_PKEY_RSA},      {0x0806, "SHA512", true, EVP_PKEY_RSA},
    {0x0809, "SHA256", true, EVP_PKEY_RSA_PSS},  {0x080a, "SHA384", true, EVP_PKEY_RSA_PSS},
    {0x080b, "SHA512", true, EVP_PKEY_RSA_PSS},  {0x0807, NULL, false, EVP_PKEY_ED25519},
    {0x0808, NULL, false, EVP_PKEY_ED448},       {0x081a, "SHA256", false, EVP_PKEY_EC},
    {0x081b, "SHA384", false, EVP_PKEY_EC},      {0x081c, "SHA512", false, EVP_PKEY_EC},
};

static EVP_PKEY *leaf_key(const struct der *leaf)
{
    const uint8_t *at = leaf->bytes;
    X509 *cert = d2i_X509(NULL, &at, (long)leaf->len);
    EVP_PKEY *key = cert == NULL ? NULL : X509_get_pubkey(cert);
    X509_free(cert);
    return key;
}

static enum key_proven verify(EVP_PKEY *key, const char *digest, bool is_pss, struct byte_reader signature,
                              const uint8_t *bytes, size_t len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx;
    enum key_proven proven = KEY_PROVEN_UNKNOWN;
    if (EVP_DigestVerifyInit_ex(ctx, &key_ctx, digest, NULL, NULL, key, NULL) == 1 &&
        (!is_pss || (EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) > 0)))
        proven = EVP_DigestVerify(ctx, signature.at, signature.left, bytes, len) == 1 ? KEY_PROVEN_TRUE
                                                                                   : KEY_PROVEN_FALSE;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return proven;
}

static enum key_proven verify_scheme(EVP_PKEY *key, int32_t scheme, struct byte_reader signature,
                                     const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (schemes[i].id == scheme)
            return EVP_PKEY_get_base_id(key) == schemes[i].key
                       ? verify(key, schemes[i].digest, schemes[i].is_pss, signature, bytes, len)
                       : KEY_PROVEN_FALSE;              /* a signature of another kind than the leaf's key */
    return KEY_PROVEN_UNKNOWN;
}

enum key_proven proof_check_key_exchange(const struct der *leaf, uint16_t version, const uint8_t *client_random,
                                         const uint8_t *server_random,
                                         const struct server_key_exchange *exchange)
{
    EVP_PKEY *key = leaf_key(leaf);
    if (key == NULL)
        return ERR_clear_error(), KEY_PROVEN_UNKNOWN;
    size_t len = 2 * TLS_RANDOM_LEN + exchange->params.left;
    uint8_t *bytes = xmalloc(len);
    memcpy(bytes, client_random, TLS_RANDOM_LEN);
    memcpy(bytes + TLS_RANDOM_LEN, server_random, TLS_RANDOM_LEN);
    memcpy(bytes + (size_t)2 * TLS_RANDOM_LEN, exchange->params.at, exchange->params.left);
    enum key_proven proven;
    if (version == 0x0303)
        proven = verify_scheme(key, exchange->scheme, exchange->signature, bytes, len);
    else            /* RFC 4346, section 7.4.3: RSA signs both hashes, concatenated */
        proven = verify(key, EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? "MD5-SHA1" : "SHA1", false,
                        exchange->signature, bytes, len);
    free(bytes);
    EVP_PKEY_free(key);
    return proven;
}

enum key_proven proof_check_verify(const struct der *leaf, const struct certificate_verify *verified,
                                   const uint8_t *transcript, size_t transcript_len)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";     /* its NUL is the separator */
    uint8_t bytes[64 + sizeof context + 64];
    EVP_PKEY *key = leaf_key(leaf);
    if (key == NULL)
        return ERR_clear_error(), KEY_PROVEN_UNKNOWN;
    memset(bytes, 0x20, 64);
    memcpy(bytes + 64, context, sizeof context);
    memcpy(bytes + 64 + sizeof context, transcript, transcript_len);
    enum key_proven proven = verify_scheme(key, verified->scheme, verified->signature, bytes,
                                           64 + sizeof context + transcript_len);
    EVP_PKEY_free(key);
    return proven;
}
