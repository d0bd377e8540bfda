/* Which command is meant, and the suggestion for a mistyped one. */
#include "scanner/cli/commands.h"
#include "scanner/cli/run.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/cli/sample_commands.h"

#include <string.h>

static const struct command *choose(const char *first, const char *second, int *words, struct error *err)
{
    char *const argv[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second, NULL};
    return command_choose(sample_commands, second == NULL ? 1 : 2, argv, words, err);
}

static void a_command_has_one_word_or_two(void **state)
{
    (void)state;
    struct error err = {0};
    int words = 0;
    assert_ptr_equal(choose("sweep", NULL, &words, &err), sample_sweep);
    assert_int_equal(words, 1);
    assert_ptr_equal(choose("sweep", "10.0.0.1", &words, &err), sample_sweep);
    assert_int_equal(words, 1);
    assert_ptr_equal(choose("managed", "list", &words, &err), &sample_managed[1]);
    assert_int_equal(words, 2);
}

static void a_wrong_command_is_told_the_right_one(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *error;
    } cases[] = {
        {"swep", NULL, "no command swep; did you mean sweep?"},
        {"frobnicate", NULL, "no command frobnicate; certsweep --help lists them"},
        {"managed", NULL, "certsweep managed needs one of: import, list"},
        {"managed", "--hlp", "no command managed --hlp; there is: import, list"},
        {"managed", "imprt", "no command managed imprt; there is: import, list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        int words;
        assert_null(choose(cases[i].first, cases[i].second, &words, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.text, cases[i].error);
    }
}

static int run_words(const char *const *words)
{
    int count = 0;
    while (words[count] != NULL)
        count++;
    return command_line_run(sample_commands, count, (char *const *)(uintptr_t)words);
}

static void exit_codes_are_as_documented(void **state)
{
    (void)state;
    assert_int_equal(run_words((const char *const[]){"certsweep", NULL}), 2);
    assert_int_equal(run_words((const char *const[]){"certsweep", "--help", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "--version", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "help", "sweep", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "sweep", "--help", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "sweep", "a", "b", "c", NULL}), 3);
    assert_int_equal(run_words((const char *const[]){"certsweep", "sweep", "--nope", NULL}), 2);
    assert_int_equal(run_words((const char *const[]){"certsweep", "--nope", "sweep", NULL}), 2);
    assert_int_equal(run_words((const char *const[]){"certsweep", "managed", NULL}), 2);
    assert_int_equal(run_words((const char *const[]){"certsweep", "managed", "--help", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "managed", "-h", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "help", "managed", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "manage", "--help", NULL}), 2);
    assert_int_equal(run_words((const char *const[]){"certsweep", "managed", "list", NULL}), 0);
    assert_int_equal(run_words((const char *const[]){"certsweep", "managed", "list", "surplus", NULL}), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_has_one_word_or_two),
        cmocka_unit_test(a_wrong_command_is_told_the_right_one),
        cmocka_unit_test(exit_codes_are_as_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
