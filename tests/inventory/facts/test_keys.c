/* keys/: each weakness is found, and sound keys are not. Primes are made from a fixed seed. */
#include "inventory/facts/keys/rsa_tests.h"
#include "inventory/facts/keys/shared_primes.h"
#include "inventory/facts/keys/slow_tests.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static gmp_randstate_t randomness;

static void prime_make(mpz_t prime, unsigned bits)
{
    do {
        mpz_urandomb(prime, randomness, bits - 2);
        mpz_setbit(prime, bits - 1);
        mpz_setbit(prime, bits - 2);
        mpz_nextprime(prime, prime);
    } while (mpz_sizeinbase(prime, 2) != bits);
}

/* The content of an INTEGER; yours: free(). */
static struct byte_reader integer_of(const mpz_t n)
{
    size_t len = mpz_sizeinbase(n, 2) / 8 + 1;
    uint8_t *bytes = xcalloc(len, 1);
    size_t used = (mpz_sizeinbase(n, 2) + 7) / 8;
    if (mpz_sgn(n) != 0)
        mpz_export(bytes + len - used, NULL, 1, 1, 1, 0, n);
    return byte_reader_of(bytes, len);
}

static char *found(struct rsa_tests *tests, const mpz_t n, const mpz_t e)
{
    struct key_findings findings = {0};
    struct byte_reader modulus = integer_of(n), exponent = integer_of(e);
    assert_true(rsa_tests_run(tests, modulus, exponent, &findings));
    char *text = xstrdup("");
    for (size_t i = 0; i < findings.count; i++) {
        char *longer = xasprintf("%s%s%s", text, i == 0 ? "" : " ", key_weakness_name(findings.items[i].weakness));
        free(text);
        text = longer;
    }
    key_findings_clear(&findings);
    free((void *)modulus.at);
    free((void *)exponent.at);
    return text;
}

static void expect(struct rsa_tests *tests, const char *want, const mpz_t n, const mpz_t e)
{
    char *text = found(tests, n, e);
    assert_string_equal(text, want);
    free(text);
}

static void each_weakness_of_rsa_has_its_word(void **state)
{
    (void)state;
    struct rsa_tests tests;
    mpz_t p, q, n, e, other;
    rsa_tests_init(&tests);
    mpz_inits(p, q, n, other, NULL);
    mpz_init_set_ui(e, 65537);
    prime_make(p, 512);
    prime_make(q, 512);
    mpz_mul(n, p, q);
    expect(&tests, "", n, e);
    mpz_set_ui(e, 1);
    expect(&tests, "exponent_one", n, e);
    mpz_set_ui(e, 0);
    expect(&tests, "exponent_not_positive", n, e);
    mpz_set_ui(e, 65536);
    expect(&tests, "exponent_even", n, e);
    mpz_add_ui(e, n, 2);
    expect(&tests, "exponent_beyond_modulus", n, e);
    mpz_set_ui(e, 65537);
    mpz_set_ui(n, 0);
    expect(&tests, "modulus_zero", n, e);
    mpz_mul_ui(n, p, 2);
    expect(&tests, "modulus_even", n, e);
    mpz_mul(n, p, p);
    expect(&tests, "modulus_square", n, e);
    mpz_mul_ui(n, p, 751);
    expect(&tests, "small_factor", n, e);
    mpz_mul_ui(n, p, 757);                      /* the next one is no longer small here */
    expect(&tests, "", n, e);
    mpz_nextprime(q, p);
    mpz_mul(n, p, q);
    expect(&tests, "close_primes", n, e);
    mpz_set_ui(other, 1);
    mpz_mul_2exp(other, other, 400);            /* the difference of a 100-bit-close pair is out of reach of 100 rounds */
    mpz_add(q, p, other);
    mpz_nextprime(q, q);
    mpz_mul(n, p, q);
    expect(&tests, "", n, e);
    rsa_tests_clear(&tests);
    mpz_clears(p, q, n, e, other, NULL);
}

static void a_short_private_exponent_is_found(void **state)
{
    (void)state;
    struct rsa_tests tests;
    mpz_t p, q, n, e, d, units;
    rsa_tests_init(&tests);
    mpz_inits(p, q, n, e, d, units, NULL);
    for (unsigned bits = 20; bits <= 280; bits += 130) {
        prime_make(p, 512);
        prime_make(q, 512);
        mpz_mul(n, p, q);
        mpz_sub_ui(p, p, 1);
        mpz_sub_ui(q, q, 1);
        mpz_mul(units, p, q);
        do
            prime_make(d, bits);
        while (mpz_invert(e, d, units) == 0);
        expect(&tests, bits < 254 ? "small_private_exponent" : "", n, e);       /* Wiener's bound is a quarter of 1,024 bits */
    }
    rsa_tests_clear(&tests);
    mpz_clears(p, q, n, e, d, units, NULL);
}

/* A prime as Infineon's library made it: k * M + (65537^a mod M). */
static void roca_prime_make(mpz_t prime)
{
    mpz_t modulus, power, k;
    mpz_inits(power, k, NULL);
    mpz_init(modulus);
    mpz_primorial_ui(modulus, 167);
    do {
        mpz_set_ui(power, 65537);
        mpz_urandomb(k, randomness, 61);
        mpz_powm(power, power, k, modulus);
        mpz_urandomb(k, randomness, 36);
        mpz_setbit(k, 36);
        mpz_mul(prime, k, modulus);
        mpz_add(prime, prime, power);
    } while (mpz_probab_prime_p(prime, 20) == 0);
    mpz_clears(modulus, power, k, NULL);
}

static void roca_keys_are_found_and_no_others(void **state)
{
    (void)state;
    struct rsa_tests tests;
    mpz_t p, q, n, e;
    rsa_tests_init(&tests);
    mpz_inits(p, q, n, NULL);
    mpz_init_set_ui(e, 65537);
    for (int i = 0; i < 5; i++) {
        roca_prime_make(p);
        roca_prime_make(q);
        mpz_mul(n, p, q);
        expect(&tests, "roca", n, e);
        mpz_nextprime(q, q);                    /* no such prime */
        mpz_mul(n, p, q);
        expect(&tests, "", n, e);
    }
    rsa_tests_clear(&tests);
    mpz_clears(p, q, n, e, NULL);
}

static void patterns_and_bias_are_found(void **state)
{
    (void)state;
    struct rsa_tests tests;
    mpz_t p, q, n, e;
    rsa_tests_init(&tests);
    mpz_inits(p, q, n, NULL);
    mpz_init_set_ui(e, 65537);
    mpz_ui_pow_ui(p, 2, 511);
    mpz_nextprime(p, p);
    mpz_ui_pow_ui(q, 2, 510);
    mpz_nextprime(q, q);
    mpz_mul(n, p, q);
    char *text = found(&tests, n, e);
    assert_non_null(strstr(text, "pattern"));
    assert_non_null(strstr(text, "bit_bias"));
    free(text);
    prime_make(p, 512);
    prime_make(q, 512);
    mpz_mul(n, p, q);
    for (unsigned bit = 700; bit < 700 + 16 * 8 - 4; bit++)     /* 31 half bytes are no pattern yet */
        mpz_clrbit(n, bit);
    mpz_setbit(n, 699);
    mpz_setbit(n, 700 + 16 * 8 - 4);
    text = found(&tests, n, e);
    assert_null(strstr(text, "pattern"));
    free(text);
    for (unsigned bit = 700; bit < 700 + 16 * 8; bit++)
        mpz_clrbit(n, bit);
    text = found(&tests, n, e);
    assert_non_null(strstr(text, "pattern"));
    free(text);
    rsa_tests_clear(&tests);
    mpz_clears(p, q, n, e, NULL);
}

static void what_takes_longer_is_found_too(void **state)
{
    (void)state;
    struct slow_tests tests;
    struct key_findings findings = {0};
    mpz_t p, n;
    slow_tests_init(&tests);
    mpz_inits(p, n, NULL);
    prime_make(p, 512);
    slow_tests_run(&tests, p, true, &findings);
    assert_int_equal(findings.items[0].weakness, KEY_MODULUS_PRIME);
    slow_tests_run(&tests, p, false, &findings);
    assert_int_equal(findings.count, 1);
    mpz_mul_ui(n, p, 65521);
    slow_tests_run(&tests, n, true, &findings);
    assert_int_equal(findings.items[1].weakness, KEY_SMALL_FACTOR);
    mpz_mul_ui(n, p, 65537);
    slow_tests_run(&tests, n, true, &findings);
    assert_int_equal(findings.count, 2);
    key_findings_clear(&findings);
    slow_tests_clear(&tests);
    mpz_clears(p, n, NULL);
}

#define PRIMES 9
#define MODULI 27

/* Twenty sound moduli; two that share a prime; a triangle; one that another divides. Asked at once, or one after the other. */
static void shared_primes_accuse_whom_they_should(void **state)
{
    (void)state;
    mpz_t prime[PRIMES], n[MODULI], shared[MODULI], own[2];
    mpz_inits(own[0], own[1], NULL);
    for (size_t i = 0; i < PRIMES; i++) {
        mpz_init(prime[i]);
        prime_make(prime[i], 256);
    }
    static const size_t factors[MODULI][2] = {{0, 1}, {1, 2}, {3, 4}, {4, 5}, {3, 5}, {6, 7}, {6, 7}};
    for (size_t i = 0; i < MODULI; i++) {
        mpz_inits(n[i], shared[i], NULL);
        if (i < 7) {
            mpz_mul(n[i], prime[factors[i][0]], prime[factors[i][1]]);
            continue;
        }
        prime_make(own[0], 256);
        prime_make(own[1], 256);
        mpz_mul(n[i], own[0], own[1]);
    }
    mpz_mul(n[6], n[5], prime[8]);                      /* the sixth is sound, the seventh a multiple of it */
    for (size_t fresh = 1; fresh <= MODULI; fresh += 13) {
        assert_true(shared_primes_find((const mpz_t *)n, MODULI, fresh, shared, NULL, NULL));
        for (size_t i = 0; i < fresh; i++)
            assert_int_equal(mpz_cmp_ui(shared[i], 1) > 0, i < 7);
    }
    struct shared_modulus among[7];
    for (size_t i = 0; i < 7; i++) {
        among[i] = (struct shared_modulus){.partner = SIZE_MAX};
        mpz_init_set(among[i].n, n[i]);
        mpz_init(among[i].factor);
    }
    shared_primes_resolve(among, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(mpz_sgn(among[i].factor) != 0, i < 5);
        assert_int_equal(among[i].is_multiple, i == 6);
        if (i < 5) {
            assert_true(mpz_divisible_p(among[i].n, among[i].factor) && mpz_divisible_p(among[among[i].partner].n, among[i].factor));
            assert_true(among[i].partner != i && among[i].partner < 5);
        }
    }
    for (size_t i = 0; i < 7; i++)
        mpz_clears(among[i].n, among[i].factor, NULL);
    for (size_t i = 0; i < MODULI; i++)
        mpz_clears(n[i], shared[i], NULL);
    for (size_t i = 0; i < PRIMES; i++)
        mpz_clear(prime[i]);
    mpz_clears(own[0], own[1], NULL);
}

int main(void)
{
    gmp_randinit_mt(randomness);
    gmp_randseed_ui(randomness, 20260131);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_weakness_of_rsa_has_its_word),
        cmocka_unit_test(a_short_private_exponent_is_found),
        cmocka_unit_test(roca_keys_are_found_and_no_others),
        cmocka_unit_test(patterns_and_bias_are_found),
        cmocka_unit_test(what_takes_longer_is_found_too),
        cmocka_unit_test(shared_primes_accuse_whom_they_should),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gmp_randclear(randomness);
    return failed;
}
