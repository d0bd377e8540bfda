#include "scanner/process/progress.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>

static void assert_line(const struct worker_report *report, double rate, const char *wanted)
{
    char line[320];
    progress_format_line(report, rate, line, sizeof line);
    assert_string_equal(line, wanted);
}

static void the_line_tells_all_that_is_promised(void **state)
{
    (void)state;
    struct worker_report report = {
        .ended = 16384,
        .total = 65536,
        .certificates = 1200,
        .in_flight = 77,
        .outcomes = {[OUTCOME_RESET] = 3, [OUTCOME_UNREACHABLE] = 4, [OUTCOME_REFUSED] = 900},
    };
    assert_line(&report, 1024,
                " 25.0 %  16,384 of 65,536, 1024/s, 77 in flight, 1,200 found, 7 errors, left: 48 s");
    assert_line(&report, 0, " 25.0 %  16,384 of 65,536, 0/s, 77 in flight, 1,200 found, 7 errors");
}

static void names_are_part_of_the_share_and_of_the_time_left(void **state)
{
    (void)state;
    struct worker_report report = {.names_ended = 50, .names_total = 200};
    assert_line(&report, 10,
                " 25.0 %  0 of 0, names 50 of 200, 10/s, 0 in flight, 0 found, 0 errors, left: 15 s");
    report.ended = report.total = 200;
    assert_line(&report, 10,
                " 62.5 %  200 of 200, names 50 of 200, 10/s, 0 in flight, 0 found, 0 errors, left: 15 s");
}

static void a_whole_is_told_when_it_is_one(void **state)
{
    (void)state;
    struct worker_report report = {.ended = 999999, .total = 1000000};
    assert_line(&report, 0, " 99.9 %  999,999 of 1,000,000, 0/s, 0 in flight, 0 found, 0 errors");
    report.ended++;
    assert_line(&report, 5, "100.0 %  1,000,000 of 1,000,000, 5/s, 0 in flight, 0 found, 0 errors");
}

static void an_account_adds_up_or_says_what_is_missing(void **state)
{
    (void)state;
    static const uint64_t outcomes[OUTCOME_COUNT] = {[OUTCOME_CERTIFICATE] = 12, [OUTCOME_REFUSED] = 65524};
    char *text = progress_account("target", outcomes, 65536);
    assert_string_equal(text, "65,536 targets: 12 certificate, 65,524 refused");
    free(text);
    text = progress_account("target", (uint64_t[OUTCOME_COUNT]){[OUTCOME_REFUSED] = 1}, 1);
    assert_string_equal(text, "1 target: 1 refused");
    free(text);
    text = progress_account("name", outcomes, 70000);
    assert_string_equal(text, "70,000 names: 12 certificate, 65,524 refused, up to 4,464 not asked yet");
    free(text);
}

static void durations_are_for_people(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{0.2, "0 s"},         {59.4, "59 s"},     {61, "1 min 01 s"}, {3599.6, "1 h 00 min"},
                {7500, "2 h 05 min"}, {172800, "2 days"}, {-1, "0 s"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        progress_format_seconds(rows[i].seconds, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_tells_all_that_is_promised),
        cmocka_unit_test(names_are_part_of_the_share_and_of_the_time_left),
        cmocka_unit_test(a_whole_is_told_when_it_is_one),
        cmocka_unit_test(an_account_adds_up_or_says_what_is_missing),
        cmocka_unit_test(durations_are_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
