/* Which moduli of many share a prime with another (Heninger, Durumeric, Wustrow, Halderman 2012; Bernstein 2004)? Batches of
 * some moduli hold a product tree each, one after the other, in which every node carries two numbers:
 *
 *     product                              n1 * n2 * ... of its leaves
 *     cofactors = l.cofactors * r.product + r.cofactors * l.product        the sum of product / n over its leaves
 *
 * so the root's cofactors, multiplied by the products of all other moduli and reduced modulo a leaf n, are
 * the product of all moduli but n, modulo n: one remainder tree over the leaves, without squares, and gcd(n, that) tells what
 * n shares. Memory is some twenty times the bytes of one batch, and once or twice those of all moduli. */
#pragma once
#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>

#define SHARED_PRIMES_BATCH (1u << 17)          /* below 1 GB with 2,048 bits */

/* Moduli are odd, above 1, each once. The first `fresh` of them are asked; the others are those that were asked before, and only
 * asked about. At most `batch` of them share a tree. shared[i] (initialised by the caller) becomes gcd(n, product of all others). on_progress may be NULL, and
 * gives false to stop; then so does this. */
bool shared_primes_find(const mpz_t *moduli, size_t count, size_t fresh, size_t batch, mpz_t *shared,
                        bool (*on_progress)(void *context, size_t done, size_t total), void *context);

/* What a gcd means. Among moduli that have one above 1 (all of them, old partners too): */
struct shared_modulus {
    mpz_t n;
    mpz_t factor;                   /* out: a factor that another one has, 0: not accused */
    bool is_multiple;               /* out: another modulus divides this one; the fault is this one's alone */
    size_t partner;                 /* out: index of one that has the factor too, or that divides it */
};

/* Only 1 < gcd < n accuses: whoever is divided by nothing but by being a part of another is sound. */
void shared_primes_resolve(struct shared_modulus *moduli, size_t count);
