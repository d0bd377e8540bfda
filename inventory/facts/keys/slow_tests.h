/* Tests of one modulus that take milliseconds: once per distinct modulus, in `certsweep keys gcd`. */
#pragma once
#include "inventory/facts/keys/key_finding.h"

#include <gmp.h>
#include <stdbool.h>

#define SLOW_TESTS_FACTOR_MAX 65536         /* no prime factor below it, as badkeys asks */

struct slow_tests {
    mpz_t primorial, rest, power;
};

void slow_tests_init(struct slow_tests *tests);
void slow_tests_clear(struct slow_tests *tests);

/* n is odd and above 3. prime_test: whether the modulus is itself a prime or the power of one, some milliseconds. */
void slow_tests_run(struct slow_tests *tests, const mpz_t n, bool prime_test, struct key_findings *findings);
