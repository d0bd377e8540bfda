/* SipHash-2-4 against the vectors of its authors, and what a cookie depends on. */
#include "scanner/syn/cookie.h"
#include "tests/cmocka_all.h"

static const uint8_t key_bytes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* "SipHash: a fast short-input PRF", appendix A, and the first of the reference code's vectors_sip64. */
static void the_authors_vectors_hold(void **state)
{
    (void)state;
    const struct cookie_key key = cookie_key_of(key_bytes);
    uint8_t input[15];
    for (uint8_t i = 0; i < 15; i++)
        input[i] = i;
    assert_true(siphash_2_4(&key, input, 15) == 0xa129ca6149be45e5ULL);
    assert_true(siphash_2_4(&key, input, 0) == 0x726fdb47dd0e0e31ULL);
    assert_true(siphash_2_4(&key, input, 8) == 0x93f5f5799a932462ULL);
}

static void a_cookie_depends_on_key_ends_and_port(void **state)
{
    (void)state;
    struct cookie_key key = cookie_key_of(key_bytes), other = key;
    struct address a, b, c;
    assert_true(address_parse("10.0.0.1", &a));
    assert_true(address_parse("10.0.0.2", &b));
    assert_true(address_parse("2001:db8::1", &c));
    other.words[1]++;
    uint64_t cookie = cookie_of(&key, &a, &b, 443);
    assert_true(cookie == cookie_of(&key, &a, &b, 443));
    assert_true(cookie != cookie_of(&other, &a, &b, 443));
    assert_true(cookie != cookie_of(&key, &b, &a, 443));
    assert_true(cookie != cookie_of(&key, &a, &b, 444));
    assert_true(cookie_of(&key, &c, &c, 443) != cookie_of(&key, &c, &c, 444));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_authors_vectors_hold),
        cmocka_unit_test(a_cookie_depends_on_key_ends_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
