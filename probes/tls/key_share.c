#include "probes/tls/key_share.h"

#include "probes/base/memory.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>

/* The base points as uncompressed points (SEC 2; SP 800-186). */
static const uint8_t base_p256[65] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
    0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2,
    0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e,
    0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51,
    0xf5,
};
static const uint8_t base_p384[97] = {
    0x04, 0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37, 0x8e, 0xb1, 0xc7, 0x1e, 0xf3, 0x20, 0xad,
    0x74, 0x6e, 0x1d, 0x3b, 0x62, 0x8b, 0xa7, 0x9b, 0x98, 0x59, 0xf7, 0x41, 0xe0, 0x82, 0x54, 0x2a,
    0x38, 0x55, 0x02, 0xf2, 0x5d, 0xbf, 0x55, 0x29, 0x6c, 0x3a, 0x54, 0x5e, 0x38, 0x72, 0x76, 0x0a,
    0xb7, 0x36, 0x17, 0xde, 0x4a, 0x96, 0x26, 0x2c, 0x6f, 0x5d, 0x9e, 0x98, 0xbf, 0x92, 0x92, 0xdc,
    0x29, 0xf8, 0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c, 0xe9, 0xda, 0x31, 0x13, 0xb5, 0xf0, 0xb8,
    0xc0, 0x0a, 0x60, 0xb1, 0xce, 0x1d, 0x7e, 0x81, 0x9d, 0x7a, 0x43, 0x1d, 0x7c, 0x90, 0xea, 0x0e,
    0x5f,
};
static const uint8_t base_p521[133] = {
    0x04, 0x00, 0xc6, 0x85, 0x8e, 0x06, 0xb7, 0x04, 0x04, 0xe9, 0xcd, 0x9e, 0x3e, 0xcb, 0x66, 0x23,
    0x95, 0xb4, 0x42, 0x9c, 0x64, 0x81, 0x39, 0x05, 0x3f, 0xb5, 0x21, 0xf8, 0x28, 0xaf, 0x60, 0x6b,
    0x4d, 0x3d, 0xba, 0xa1, 0x4b, 0x5e, 0x77, 0xef, 0xe7, 0x59, 0x28, 0xfe, 0x1d, 0xc1, 0x27, 0xa2,
    0xff, 0xa8, 0xde, 0x33, 0x48, 0xb3, 0xc1, 0x85, 0x6a, 0x42, 0x9b, 0xf9, 0x7e, 0x7e, 0x31, 0xc2,
    0xe5, 0xbd, 0x66, 0x01, 0x18, 0x39, 0x29, 0x6a, 0x78, 0x9a, 0x3b, 0xc0, 0x04, 0x5c, 0x8a, 0x5f,
    0xb4, 0x2c, 0x7d, 0x1b, 0xd9, 0x98, 0xf5, 0x44, 0x49, 0x57, 0x9b, 0x44, 0x68, 0x17, 0xaf, 0xbd,
    0x17, 0x27, 0x3e, 0x66, 0x2c, 0x97, 0xee, 0x72, 0x99, 0x5e, 0xf4, 0x26, 0x40, 0xc5, 0x50, 0xb9,
    0x01, 0x3f, 0xad, 0x07, 0x61, 0x35, 0x3c, 0x70, 0x86, 0xa2, 0x72, 0xc2, 0x40, 0x88, 0xbe, 0x94,
    0x76, 0x9f, 0xd1, 0x66, 0x50,
};

enum kind { MONTGOMERY, POINT, CURVE, FFDHE, KEM, HYBRID };

struct group {
    uint16_t id;
    uint8_t kind;
    uint16_t share_len;         /* MONTGOMERY, POINT, CURVE, FFDHE */
    uint8_t base;               /* MONTGOMERY: u, little-endian; FFDHE: g */
    const uint8_t *point;       /* POINT */
    int nid;                    /* CURVE: one that is rare enough to ask OpenSSL for its base point */
    uint16_t classical;         /* HYBRID: the group of the classical part ... */
    bool kem_first;             /* ... and whether ML-KEM comes before it */
    uint8_t k;                  /* KEM, HYBRID: ML-KEM's rank: 2 for 512, 3 for 768, 4 for 1024 */
};

static const struct group groups[] = {
    {.id = GROUP_X25519, .kind = MONTGOMERY, .share_len = 32, .base = 9},      /* RFC 7748, section 4.1 */
    {.id = GROUP_X448, .kind = MONTGOMERY, .share_len = 56, .base = 5},        /* RFC 7748, section 4.2 */
    {.id = GROUP_SECP256R1, .kind = POINT, .share_len = 65, .point = base_p256},
    {.id = GROUP_SECP384R1, .kind = POINT, .share_len = 97, .point = base_p384},
    {.id = GROUP_SECP521R1, .kind = POINT, .share_len = 133, .point = base_p521},
    {.id = GROUP_FFDHE2048, .kind = FFDHE, .share_len = 256, .base = 2},       /* RFC 7919, appendix A */
    {.id = GROUP_FFDHE3072, .kind = FFDHE, .share_len = 384, .base = 2},
    {.id = GROUP_FFDHE4096, .kind = FFDHE, .share_len = 512, .base = 2},
    {.id = GROUP_FFDHE6144, .kind = FFDHE, .share_len = 768, .base = 2},
    {.id = GROUP_FFDHE8192, .kind = FFDHE, .share_len = 1024, .base = 2},
    {.id = 19, .kind = CURVE, .share_len = 49, .nid = NID_X9_62_prime192v1},   /* not in TLS 1.3, but a server that */
    {.id = 20, .kind = CURVE, .share_len = 57, .nid = NID_secp224k1},          /* asks for one gets an answer */
    {.id = 21, .kind = CURVE, .share_len = 57, .nid = NID_secp224r1},
    {.id = 22, .kind = CURVE, .share_len = 65, .nid = NID_secp256k1},
    {.id = 26, .kind = CURVE, .share_len = 65, .nid = NID_brainpoolP256r1},
    {.id = 27, .kind = CURVE, .share_len = 97, .nid = NID_brainpoolP384r1},
    {.id = 28, .kind = CURVE, .share_len = 129, .nid = NID_brainpoolP512r1},
    {.id = 31, .kind = CURVE, .share_len = 65, .nid = NID_brainpoolP256r1},    /* RFC 8734 */
    {.id = 32, .kind = CURVE, .share_len = 97, .nid = NID_brainpoolP384r1},
    {.id = 33, .kind = CURVE, .share_len = 129, .nid = NID_brainpoolP512r1},
    {.id = GROUP_MLKEM512, .kind = KEM, .k = 2},                               /* draft-ietf-tls-mlkem */
    {.id = GROUP_MLKEM768, .kind = KEM, .k = 3},
    {.id = GROUP_MLKEM1024, .kind = KEM, .k = 4},
    {.id = GROUP_X25519MLKEM768, .kind = HYBRID, .classical = GROUP_X25519, .kem_first = true, .k = 3},
    {.id = GROUP_SECP256R1MLKEM768, .kind = HYBRID, .classical = GROUP_SECP256R1, .k = 3},
    {.id = GROUP_SECP384R1MLKEM1024, .kind = HYBRID, .classical = GROUP_SECP384R1, .k = 4},
};

static const struct group *group_find(uint16_t id)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (groups[i].id == id)
            return &groups[i];
    return NULL;
}

bool key_share_knows(uint16_t id)
{
    return group_find(id) != NULL;
}

/* ML-KEM's encapsulation key: t = 0, then the seed rho (here zero too). */
static size_t kem_key_len(const struct group *group)
{
    return (size_t)group->k * 384 + 32;
}

static void zeros_write(size_t len, struct byte_writer *out)
{
    uint8_t *room = byte_writer_room(out, len);
    if (room != NULL)
        memset(room, 0, len);
}

static void curve_write(const struct group *group, struct byte_writer *out)
{
    EC_GROUP *curve = EC_GROUP_new_by_curve_name(group->nid);
    uint8_t *room = byte_writer_room(out, group->share_len);
    if (curve != NULL && room != NULL &&
        EC_POINT_point2oct(curve, EC_GROUP_get0_generator(curve), POINT_CONVERSION_UNCOMPRESSED, room, group->share_len,
                           NULL) != group->share_len)
        memset(room, 0, group->share_len);
    EC_GROUP_free(curve);
}

void key_share_write(uint16_t id, struct byte_writer *out)
{
    const struct group *group = group_find(id);
    if (group == NULL)
        return;
    switch ((enum kind)group->kind) {
    case MONTGOMERY:
        byte_writer_u8(out, group->base);
        zeros_write(group->share_len - 1u, out);
        break;
    case POINT: byte_writer_bytes(out, group->point, group->share_len); break;
    case FFDHE:
        zeros_write(group->share_len - 1u, out);
        byte_writer_u8(out, group->base);
        break;
    case CURVE: curve_write(group, out); break;
    case KEM: zeros_write(kem_key_len(group), out); break;
    case HYBRID:
        if (!group->kem_first)
            key_share_write(group->classical, out);
        zeros_write(kem_key_len(group), out);
        if (group->kem_first)
            key_share_write(group->classical, out);
        break;
    }
}

/* The message out of the ciphertext's v: coefficients of 4 bits (ML-KEM-512 and 768) or 5 (1024), packed little-endian; a
 * bit was 1 where the coefficient is nearer to half of the range than to its ends. */
static void kem_message(const uint8_t *v, unsigned bits, uint8_t message[32])
{
    memset(message, 0, 32);
    for (unsigned i = 0; i < 256; i++) {
        unsigned at = i * bits, low = v[at / 8], high = at % 8 + bits > 8 ? v[at / 8 + 1] : 0;
        unsigned value = (low | high << 8) >> at % 8 & ((1u << bits) - 1);
        unsigned quarter = 1u << (bits - 2);
        if (value >= quarter && value < 3 * quarter)
            message[i / 8] |= (uint8_t)(1u << i % 8);
    }
}

/* ML-KEM's K is the first half of SHA3-512(message, SHA3-256(key)) (FIPS 203, algorithm 17). */
static bool kem_secret(const struct group *group, const uint8_t *ciphertext, uint8_t secret[32])
{
    static const uint8_t key[4 * 384 + 32];
    uint8_t input[64], output[64];
    unsigned u_bits = group->k == 4 ? 11 : 10, v_bits = group->k == 4 ? 5 : 4;
    kem_message(ciphertext + (size_t)group->k * 32 * u_bits, v_bits, input);
    if (EVP_Digest(key, kem_key_len(group), input + 32, NULL, EVP_sha3_256(), NULL) != 1 ||
        EVP_Digest(input, sizeof input, output, NULL, EVP_sha3_512(), NULL) != 1)
        return false;
    memcpy(secret, output, 32);
    return true;
}

static size_t kem_ciphertext_len(const struct group *group)
{
    return group->k == 4 ? 1568 : group->k == 3 ? 1088 : 768;
}

static bool hybrid_secret(const struct group *group, struct byte_reader share, uint8_t *secret, size_t *len)
{
    struct byte_reader ciphertext, classical;
    const struct group *other = group_find(group->classical);
    bool whole = group->kem_first ? byte_reader_sub(&share, kem_ciphertext_len(group), &ciphertext) &&
                                        byte_reader_sub(&share, other->share_len, &classical)
                                  : byte_reader_sub(&share, other->share_len, &classical) &&
                                        byte_reader_sub(&share, kem_ciphertext_len(group), &ciphertext);
    if (!whole || share.left != 0)
        return false;
    uint8_t kem[32], point[TLS_SHARED_SECRET_MAX];
    size_t point_len;
    if (!kem_secret(group, ciphertext.at, kem) ||
        !key_share_secret(group->classical, classical, point, &point_len))
        return false;
    memcpy(secret + (group->kem_first ? 0 : point_len), kem, sizeof kem);
    memcpy(secret + (group->kem_first ? sizeof kem : 0), point, point_len);
    *len = point_len + sizeof kem;
    return true;
}

bool key_share_secret(uint16_t id, struct byte_reader share, uint8_t secret[TLS_SHARED_SECRET_MAX], size_t *len)
{
    const struct group *group = group_find(id);
    if (group == NULL)
        return false;
    if (group->kind == HYBRID)
        return hybrid_secret(group, share, secret, len);
    if (group->kind == KEM) {
        *len = 32;
        return share.left == kem_ciphertext_len(group) && kem_secret(group, share.at, secret);
    }
    if (share.left != group->share_len)
        return false;
    if (group->kind == POINT || group->kind == CURVE) {                 /* 4, x, y: the secret is x (RFC 8446, section 7.4.2) */
        if (share.at[0] != 4)
            return false;
        *len = (group->share_len - 1u) / 2;
        memcpy(secret, share.at + 1, *len);
        return true;
    }
    *len = group->share_len;
    memcpy(secret, share.at, *len);
    return true;
}

static const struct {
    uint16_t id;
    const char *type, *curve;
} real_groups[] = {
    {GROUP_X25519, "X25519", NULL},      {GROUP_SECP256R1, "EC", "P-256"}, {GROUP_SECP384R1, "EC", "P-384"},
    {GROUP_SECP521R1, "EC", "P-521"},    {GROUP_X448, "X448", NULL},
};
#define REAL_GROUPS (sizeof real_groups / sizeof real_groups[0])

struct key_pairs {
    EVP_PKEY *keys[REAL_GROUPS];
};

struct key_pairs *key_pairs_create(void)
{
    return xcalloc(1, sizeof(struct key_pairs));
}

void key_pairs_destroy(struct key_pairs *pairs)
{
    if (pairs == NULL)
        return;
    for (size_t i = 0; i < REAL_GROUPS; i++)
        EVP_PKEY_free(pairs->keys[i]);
    free(pairs);
}

static size_t real_index(uint16_t id)
{
    size_t i = 0;
    while (i < REAL_GROUPS && real_groups[i].id != id)
        i++;
    return i;
}

bool key_pairs_know(uint16_t id)
{
    return real_index(id) < REAL_GROUPS;
}

void key_pairs_write(struct key_pairs *pairs, uint16_t id, struct byte_writer *out)
{
    size_t i = real_index(id);
    if (i == REAL_GROUPS)
        return;
    if (pairs->keys[i] == NULL)
        pairs->keys[i] = real_groups[i].curve != NULL
                             ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", real_groups[i].curve)
                             : EVP_PKEY_Q_keygen(NULL, NULL, real_groups[i].type);
    uint8_t *share = NULL;
    size_t len = pairs->keys[i] == NULL ? 0 : EVP_PKEY_get1_encoded_public_key(pairs->keys[i], &share);
    byte_writer_bytes(out, share, len);
    OPENSSL_free(share);
}

bool key_pairs_secret(struct key_pairs *pairs, uint16_t id, struct byte_reader share,
                      uint8_t secret[TLS_SHARED_SECRET_MAX], size_t *len)
{
    size_t i = real_index(id);
    if (i == REAL_GROUPS || pairs->keys[i] == NULL)
        return false;
    EVP_PKEY *peer = EVP_PKEY_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pairs->keys[i], NULL);
    *len = TLS_SHARED_SECRET_MAX;
    bool ok = peer != NULL && ctx != NULL && EVP_PKEY_copy_parameters(peer, pairs->keys[i]) == 1 &&
              EVP_PKEY_set1_encoded_public_key(peer, share.at, share.left) == 1 &&
              EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
              EVP_PKEY_derive(ctx, secret, len) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    return ok;
}
