/* Moments within texts, as people read them. */
#include "reports/moment_text.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>

static void moments_are_told_as_people_write_them(void **state)
{
    static const struct {
        const char *text, *plain, *words;
    } cases[] = {
        {"ends 2026-11-30T19:16:05Z; share 33 %", "ends 2026-11-30 19:16 UTC; share 33 %", "ends 30 November 2026, 19:16 UTC; share 33 %"},
        {"from 2026-01-02T00:00:00Z to 2026-01-03T00:00:00.25Z.", "from 2026-01-02 00:00 UTC to 2026-01-03 00:00 UTC.",
         "from 2 January 2026, 00:00 UTC to 3 January 2026, 00:00 UTC."},
        {"2026-11-30T19:16:05Z", "2026-11-30T19:16:05Z", "30 November 2026, 19:16 UTC"},
        {"12026-11-30T19:16:05Z, 2026-11-30T19:16Z, Z", "12026-11-30T19:16:05Z, 2026-11-30T19:16Z, Z", "12026-11-30T19:16:05Z, 2026-11-30T19:16Z, Z"},
        {"/backup/2026-11-30T19:16:05Z/key.pem", "/backup/2026-11-30T19:16:05Z/key.pem", "/backup/2026-11-30T19:16:05Z/key.pem"},
        {"2026-11-30T19:16:05Z-backup, n2026-11-30T19:16:05Z", "2026-11-30T19:16:05Z-backup, n2026-11-30T19:16:05Z", "2026-11-30T19:16:05Z-backup, n2026-11-30T19:16:05Z"},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *plain = moment_text(cases[i].text, false), *words = moment_text(cases[i].text, true);
        assert_string_equal(plain, cases[i].plain);
        assert_string_equal(words, cases[i].words);
        free(plain);
        free(words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments_are_told_as_people_write_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
