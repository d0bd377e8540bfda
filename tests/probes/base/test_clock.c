/* Dates as people and databases write them. */
#include "probes/base/clock.h"
#include "tests/cmocka_all.h"

static void dates_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc;
    } cases[] = {
        {"2026-01-31", "2026-01-31T00:00:00.000000Z"},
        {"2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.123456Z"},
        {"2026-01-31 12:00", "2026-01-31T12:00:00.000000Z"},
        {"2026-01-31 12:00:00+01:00", "2026-01-31T11:00:00.000000Z"},
        {"1969-12-31 23:59:59.5Z", "1969-12-31T23:59:59.500000Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time_us;
        char text[CLOCK_TEXT_SIZE];
        assert_true(clock_parse_us(cases[i].text, &time_us));
        clock_format_us(time_us, text);
        assert_string_equal(text, cases[i].utc);
    }
}

static void the_ends_of_the_clock_are_clamped(void **state)
{
    (void)state;
    static const struct {
        int64_t time_us;
        const char *text;
    } cases[] = {
        {INT64_MIN, "0000-01-01T00:00:00.000000Z"}, {INT64_MAX, "9999-12-31T23:59:59.999999Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},        {-1000000, "1969-12-31T23:59:59.000000Z"},
        {0, "1970-01-01T00:00:00.000000Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_us(cases[i].time_us, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void dates_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"2026-02-30", "2026-13-01", "26-01-01",       "2026-01-01x",
                                        "31.01.2026", "",           "2026-01-01T25:00", "2026-01-01T10:00:00.",
                                        "0000-12-31", "0001-01-01T00:00+01:00"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time_us;
        assert_false(clock_parse_us(cases[i], &time_us));
    }
}

static void times_beyond_all_calendars_are_clamped(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_SIZE];
    clock_format_us(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00.000000Z");
    clock_format_us(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
    clock_format_us(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_and_written),
        cmocka_unit_test(the_ends_of_the_clock_are_clamped),
        cmocka_unit_test(dates_that_do_not_exist_are_refused),
        cmocka_unit_test(times_beyond_all_calendars_are_clamped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
