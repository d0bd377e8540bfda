/* ROCA (CVE-2017-15361; Nemec, Sys, Svenda, Klinec, Matyas 2017): Infineon's RSALib made primes of the form
 * k * M + (65537^a mod M), M being a product of small primes, so that such a modulus is a power of 65537 modulo M, too.
 * One in 2^27 other numbers passes the residues by single primes, none in practice the test modulo M. */
#pragma once
#include "inventory/facts/keys/small_primes.h"

#include <stdbool.h>

#define ROCA_PRIMES 39              /* 2 to 167 */

struct roca {
    mpz_t modulus, power, step, wanted, exponent;
    bool in_group[ROCA_PRIMES][168];            /* is a residue a power of 65537 by that prime? */
};

void roca_init(struct roca *roca, const struct small_primes *primes);
void roca_clear(struct roca *roca);

/* residues: of n, by small_primes_residues(). */
bool roca_test(struct roca *roca, const mpz_t n, const uint32_t residues[SMALL_PRIMES_COUNT]);
