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
#include <time.h>

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

/* A holiday by the law that the pack names: a date, or the nth such weekday of a month (0: the last), and days after it. */
struct holiday {
    int month, day, weekday, nth, after;
};
#define EVERYWHERE {1, 1, 0, -1, 0}, {1, 0, 1, 3, 0}, {2, 0, 1, 3, 0}, {5, 0, 1, 0, 0}, {7, 4, 0, -1, 0}, {9, 0, 1, 1, 0}, {11, 11, 0, -1, 0}, \
                   {11, 0, 4, 4, 0}, {12, 25, 0, -1, 0}       /* New Year ... Martin Luther King, Washington, Memorial, Independence, Labor ... */

static int64_t day_number(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return (int64_t)timegm(&tm) / 86400;
}

static int weekday_of(int64_t day)      /* 0: Sunday; 1970-01-01 was a Thursday */
{
    return (int)((day + 4) % 7);
}

/* On which day nobody works for it; INT64_MIN: on none. of_saturday: "before" moves all such days to Friday, "none" none, "veterans" 11 November. */
static int64_t holiday_in(const struct holiday *holiday, int year, const char *of_saturday)
{
    int64_t day = holiday->nth < 0 ? day_number(year, holiday->month, holiday->day) : 0;
    if (holiday->nth == 0)
        for (day = day_number(year, holiday->month + 1, 1) - 1; weekday_of(day) != holiday->weekday;)
            day--;
    if (holiday->nth > 0) {
        day = day_number(year, holiday->month, 1);
        day += (holiday->weekday - weekday_of(day) + 7) % 7 + 7 * (holiday->nth - 1);
    }
    day += holiday->after;
    if (weekday_of(day) == 0)
        return day + 1;
    bool moves = strcmp(of_saturday, "before") == 0 || (strcmp(of_saturday, "veterans") == 0 && holiday->month == 11 && holiday->day == 11);
    return weekday_of(day) != 6 ? day : moves ? day - 1 : INT64_MIN;
}

/* The lists of packs are counted out by hand; here they are counted by the rule that their head names. */
static void holidays_of_packs_follow_their_law(void **state)
{
    (void)state;
    static const struct holiday federal[] = {EVERYWHERE, {6, 19, 0, -1, 0}, {10, 0, 1, 2, 0}};                          /* 5 U.S.C. 6103 */
    static const struct holiday california[] = {EVERYWHERE, {3, 31, 0, -1, 0}, {11, 0, 4, 4, 1}};                       /* Government Code 19853 */
    static const struct holiday massachusetts[] = {EVERYWHERE, {4, 0, 1, 3, 0}, {6, 19, 0, -1, 0}, {10, 0, 1, 2, 0}};   /* General Laws 4, 7 */
    static const struct { const char *pack; const struct holiday *holidays; size_t count; const char *of_saturday; } laws[] = {
        {"federal-civil", federal, sizeof federal / sizeof *federal, "before"},
        {"california-cdt", california, sizeof california / sizeof *california, "veterans"},
        {"california-cdt-delegated", california, sizeof california / sizeof *california, "veterans"},
        {"california-otech", california, sizeof california / sizeof *california, "veterans"},
        {"massachusetts", massachusetts, sizeof massachusetts / sizeof *massachusetts, "none"},
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        const char *text = policy_pack_find(laws[i].pack)->text;
        size_t listed = 0, counted = 0;
        for (const char *at = strstr(text, "holidays = "); at != NULL; at = strstr(at, "\nholidays = ") == NULL ? NULL : strstr(at, "\nholidays = ") + 1)
            for (const char *date = at + 11; *date >= '0' && *date <= '9'; date += date[10] == ' ' ? 11 : 10)
                listed++;
        for (int year = 2025; year <= 2031; year++)
            for (size_t j = 0; j < laws[i].count; j++) {
                time_t moment = (time_t)(holiday_in(&laws[i].holidays[j], year, laws[i].of_saturday) == INT64_MIN
                                             ? 0 : holiday_in(&laws[i].holidays[j], year, laws[i].of_saturday) * 86400);
                char day[16];
                strftime(day, sizeof day, "%Y-%m-%d", gmtime(&moment));
                if (moment == 0 || strcmp(day, "2031") >= 0)
                    continue;
                counted++;
                if (strstr(text, day) == NULL)
                    fail_msg("%s: %s is missing", laws[i].pack, day);
            }
        if (listed != counted)
            fail_msg("%s lists %zu days, its law has %zu", laws[i].pack, listed, counted);
    }
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
    expect_error("", "there is no policy in it");
    expect_error("\xef\xbb\xbf", "there is no policy in it");
    expect_error("# [policy]\n\n; name = x\n", "there is no policy in it");
    expect_error("\n]\n", "expected [section] or name = value");
    expect_error("\xef\xbb\xbf[own ca: A]\n", "[own ca: A] has no issuer and no subject");
    expect_error("[policy]\n\n  [own ca: A]\n[policy]\n", "[own ca: A] has no issuer and no subject");
    expect_error("[policy]\nname = x\n  [own ca: A]\n", "[own ca: A] has no issuer and no subject");
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
        cmocka_unit_test(holidays_of_packs_follow_their_law),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(of_two_policies_the_stricter_value_holds_and_the_conflict_is_told),
        cmocka_unit_test(all_packs_together_are_a_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
