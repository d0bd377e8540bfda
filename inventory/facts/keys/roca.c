#include "inventory/facts/keys/roca.h"

#include <string.h>

#define GENERATOR 65537ul

/* The order of 65537 modulo the product of those primes, and its factors as powers of primes. */
static const unsigned long order = 2454106387091158800ul;
static const unsigned long order_factors[] = {16, 81, 25, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83};

void roca_init(struct roca *roca, const struct small_primes *primes)
{
    memset(roca->in_group, 0, sizeof roca->in_group);
    mpz_inits(roca->power, roca->step, roca->wanted, roca->exponent, NULL);
    mpz_init_set_ui(roca->modulus, 1);
    for (size_t i = 0; i < ROCA_PRIMES; i++) {
        uint32_t prime = primes->prime[i];
        uint32_t power = 1;
        do {
            roca->in_group[i][power] = true;
            power = (uint32_t)(power * GENERATOR % prime);
        } while (power != 1);
        mpz_mul_ui(roca->modulus, roca->modulus, prime);
    }
}

void roca_clear(struct roca *roca)
{
    mpz_clears(roca->modulus, roca->power, roca->step, roca->wanted, roca->exponent, NULL);
}

/* Pohlig-Hellman: n is a power of 65537 if it is one in each subgroup of prime power order. */
static bool part_test(struct roca *roca, const mpz_t n, unsigned long factor)
{
    mpz_set_ui(roca->exponent, order / factor);
    mpz_set_ui(roca->step, GENERATOR);
    mpz_powm(roca->step, roca->step, roca->exponent, roca->modulus);
    mpz_powm(roca->wanted, n, roca->exponent, roca->modulus);
    mpz_set_ui(roca->power, 1);
    for (unsigned long i = 0; i < factor; i++) {
        if (mpz_cmp(roca->power, roca->wanted) == 0)
            return true;
        mpz_mul(roca->power, roca->power, roca->step);
        mpz_mod(roca->power, roca->power, roca->modulus);
    }
    return false;
}

bool roca_test(struct roca *roca, const mpz_t n, const uint32_t residues[SMALL_PRIMES_COUNT])
{
    for (size_t i = 0; i < ROCA_PRIMES; i++)
        if (!roca->in_group[i][residues[i]])
            return false;
    mpz_set_ui(roca->exponent, order);
    mpz_powm(roca->wanted, n, roca->exponent, roca->modulus);
    if (mpz_cmp_ui(roca->wanted, 1) != 0)
        return false;
    for (size_t i = 0; i < sizeof order_factors / sizeof *order_factors; i++)
        if (!part_test(roca, n, order_factors[i]))
            return false;
    return true;
}
