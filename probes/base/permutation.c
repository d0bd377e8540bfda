/* Six rounds of a Feistel network: each half has half_bits, the round function mixes one half with key and round number. A result
 * outside 0 .. count-1 is permuted again until it is inside (cycle walking); the domain is at most four times count, so that is
 * less than four steps on average. It spreads load and hides the order; it is no cipher, and no security depends on it. */
#include "probes/base/permutation.h"

#define ROUNDS 6

static uint64_t key_word(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 8; i-- > 0;)
        word = word << 8 | bytes[i]; /* little-endian on every machine */
    return word;
}

void permutation_init(struct permutation *permutation, uint64_t count,
                      const uint8_t key[PERMUTATION_KEY_SIZE])
{
    *permutation =
        (struct permutation){.count = count, .half_bits = 1, .key = {key_word(key), key_word(key + 8)}};
    while (permutation->half_bits < 32 && count > 1ULL << 2 * permutation->half_bits)
        permutation->half_bits++;
}

/* The finisher of MurmurHash3, with a key word before each multiplication. */
static uint64_t round_value(const struct permutation *permutation, unsigned round, uint64_t half)
{
    uint64_t value = half ^ permutation->key[0] ^ (round + 1) * 0x9e3779b97f4a7c15ULL;
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33 ^ permutation->key[1];
    value *= 0xc4ceb9fe1a85ec53ULL;
    return value ^ value >> 33;
}

static uint64_t encrypt(const struct permutation *permutation, uint64_t value)
{
    uint64_t mask = (1ULL << permutation->half_bits) - 1;
    uint64_t left = value >> permutation->half_bits, right = value & mask;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t next = (left ^ round_value(permutation, round, right)) & mask;
        left = right;
        right = next;
    }
    return left << permutation->half_bits | right;
}

static uint64_t decrypt(const struct permutation *permutation, uint64_t value)
{
    uint64_t mask = (1ULL << permutation->half_bits) - 1;
    uint64_t left = value >> permutation->half_bits, right = value & mask;
    for (unsigned round = ROUNDS; round-- > 0;) {
        uint64_t previous = (right ^ round_value(permutation, round, left)) & mask;
        right = left;
        left = previous;
    }
    return left << permutation->half_bits | right;
}

uint64_t permutation_index(const struct permutation *permutation, uint64_t position)
{
    do
        position = encrypt(permutation, position);
    while (position >= permutation->count);
    return position;
}

uint64_t permutation_position(const struct permutation *permutation, uint64_t index)
{
    do
        index = decrypt(permutation, index);
    while (index >= permutation->count);
    return index;
}
