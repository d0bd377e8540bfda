/* The table of root programmes, by roots with a known history. */
#include "inventory/roots/root_programmes.h"
#include "probes/base/hex.h"
#include "tests/cmocka_all.h"

#include <string.h>

#define ISRG_X1  "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6"
#define ENTRUST_G2 "43df5774b03e7fef5fe40d931a7bedf1bb2e6b42738c4e6d3841103d3aa7f339"
#define ENTRUST_G4 "db3517d1f6732a2d5ab97c533ec70779ee3270a62fb4ac4238372460e6f01e88"
#define DST_X3   "0687260331a72403d909f105e69bcf0d32e1bd2493ffc6d9206d11bcd6770739"

static const struct root_programme *find(const char *hex, const char *programme, char name[128])
{
    static struct root_programme found[ROOT_PROGRAMMES_MAX];
    uint8_t sha256[32];
    assert_true(hex_parse(hex, sha256, sizeof sha256));
    size_t count = root_programmes_find(sha256, found, name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i].programme, programme) == 0)
            return &found[i];
    return NULL;
}

static void a_root_that_all_trust_is_in_every_list(void **state)
{
    (void)state;
    static const char *const programmes[] = {"Android", "Apple", "Microsoft", "Mozilla", "OpenJDK"};
    char name[128];
    for (size_t i = 0; i < sizeof programmes / sizeof *programmes; i++) {
        const struct root_programme *found = find(ISRG_X1, programmes[i], name);
        assert_non_null(found);
        assert_true(found->is_listed && found->is_trusted);
        assert_string_equal(found->distrust_day, "");
        assert_int_equal(strlen(found->last.day), 10);
        assert_true(strncmp(found->source, "https://", 8) == 0);
        assert_string_equal(name, "ISRG Root X1");
    }
}

static void a_root_that_came_or_went_says_with_which_list(void **state)
{
    (void)state;
    const struct root_programme *came = find(ENTRUST_G4, "Android", NULL);
    assert_non_null(came);
    assert_false(came->is_since_before);
    assert_string_equal(came->first.version, "13.0.0_r9");
    const struct root_programme *went = find(DST_X3, "Mozilla", NULL);
    assert_non_null(went);
    assert_false(went->is_trusted);
}

static void distrust_has_its_day_its_way_and_its_version(void **state)
{
    (void)state;
    const struct root_programme *chrome = find(ENTRUST_G2, "Chrome", NULL);
    assert_non_null(chrome);
    assert_false(chrome->is_listed);
    assert_true(chrome->distrust_by_sct);
    assert_string_equal(chrome->distrust_day, "2024-11-11");
    assert_string_equal(chrome->distrust_version, "131");
    const struct root_programme *mozilla = find(ENTRUST_G2, "Mozilla", NULL);
    assert_false(mozilla->distrust_by_sct);
    assert_string_equal(mozilla->distrust_day, "2024-11-30");
    assert_true(strstr(mozilla->source, "dev-security-policy") != NULL);
}

static void of_an_unknown_root_nothing_is_said(void **state)
{
    (void)state;
    struct root_programme found[ROOT_PROGRAMMES_MAX];
    char name[128] = "x";
    uint8_t sha256[32] = {0};
    assert_int_equal(root_programmes_find(sha256, found, name), 0);
    assert_string_equal(name, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_root_that_all_trust_is_in_every_list),
        cmocka_unit_test(a_root_that_came_or_went_says_with_which_list),
        cmocka_unit_test(distrust_has_its_day_its_way_and_its_version),
        cmocka_unit_test(of_an_unknown_root_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
