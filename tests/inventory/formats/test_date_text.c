/* Dates as people and programs write them. */
#include "inventory/formats/date_text.h"
#include "probes/base/clock.h"
#include "tests/cmocka_all.h"

#include <string.h>

static void dates_of_every_hand_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum date_order order;
        const char *time;               /* NULL: no date */
    } cases[] = {
        {"2027-02-26", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"2027/2/26", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"20270226", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"2027-02-26 14:37", DATES_UNKNOWN, "2027-02-26T14:37:00"},
        {"2027-02-26T14:37:08Z", DATES_UNKNOWN, "2027-02-26T14:37:08"},
        {"2027-02-26T14:37:08.123+02:00", DATES_UNKNOWN, "2027-02-26T12:37:08.123"},
        {"2027-02-26 14:37:08 +0000 UTC", DATES_UNKNOWN, "2027-02-26T14:37:08"},
        {"2027-02-26T00:00:00.000-0800", DATES_UNKNOWN, "2027-02-26T08:00:00"},
        {"270226143708Z", DATES_UNKNOWN, "2027-02-26T14:37:08"},
        {"20270226143708Z", DATES_UNKNOWN, "2027-02-26T14:37:08"},
        {"Fri, 26 Feb 2027 14:37:08 GMT", DATES_UNKNOWN, "2027-02-26T14:37:08"},
        {"Feb  6 14:37:08 2027 GMT", DATES_UNKNOWN, "2027-02-06T14:37:08"},
        {"26-Feb-2027", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"26-Feb-27", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"February 26, 2027", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"Nov 18, 2026 2:37 PM", DATES_UNKNOWN, "2026-11-18T14:37:00"},
        {"26. M\xc3\xa4rz 2027", DATES_UNKNOWN, "2027-03-26T00:00:00"},
        {"26.02.2027", DATES_UNKNOWN, "2027-02-26T00:00:00"},
        {"26.02.2027", DATES_MONTH_DAY_YEAR, "2027-02-26T00:00:00"},
        {"26.2.27 14:37", DATES_UNKNOWN, "2027-02-26T14:37:00"},
        {"2/3/2027", DATES_MONTH_DAY_YEAR, "2027-02-03T00:00:00"},
        {"2/3/2027", DATES_DAY_MONTH_YEAR, "2027-03-02T00:00:00"},
        {"2/3/2027", DATES_UNKNOWN, NULL},
        {"3/3/2027", DATES_UNKNOWN, "2027-03-03T00:00:00"},
        {"2/26/27 12:05:08 AM", DATES_MONTH_DAY_YEAR, "2027-02-26T00:05:08"},
        {"2/26/2027 2:37:08\xe2\x80\xafPM", DATES_MONTH_DAY_YEAR, "2027-02-26T14:37:08"},     /* as ICU puts a narrow blank */
        {"2/26/2027\xc2\xa0" "2:37 PM", DATES_MONTH_DAY_YEAR, "2027-02-26T14:37:00"},
        {"Nov 29, 2026 08:00:00 PST", DATES_UNKNOWN, "2026-11-29T16:00:00"},
        {"Thu Nov 26 20:30:00 EST 2026", DATES_UNKNOWN, "2026-11-27T01:30:00"},
        {"07/31/2026 04:59 PM EDT", DATES_MONTH_DAY_YEAR, "2026-07-31T20:59:00"},
        {"2026-07-31 16:59 CST", DATES_UNKNOWN, "2026-07-31T22:59:00"},
        {"2026-07-31 PST", DATES_UNKNOWN, "2026-07-31T08:00:00"},
        {"2026-07-31 16:59:08 +0200 CEST", DATES_UNKNOWN, "2026-07-31T14:59:08"},
        {"2026-07-31 16:59 IST", DATES_UNKNOWN, NULL},     /* India, Israel or Ireland? */
        {"46079", DATES_UNKNOWN, "2026-02-26T00:00:00"},
        {"46079.75", DATES_UNKNOWN, "2026-02-26T18:00:00"},
        {"1772110000", DATES_UNKNOWN, "2026-02-26T12:46:40"},
        {"1772110000000", DATES_UNKNOWN, "2026-02-26T12:46:40"},
        {"/Date(1772110000000)/", DATES_UNKNOWN, "2026-02-26T12:46:40"},
        {"2027-02-30", DATES_UNKNOWN, NULL},
        {"30.02.2026", DATES_UNKNOWN, NULL},
        {"13/13/2027", DATES_MONTH_DAY_YEAR, NULL},
        {"12", DATES_UNKNOWN, NULL},
        {"199 days", DATES_UNKNOWN, NULL},
        {"never", DATES_UNKNOWN, NULL},
        {"2027-02-26 25:00", DATES_UNKNOWN, NULL},
        {"", DATES_UNKNOWN, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time_us;
        char text[CLOCK_TEXT_SIZE];
        bool ok = date_text_parse(cases[i].text, cases[i].order, &time_us);
        if (ok != (cases[i].time != NULL))
            fail_msg("\"%s\" is %s date", cases[i].text, ok ? "a" : "no");
        if (!ok)
            continue;
        clock_format_us(time_us, text);
        if (strncmp(text, cases[i].time, strlen(cases[i].time)) != 0)
            fail_msg("\"%s\" is %s, not %s", cases[i].text, text, cases[i].time);
    }
}

static void one_date_proves_the_order_or_not(void **state)
{
    (void)state;
    bool in_doubt;
    assert_int_equal(date_text_order("07/31/2026", &in_doubt), DATES_MONTH_DAY_YEAR);
    assert_int_equal(date_text_order("31/07/2026 12:00", &in_doubt), DATES_DAY_MONTH_YEAR);
    assert_int_equal(date_text_order("02/03/2026", &in_doubt), DATES_UNKNOWN);
    assert_true(in_doubt);
    assert_int_equal(date_text_order("03/03/2026", &in_doubt), DATES_UNKNOWN);
    assert_false(in_doubt);
    assert_int_equal(date_text_order("2026-02-03", &in_doubt), DATES_UNKNOWN);
    assert_false(in_doubt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_of_every_hand_are_read),
        cmocka_unit_test(one_date_proves_the_order_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
