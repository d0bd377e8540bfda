#include "inventory/facts/keys/slow_tests.h"

#include "probes/base/memory.h"

#include <stdlib.h>

void slow_tests_init(struct slow_tests *tests)
{
    mpz_inits(tests->primorial, tests->rest, tests->power, NULL);
    mpz_primorial_ui(tests->primorial, SLOW_TESTS_FACTOR_MAX);
}

void slow_tests_clear(struct slow_tests *tests)
{
    mpz_clears(tests->primorial, tests->rest, tests->power, NULL);
}

/* Fermat's test to base 2 passes every prime and hardly any other number of this size; Miller-Rabin confirms the result. */
static bool is_prime(struct slow_tests *tests, const mpz_t n)
{
    mpz_sub_ui(tests->power, n, 1);
    mpz_set_ui(tests->rest, 2);
    mpz_powm(tests->rest, tests->rest, tests->power, n);
    return mpz_cmp_ui(tests->rest, 1) == 0 && mpz_probab_prime_p(n, 20) != 0;
}

void slow_tests_run(struct slow_tests *tests, const mpz_t n, bool prime_test, struct key_findings *findings)
{
    mpz_mod(tests->rest, tests->primorial, n);
    mpz_gcd(tests->rest, tests->rest, n);
    if (mpz_cmp_ui(tests->rest, 1) != 0 && mpz_cmp(tests->rest, n) != 0) {
        char *factors = mpz_get_str(NULL, 10, tests->rest);
        if (mpz_sizeinbase(tests->rest, 2) <= 256)
            key_findings_add(findings, KEY_SMALL_FACTOR, xasprintf("{\"product_of_small_factors\": %s}", factors));
        else
            key_findings_add(findings, KEY_SMALL_FACTOR, xstrdup("{}"));
        free(factors);
        return;
    }
    if (prime_test && is_prime(tests, n))
        key_findings_add(findings, KEY_MODULUS_PRIME, xstrdup("{}"));
}
