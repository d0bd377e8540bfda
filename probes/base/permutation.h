/* A keyed permutation of 0 .. count-1: position -> index and back, without a table (a Feistel network over
 * the next even power of two, with cycle walking). Same key and count, same order, on every machine. */
#pragma once
#include <stdint.h>

#define PERMUTATION_KEY_SIZE 16

struct permutation {
    uint64_t count;
    unsigned half_bits;
    uint64_t key[2];
};

void permutation_init(struct permutation *permutation, uint64_t count,
                      const uint8_t key[PERMUTATION_KEY_SIZE]);
uint64_t permutation_index(const struct permutation *permutation, uint64_t position);
uint64_t permutation_position(const struct permutation *permutation, uint64_t index);
