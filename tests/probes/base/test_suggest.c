/* Which of the known names is meant. */
#include "probes/base/suggest.h"
#include "tests/cmocka_all.h"

static const char *const names[] = {"pci-dss-4", "california-cdt", "Department of Revenue", "Parks Service", "C09", "K01", "certificates", "certificate", NULL};

static void the_nearest_is_suggested(void **state)
{
    static const char *const cases[][2] = {{"pci-dss", "pci-dss-4"}, {"pci_dss_4", "pci-dss-4"}, {"revenue", "Department of Revenue"}, {"parks", "Parks Service"},
                                           {"Prks Servce", "Parks Service"}, {"K0", "K01"}, {"Certificate", "certificate"}, {"Z99", NULL}, {"something else", NULL}, {"", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct suggest near = suggest_start(cases[i][0]);
        for (size_t n = 0; names[n] != NULL; n++)
            suggest_offer(&near, names[n]);
        if (cases[i][1] == NULL && near.best == NULL)
            continue;
        if (cases[i][1] == NULL || near.best == NULL)
            fail_msg("%s: %s", cases[i][0], near.best == NULL ? "nothing" : near.best);
        assert_string_equal(near.best, cases[i][1]);
    }
}

static void a_message_has_it_at_its_end_or_amid(void **state)
{
    (void)state;
    struct suggest near = suggest_start("pci"), none = suggest_start("zzz");
    suggest_offer(&near, names[0]);
    suggest_offer(&none, names[0]);
    assert_string_equal(SUGGESTED(&near), "; did you mean pci-dss-4?");
    assert_string_equal(SUGGESTED(&none), "");
    assert_string_equal(SUGGESTED_AMID(&near), " (did you mean pci-dss-4?);");
    assert_string_equal(SUGGESTED_AMID(&none), ";");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_is_suggested),
        cmocka_unit_test(a_message_has_it_at_its_end_or_amid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
