/* Finds moduli that share a prime (Heninger, Durumeric, Wustrow, Halderman 2012; Bernstein 2004). Builds one product tree per
 * batch of moduli, one batch after the other. Every node of a tree has two numbers:
 *
 *     product                              n1 * n2 * ... of its leaves
 *     cofactors = l.cofactors * r.product + r.cofactors * l.product        the sum of product / n over its leaves
 *
 * so the root's cofactors, multiplied by the products of all other moduli and reduced modulo a leaf n, are
 * the product of all moduli but n, modulo n. This takes one remainder tree over the leaves, without squares; gcd(n, result) is
 * what n shares. Memory is some twenty times the bytes of one batch, and once or twice those of all moduli. */
#pragma once
#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>

#define SHARED_PRIMES_BATCH (1u << 17)          /* below 1 GB with 2,048 bits */

/* Moduli must be odd, above 1, and distinct. Tests the first `fresh` of them against all; the others were tested in earlier runs.
 * At most `batch` of them share a tree. shared[i] (initialised by the caller) becomes gcd(n, product of all others).
 * on_progress may be NULL; if it returns false, this stops and returns false. */
bool shared_primes_find(const mpz_t *moduli, size_t count, size_t fresh, size_t batch, mpz_t *shared,
                        bool (*on_progress)(void *context, size_t done, size_t total), void *context);

/* Interprets the gcds, over all moduli whose gcd is above 1, those of earlier runs included. */
struct shared_modulus {
    mpz_t n;
    mpz_t shared;                   /* gcd(n, product of the others) */
    mpz_t factor;                   /* out: a factor that another modulus has too; 0: none */
    bool is_multiple;               /* out: another modulus divides this one; the fault is this one's alone */
    size_t partner;                 /* out: index of one that has the factor too, or that divides it */
};

void shared_modulus_init(struct shared_modulus *modulus, const mpz_t n, const mpz_t shared);
void shared_modulus_clear(struct shared_modulus *modulus);

/* Only 1 < gcd < n is a fault: a modulus that merely divides another one is sound. Those that share one prime each are sorted by it; what shares
 * several, or all of itself, is compared with all. */
void shared_primes_resolve(struct shared_modulus *moduli, size_t count);
