#include "probes/base/fast_hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t fast_hash_key(void)
{
    uint64_t key = 0;
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
        key = (uint64_t)time(NULL) ^ (uint64_t)(uintptr_t)&key;
    return key | 1;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

uint64_t fast_hash(uint64_t key, const void *bytes, size_t len)
{
    static const uint64_t odd[4] = {0x9e3779b97f4a7c15ULL, 0xbf58476d1ce4e5b9ULL, 0x94d049bb133111ebULL,
                                    0xd6e8feb86659fd93ULL};
    const uint8_t *at = bytes;
    uint64_t a = key ^ odd[0], b = key ^ odd[1], c = key ^ odd[2], d = key ^ odd[3], total = len;
    for (; len >= 64; at += 64, len -= 64) {        /* four lanes: a multiplication takes longer than the rest */
        a = mix(load(at) ^ odd[1], load(at + 8) ^ a);
        b = mix(load(at + 16) ^ odd[2], load(at + 24) ^ b);
        c = mix(load(at + 32) ^ odd[3], load(at + 40) ^ c);
        d = mix(load(at + 48) ^ odd[0], load(at + 56) ^ d);
    }
    for (; len >= 8; at += 8, len -= 8)
        a = mix(load(at) ^ odd[3], a ^ odd[2]);
    uint64_t rest = 0;
    if (len != 0)
        memcpy(&rest, at, len);
    return mix(mix(mix(a ^ rest, c ^ odd[1]), mix(b ^ odd[3], d)) ^ total, key ^ odd[2]);
}
