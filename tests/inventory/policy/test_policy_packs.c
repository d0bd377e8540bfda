/* Packs and files as policies: each pack is sound, names in any spelling mean the same, holidays are read, several become one. */
#include "inventory/policy/holidays.h"
#include "inventory/policy/policy_dn.h"
#include "inventory/policy/policy_merge.h"
#include "inventory/policy/policy_packs.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct policy *parsed(const char *text)
{
    struct error err = {0};
    struct policy *policy = policy_parse("p.ini", text, &err);
    if (policy == NULL)
        fail_msg("%s", err.text);
    return policy;
}

static void expect_error(const char *text, const char *error)
{
    struct error err = {0};
    struct policy *policy = policy_parse("p.ini", text, &err);
    if (policy != NULL || strstr(err.text, error) == NULL)
        fail_msg("%s: \"%s\"", text, err.text);
    policy_destroy(policy);
}

static void every_pack_is_sound(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++, count++) {
        struct policy *policy = parsed(pack->text);
        assert_string_equal(policy_name(policy), pack->name);
        assert_string_not_equal(policy_title(policy), "");
        assert_string_not_equal(policy_source(policy), "");
        policy_destroy(policy);
    }
    assert_int_equal(count, 9);
    assert_null(policy_pack_find("california"));
    struct error err = {0};
    assert_null(policy_find("california", &err));
    assert_non_null(strstr(err.text, "policy list"));
}

static void names_in_any_spelling_are_the_same(void **state)
{
    (void)state;
    static const struct { const char *text, *attributes; } names[] = {
        {"O=Sectigo Limited", "O=Sectigo Limited"},
        {" o = Sectigo  Limited ", "o=Sectigo Limited"},
        {"organizationName = Sectigo Limited", "O=Sectigo Limited"},
        {"CN=Issuing CA, O=Example Agency, C=US", "CN=Issuing CA\nO=Example Agency\nC=US"},
        {"/C=US/O=Example Agency/CN=Issuing CA", "C=US\nO=Example Agency\nCN=Issuing CA"},
        {"C = US, O = \"Entrust, Inc.\", CN = x", "C=US\nO=Entrust, Inc.\nCN=x"},
        {"O=Entrust, Inc.", "O=Entrust, Inc."},
        {"O=Entrust\\, Inc.,C=US", "O=Entrust, Inc.\nC=US"},
        {"O=Acme #1 Trust", "O=Acme #1 Trust"},
        {"OID.2.5.4.10=Example; S=California", "O=Example\nST=California"},
        {"E=ca@example.gov+CN=a/b", "emailAddress=ca@example.gov\nCN=a/b"},
        {"O=Example*", "O=Example*"},
        {"Example Agency", NULL},
        {"", NULL},
        {"=x", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *attributes = policy_dn_attributes(names[i].text);
        if (names[i].attributes == NULL ? attributes != NULL : attributes == NULL || strcmp(attributes, names[i].attributes) != 0)
            fail_msg("%s: %s", names[i].text, attributes == NULL ? "none" : attributes);
        free(attributes);
    }
    expect_error("[own ca: A]\nissuer = Example Agency\n", "expected attributes of a name");
}

static void holidays_are_read_from_a_list_or_a_calendar(void **state)
{
    (void)state;
    struct error err = {0};
    char *dates = holidays_parse("h", "# state holidays\n2026-11-26 Thanksgiving\r\n\n2026-11-27\n", &err);
    assert_string_equal(dates, "2026-11-26 2026-11-27");
    free(dates);
    dates = holidays_parse("h.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\n"
                                    "END:VEVENT\r\nDTSTART:20270101T000000Z\r\nEND:VCALENDAR\r\n", &err);
    assert_string_equal(dates, "2026-12-25 2027-01-01");
    free(dates);
    static const char *const bad[] = {"2026-11-26\n2026-02-30\n", "Thanksgiving\n", "26.11.2026\n"};
    static const char *const told[] = {"h:2: expected a date", "h:1: expected a date", "h:1: expected a date"};
    for (size_t i = 0; i < 3; i++) {
        assert_null(holidays_parse("h", bad[i], &err));
        assert_non_null(strstr(err.text, told[i]));
    }
    assert_null(holidays_parse("h", "# none\n", &err));
    assert_non_null(strstr(err.text, "no date in it"));
}

static void values_that_cannot_be_are_refused(void **state)
{
    (void)state;
    expect_error("[policy]\nlead_time_days = -5\n", "expected whole numbers");
    expect_error("[policy]\nmax_names = 99999999999\n", "expected whole numbers");
    expect_error("[policy]\nmax_names = 1 2\n", "expected whole numbers");
    expect_error("[policy]\nday_ends_at = 5 pm\n", "expected a time of day");
    expect_error("[policy]\nday_ends_at = 24:00\n", "expected a time of day");
    expect_error("[policy]\nholidays = 2026-02-30\n", "expected dates");
    expect_error("[policy]\nforbid_foreign = maybe\n", "expected yes or no");
    expect_error("[policy]\nexpire_days = 30\n", "no setting \"expire_days\"");
    expect_error("[clause: 1]\nrule = K02\n", "no key \"rule\" here");
}

static bool conflict_is(const struct policy_conflict *conflict, const char *setting, const char *taken)
{
    return strcmp(conflict->setting, setting) == 0 && strcmp(conflict->taken, taken) == 0;
}

static void of_two_policies_the_stricter_value_holds_and_the_conflict_is_told(void **state)
{
    (void)state;
    struct policy *two[] = {
        parsed("[policy]\nname = a\nmin_rsa_bits = 3072\nnotice_days = 90 60\nmax_names = 100\nzone = America/New_York\n"
               "request_window_days = 20\n[own ca: State]\nissuer = O=A\n[clause: 1]\ntitle = one\nrules = K02\n"),
        parsed("[policy]\nname = b\nmin_rsa_bits = 2048\nnotice_days = 60 30\nmax_names = 50\nzone = America/Los_Angeles\n"
               "[own ca: State]\nissuer = O=B\n[clause: 1]\ntitle = other\nrules = P03\n")};
    struct policy_conflicts conflicts = {0};
    struct policy *merged = policy_merge((const struct policy *const *)two, 2, &conflicts);
    assert_int_equal(conflicts.count, 3);
    assert_true(conflict_is(&conflicts.items[0], "min_rsa_bits", "3072"));
    assert_true(conflict_is(&conflicts.items[1], "max_names", "50"));
    assert_true(conflict_is(&conflicts.items[2], "zone", "America/Los_Angeles"));
    assert_string_equal(conflicts.items[0].first, "a: 3072");
    assert_string_equal(conflicts.items[0].second, "b: 2048");
    const char *text = policy_text(merged);
    static const char *const lines[] = {"name = a + b\n", "notice_days = 90 60 30\n", "request_window_days = 20\n", "[own ca: State]\nissuer = O=A\n",
                                        "[own ca: State, b]\nissuer = O=B\n", "[clause: a | 1]\ntitle = one\n", "[clause: b | 1]\ntitle = other\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strstr(text, lines[i]) == NULL)
            fail_msg("%s is not in\n%s", lines[i], text);
    struct policy *again = parsed(text);        /* what is printed can be put to use */
    struct policy *same = policy_merge((const struct policy *const *)&again, 1, NULL);
    assert_string_equal(policy_text(same), text);
    policy_destroy(again);
    policy_destroy(same);
    policy_destroy(merged);
    policy_destroy(two[0]);
    policy_destroy(two[1]);
    policy_conflicts_clear(&conflicts);
}

static void all_packs_together_are_a_policy(void **state)
{
    (void)state;
    struct policy *all[16] = {NULL};
    size_t count = 0;
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++)
        all[count++] = parsed(pack->text);
    struct policy_conflicts conflicts = {0};
    struct policy *merged = policy_merge((const struct policy *const *)all, count, &conflicts);
    assert_true(conflicts.count > 3);
    struct policy *again = parsed(policy_text(merged));
    policy_destroy(again);
    policy_destroy(merged);
    policy_conflicts_clear(&conflicts);
    while (count-- > 0)
        policy_destroy(all[count]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pack_is_sound),
        cmocka_unit_test(names_in_any_spelling_are_the_same),
        cmocka_unit_test(holidays_are_read_from_a_list_or_a_calendar),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(of_two_policies_the_stricter_value_holds_and_the_conflict_is_told),
        cmocka_unit_test(all_packs_together_are_a_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
