#include "tests/cmocka_all.h"

#include "scanner/targets/known_names.h"
#include "scanner/process/progress.h"
#include "scanner/sweep/scan_settings.h"

#include <stdlib.h>
#include <string.h>

static void settings_come_back_as_they_went(void **state)
{
    (void)state;
    struct scan_settings a, b;
    struct error err = {0};
    scan_settings_init(&a);
    a.depth = TLS_DEPTH_SUITES;
    a.connect_ms = 123;
    a.reset_end = a.syn = a.prove = true;
    a.rate = strdup("max");
    a.exclusions = strdup("10.0.0.1\n\"quoted\"\n");
    scan_settings_add(&a.sni, &a.sni_count, "a.example");
    scan_settings_add(&a.targets, &a.target_count, "10.0.0.0/8");
    scan_settings_add(&a.follow_up_of, &a.follow_up_count, "01234567-89ab-4def-8123-456789abcdef");
    char *text = scan_settings_format(&a);
    scan_settings_init(&b);
    assert_true(scan_settings_parse(text, &b, &err));
    char *again = scan_settings_format(&b);
    assert_string_equal(text, again);
    assert_int_equal(b.connect_ms, 123);
    assert_true(b.prove);
    assert_int_equal(b.follow_up_count, 1);
    assert_string_equal(b.exclusions, a.exclusions);
    free(text);
    free(again);
    scan_settings_clear(&a);
    scan_settings_clear(&b);
}

static void a_foreign_plan_is_refused_with_the_member_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *plan, *says;
    } cases[] = {
        {"", "not a JSON object"},
        {"[]", "not a JSON object"},
        {"{\"loops\":1,\"loops\":2}", "not a JSON object"},
        {"{\"connect_ms\":-1}", "connect_ms"},
        {"{\"connect_ms\":99999999999}", "connect_ms"},
        {"{\"loops\":\"4\"}", "loops"},
        {"{\"rate\":5}", "rate"},
        {"{\"depth\":\"deeper\"}", "depth"},
        {"{\"sni\":\"a\"}", "sni"},
        {"{\"targets\":[1]}", "targets"},
        {"{\"follow_up_of\":[1]}", "follow_up_of"},
        {"{\"syn\":1}", "syn"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scan_settings settings;
        struct error err = {0};
        scan_settings_init(&settings);
        assert_false(scan_settings_parse(cases[i].plan, &settings, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, cases[i].says));
        scan_settings_clear(&settings);
    }
}

static void known_names_are_found_by_address_and_bad_lines_left_out(void **state)
{
    (void)state;
    struct known_names *names =
        known_names_create("10.0.0.2 b.example\n10.0.0.1 a.example\nnonsense\n10.0.0.2 \n"
                           "10.0.0.300 x.example\n::ffff:10.0.0.2 c.example\n2001:db8::1 six.example\n10.0.0.7 *\n"
                           "10.0.0.300 *\n10.0.0.8 **");
    struct address address;
    size_t count;
    address_parse("10.0.0.2", &address);
    const char *const *found = known_names_find(names, &address, &count);
    assert_int_equal(count, 2);
    assert_string_equal(found[0], "b.example");
    assert_string_equal(found[1], "c.example");
    address_parse("2001:db8::1", &address);
    found = known_names_find(names, &address, &count);
    assert_int_equal(count, 1);
    address_parse("10.0.0.9", &address);
    known_names_find(names, &address, &count);
    assert_int_equal(count, 0);
    const struct address *hosts;
    assert_int_equal(known_names_count(names), 4);
    assert_int_equal(known_names_one_session(names, &hosts), 1);
    address_parse("10.0.0.7", &address);
    assert_int_equal(address_compare(hosts, &address), 0);
    known_names_destroy(names);
    char text[] = "10.0.0.2 b.example\n10.0.0.7 *\n10.0.0.1 a.example\n10.0.0.8 *";
    known_names_leave_out(text);
    assert_string_equal(text, "10.0.0.7 *\n10.0.0.8 *");
    names = known_names_create("10.0.0.7 *");
    assert_int_equal(known_names_count(names), 0);
    known_names_destroy(names);
    names = known_names_create("");
    known_names_find(names, &address, &count);
    assert_int_equal(count, 0);
    known_names_destroy(names);
}

static void an_account_adds_up_or_says_what_is_missing(void **state)
{
    (void)state;
    uint64_t outcomes[OUTCOME_COUNT] = {[OUTCOME_CERTIFICATE] = 12, [OUTCOME_REFUSED] = 65000};
    char *text = progress_account("target", outcomes, 65012);
    assert_string_equal(text, "65,012 targets: 12 certificate, 65,000 refused");
    free(text);
    text = progress_account("target", outcomes, 65536);
    assert_string_equal(text, "65,536 targets: 12 certificate, 65,000 refused, up to 524 not asked yet");
    free(text);
}

static void durations_read_well(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0 s"},           {59.4, "59 s"},     {61, "1 min 01 s"},
                 {7500, "2 h 05 min"}, {400000, "5 days"}, {-1, "0 s"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[32];
        progress_format_seconds(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_back_as_they_went),
        cmocka_unit_test(a_foreign_plan_is_refused_with_the_member_that_is_wrong),
        cmocka_unit_test(known_names_are_found_by_address_and_bad_lines_left_out),
        cmocka_unit_test(an_account_adds_up_or_says_what_is_missing),
        cmocka_unit_test(durations_read_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
