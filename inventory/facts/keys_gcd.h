/* The tests of RSA moduli that need time, or all the others: prime factors below 65,536, moduli that are primes, and primes
 * shared over the whole inventory. Each distinct modulus is tested once; what came since the last run is compared with
 * itself and with all that is there. */
#pragma once
#include "inventory/store/db.h"

#include <stdbool.h>
#include <stddef.h>

struct keys_gcd_options {
    bool no_prime_test;             /* leaves out some milliseconds per new modulus; they stay untested */
    /* Says how far a stage has come, now and then; NULL: nobody listens. */
    void (*on_progress)(const char *stage, size_t done, size_t total);
};

struct keys_gcd_report {
    size_t moduli;                  /* distinct ones in the inventory */
    size_t tested, compared;        /* new in this run */
    size_t excluded;                /* of all: even, or with a small factor */
    size_t small_factors, primes;   /* found in this run */
    size_t shared, multiples;       /* moduli accused in this run, old ones included */
};

bool keys_gcd_run(struct db *db, const struct keys_gcd_options *options, struct keys_gcd_report *report, struct error *err);
