/* The tests of RSA moduli that are slow or need all other moduli: prime factors below 65,536, moduli that are primes, and
 * primes shared between moduli of the inventory. Each distinct modulus is tested once; those that are new since the last
 * run are compared with each other and with all older ones. */
#pragma once
#include "inventory/store/db.h"

#include <stdbool.h>
#include <stddef.h>

struct keys_gcd_options {
    bool no_prime_test;             /* saves some milliseconds per new modulus; they stay untested */
    /* Called now and then with the progress of a stage; may be NULL. */
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
