#include "inventory/facts/keys/rsa_tests.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define FERMAT_ROUNDS 100           /* BR 6.1.1.3 */
#define PATTERN_BYTES 16

void rsa_tests_init(struct rsa_tests *tests)
{
    small_primes_init(&tests->primes);
    roca_init(&tests->roca, &tests->primes);
    mpz_inits(tests->n, tests->e, tests->a, tests->b, tests->c, tests->d, tests->k, tests->k_before, tests->d_before,
              tests->quotient, NULL);
}

void rsa_tests_clear(struct rsa_tests *tests)
{
    mpz_clears(tests->n, tests->e, tests->a, tests->b, tests->c, tests->d, tests->k, tests->k_before, tests->d_before,
               tests->quotient, NULL);
    roca_clear(&tests->roca);
    small_primes_clear(&tests->primes);
}

static bool is_negative(struct byte_reader integer)
{
    return integer.left > 0 && (integer.at[0] & 0x80) != 0;
}

static void exponent_test(struct rsa_tests *tests, bool negative, struct key_findings *findings)
{
    if (negative || mpz_sgn(tests->e) == 0)
        key_findings_add(findings, KEY_EXPONENT_NOT_POSITIVE, xstrdup("{}"));
    else if (mpz_cmp_ui(tests->e, 1) == 0)
        key_findings_add(findings, KEY_EXPONENT_ONE, xstrdup("{}"));
    else if (mpz_even_p(tests->e))
        key_findings_add(findings, KEY_EXPONENT_EVEN, xstrdup("{}"));
    if (!negative && mpz_sgn(tests->n) > 0 && mpz_cmp(tests->e, tests->n) >= 0)
        key_findings_add(findings, KEY_EXPONENT_BEYOND_MODULUS, xstrdup("{}"));
}

/* If the two primes are close, (a - b)(a + b) = n for some a near the root of n. */
static bool fermat(struct rsa_tests *tests, unsigned *round)
{
    mpz_sqrt(tests->a, tests->n);
    mpz_add_ui(tests->a, tests->a, 1);
    mpz_mul(tests->b, tests->a, tests->a);
    mpz_sub(tests->b, tests->b, tests->n);
    mpz_mul_2exp(tests->a, tests->a, 1);
    mpz_add_ui(tests->a, tests->a, 1);          /* the step from a^2 to (a + 1)^2 */
    for (*round = 1; *round <= FERMAT_ROUNDS; ++*round) {
        if (mpz_perfect_square_p(tests->b))
            return true;
        mpz_add(tests->b, tests->b, tests->a);
        mpz_add_ui(tests->a, tests->a, 2);
    }
    return false;
}

/* True if (e * d - 1) / k is phi(n); then the primes follow from it. */
static bool wiener_holds(struct rsa_tests *tests)
{
    if (mpz_sgn(tests->k) == 0)
        return false;
    mpz_mul(tests->quotient, tests->e, tests->d);
    mpz_tdiv_q(tests->quotient, tests->quotient, tests->k);
    mpz_sub(tests->c, tests->n, tests->quotient);
    mpz_add_ui(tests->c, tests->c, 1);          /* p + q */
    mpz_mul(tests->c, tests->c, tests->c);
    mpz_submul_ui(tests->c, tests->n, 4);       /* (p - q)^2 */
    return mpz_sgn(tests->c) >= 0 && mpz_perfect_square_p(tests->c);
}

/* Wiener 1990: k/d is a convergent of e/n where d is below the fourth root of n. */
static bool small_private_exponent(struct rsa_tests *tests, size_t *bits)
{
    if (mpz_sizeinbase(tests->e, 2) <= 32)
        return false;
    size_t limit = mpz_sizeinbase(tests->n, 2) / 4 + 2;
    mpz_set(tests->a, tests->e);
    mpz_set(tests->b, tests->n);
    mpz_set_ui(tests->k_before, 1);
    mpz_set_ui(tests->d_before, 0);
    mpz_set_ui(tests->k, 0);
    mpz_set_ui(tests->d, 1);
    /* Starts after e/n's integer part, which is 0, since e is below n. */
    mpz_swap(tests->a, tests->b);
    while (mpz_sgn(tests->b) != 0) {
        mpz_tdiv_qr(tests->quotient, tests->c, tests->a, tests->b);
        mpz_swap(tests->a, tests->b);
        mpz_swap(tests->b, tests->c);
        mpz_addmul(tests->k_before, tests->quotient, tests->k);
        mpz_addmul(tests->d_before, tests->quotient, tests->d);
        mpz_swap(tests->k, tests->k_before);
        mpz_swap(tests->d, tests->d_before);
        *bits = mpz_sizeinbase(tests->d, 2);
        if (*bits > limit)
            return false;
        if (wiener_holds(tests))
            return true;
    }
    return false;
}

/* The same byte 16 times, at any half byte. */
static bool has_pattern(struct byte_reader modulus)
{
    size_t run = 0, count = 2 * modulus.left;
    for (size_t i = 2; i < count; i++) {
        uint8_t nibble = i % 2 == 0 ? modulus.at[i / 2] >> 4 : modulus.at[i / 2] & 15;
        uint8_t before = i % 2 == 0 ? modulus.at[i / 2 - 1] >> 4 : modulus.at[i / 2 - 1] & 15;
        run = nibble == before ? run + 1 : 0;
        if (run == 2 * (PATTERN_BYTES - 1))
            return true;
    }
    return false;
}

static unsigned ones_percent(const mpz_t n, size_t bits)
{
    return (unsigned)(mpz_popcount(n) * 100 / bits);
}

/* How far the number of set bits may be from half: badkeys' thresholds. */
static bool is_biased(unsigned percent, size_t bits)
{
    unsigned threshold = bits > 2000 ? 10 : bits > 1000 ? 12 : 17;
    return percent <= 50 - threshold || percent > 50 + threshold;
}

static void bias_test(struct rsa_tests *tests, struct key_findings *findings)
{
    size_t bits = mpz_sizeinbase(tests->n, 2);
    unsigned percent = ones_percent(tests->n, bits);
    if (bits < 500 || !is_biased(percent, bits))
        return;
    mpz_tdiv_r_2exp(tests->c, tests->n, bits / 2);
    unsigned lower = ones_percent(tests->c, bits / 2);
    /* A chosen text in the upper half does not determine the lower half: a vanity key, not necessarily a weak one. */
    key_findings_add(findings, KEY_BIT_BIAS, xasprintf("{\"ones_percent\": %u, \"lower_half_ones_percent\": %u, \"vanity\": %s}",
                                                       percent, lower, is_biased(lower, bits) ? "false" : "true"));
}

static bool small_factor_test(struct rsa_tests *tests, const uint32_t *residues, struct key_findings *findings)
{
    for (size_t i = 1; i < SMALL_PRIMES_COUNT; i++)             /* 2 is tested separately (KEY_MODULUS_EVEN) */
        if (residues[i] == 0) {
            key_findings_add(findings, KEY_SMALL_FACTOR, xasprintf("{\"factor\": %u}", tests->primes.prime[i]));
            return true;
        }
    return false;
}

static void modulus_test(struct rsa_tests *tests, struct byte_reader modulus, struct key_findings *findings)
{
    uint32_t residues[SMALL_PRIMES_COUNT];
    unsigned round;
    size_t bits;
    if (has_pattern(modulus))
        key_findings_add(findings, KEY_PATTERN, xstrdup("{}"));
    if (mpz_even_p(tests->n)) {
        key_findings_add(findings, KEY_MODULUS_EVEN, xstrdup("{}"));
        return;
    }
    small_primes_residues(&tests->primes, tests->n, residues);
    bool small = small_factor_test(tests, residues, findings);
    if (mpz_perfect_square_p(tests->n))
        key_findings_add(findings, KEY_MODULUS_SQUARE, xstrdup("{}"));
    else if (fermat(tests, &round))
        key_findings_add(findings, KEY_CLOSE_PRIMES, xasprintf("{\"rounds\": %u}", round));
    if (small)                      /* the other tests are meaningless for a number with small factors */
        return;
    bias_test(tests, findings);
    if (roca_test(&tests->roca, tests->n, residues))
        key_findings_add(findings, KEY_ROCA, xstrdup("{}"));
    if (mpz_cmp(tests->e, tests->n) < 0 && small_private_exponent(tests, &bits))
        key_findings_add(findings, KEY_SMALL_PRIVATE_EXPONENT, xasprintf("{\"bits\": %zu}", bits));
}

bool rsa_tests_run(struct rsa_tests *tests, struct byte_reader modulus, struct byte_reader exponent, struct key_findings *findings)
{
    if (modulus.left > RSA_TESTS_BYTES_MAX || exponent.left > RSA_TESTS_BYTES_MAX || modulus.left == 0)
        return false;
    mpz_import(tests->n, modulus.left, 1, 1, 1, 0, modulus.at);
    mpz_import(tests->e, exponent.left, 1, 1, 1, 0, exponent.at);
    if (is_negative(modulus))
        key_findings_add(findings, KEY_MODULUS_NEGATIVE, xstrdup("{}"));
    else if (mpz_sgn(tests->n) == 0)
        key_findings_add(findings, KEY_MODULUS_ZERO, xstrdup("{}"));
    exponent_test(tests, is_negative(exponent) || exponent.left == 0, findings);
    if (!is_negative(modulus) && mpz_cmp_ui(tests->n, 3) > 0)
        modulus_test(tests, modulus, findings);
    return true;
}
