#include "scanner/passive/handshake/tls_open.h"

#include "probes/base/memory.h"
#include "probes/quic/hkdf_label.h"
#include "probes/tls/names.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mode { MODE_AEAD, MODE_CBC, MODE_STREAM };

struct algorithm {
    enum mode mode;
    const char *name;           /* for EVP */
    size_t key_len, iv_len;     /* iv_len: fixed part for AEAD up to 1.2, block for CBC */
    size_t tag_len;
    bool explicit_nonce;        /* eight bytes in the record */
};

struct tls_opener {
    struct algorithm algorithm;
    bool is_tls13, active, is_application_stage, encrypt_then_mac;
    uint16_t version;
    size_t mac_len;
    uint64_t sequence;
    uint8_t key[32], iv[16];
    const char *hash;
    struct key_log_secret application;      /* TLS 1.3 */
    EVP_CIPHER_CTX *cipher;
    uint8_t *plain;
};

/* PRF (RFC 5246, section 5; RFC 4346, section 5): the key block. */
static bool expand_keys(const char *hash, const struct key_log_secret *master, const uint8_t server_random[32],
                        const uint8_t client_random[32], uint8_t *out, size_t out_len)
{
    uint8_t seed[13 + 64];
    memcpy(seed, "key expansion", 13);
    memcpy(seed + 13, server_random, 32);
    memcpy(seed + 45, client_random, 32);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)master->bytes, master->len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof seed), OSSL_PARAM_END};
    bool ok = EVP_KDF_derive(context, out, out_len, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return ok;
}

static bool choose(const struct tls_suite *suite, struct algorithm *a)
{
    bool is_256 = suite->bits == 256;
    switch (suite->enc) {
    case TLS_ENC_AES_GCM:
        *a = (struct algorithm){MODE_AEAD, is_256 ? "AES-256-GCM" : "AES-128-GCM", is_256 ? 32 : 16, 4, 16, true};
        return true;
    case TLS_ENC_AES_CCM: case TLS_ENC_AES_CCM_8:
        *a = (struct algorithm){MODE_AEAD, is_256 ? "AES-256-CCM" : "AES-128-CCM", is_256 ? 32 : 16, 4,
                                suite->enc == TLS_ENC_AES_CCM ? 16 : 8, true};
        return true;
    case TLS_ENC_CHACHA20_POLY1305:
        *a = (struct algorithm){MODE_AEAD, "ChaCha20-Poly1305", 32, 12, 16, false};
        return true;
    case TLS_ENC_AES_CBC:
        *a = (struct algorithm){MODE_CBC, is_256 ? "AES-256-CBC" : "AES-128-CBC", is_256 ? 32 : 16, 16, 0, false};
        return true;
    case TLS_ENC_CAMELLIA_CBC:
        *a = (struct algorithm){MODE_CBC, is_256 ? "CAMELLIA-256-CBC" : "CAMELLIA-128-CBC", is_256 ? 32 : 16, 16, 0,
                                false};
        return true;
    case TLS_ENC_3DES_CBC:
        *a = (struct algorithm){MODE_CBC, "DES-EDE3-CBC", 24, 8, 0, false};
        return true;
    default: return false;
    }
}

static size_t mac_len_of(const struct tls_suite *suite)
{
    switch (suite->mac) {
    case TLS_MAC_MD5: return 16;
    case TLS_MAC_SHA: return 20;
    case TLS_MAC_SHA256: return 32;
    case TLS_MAC_SHA384: return 48;
    default: return 0;
    }
}

static bool set_key(struct tls_opener *opener)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, opener->algorithm.name, NULL);
    EVP_CIPHER_CTX_free(opener->cipher);
    opener->cipher = EVP_CIPHER_CTX_new();
    bool ok = cipher != NULL && EVP_DecryptInit_ex2(opener->cipher, cipher, NULL, NULL, NULL) == 1;
    EVP_CIPHER_free(cipher);
    return ok;
}

static bool set_secret(struct tls_opener *opener, const struct key_log_secret *secret)
{
    opener->sequence = 0;
    return hkdf_expand_label(opener->hash, secret->bytes, secret->len, "key", opener->key,
                                 opener->algorithm.key_len) &&
           hkdf_expand_label(opener->hash, secret->bytes, secret->len, "iv", opener->iv, 12) && set_key(opener);
}

static bool begin_tls13(struct tls_opener *opener, const struct key_log *keys, const uint8_t *client_random,
                        bool is_client)
{
    const struct key_log_secret *handshake =
        key_log_find(keys, client_random, is_client ? KEY_LOG_CLIENT_HANDSHAKE : KEY_LOG_SERVER_HANDSHAKE);
    const struct key_log_secret *application =
        key_log_find(keys, client_random, is_client ? KEY_LOG_CLIENT_APPLICATION : KEY_LOG_SERVER_APPLICATION);
    if (handshake == NULL)
        return false;
    if (application != NULL)
        opener->application = *application;
    opener->active = true;
    opener->algorithm.explicit_nonce = false;
    return set_secret(opener, handshake);
}

static bool begin_tls12(struct tls_opener *opener, const struct key_log *keys, const struct client_hello_facts *client,
                        const struct server_hello_facts *server, bool is_client)
{
    const struct key_log_secret *master = key_log_find(keys, client->random, KEY_LOG_MASTER_SECRET);
    const struct algorithm *a = &opener->algorithm;
    uint8_t block[2 * (48 + 32 + 16)];
    if (master == NULL)
        return false;
    size_t iv_len = a->mode == MODE_CBC && opener->version >= 0x0302 ? 0 : a->iv_len;
    size_t len = 2 * (opener->mac_len + a->key_len + iv_len), side = is_client ? 0 : 1;
    if (!expand_keys(opener->version >= 0x0303 ? opener->hash : "MD5-SHA1", master, server->random, client->random,
                     block, len))
        return false;
    memcpy(opener->key, block + 2 * opener->mac_len + side * a->key_len, a->key_len);
    memcpy(opener->iv, block + 2 * (opener->mac_len + a->key_len) + side * iv_len, iv_len);
    OPENSSL_cleanse(block, sizeof block);
    return set_key(opener);
}

struct tls_opener *tls_opener_create(const struct key_log *keys, const struct client_hello_facts *client,
                                     const struct server_hello_facts *server, bool is_client)
{
    const struct tls_suite *suite = tls_suite_find((uint32_t)server->cipher_suite);
    struct tls_opener *opener = xcalloc(1, sizeof *opener);
    bool ok = suite != NULL && choose(suite, &opener->algorithm);
    if (ok) {
        opener->version = server->version;
        opener->is_tls13 = server->version == 0x0304;
        opener->hash = suite->hash == TLS_HASH_SHA384 ? "SHA384" : "SHA256";
        opener->mac_len = opener->algorithm.mode == MODE_AEAD ? 0 : mac_len_of(suite);
        opener->encrypt_then_mac = server->encrypt_then_mac;
        ok = opener->is_tls13               ? begin_tls13(opener, keys, client->random, is_client)
             : server->version >= 0x0301 ? begin_tls12(opener, keys, client, server, is_client)
                                         : false;
    }
    if (ok)
        return opener;
    tls_opener_destroy(opener);
    return NULL;
}

void tls_opener_destroy(struct tls_opener *opener)
{
    if (opener == NULL)
        return;
    EVP_CIPHER_CTX_free(opener->cipher);
    free(opener->plain);
    OPENSSL_cleanse(opener, sizeof *opener);
    free(opener);
}

bool tls_opener_is_active(const struct tls_opener *opener)
{
    return opener->active;
}

void tls_opener_change_cipher_spec(struct tls_opener *opener)
{
    opener->active = true;
}

void tls_opener_next_stage(struct tls_opener *opener)
{
    if (!opener->is_tls13 || opener->is_application_stage)
        return;
    opener->is_application_stage = true;
    opener->active = opener->application.len != 0 && set_secret(opener, &opener->application);
}

/* The nonce: sequence number over the IV (1.3, ChaCha20), or a fixed part and eight bytes in the record. */
static void make_nonce(const struct tls_opener *opener, const uint8_t *explicit_part, uint8_t nonce[12])
{
    memcpy(nonce, opener->iv, 12);
    if (opener->algorithm.explicit_nonce) {
        memcpy(nonce + 4, explicit_part, 8);
        return;
    }
    for (unsigned i = 0; i < 8; i++)
        nonce[4 + i] ^= (uint8_t)(opener->sequence >> (56 - 8 * i));
}

static size_t additional_data(const struct tls_opener *opener, const struct tls_record *record, size_t plain_len,
                              uint8_t out[13])
{
    if (opener->is_tls13) {
        memcpy(out, record->header, 5);
        return 5;
    }
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(opener->sequence >> (56 - 8 * i));
    memcpy(out + 8, record->header, 3);
    out[11] = (uint8_t)(plain_len >> 8);
    out[12] = (uint8_t)plain_len;
    return 13;
}

static bool open_aead(struct tls_opener *opener, const struct tls_record *record, size_t *len)
{
    const struct algorithm *a = &opener->algorithm;
    struct byte_reader body = record->body;
    const uint8_t *explicit_part = NULL;
    if ((a->explicit_nonce && !byte_reader_bytes(&body, 8, &explicit_part)) || body.left < a->tag_len)
        return false;
    size_t plain_len = body.left - a->tag_len;
    uint8_t nonce[12], extra[13];
    make_nonce(opener, explicit_part, nonce);
    size_t extra_len = additional_data(opener, record, plain_len, extra);
    EVP_CIPHER_CTX *c = opener->cipher;
    bool is_ccm = strstr(a->name, "CCM") != NULL;
    int out = 0;
    uint8_t tag[16];
    memcpy(tag, body.at + plain_len, a->tag_len);
    bool ok = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, (int)a->tag_len, tag) == 1 &&
              EVP_DecryptInit_ex(c, NULL, NULL, opener->key, nonce) == 1 &&
              (!is_ccm || EVP_DecryptUpdate(c, NULL, &out, NULL, (int)plain_len) == 1) &&
              EVP_DecryptUpdate(c, NULL, &out, extra, (int)extra_len) == 1 &&
              EVP_DecryptUpdate(c, opener->plain, &out, body.at, (int)plain_len) == 1 &&
              (is_ccm || EVP_DecryptFinal_ex(c, opener->plain + out, &out) == 1);
    *len = plain_len;
    return ok;
}

static bool open_cbc(struct tls_opener *opener, const struct tls_record *record, size_t *len)
{
    struct byte_reader body = record->body;
    size_t block = opener->algorithm.iv_len;
    const uint8_t *iv = opener->iv;
    if (opener->encrypt_then_mac) {
        if (body.left < opener->mac_len)
            return false;
        body.left -= opener->mac_len;
    }
    if (opener->version >= 0x0302 && !byte_reader_bytes(&body, block, &iv))
        return false;
    if (body.left == 0 || body.left % block != 0)
        return false;
    EVP_CIPHER_CTX *c = opener->cipher;
    int out = 0;
    bool ok = EVP_DecryptInit_ex(c, NULL, NULL, opener->key, iv) == 1 && EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
              EVP_DecryptUpdate(c, opener->plain, &out, body.at, (int)body.left) == 1;
    if (opener->version < 0x0302)
        memcpy(opener->iv, body.at + body.left - block, block);     /* the next record's IV (RFC 2246, section 6.2.3.2) */
    if (!ok)
        return false;
    size_t overhead = (size_t)opener->plain[body.left - 1] + 1 + (opener->encrypt_then_mac ? 0 : opener->mac_len);
    if (overhead > body.left)
        return false;
    *len = body.left - overhead;
    return true;
}

const uint8_t *tls_opener_open(struct tls_opener *opener, const struct tls_record *record, uint8_t *type, size_t *len)
{
    if (record->body.left == 0 || record->body.left > TLS_RECORD_MAX)
        return NULL;
    if (opener->plain == NULL)
        opener->plain = xmalloc(TLS_RECORD_MAX + 64);
    bool ok = opener->algorithm.mode == MODE_AEAD ? open_aead(opener, record, len) : open_cbc(opener, record, len);
    opener->sequence++;
    if (!ok)
        return NULL;
    if (!opener->is_tls13)
        return opener->plain;
    while (*len != 0 && opener->plain[*len - 1] == 0)       /* padding (RFC 8446, section 5.4) */
        --*len;
    if (*len == 0)
        return NULL;
    *type = opener->plain[--*len];
    return opener->plain;
}
