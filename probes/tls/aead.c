#include "probes/tls/aead.h"

#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum cipher { AES_128_GCM, AES_256_GCM, CHACHA20, AES_128_CCM, AES_256_CCM, AES_128_CCM_8, CIPHER_COUNT };

static const struct {
    const char *name;
    uint8_t tag_len;
    bool is_ccm;
} ciphers[CIPHER_COUNT] = {
    [AES_128_GCM] = {"AES-128-GCM", 16, false},  [AES_256_GCM] = {"AES-256-GCM", 16, false},
    [CHACHA20] = {"ChaCha20-Poly1305", 16, false}, [AES_128_CCM] = {"AES-128-CCM", 16, true},
    [AES_256_CCM] = {"AES-256-CCM", 16, true},   [AES_128_CCM_8] = {"AES-128-CCM", 8, true},
};

struct kept {
    EVP_CIPHER_CTX *ctx;                        /* NULL: not used yet */
    bool has_key;
    uint8_t key[TLS_KEY_MAX];                   /* that ctx is set up for */
};

struct tls_aead {
    struct kept kept[CIPHER_COUNT][2];          /* open, seal */
};

struct tls_aead *tls_aead_create(void)
{
    return xcalloc(1, sizeof(struct tls_aead));
}

void tls_aead_destroy(struct tls_aead *aead)
{
    if (aead == NULL)
        return;
    for (int i = 0; i < CIPHER_COUNT; i++) {
        EVP_CIPHER_CTX_free(aead->kept[i][0].ctx);
        EVP_CIPHER_CTX_free(aead->kept[i][1].ctx);
    }
    free(aead);
}

static enum cipher cipher_of(const struct tls_suite *suite)
{
    switch (suite->enc) {
    case TLS_ENC_AES_GCM: return suite->bits == 256 ? AES_256_GCM : AES_128_GCM;
    case TLS_ENC_CHACHA20_POLY1305: return CHACHA20;
    case TLS_ENC_AES_CCM: return suite->bits == 256 ? AES_256_CCM : AES_128_CCM;
    case TLS_ENC_AES_CCM_8: return suite->bits == 128 ? AES_128_CCM_8 : CIPHER_COUNT;
    default: return CIPHER_COUNT;
    }
}

bool tls_aead_knows(const struct tls_suite *suite)
{
    return suite->is_tls13 && (cipher_of(suite) != CIPHER_COUNT || suite->enc == TLS_ENC_NULL);
}

/* A context with its cipher set, kept for the process's life; NULL if this OpenSSL lacks it. */
static struct kept *context(struct tls_aead *aead, enum cipher cipher, bool seal)
{
    struct kept *kept = &aead->kept[cipher][seal];
    if (kept->ctx != NULL)
        return kept;
    EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, ciphers[cipher].name, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = evp != NULL && ctx != NULL && EVP_CipherInit_ex2(ctx, evp, NULL, NULL, seal, NULL) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) == 1;
    EVP_CIPHER_free(evp);
    if (!ok) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    kept->ctx = ctx;
    return kept;
}

/* Sets the key if it differs from the last record's, since that costs more than opening a short record. */
static const uint8_t *key_to_set(struct kept *kept, const struct tls_traffic *traffic)
{
    if (kept->has_key && memcmp(kept->key, traffic->key, sizeof kept->key) == 0)
        return NULL;
    memcpy(kept->key, traffic->key, sizeof kept->key);
    kept->has_key = true;
    return traffic->key;
}

static void nonce_next(struct tls_traffic *traffic, uint8_t nonce[12])
{
    memcpy(nonce, traffic->iv, 12);
    for (unsigned i = 0; i < 8; i++)
        nonce[11 - i] ^= (uint8_t)(traffic->sequence >> (8 * i));
    traffic->sequence++;
}

/* One AEAD operation; CCM needs the lengths first, and checks the tag in the update call. */
static bool run(struct kept *kept, enum cipher cipher, bool seal, struct tls_traffic *traffic,
                const uint8_t header[5], const uint8_t *in, size_t len, uint8_t *out, uint8_t *tag)
{
    EVP_CIPHER_CTX *ctx = kept->ctx;
    uint8_t nonce[12];
    int done = 0;
    int tag_len = ciphers[cipher].tag_len;
    nonce_next(traffic, nonce);
    if (ciphers[cipher].is_ccm &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, seal ? NULL : tag) != 1)
        return false;
    if (EVP_CipherInit_ex2(ctx, NULL, key_to_set(kept, traffic), nonce, seal, NULL) != 1)
        return false;
    if (!ciphers[cipher].is_ccm && !seal && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, tag) != 1)
        return false;
    if (ciphers[cipher].is_ccm && EVP_CipherUpdate(ctx, NULL, &done, NULL, (int)len) != 1)
        return false;
    if (EVP_CipherUpdate(ctx, NULL, &done, header, 5) != 1 || EVP_CipherUpdate(ctx, out, &done, in, (int)len) != 1)
        return false;
    if ((!ciphers[cipher].is_ccm || seal) && EVP_CipherFinal_ex(ctx, out + done, &done) != 1)
        return false;
    return !seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_len, tag) == 1;
}

/* The content, its type and padding (RFC 8446, section 5.2). */
static bool inner_read(const uint8_t *bytes, size_t len, size_t *out_len, uint8_t *type)
{
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    if (len == 0)
        return false;
    *type = bytes[--len];
    *out_len = len;
    return true;
}

/* Integrity alone (RFC 9150): the content, then its HMAC, which is not checked: without CertificateVerify and Finished an
 * attacker could forge the whole handshake anyway. */
static bool open_plain(const struct tls_suite *suite, struct byte_reader body, uint8_t *out, size_t *out_len, uint8_t *type)
{
    size_t mac_len = tls_hash_len(suite->hash);
    if (body.left <= mac_len)
        return false;
    memcpy(out, body.at, body.left - mac_len);
    return inner_read(out, body.left - mac_len, out_len, type);
}

bool tls_aead_open(struct tls_aead *aead, const struct tls_suite *suite, struct tls_traffic *traffic,
                   const uint8_t header[5], struct byte_reader body, uint8_t *out, size_t *out_len, uint8_t *type)
{
    enum cipher cipher = cipher_of(suite);
    if (suite->enc == TLS_ENC_NULL)
        return open_plain(suite, body, out, out_len, type);
    struct kept *kept = cipher == CIPHER_COUNT ? NULL : context(aead, cipher, false);
    if (kept == NULL || body.left < (size_t)ciphers[cipher].tag_len + 1)
        return false;
    size_t len = body.left - ciphers[cipher].tag_len;
    uint8_t tag[16];
    memcpy(tag, body.at + len, ciphers[cipher].tag_len);
    if (!run(kept, cipher, false, traffic, header, body.at, len, out, tag))
        return false;
    return inner_read(out, len, out_len, type);
}

bool tls_aead_seal(struct tls_aead *aead, const struct tls_suite *suite, struct tls_traffic *traffic, uint8_t type,
                   const uint8_t *bytes, size_t len, struct byte_writer *out)
{
    enum cipher cipher = cipher_of(suite);
    struct kept *kept = cipher == CIPHER_COUNT ? NULL : context(aead, cipher, true);
    uint8_t plain[256];
    if (kept == NULL || len >= sizeof plain)
        return false;
    memcpy(plain, bytes, len);
    plain[len] = type;
    size_t whole = len + 1 + ciphers[cipher].tag_len;
    const uint8_t header[5] = {23, 3, 3, (uint8_t)(whole >> 8), (uint8_t)whole};
    byte_writer_bytes(out, header, sizeof header);
    uint8_t *room = byte_writer_room(out, whole);
    return room != NULL && run(kept, cipher, true, traffic, header, plain, len + 1, room, room + len + 1);
}
