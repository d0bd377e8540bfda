#define OPENSSL_SUPPRESS_DEPRECATED     /* the low-level SHA contexts: see the header */
#include "probes/tls/key_schedule.h"

#include <string.h>

/* Derive-Secret(Early Secret, "derived", "") without a PSK is the same in every connection: the salt of the
 * Handshake Secret. The test computes both again. */
static const uint8_t derived_sha256[32] = {
    0x6f, 0x26, 0x15, 0xa1, 0x08, 0xc7, 0x02, 0xc5, 0x67, 0x8f, 0x54, 0xfc, 0x9d, 0xba, 0xb6, 0x97,
    0x16, 0xc0, 0x76, 0x18, 0x9c, 0x48, 0x25, 0x0c, 0xeb, 0xea, 0xc3, 0x57, 0x6c, 0x36, 0x11, 0xba};
static const uint8_t derived_sha384[48] = {
    0x15, 0x91, 0xda, 0xc5, 0xcb, 0xbf, 0x03, 0x30, 0xa4, 0xa8, 0x4d, 0xe9, 0xc7, 0x53, 0x33, 0x0e,
    0x92, 0xd0, 0x1f, 0x0a, 0x88, 0x21, 0x4b, 0x44, 0x64, 0x97, 0x2f, 0xd6, 0x68, 0x04, 0x9e, 0x93,
    0xe5, 0x2f, 0x2b, 0x16, 0xfa, 0xd9, 0x22, 0xfd, 0xc0, 0x58, 0x44, 0x78, 0x42, 0x8f, 0x28, 0x2b};

void tls_hash_init(struct tls_hash_ctx *ctx, enum tls_hash hash)
{
    ctx->hash = hash;
    if (hash == TLS_HASH_SHA384)
        SHA384_Init(&ctx->sha384);
    else
        SHA256_Init(&ctx->sha256);
}

void tls_hash_update(struct tls_hash_ctx *ctx, const void *bytes, size_t len)
{
    if (ctx->hash == TLS_HASH_SHA384)
        SHA384_Update(&ctx->sha384, bytes, len);
    else
        SHA256_Update(&ctx->sha256, bytes, len);
}

void tls_hash_final(struct tls_hash_ctx ctx, uint8_t digest[TLS_HASH_MAX])
{
    if (ctx.hash == TLS_HASH_SHA384)
        SHA384_Final(digest, &ctx.sha384);
    else
        SHA256_Final(digest, &ctx.sha256);
}

void tls_hmac_key_init(struct tls_hmac_key *key, enum tls_hash hash, const uint8_t *bytes, size_t len)
{
    uint8_t pad[SHA512_CBLOCK];
    size_t block = hash == TLS_HASH_SHA384 ? SHA512_CBLOCK : SHA256_CBLOCK;
    memset(pad, 0x36, block);
    for (size_t i = 0; i < len && i < block; i++)
        pad[i] ^= bytes[i];
    tls_hash_init(&key->inner, hash);
    tls_hash_update(&key->inner, pad, block);
    for (size_t i = 0; i < block; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    tls_hash_init(&key->outer, hash);
    tls_hash_update(&key->outer, pad, block);
}

void tls_hmac(const struct tls_hmac_key *key, const void *bytes, size_t len, uint8_t mac[TLS_HASH_MAX])
{
    struct tls_hash_ctx ctx = key->inner;
    uint8_t inner[TLS_HASH_MAX];
    tls_hash_update(&ctx, bytes, len);
    tls_hash_final(ctx, inner);
    ctx = key->outer;
    tls_hash_update(&ctx, inner, tls_hash_len(ctx.hash));
    tls_hash_final(ctx, mac);
}

void tls_expand_label(const struct tls_hmac_key *secret, const char *label, const uint8_t *context,
                      size_t context_len, uint8_t *out, size_t len)
{
    uint8_t info[128], block[TLS_HASH_MAX];
    size_t label_len = strlen(label), at = 0;
    info[at++] = (uint8_t)(len >> 8);
    info[at++] = (uint8_t)len;
    info[at++] = (uint8_t)(6 + label_len);
    memcpy(info + at, "tls13 ", 6);
    memcpy(info + at + 6, label, label_len);
    at += 6 + label_len;
    info[at++] = (uint8_t)context_len;
    if (context_len != 0)
        memcpy(info + at, context, context_len);
    at += context_len;
    info[at++] = 1;                             /* HKDF-Expand's first and only block */
    tls_hmac(secret, info, at, block);
    memcpy(out, block, len);
}

void tls_handshake_secrets_init(struct tls_handshake_secrets *secrets, enum tls_hash hash, const uint8_t *shared,
                                size_t shared_len, const struct tls_hash_ctx *transcript)
{
    struct tls_hmac_key salt;
    uint8_t handshake[TLS_HASH_MAX];
    secrets->hash = hash;
    tls_hmac_key_init(&salt, hash, hash == TLS_HASH_SHA384 ? derived_sha384 : derived_sha256, tls_hash_len(hash));
    tls_hmac(&salt, shared, shared_len, handshake);
    tls_hmac_key_init(&secrets->handshake, hash, handshake, tls_hash_len(hash));
    tls_hash_final(*transcript, secrets->transcript);
}

void tls_handshake_traffic(const struct tls_handshake_secrets *secrets, bool is_server, uint16_t key_bits,
                           struct tls_traffic *traffic)
{
    uint8_t secret[TLS_HASH_MAX];
    size_t len = tls_hash_len(secrets->hash);
    struct tls_hmac_key key;
    tls_expand_label(&secrets->handshake, is_server ? "s hs traffic" : "c hs traffic", secrets->transcript, len,
                     secret, len);
    tls_hmac_key_init(&key, secrets->hash, secret, len);
    memset(traffic->key, 0, sizeof traffic->key);
    tls_expand_label(&key, "key", NULL, 0, traffic->key, key_bits / 8);
    tls_expand_label(&key, "iv", NULL, 0, traffic->iv, sizeof traffic->iv);
    traffic->sequence = 0;
}
