/* Tests of one modulus that take milliseconds; `certsweep keys gcd` runs them once per distinct modulus. */
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

/* n must be odd and above 3. prime_test: also test whether n is a prime or a power of one, which takes some milliseconds. */
void slow_tests_run(struct slow_tests *tests, const mpz_t n, bool prime_test, struct key_findings *findings);
