#include "inventory/formats/private_keys.h"

#include "inventory/certificate/der.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

bool private_key_describe(const void *pkey, struct private_key *key)
{
    uint8_t *spki = NULL;
    EVP_PKEY *from = (EVP_PKEY *)(uintptr_t)pkey;
    int len = i2d_PUBKEY(from, &spki);
    const char *name = EVP_PKEY_get0_type_name(from);
    key->has_spki = len > 0;
    if (len > 0)
        SHA256(spki, (size_t)len, key->spki_sha256);
    OPENSSL_free(spki);
    snprintf(key->algorithm, sizeof key->algorithm, "%s", name == NULL ? "" : name);
    for (char *at = key->algorithm; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    key->bits = EVP_PKEY_get_bits(from) > 0 ? EVP_PKEY_get_bits(from) : 0;
    ERR_clear_error();
    return true;
}

/* EncryptedPrivateKeyInfo (RFC 5208, 6): an algorithm, then an OCTET STRING, and nothing else. */
static bool is_encrypted(struct byte_reader der)
{
    struct der_item outer, algorithm, oid, data;
    return der_read_tag(&der, DER_SEQUENCE, &outer) && der_read_tag(&outer.content, DER_SEQUENCE, &algorithm) &&
           der_read_tag(&algorithm.content, DER_OID, &oid) && der_read_tag(&outer.content, DER_OCTET_STRING, &data) &&
           outer.content.left == 0;
}

/* All forms begin with a version. */
static bool may_be_key(struct byte_reader der)
{
    struct der_item outer, version;
    return der_read_tag(&der, DER_SEQUENCE, &outer) && der_read_tag(&outer.content, DER_INTEGER, &version) &&
           version.content.left == 1 && version.content.at[0] <= 1;
}

bool private_key_read(struct byte_reader der, struct private_key *key)
{
    *key = (struct private_key){.is_encrypted = is_encrypted(der)};
    if (key->is_encrypted)
        return true;
    if (!may_be_key(der) || der.left > LONG_MAX)
        return false;
    const uint8_t *at = der.at;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.left);
    bool ok = pkey != NULL && private_key_describe(pkey, key);
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    return ok;
}

/* ---- OpenSSH ---- */

static bool take_blob(struct byte_reader *bytes, struct byte_reader *blob)
{
    uint32_t len;
    return byte_reader_u32(bytes, &len) && byte_reader_sub(bytes, len, blob);
}

void private_key_describe_ec(const char *curve, struct byte_reader point, struct private_key *key)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM params[3] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve, 0),
                            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.at, point.left), OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1 && EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1)
        private_key_describe(pkey, key);
    EVP_PKEY_free(pkey);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
}

void private_key_describe_rsa(struct byte_reader exponent, struct byte_reader modulus, struct private_key *key)
{
    EVP_PKEY *pkey = NULL;
    BIGNUM *e = BN_bin2bn(exponent.at, (int)exponent.left, NULL), *n = BN_bin2bn(modulus.at, (int)modulus.left, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (params != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1)
        private_key_describe(pkey, key);
    EVP_PKEY_free(pkey);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    BN_free(n);
}

static bool is_type(struct byte_reader type, const char *name)
{
    return type.left == strlen(name) && memcmp(type.at, name, type.left) == 0;
}

/* The public half (RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709, 4) lies in the clear, so a key with a passphrase has its hash, too. */
static void describe_openssh(struct byte_reader public, struct private_key *key)
{
    struct byte_reader type, curve, first, second;
    if (!take_blob(&public, &type))
        return;
    if (type.left < sizeof key->algorithm)
        snprintf(key->algorithm, sizeof key->algorithm, "%.*s", (int)type.left, (const char *)type.at);
    if (is_type(type, "ssh-rsa") && take_blob(&public, &first) && take_blob(&public, &second) && first.left <= 64 && second.left <= 4096) {
        private_key_describe_rsa(first, second, key);
    } else if (is_type(type, "ssh-ed25519") && take_blob(&public, &first) && first.left == 32) {
        EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, first.at, first.left);
        if (pkey != NULL)
            private_key_describe(pkey, key);
        EVP_PKEY_free(pkey);
    } else if (type.left > 10 && memcmp(type.at, "ecdsa-sha2", 10) == 0 && take_blob(&public, &curve) && take_blob(&public, &first) && first.left < 256) {
        private_key_describe_ec(is_type(curve, "nistp256") ? "P-256" : is_type(curve, "nistp384") ? "P-384" : "P-521", first, key);
    }
    ERR_clear_error();
}

/* OpenSSH's own form (PROTOCOL.key): magic, cipher, key derivation and its options, how many, then the public key. */
static bool read_openssh(struct byte_reader bytes, struct private_key *key)
{
    struct byte_reader cipher, kdf, options, public;
    uint32_t count;
    const uint8_t *magic;
    if (!byte_reader_bytes(&bytes, 15, &magic) || memcmp(magic, "openssh-key-v1", 15) != 0 || !take_blob(&bytes, &cipher) || !take_blob(&bytes, &kdf) ||
        !take_blob(&bytes, &options) || !byte_reader_u32(&bytes, &count))
        return false;
    key->is_encrypted = !is_type(cipher, "none");
    if (take_blob(&bytes, &public))
        describe_openssh(public, key);
    return true;
}

bool private_key_read_block(const char *label, bool header_encrypted, struct byte_reader decoded, struct private_key *key)
{
    static const struct {
        const char *label, *algorithm;
    } labels[] = {{"RSA PRIVATE KEY", "rsa"}, {"EC PRIVATE KEY", "ec"}, {"DSA PRIVATE KEY", "dsa"}, {"PRIVATE KEY", ""},
                  {"ENCRYPTED PRIVATE KEY", ""}};
    *key = (struct private_key){.is_encrypted = header_encrypted};
    if (strcmp(label, "OPENSSH PRIVATE KEY") == 0)
        return read_openssh(decoded, key);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (strcmp(label, labels[i].label) != 0)
            continue;
        if (!header_encrypted && private_key_read(decoded, key))
            return true;
        snprintf(key->algorithm, sizeof key->algorithm, "%s", labels[i].algorithm);
        return header_encrypted;
    }
    return false;
}
