#include "scanner/syn/cookie.h"

#include <string.h>

static uint64_t word_le(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 8; i-- > 0;)
        word = word << 8 | bytes[i];
    return word;
}

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

uint64_t siphash_2_4(const struct cookie_key *key, const uint8_t *bytes, size_t len)
{
    uint64_t v[4] = {key->words[0] ^ 0x736f6d6570736575ULL, key->words[1] ^ 0x646f72616e646f6dULL,
                     key->words[0] ^ 0x6c7967656e657261ULL, key->words[1] ^ 0x7465646279746573ULL};
    uint8_t last[8] = {0};
    size_t at = 0;
    for (; len - at >= 8; at += 8)
        absorb(v, word_le(bytes + at));
    memcpy(last, bytes + at, len - at);
    last[7] = (uint8_t)len;
    absorb(v, word_le(last));
    v[2] ^= 0xff;
    for (unsigned i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct cookie_key cookie_key_of(const uint8_t bytes[16])
{
    return (struct cookie_key){{word_le(bytes), word_le(bytes + 8)}};
}

uint64_t cookie_of(const struct cookie_key *key, const struct address *source,
                   const struct address *destination, uint16_t destination_port)
{
    uint8_t bytes[34];
    size_t len = source->len;
    memcpy(bytes, source->bytes, len);
    memcpy(bytes + len, destination->bytes, len);
    bytes[2 * len] = (uint8_t)(destination_port >> 8);
    bytes[2 * len + 1] = (uint8_t)destination_port;
    return siphash_2_4(key, bytes, 2 * len + 2);
}
