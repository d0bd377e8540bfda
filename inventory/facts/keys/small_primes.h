/* The primes below 752 (BR 6.1.6), grouped into products that fit a machine word, so that the residues of a large number by all
 * of them cost one division by their product and one word division each. */
#pragma once
#include <gmp.h>
#include <stddef.h>
#include <stdint.h>

#define SMALL_PRIMES_COUNT 133

struct small_primes {
    uint32_t prime[SMALL_PRIMES_COUNT];
    mpz_t product, rest;            /* rest: scratch of small_primes_residues() */
    struct {
        unsigned long product;
        size_t first, end;          /* primes of it */
    } group[SMALL_PRIMES_COUNT];
    size_t group_count;
};

void small_primes_init(struct small_primes *primes);
void small_primes_clear(struct small_primes *primes);
void small_primes_residues(struct small_primes *primes, const mpz_t n, uint32_t residues[SMALL_PRIMES_COUNT]);
