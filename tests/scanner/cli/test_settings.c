/* Settings files, good and bad. */
#include "scanner/cli/settings.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/cli/sample_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/certsweep-settings-XXXXXX";

static bool read_text(const char *text, const struct command *command, struct options *options, struct error *err)
{
    (void)command;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return settings_read(path, sample_commands, command, options, err);
}

static void a_line_holds_for_every_command_or_for_one(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf# the sites of the agency\nsite = north\nrate = 5\n\n[sweep]\n"
                               "exclude = 10.1.0.0/16\nexclude = 10.2.0.0/16 ; the printers\ndry-run = yes\nverbose = no\n"
                               "[managed list]\nformat = csv\n";
    struct error err = {0};
    struct options *options = options_create(sample_sweep);
    assert_true(read_text(text, sample_sweep, options, &err));
    assert_string_equal(option_get(options, "site"), "north");
    assert_string_equal(option_get(options, "rate"), "5");
    assert_int_equal(option_count(options, "exclude"), 2);
    assert_string_equal(option_at(options, "exclude", 1), "10.2.0.0/16");
    assert_true(option_given(options, "dry-run"));
    assert_false(option_given(options, "verbose"));
    assert_false(option_given(options, "format"));
    options_destroy(options);

    options = options_create(&sample_managed[1]);       /* knows no --rate and no --site, and that is no error */
    assert_true(read_text(text, &sample_managed[1], options, &err));
    assert_string_equal(option_get(options, "format"), "csv");
    assert_null(options_find(&sample_managed[1], "site"));
    options_destroy(options);
}

static void a_mistake_is_named_with_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"site = a\nsiet = b\n", ":2: no option --siet; did you mean --site?"},
        {"[sweep]\n\nports 443\n", ":3: expected [section] or name = value"},
        {"[swep]\nports = 443\n", ":2: no command [swep]; did you mean [sweep]?"},
        {"[managed import]\nrate = 1\n", ":2: no option --rate;"},
        {"verbose = perhaps\n", ":1: verbose is yes or no, not \"perhaps\""},
        {"[managed list]\nverbose = perhaps\n", ":2: verbose is yes or no"},
        {"db = host=x password=secret\n", ":1: the database's connection string holds a password"},
        {"help = yes\n", ":1: help is no setting"},
        {"[sweep\nports = 443\n", ":1: expected [section]"},
        {"site = a\nports oops\nsiet = b\n", ":2: expected [section]"},
        {"siet = b\nports oops\n", ":1: no option --siet"},
        {"site = a\n[sweep]\nsite = b\nsite = c\n", ":4: site is given twice"},
        {"site = a\n  b\n", ":2: site is given twice"},
        {"[a section with a name that is longer than all that inih would keep]\nsite = a\n", ":1: the name of the section"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        struct options *options = options_create(sample_sweep);
        assert_false(read_text(cases[i].text, sample_sweep, options, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (strncmp(err.text, path, strlen(path)) != 0 || strstr(err.text, cases[i].error) == NULL)
            fail_msg("case %zu: %s", i, err.text);
        assert_null(strstr(err.text, "secret"));
        options_destroy(options);
    }
}

static void a_line_that_is_too_long_is_refused_and_not_cut(void **state)
{
    (void)state;
    char text[4000];
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "site = b\nexclude = ", 19);
    text[sizeof text - 1] = '\0';
    struct error err = {0};
    struct options *options = options_create(sample_sweep);
    assert_false(read_text(text, sample_sweep, options, &err));
    assert_non_null(strstr(err.text, ":2: the line is longer than"));
    options_destroy(options);
}

static void a_file_that_is_not_there_is_no_error_but_one_that_cannot_be_read_is(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = options_create(sample_sweep);
    assert_true(settings_read("/nonexistent/certsweep.conf", sample_commands, sample_sweep, options, &err));
    assert_false(settings_read("/tmp", sample_commands, sample_sweep, options, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "/tmp"));
    options_destroy(options);
}

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_holds_for_every_command_or_for_one),
        cmocka_unit_test(a_mistake_is_named_with_file_and_line),
        cmocka_unit_test(a_line_that_is_too_long_is_refused_and_not_cut),
        cmocka_unit_test(a_file_that_is_not_there_is_no_error_but_one_that_cannot_be_read_is),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
