#include "inventory/formats/private_keys.h"

#include "inventory/certificate/der.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
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

/* OpenSSH's own form (PROTOCOL.key): magic, cipher, key derivation and its options, how many, then the public key. */
static bool read_openssh(struct byte_reader bytes, struct private_key *key)
{
    struct byte_reader cipher, kdf, options, public, type;
    uint32_t len, count;
    const uint8_t *magic;
    if (!byte_reader_bytes(&bytes, 15, &magic) || memcmp(magic, "openssh-key-v1", 15) != 0 || !byte_reader_u32(&bytes, &len) ||
        !byte_reader_sub(&bytes, len, &cipher) || !byte_reader_u32(&bytes, &len) || !byte_reader_sub(&bytes, len, &kdf) ||
        !byte_reader_u32(&bytes, &len) || !byte_reader_sub(&bytes, len, &options) || !byte_reader_u32(&bytes, &count))
        return false;
    key->is_encrypted = cipher.left != 4 || memcmp(cipher.at, "none", 4) != 0;
    if (byte_reader_u32(&bytes, &len) && byte_reader_sub(&bytes, len, &public) && byte_reader_u32(&public, &len) &&
        byte_reader_sub(&public, len, &type) && type.left < sizeof key->algorithm)
        snprintf(key->algorithm, sizeof key->algorithm, "%.*s", (int)type.left, (const char *)type.at);
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
