/* Digits are a number, and nothing else that strtol() and strtod() take. */
#include "probes/base/number_text.h"
#include "tests/cmocka_all.h"

static void digits_alone_are_a_number(void **state)
{
    (void)state;
    static const char *const refused[] = {"", " 5", "5 ", "+5", "-5", "0x5", "1e3", "5.0", "1--3", "five", "101", "18446744073709551616", "99999999999999999999999"};
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (number_text_read(refused[i], 100, &value) || value != 7)
            fail_msg("\"%s\"", refused[i]);
    assert_true(number_text_read("100", 100, &value));
    assert_int_equal(value, 100);
    assert_true(number_text_read("007", 100, &value));
    assert_int_equal(value, 7);
    assert_true(number_text_read("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(number_text_read("18446744073709551616", UINT64_MAX, &value));
}

static void a_fraction_is_written_with_a_point(void **state)
{
    (void)state;
    static const char *const refused[] = {"", " 0.5", "0.5 ", "+0.5", "-0.5", ".5", "5.", "0,5", "0x1p3", "1e3", "inf", "nan", "1.2.3"};
    double value = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (number_text_read_decimal(refused[i], &value) || value > 7 || value < 7)
            fail_msg("\"%s\"", refused[i]);
    assert_true(number_text_read_decimal("0.25", &value));
    assert_int_equal((int)(value * 100), 25);
    assert_true(number_text_read_decimal("20", &value));
    assert_int_equal((int)value, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(digits_alone_are_a_number), cmocka_unit_test(a_fraction_is_written_with_a_point)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
