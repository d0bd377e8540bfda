/* Results in a file appear whole or not at all. */
#include "scanner/cli/command.h"
#include "scanner/cli/options.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/cli/sample_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/certsweep-output-XXXXXX";
static char path[64];

static struct options *options_to(const char *file)
{
    struct error err = {0};
    struct options *options = options_create(&sample_managed[1]);
    assert_true(options_set(options, "output", file, &err));
    return options;
}

static void a_file_appears_when_it_is_whole(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = options_to(path);
    struct output *output = output_open(options, &err);
    assert_non_null(output);
    fputs("half", output_file(output));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_true(output_close(output, false, &err));
    assert_int_not_equal(access(path, F_OK), 0);

    output = output_open(options, &err);
    fputs("whole\n", output_file(output));
    assert_true(output_close(output, true, &err));
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);     /* so nothing else was left */
    options_destroy(options);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = options_to("/dev/full");
    struct output *output = output_open(options, &err);
    assert_non_null(output);
    fputs("x", output_file(output));
    assert_false(output_close(output, true, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "/dev/full"));
    options_destroy(options);
}

/* Whoever writes knows no path, and tells only what could not be written. */
static void a_full_disk_in_the_middle_is_told_by_its_path(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = options_to("/dev/full");
    struct output *output = output_open(options, &err);
    for (int i = 0; i < 100000; i++)
        fputc('x', output_file(output));
    error_set(&err, ERROR_IO, "report findings: it cannot be written");
    assert_false(output_close(output, false, &err));
    assert_string_equal(err.text, "/dev/full: No space left on device");
    options_destroy(options);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = options_to("/nonexistent/report.csv");
    assert_null(output_open(options, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "/nonexistent/report.csv"));
    options_destroy(options);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/report.csv", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_when_it_is_whole),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(a_full_disk_in_the_middle_is_told_by_its_path),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
