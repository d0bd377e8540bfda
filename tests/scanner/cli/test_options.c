/* The command line as users write it, and as they mistype it. */
#include "probes/base/memory.h"
#include "scanner/cli/options.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/cli/sample_commands.h"

#include <stdlib.h>
#include <string.h>

#define WORDS(...) (const char *const[]){__VA_ARGS__, NULL}

static bool parse(struct options *options, const char *const *words, struct error *err)
{
    int count = 0;
    while (words[count] != NULL)
        count++;
    return options_parse(options, count, (char *const *)(uintptr_t)words, err);
}

static struct options *parsed(const char *const *words)
{
    struct error err = {0};
    struct options *options = options_create(sample_sweep);
    if (!parse(options, words, &err))
        fail_msg("%s", err.text);
    return options;
}

static void assert_refused(const char *const *words, const char *text)
{
    struct error err = {0};
    struct options *options = options_create(sample_sweep);
    assert_false(parse(options, words, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.text, text);
    options_destroy(options);
}

static void every_way_to_write_a_value_is_the_same(void **state)
{
    (void)state;
    const char *const *const ways[] = {WORDS("--ports", "443"), WORDS("--ports=443"), WORDS("-p", "443"),
                                       WORDS("-p443"),          WORDS("-np443"),      WORDS("-n", "-p", "443")};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct options *options = parsed(ways[i]);
        assert_string_equal(option_get(options, "ports"), "443");
        assert_int_equal(argument_count(options), 0);
        assert_int_equal(option_given(options, "dry-run"), i >= 4);
        options_destroy(options);
    }
}

static void arguments_and_options_may_be_mixed(void **state)
{
    (void)state;
    struct options *options = parsed(WORDS("10.0.0.1", "-p", "443", "-", "--", "-x", "--ports"));
    assert_int_equal(argument_count(options), 4);
    assert_string_equal(argument_at(options, 0), "10.0.0.1");
    assert_string_equal(argument_at(options, 1), "-");
    assert_string_equal(argument_at(options, 2), "-x");
    assert_string_equal(argument_at(options, 3), "--ports");
    assert_null(argument_at(options, 4));
    assert_false(option_given(options, "exclude"));
    options_destroy(options);
}

static void a_repeatable_option_adds_up_and_any_other_is_replaced(void **state)
{
    (void)state;
    struct options *options = parsed(WORDS("-x", "a", "--exclude=b", "-xc", "-p1", "-p2"));
    assert_int_equal(option_count(options, "exclude"), 3);
    assert_string_equal(option_at(options, "exclude", 0), "a");
    assert_string_equal(option_at(options, "exclude", 1), "b");
    assert_string_equal(option_get(options, "exclude"), "c");
    assert_null(option_at(options, "exclude", 3));
    assert_int_equal(option_count(options, "ports"), 1);
    assert_string_equal(option_get(options, "ports"), "2");
    options_destroy(options);
}

static void an_optional_argument_is_taken_only_with_its_equals_sign(void **state)
{
    (void)state;
    struct options *options = parsed(WORDS("--jsonl", "10.0.0.1"));
    assert_true(option_given(options, "jsonl"));
    assert_string_equal(option_get(options, "jsonl"), "");
    assert_int_equal(argument_count(options), 1);
    options_destroy(options);
    options = parsed(WORDS("--jsonl=out.jsonl"));
    assert_string_equal(option_get(options, "jsonl"), "out.jsonl");
    options_destroy(options);
}

static void what_was_not_given_is_told_apart(void **state)
{
    (void)state;
    struct options *options = parsed(WORDS("--ports="));
    assert_string_equal(option_get(options, "ports"), "");
    assert_null(option_get(options, "rate"));
    assert_string_equal(option_get_or(options, "site", "default"), "default");
    assert_false(option_given(options, "jsonl"));
    options_destroy(options);
}

static void a_command_may_take_a_common_option_s_letter(void **state)
{
    (void)state;
    struct options *options = parsed(WORDS("-o", "sweep.bundle", "--site", "north"));
    assert_string_equal(option_get(options, "bundle"), "sweep.bundle");
    assert_string_equal(option_get(options, "site"), "north");
    assert_null(options_find(sample_sweep, "output"));
    assert_non_null(options_find(&sample_managed[1], "output"));
    options_destroy(options);
}

static void mistakes_are_named_with_a_way_out(void **state)
{
    (void)state;
    assert_refused(WORDS("--port", "443"), "no option --port; did you mean --ports?");
    assert_refused(WORDS("--exlcude=x"), "no option --exlcude; did you mean --exclude?");
    assert_refused(WORDS("--zzz"), "no option --zzz; certsweep sweep --help lists them");
    assert_refused(WORDS("-Z"), "no option -Z; certsweep sweep --help lists them");
    assert_refused(WORDS("--rate"), "--rate needs a value: --rate N");
    assert_refused(WORDS("-np"), "-p needs a value: -p SPEC");
    assert_refused(WORDS("--dry-run=yes"), "--dry-run takes no value");
}

static void a_password_for_the_database_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {"host=db password=secret", "host=db PASSWORD = 'x'",
                                          "postgresql://user:secret@db/certs", "postgres://u:p@db",
                                          "postgresql://db/certs?password=x", "host=db sslpassword=x"};
    static const char *const taken[] = {"host=db user=u passfile=/home/u/.pgpass", "postgresql://user@db:5432/certs",
                                        "postgresql://db:5432/certs", "service=certs", "certs",
                                        "postgresql://[2001:db8::1]:5432/certs"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error err = {0};
        struct options *options = options_create(sample_sweep);
        assert_false(parse(options, WORDS("--db", refused[i]), &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, "PGPASSFILE"));
        assert_null(strstr(err.text, "secret"));
        options_destroy(options);
    }
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        options_destroy(parsed(WORDS("--db", taken[i])));
}

/* Whoever limits a command to a site relies on it: a command that would not do it refuses. */
static void an_option_without_use_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        const char *words[3];
        const char *error;      /* NULL: it is taken */
    } cases[] = {
        {"managed list", {"--site", "x", NULL}, "certsweep managed list has no use for --site"},
        {"managed import", {"--site", "x", NULL}, NULL},
        {"bundle check", {"--db=x", NULL}, "certsweep bundle check has no use for --db"},
        {"load", {"-o", "x", NULL}, "certsweep load has no use for --output"},
        {"load", {"-ox", NULL}, "certsweep load has no use for --output"},
        {"loader", {"-o", "x", NULL}, NULL},
        {"db stop", {"-f", "json", NULL}, "certsweep db stop has no use for --format"},
        {"db status", {"-f", "json", NULL}, NULL},
        {"scope show", {"--site", "x", NULL}, "certsweep scope show has no use for --site"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        const struct command command = {.name = cases[i].command};
        struct options *options = options_create(&command);
        int count = 0;
        while (cases[i].words[count] != NULL)
            count++;
        assert_int_equal(options_parse(options, count, (char *const *)(uintptr_t)cases[i].words, &err), cases[i].error == NULL);
        if (cases[i].error != NULL) {
            assert_string_equal(err.text, cases[i].error);
            assert_null(option_get(options, strrchr(cases[i].error, '-') + 1));      /* "--site": as if it were not given */
        }
        options_destroy(options);
    }
}

static void the_environment_names_a_database_and_the_command_line_wins(void **state)
{
    (void)state;
    struct error err = {0};
    unsetenv("SUDO_UID");
    setenv("CERTSWEEP_DB", "service=one", 1);
    struct options *options = options_create(sample_sweep);
    assert_true(options_read_environment(options, &err));
    assert_string_equal(option_get(options, "db"), "service=one");
    assert_true(parse(options, WORDS("--db", "service=two"), &err));
    assert_string_equal(option_get(options, "db"), "service=two");
    options_destroy(options);

    setenv("CERTSWEEP_DB", "password=secret", 1);
    options = options_create(sample_sweep);
    assert_false(options_read_environment(options, &err));
    assert_non_null(strstr(err.text, "CERTSWEEP_DB: "));
    assert_null(strstr(err.text, "secret"));
    options_destroy(options);
    unsetenv("CERTSWEEP_DB");
}

static void a_number_has_a_range(void **state)
{
    (void)state;
    static const char *const refused[] = {"0", "1001", "ten", "1x", "", " 1", "+1", "-1", "0x5", "1 ", "99999999999999999999"};
    long long value = 7;
    struct error err = {0};
    struct options *options = parsed(WORDS("-n"));
    assert_true(option_number(options, "rate", 1, 1000, &value, &err));
    assert_int_equal(value, 7);
    options_destroy(options);
    options = parsed(WORDS("--rate=1000"));
    assert_true(option_number(options, "rate", 1, 1000, &value, &err));
    assert_int_equal(value, 1000);
    options_destroy(options);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        options = parsed(WORDS("--rate", refused[i]));
        assert_false(option_number(options, "rate", 1, 1000, &value, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, "--rate is a whole number from 1 to 1000"));
        options_destroy(options);
    }
    assert_int_equal(value, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_without_use_is_refused),
        cmocka_unit_test(every_way_to_write_a_value_is_the_same),
        cmocka_unit_test(arguments_and_options_may_be_mixed),
        cmocka_unit_test(a_repeatable_option_adds_up_and_any_other_is_replaced),
        cmocka_unit_test(an_optional_argument_is_taken_only_with_its_equals_sign),
        cmocka_unit_test(what_was_not_given_is_told_apart),
        cmocka_unit_test(a_command_may_take_a_common_option_s_letter),
        cmocka_unit_test(mistakes_are_named_with_a_way_out),
        cmocka_unit_test(a_password_for_the_database_is_refused),
        cmocka_unit_test(the_environment_names_a_database_and_the_command_line_wins),
        cmocka_unit_test(a_number_has_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
