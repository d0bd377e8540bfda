/* TLS 1.3's key schedule (RFC 8446, section 7.1) as far as a capture needs it: up to the handshake traffic keys. It
 * uses OpenSSL's low-level SHA contexts, which can be copied: an HMAC key is then two contexts made once, whereas
 * EVP's HMAC alone costs more than everything else here. */
#pragma once
#include "probes/tls/names.h"

#include <openssl/sha.h>

#define TLS_HASH_MAX 48
#define TLS_KEY_MAX  32

struct tls_hash_ctx {
    enum tls_hash hash;
    union {
        SHA256_CTX sha256;
        SHA512_CTX sha384;
    };
};

static inline size_t tls_hash_len(enum tls_hash hash)
{
    return hash == TLS_HASH_SHA384 ? 48 : 32;
}

void tls_hash_init(struct tls_hash_ctx *ctx, enum tls_hash hash);
void tls_hash_update(struct tls_hash_ctx *ctx, const void *bytes, size_t len);
void tls_hash_final(struct tls_hash_ctx ctx, uint8_t digest[TLS_HASH_MAX]);     /* a copy: ctx goes on */

/* HMAC (RFC 2104) with a key used more than once. key_len is at most the hash's block. */
struct tls_hmac_key {
    struct tls_hash_ctx inner, outer;
};

void tls_hmac_key_init(struct tls_hmac_key *key, enum tls_hash hash, const uint8_t *bytes, size_t len);
void tls_hmac(const struct tls_hmac_key *key, const void *bytes, size_t len, uint8_t mac[TLS_HASH_MAX]);

/* HKDF-Expand-Label; len is at most the hash's length, which holds for all that TLS asks of it. */
void tls_expand_label(const struct tls_hmac_key *secret, const char *label, const uint8_t *context,
                      size_t context_len, uint8_t *out, size_t len);

struct tls_traffic {            /* one direction's keys */
    uint8_t key[TLS_KEY_MAX];   /* zeros behind a shorter one */
    uint8_t iv[12];
    uint64_t sequence;
};

struct tls_handshake_secrets {
    enum tls_hash hash;
    struct tls_hmac_key handshake;                  /* Handshake Secret */
    uint8_t transcript[TLS_HASH_MAX];               /* of ClientHello...ServerHello */
};

/* From the shared secret and the transcript up to ServerHello. */
void tls_handshake_secrets_init(struct tls_handshake_secrets *secrets, enum tls_hash hash, const uint8_t *shared,
                                size_t shared_len, const struct tls_hash_ctx *transcript);

/* The server's or the client's handshake traffic keys for a suite of TLS 1.3. */
void tls_handshake_traffic(const struct tls_handshake_secrets *secrets, bool is_server, uint16_t key_bits,
                           struct tls_traffic *traffic);
