#include "probes/quic/initial.h"

#include "probes/quic/hkdf_label.h"

#include <openssl/evp.h>
#include <string.h>

struct salt {
    uint32_t first, last;           /* versions */
    bool is_v2;
    uint8_t bytes[20];
};

static const struct salt salts[] = {
    {QUIC_VERSION_1, QUIC_VERSION_1, false,
     {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
      0x7f, 0x0a}},
    {QUIC_VERSION_2, QUIC_VERSION_2, true,
     {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
      0x2e, 0xd9}},
    {0xff000021, 0xff000022, false,         /* drafts 33, 34 */
     {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
      0x7f, 0x0a}},
    {0xff00001d, 0xff000020, false,         /* 29 to 32 */
     {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90,
      0xa8, 0x99}},
    {0xff000017, 0xff00001c, false,         /* 23 to 28 */
     {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9,
      0xf5, 0x02}},
    {0xfaceb002, 0xfaceb002, false,         /* mvfst's name for draft 27 */
     {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9,
      0xf5, 0x02}},
};

static const struct salt *salt_of(uint32_t version)
{
    for (size_t i = 0; i < sizeof salts / sizeof salts[0]; i++)
        if (version >= salts[i].first && version <= salts[i].last)
            return &salts[i];
    return NULL;
}

bool quic_version_is_known(uint32_t version)
{
    return salt_of(version) != NULL;
}

static bool read_number(struct byte_reader *reader, uint64_t *value)     /* RFC 9000, section 16 */
{
    uint8_t first, next;
    if (!byte_reader_u8(reader, &first))
        return false;
    *value = first & 0x3f;
    for (unsigned left = (1u << (first >> 6)) - 1; left != 0; left--) {
        if (!byte_reader_u8(reader, &next))
            return false;
        *value = *value << 8 | next;
    }
    return true;
}

bool quic_packet_read(struct byte_reader *datagram, struct quic_packet *packet)
{
    struct byte_reader reader = *datagram, token;
    uint8_t first;
    uint64_t token_len, len;
    if (!byte_reader_u8(&reader, &first) || (first & 0x80) == 0 || !byte_reader_u32(&reader, &packet->version) ||
        !byte_reader_vector8(&reader, &packet->destination_id) || packet->destination_id.left > 20 ||
        !byte_reader_vector8(&reader, &packet->source_id) || packet->source_id.left > 20)
        return false;
    const struct salt *salt = salt_of(packet->version);
    if (salt == NULL)           /* the fixed bit may be greased (RFC 9287) */
        return false;
    unsigned type = first >> 4 & 3;
    packet->type = (enum quic_packet_type)(salt->is_v2 ? (type + 3) % 4 : type);    /* RFC 9369, section 3.2 */
    packet->start = datagram->at;
    if (packet->type == QUIC_RETRY) {
        packet->len = datagram->left;
        return byte_reader_skip(datagram, datagram->left);
    }
    if (packet->type == QUIC_INITIAL &&
        (!read_number(&reader, &token_len) || token_len > reader.left ||
         !byte_reader_sub(&reader, (size_t)token_len, &token)))
        return false;
    if (!read_number(&reader, &len) || len > reader.left || len < 20)
        return false;
    packet->number_offset = (size_t)(reader.at - datagram->at);
    packet->len = packet->number_offset + (size_t)len;
    return byte_reader_skip(datagram, packet->len);
}

static bool expand(const struct salt *salt, const char *hash, const uint8_t *secret, size_t secret_len,
                   struct quic_keys *keys)
{
    return hkdf_expand_label(hash, secret, secret_len, salt->is_v2 ? "quicv2 key" : "quic key", keys->key,
                             keys->key_len) &&
           hkdf_expand_label(hash, secret, secret_len, salt->is_v2 ? "quicv2 iv" : "quic iv", keys->iv, 12) &&
           hkdf_expand_label(hash, secret, secret_len, salt->is_v2 ? "quicv2 hp" : "quic hp", keys->mask_key,
                             keys->key_len);
}

bool quic_initial_keys(uint32_t version, struct byte_reader client_destination_id, bool is_client,
                       struct quic_keys *keys)
{
    const struct salt *salt = salt_of(version);
    uint8_t initial[32], secret[32];
    *keys = (struct quic_keys){.cipher = "AES-128-GCM", .mask_cipher = "AES-128-ECB", .key_len = 16};
    return salt != NULL &&
           hkdf_extract("SHA256", salt->bytes, sizeof salt->bytes, client_destination_id.at,
                        client_destination_id.left, initial, sizeof initial) &&
           hkdf_expand_label("SHA256", initial, 32, is_client ? "client in" : "server in", secret, 32) &&
           expand(salt, "SHA256", secret, 32, keys);
}

bool quic_keys_of_secret(uint32_t version, uint16_t suite, const uint8_t *secret, size_t secret_len,
                         struct quic_keys *keys)
{
    const struct salt *salt = salt_of(version);
    switch (suite) {
    case 0x1301:
        *keys = (struct quic_keys){.cipher = "AES-128-GCM", .mask_cipher = "AES-128-ECB", .key_len = 16};
        break;
    case 0x1302:
        *keys = (struct quic_keys){.cipher = "AES-256-GCM", .mask_cipher = "AES-256-ECB", .key_len = 32};
        break;
    case 0x1303:
        *keys = (struct quic_keys){.cipher = "ChaCha20-Poly1305", .mask_cipher = "ChaCha20", .key_len = 32};
        break;
    default: return false;
    }
    return salt != NULL && expand(salt, suite == 0x1302 ? "SHA384" : "SHA256", secret, secret_len, keys);
}

/* Five bytes that hide the first byte's low bits and the packet number (RFC 9001, section 5.4). */
static bool make_mask(const struct quic_keys *keys, const uint8_t sample[16], uint8_t mask[16])
{
    static const uint8_t zeroes[16];
    bool is_chacha = strcmp(keys->mask_cipher, "ChaCha20") == 0;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, keys->mask_cipher, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int out = 0;
    bool ok = cipher != NULL &&
              EVP_EncryptInit_ex2(context, cipher, keys->mask_key, is_chacha ? sample : NULL, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
              EVP_EncryptUpdate(context, mask, &out, is_chacha ? zeroes : sample, 16) == 1;
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return ok;
}

static bool open_sealed(const struct quic_keys *keys, uint64_t number, const uint8_t *header, size_t header_len,
                        const uint8_t *sealed, size_t sealed_len, uint8_t *plain)
{
    uint8_t nonce[12], tag[16];
    int out = 0;
    memcpy(nonce, keys->iv, 12);
    for (unsigned i = 0; i < 8; i++)
        nonce[4 + i] ^= (uint8_t)(number >> (56 - 8 * i));
    memcpy(tag, sealed + sealed_len - 16, 16);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, keys->cipher, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = cipher != NULL && EVP_DecryptInit_ex2(context, cipher, keys->key, nonce, NULL) == 1 &&
              EVP_DecryptUpdate(context, NULL, &out, header, (int)header_len) == 1 &&
              EVP_DecryptUpdate(context, plain, &out, sealed, (int)sealed_len - 16) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
              EVP_DecryptFinal_ex(context, plain + out, &out) == 1;
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return ok;
}

bool quic_packet_open(const struct quic_keys *keys, const struct quic_packet *packet, uint8_t *plain,
                      struct byte_reader *frames)
{
    uint8_t mask[16], header[512];
    size_t at = packet->number_offset;
    if (packet->len < at + 20 || packet->len > QUIC_PACKET_MAX || at + 4 > sizeof header ||
        !make_mask(keys, packet->start + at + 4, mask))
        return false;
    memcpy(header, packet->start, at + 4);
    header[0] ^= mask[0] & 0x0f;
    size_t number_len = (header[0] & 3u) + 1;
    uint64_t number = 0;
    for (size_t i = 0; i < number_len; i++) {
        header[at + i] ^= mask[1 + i];
        number = number << 8 | header[at + i];
    }
    size_t header_len = at + number_len, sealed_len = packet->len - header_len;
    if (sealed_len < 16 || !open_sealed(keys, number, header, header_len, packet->start + header_len, sealed_len, plain))
        return false;
    *frames = byte_reader_of(plain, sealed_len - 16);
    return true;
}

bool quic_next_crypto(struct byte_reader *frames, uint64_t *offset, struct byte_reader *data)
{
    uint64_t type, value, count;
    while (read_number(frames, &type)) {
        switch (type) {
        case 0x00: case 0x01: break;                /* PADDING, PING */
        case 0x02: case 0x03:                       /* ACK */
            if (!read_number(frames, &value) || !read_number(frames, &value) || !read_number(frames, &count) ||
                !read_number(frames, &value))
                return false;
            count = count * 2 + (type == 3 ? 3 : 0);
            while (count-- != 0)
                if (!read_number(frames, &value))
                    return false;
            break;
        case 0x06:
            return read_number(frames, offset) && read_number(frames, &value) && value <= frames->left &&
                   byte_reader_sub(frames, (size_t)value, data);
        default: return false;
        }
    }
    return false;
}
