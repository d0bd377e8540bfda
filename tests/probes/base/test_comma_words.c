/* Lists with commas are read in one way. */
#include "probes/base/comma_words.h"
#include "tests/cmocka_all.h"

#include <string.h>

static void words_come_without_blanks_and_empty_ones_not_at_all(void **state)
{
    (void)state;
    static const char *const lists[] = {"K02,renewal due,S1", " K02 ,, renewal due\t, ,S1 ,", ",K02,renewal due,S1"};
    static const char *const words[] = {"K02", "renewal due", "S1"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const char *rest = lists[i], *word;
        size_t len, count = 0;
        for (; comma_word_next(&rest, &word, &len); count++) {
            assert_true(count < 3);
            assert_int_equal(len, strlen(words[count]));
            assert_memory_equal(word, words[count], len);
        }
        assert_int_equal(count, 3);
        assert_string_equal(rest, "");
    }
    const char *rest = " , ,", *word;
    size_t len;
    assert_false(comma_word_next(&rest, &word, &len));
}

static void a_star_is_whatever_follows(void **state)
{
    (void)state;
    assert_true(comma_words_have("K*,C01", "k02", 3));
    assert_true(comma_words_have("K*, C01", "C01", 3));
    assert_true(comma_words_have("K*,C01", "K", 1));
    assert_false(comma_words_have("K*,C01", "C011", 4));
    assert_false(comma_words_have("K*,C01", "C0", 2));
    assert_false(comma_words_have("K*,C01", "", 0));
    assert_false(comma_words_have("", "K02", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_come_without_blanks_and_empty_ones_not_at_all), cmocka_unit_test(a_star_is_whatever_follows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
