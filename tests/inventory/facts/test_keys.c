/* keys/: each weakness is found, and sound keys are not. Primes are made from a fixed seed. */
#include "inventory/certificate/der.h"
#include "inventory/certificate/pem.h"
#include "inventory/certificate/spki.h"
#include "inventory/facts/keys/known_keys.h"
#include "inventory/facts/keys/rsa_tests.h"
#include "inventory/facts/keys/shared_primes.h"
#include "inventory/facts/keys/slow_tests.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#define OPENSSL_SUPPRESS_DEPRECATED     /* EC_KEY: the shortest way from a number to a key */
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
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
        for (size_t batch = 3; batch <= MODULI; batch *= 9) {           /* several trees, and one */
            assert_true(shared_primes_find((const mpz_t *)n, MODULI, fresh, batch, shared, NULL, NULL));
            for (size_t i = 0; i < fresh; i++)
                assert_int_equal(mpz_cmp_ui(shared[i], 1) > 0, i < 7);
        }
    }
    struct shared_modulus among[7];
    assert_true(shared_primes_find((const mpz_t *)n, MODULI, MODULI, MODULI, shared, NULL, NULL));
    for (size_t i = 0; i < 7; i++)
        shared_modulus_init(&among[i], n[i], shared[i]);
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
        shared_modulus_clear(&among[i]);
    for (size_t i = 0; i < MODULI; i++)
        mpz_clears(n[i], shared[i], NULL);
    for (size_t i = 0; i < PRIMES; i++)
        mpz_clear(prime[i]);
    mpz_clears(own[0], own[1], NULL);
}

#define PAIRS 4000

/* Each pair has a prime of its own: if each modulus were compared with all others, a hundred thousand faulty ones would take days. */
static void many_pairs_are_told_apart(void **state)
{
    (void)state;
    static struct shared_modulus moduli[2 * PAIRS];
    mpz_t prime, n;
    mpz_inits(prime, n, NULL);
    mpz_set_ui(prime, 1u << 30);
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        if (i % 2 == 0)
            mpz_nextprime(prime, prime);
        mpz_ui_pow_ui(n, 2, 2040 - i % 2);
        mpz_mul_ui(n, n, i + 1);
        mpz_mul(n, n, prime);
        shared_modulus_init(&moduli[i], n, prime);
    }
    shared_primes_resolve(moduli, 2 * PAIRS);
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        assert_int_equal(mpz_cmp(moduli[i].factor, moduli[i].shared), 0);
        assert_int_equal(moduli[i].partner, i ^ 1);
        shared_modulus_clear(&moduli[i]);
    }
    mpz_clears(prime, n, NULL);
}

/* The first multiples of the generators, made again from their private keys. */
static void published_keys_are_known(void **state)
{
    (void)state;
    static const struct { const char *group; size_t bytes; } curves[] = {{"P-256", 32}, {"P-384", 48}, {"P-521", 66}};
    assert_true(known_keys_are_in_order());
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        for (BN_ULONG private = 1; private <= 17; private++) {
            EC_GROUP *group = EC_GROUP_new_by_curve_name(EC_curve_nist2nid(curves[i].group));
            EC_POINT *point = EC_POINT_new(group);
            BIGNUM *number = BN_new();
            BN_set_word(number, private);
            EC_POINT_mul(group, point, number, NULL, NULL, NULL);
            EC_KEY *key = EC_KEY_new();
            EC_KEY_set_group(key, group);
            EC_KEY_set_public_key(key, point);
            uint8_t *der = NULL, sha256[32];
            int len = i2d_EC_PUBKEY(key, &der);
            SHA256(der, (size_t)len, sha256);
            assert_int_equal(known_key_source(sha256) != NULL, private <= 16);
            OPENSSL_free(der);
            EC_KEY_free(key);
            BN_free(number);
            EC_POINT_free(point);
            EC_GROUP_free(group);
        }
    /* RFC 8032, 7.1, test 1, as a SubjectPublicKeyInfo (RFC 8410). */
    static const char test_1[] = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
        "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";
    uint8_t sha256[32];
    SHA256((const uint8_t *)test_1, sizeof test_1 - 1, sha256);
    assert_string_equal(known_key_source(sha256), "RFC 8032, 7.1, test 1");
}

/* n and e of RSAPublicKey, RSAPrivateKey or SubjectPublicKeyInfo in PEM; false where the file holds none. */
static bool rsa_numbers(struct byte_reader der, struct byte_reader *n, struct byte_reader *e)
{
    struct der_item outer, item, exponent;
    struct spki spki;
    if (spki_read(der, &spki))
        der = spki.bits;
    if (!der_read_tag(&der, DER_SEQUENCE, &outer) || !der_read_tag(&outer.content, DER_INTEGER, &item))
        return false;
    bool is_private = item.content.left == 1 && item.content.at[0] == 0 && outer.content.left > 300;
    if ((is_private && !der_read_tag(&outer.content, DER_INTEGER, &item)) || !der_read_tag(&outer.content, DER_INTEGER, &exponent))
        return false;
    *n = item.content;
    *e = exponent.content;
    return true;
}

/* With CERTSWEEP_SHARED: each kind of weak key that badkeys has a file of, and its sound ones. */
static void keys_of_badkeys_are_judged_as_there(void **state)
{
    (void)state;
    static const struct { const char *file; enum key_weakness weakness; } files[] = {
        {"rsa-ok.key", KEY_WEAKNESS_COUNT}, {"rsa-large-e.key", KEY_WEAKNESS_COUNT}, {"rsa-e-larger-n.key", KEY_EXPONENT_BEYOND_MODULUS},
        {"rsa-fermat-pkcs1.key", KEY_MODULUS_SQUARE}, {"rsa-nprime.key", KEY_MODULUS_PRIME}, {"rsa-pattern.key", KEY_PATTERN},
        {"rsa-roca.key", KEY_ROCA}, {"rsa-small-d.key", KEY_SMALL_PRIVATE_EXPONENT}, {"rsa-smallfactors-corrupt.key", KEY_SMALL_FACTOR},
        {"rsanzero.key", KEY_MODULUS_ZERO}, {"rsazerozero.key", KEY_EXPONENT_NOT_POSITIVE}, {"rsapoly128.key", KEY_BIT_BIAS},
        {"rsapoly32.key", KEY_BIT_BIAS},
    };
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, badkeys' keys are not read\n");
        skip();
    }
    struct rsa_tests tests;
    struct slow_tests slow;
    mpz_t number;
    mpz_init(number);
    rsa_tests_init(&tests);
    slow_tests_init(&slow);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = xasprintf("%s/corpora/badkeys/%s", shared, files[i].file);
        struct file_bytes file;
        struct error err = {0};
        struct key_findings findings = {0};
        struct byte_reader n = {0}, e = {0};
        struct pem_block block = {0};
        assert_true(file_bytes_open(&file, path, &err));
        struct pem_reader reader = pem_reader_of(file.bytes, file.len);
        assert_true(pem_next(&reader, &block) && rsa_numbers(byte_reader_of(block.der, block.len), &n, &e));
        rsa_tests_run(&tests, n, e, &findings);
        mpz_import(number, n.left, 1, 1, 1, 0, n.at);
        if (mpz_odd_p(number) && mpz_cmp_ui(number, 3) > 0)
            slow_tests_run(&slow, number, true, &findings);
        bool found = files[i].weakness == KEY_WEAKNESS_COUNT && findings.count == 0;
        for (size_t j = 0; j < findings.count; j++)
            found = found || findings.items[j].weakness == files[i].weakness;
        if (!found)
            fail_msg("%s: %zu findings, the first is %s", files[i].file, findings.count,
                     findings.count == 0 ? "none" : key_weakness_name(findings.items[0].weakness));
        key_findings_clear(&findings);
        free(block.der);
        file_bytes_close(&file);
        free(path);
    }
    slow_tests_clear(&slow);
    rsa_tests_clear(&tests);
    mpz_clear(number);
}

/* Base64 of either alphabet, up to the first other character; its bytes. */
static size_t base64_bytes(const char *text, uint8_t *out, size_t max)
{
    uint32_t bits = 0;
    size_t len = 0, count = 0;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    for (const char *c, *at = text; *at != '\0' && (c = strchr(alphabet, *at)) != NULL && len < max; at++) {
        size_t value = (size_t)(c - alphabet);
        bits = bits << 6 | (uint32_t)(value < 64 ? value : value - 2);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[len++] = (uint8_t)(bits >> count);
        }
    }
    return len;
}

static void ed25519_key(const uint8_t key[32], uint8_t spki[44])
{
    memcpy(spki, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
    memcpy(spki + 12, key, 32);
}

/* What the file's text says behind the mark, as a SubjectPublicKeyInfo; hexadecimal and JSON's moduli as the bytes of n. */
static size_t key_behind(const char *path, const char *mark, uint8_t *out, size_t max)
{
    struct file_bytes file;
    struct error err = {0};
    assert_true(file_bytes_open(&file, path, &err));
    char *text = xstrndup((const char *)file.bytes, file.len);
    struct pem_block block = {0};
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    size_t len = 0;
    if (strcmp(mark, "PEM") == 0) {
        assert_true(pem_next(&reader, &block) && block.len <= max);
        memcpy(out, block.der, len = block.len);
        free(block.der);
    } else if (strcmp(mark, "HEX") == 0) {
        for (unsigned byte; sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
            out[len] = (uint8_t)byte;
    } else {
        const char *found = strstr(text, mark);
        assert_non_null(found);
        len = base64_bytes(found + strlen(mark), out, max);
    }
    if (len == 32) {
        uint8_t key[32];
        memcpy(key, out, 32);
        ed25519_key(key, out);
        len = 44;
    }
    free(text);
    file_bytes_close(&file);
    return len;
}

/* badkeys' keys of other kinds and in other dress. The one with a shared prime is found beside its partner alone, which the corpus lacks. */
static void other_keys_of_badkeys_are_judged_as_there(void **state)
{
    (void)state;
    static const struct { const char *file, *mark, *source; enum key_weakness weakness; } files[] = {
        {"ed25519-rfc-example.key", "PEM", "RFC 8410, 10", KEY_KNOWN}, {"mldsa44.key", "PEM", "RFC 9881, C, ML-DSA-44", KEY_KNOWN},
        {"jwk-ed25519-rfc8037.json", "\"x\": \"", "RFC 8032, 7.1, test 1", KEY_KNOWN},
        {"dkim/dkim-insecure-rfc8463.txt", "p=", "RFC 8032, 7.1, test 1", KEY_KNOWN},
        {"jwk-rsa-rfc7517.json", "\"n\": \"", "RFC 7517, A.1", KEY_KNOWN}, {"jwk-rsa-ok.json", "\"n\": \"", NULL, KEY_WEAKNESS_COUNT},
        {"rsa-fermat-hexmodulus.txt", "HEX", NULL, KEY_CLOSE_PRIMES}, {"rsa-sharedprimes.key", "PEM", NULL, KEY_WEAKNESS_COUNT},
        {"dkim/dkim-comment-quotes.txt", "p=", NULL, KEY_WEAKNESS_COUNT}, {"dkim/dkim-valid-gmail.txt", "p=", NULL, KEY_WEAKNESS_COUNT},
        {"defect/public-fragment.key", "PEM", NULL, KEY_WEAKNESS_COUNT},
    };
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, badkeys' keys are not read\n");
        skip();
    }
    struct rsa_tests tests;
    rsa_tests_init(&tests);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        uint8_t key[4096], sha256[32], *der = key;
        char *path = xasprintf("%s/corpora/badkeys/%s", shared, files[i].file);
        size_t len = key_behind(path, files[i].mark, key, sizeof key);
        struct byte_reader n = byte_reader_of(key, len), e = byte_reader_of((const uint8_t *)"\x01\x00\x01", 3);
        bool is_number = strcmp(files[i].mark, "HEX") == 0 || strcmp(files[i].mark, "\"n\": \"") == 0;
        struct key_findings findings = {0};
        if (is_number) {
            RSA *rsa = RSA_new();
            uint8_t padded[4097] = {0};
            memcpy(padded + 1, key, len);
            n = byte_reader_of(padded, len + 1);
            RSA_set0_key(rsa, BN_bin2bn(key, (int)len, NULL), BN_bin2bn(e.at, 3, NULL), NULL);
            rsa_tests_run(&tests, n, e, &findings);
            der = NULL;
            len = (size_t)i2d_RSA_PUBKEY(rsa, &der);
            RSA_free(rsa);
        } else if (rsa_numbers(n, &n, &e))
            rsa_tests_run(&tests, n, e, &findings);
        SHA256(der, len, sha256);
        const char *source = known_key_source(sha256);
        if ((source == NULL) != (files[i].source == NULL) || (source != NULL && strcmp(source, files[i].source) != 0))
            fail_msg("%s: published %s", files[i].file, source == NULL ? "nowhere" : source);
        size_t wanted = files[i].weakness == KEY_CLOSE_PRIMES;
        if (findings.count != wanted || (wanted > 0 && findings.items[0].weakness != files[i].weakness))
            fail_msg("%s: %zu findings", files[i].file, findings.count);
        if (is_number)
            OPENSSL_free(der);
        key_findings_clear(&findings);
        free(path);
    }
    rsa_tests_clear(&tests);
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
        cmocka_unit_test(published_keys_are_known),
        cmocka_unit_test(keys_of_badkeys_are_judged_as_there),
        cmocka_unit_test(other_keys_of_badkeys_are_judged_as_there),
        cmocka_unit_test(shared_primes_accuse_whom_they_should),
        cmocka_unit_test(many_pairs_are_told_apart),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gmp_randclear(randomness);
    return failed;
}
