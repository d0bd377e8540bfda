/* The tests that run on every new RSA key: some 20 us with 2,048 bits. Tests that are slower or need all other keys belong to
 * `certsweep keys gcd` (shared_primes.h, slow_tests.h). */
#pragma once
#include "inventory/facts/keys/key_finding.h"
#include "inventory/facts/keys/roca.h"
#include "inventory/facts/keys/small_primes.h"
#include "probes/base/byte_reader.h"

#define RSA_TESTS_BYTES_MAX 2049    /* 16,384 bits and a sign; longer ones are not tested */

struct rsa_tests {                  /* scratch and constants: one per thread, used again and again */
    struct small_primes primes;
    struct roca roca;
    mpz_t n, e, a, b, c, d, k, k_before, d_before, quotient;
};

void rsa_tests_init(struct rsa_tests *tests);
void rsa_tests_clear(struct rsa_tests *tests);

/* Contents of the INTEGERs modulus and exponent. False: too long to be tested. */
bool rsa_tests_run(struct rsa_tests *tests, struct byte_reader modulus, struct byte_reader exponent, struct key_findings *findings);
