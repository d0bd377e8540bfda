/* One of anything has no "s". */
#include "probes/base/counted.h"
#include "tests/cmocka_all.h"

static void one_is_no_plural(void **state)
{
    (void)state;
    assert_string_equal(COUNTED(0, "contact"), "0 contacts");
    assert_string_equal(COUNTED(1, "contact"), "1 contact");
    assert_string_equal(COUNTED(1000000, "contact"), "1000000 contacts");
    assert_string_equal(COUNTED_AS(1, "entry is", "entries are"), "1 entry is");
    assert_string_equal(COUNTED_AS(2, "entry is", "entries are"), "2 entries are");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_is_no_plural)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
