#include "inventory/facts/keys/small_primes.h"

#include <limits.h>

static void primes_list(struct small_primes *primes)
{
    size_t count = 0;
    for (uint32_t candidate = 2; count < SMALL_PRIMES_COUNT; candidate++) {
        size_t i = 0;
        while (i < count && candidate % primes->prime[i] != 0)
            i++;
        if (i == count)
            primes->prime[count++] = candidate;
    }
}

void small_primes_init(struct small_primes *primes)
{
    primes_list(primes);
    mpz_init_set_ui(primes->product, 1);
    mpz_init(primes->rest);
    primes->group_count = 0;
    for (size_t i = 0, first = 0; i < SMALL_PRIMES_COUNT; first = i) {
        unsigned long product = 1;
        while (i < SMALL_PRIMES_COUNT && product <= ULONG_MAX / primes->prime[i])
            product *= primes->prime[i++];
        primes->group[primes->group_count].product = product;
        primes->group[primes->group_count].first = first;
        primes->group[primes->group_count++].end = i;
        mpz_mul_ui(primes->product, primes->product, product);
    }
}

void small_primes_clear(struct small_primes *primes)
{
    mpz_clear(primes->product);
    mpz_clear(primes->rest);
}

void small_primes_residues(struct small_primes *primes, const mpz_t n, uint32_t residues[SMALL_PRIMES_COUNT])
{
    mpz_mod(primes->rest, n, primes->product);
    for (size_t i = 0; i < primes->group_count; i++) {
        unsigned long rest = mpz_fdiv_ui(primes->rest, primes->group[i].product);
        for (size_t j = primes->group[i].first; j < primes->group[i].end; j++)
            residues[j] = (uint32_t)(rest % primes->prime[j]);
    }
}
