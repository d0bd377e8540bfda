/* A folder of documents holds whole files alone, and a disk that is full leaves nothing of what it had no room for. */
#include "probes/base/memory.h"
#include "reports/document/folder.h"
#include "tests/cmocka_all.h"
#include "tests/test_folder.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A limit of file sizes fails as a full disk does. */
static bool put(struct folder *folder, const char *name, size_t size, struct error *err)
{
    FILE *out = folder_begin(folder, name, err);
    assert_non_null(out);
    for (size_t i = 0; i < size; i++)
        fputc('x', out);
    return folder_end(folder, true, err);
}

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_leaves_no_folder_and_no_part(void **state)
{
    (void)state;
    struct error err = {0};
    signal(SIGXFSZ, SIG_IGN);
    struct folder *folder = folder_open(at("new"), &err);
    assert_non_null(folder);
    limit_files(1000);
    assert_false(put(folder, "a.csv", 100000, &err));
    limit_files(RLIM_INFINITY);
    assert_int_equal(err.kind, ERROR_IO);
    folder_close(folder);
    assert_int_equal(access(at("new"), F_OK), -1);
}

/* Whoever writes a file knows neither its name nor that of its folder, and its own error is only that it could not go on. */
static void a_full_disk_is_told_with_the_file_and_the_cause(void **state)
{
    (void)state;
    struct error err = {0};
    struct folder *folder = folder_open(at("new"), &err);
    limit_files(1000);
    assert_false(put(folder, "a.csv", 100000, &err));
    char *expected = xasprintf("%s: File too large", at("new/a.csv"));
    assert_string_equal(err.text, expected);
    FILE *out = folder_begin(folder, "a.csv", &err);
    for (size_t i = 0; i < 100000; i++)
        fputc('x', out);
    error_set(&err, ERROR_IO, "report owner-findings: it cannot be written");
    errno = 0;                          /* much happens between the first failure and the end */
    assert_false(folder_end(folder, false, &err));
    limit_files(RLIM_INFINITY);
    assert_string_equal(err.text, expected);
    free(expected);
    folder_close(folder);
}

static void a_folder_in_one_that_is_not_there_says_what_to_do(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(folder_open(at("none/november/"), &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "none/november/: the folder above it is not there: make that first (mkdir -p)"));
}

static void what_was_there_or_is_whole_stays(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(mkdir(at("old"), 0700), 0);
    write_file(at("old/kept"), "x");
    folder_close(folder_open(at("old"), &err));
    unlink(at("old/kept"));
    folder_close(folder_open(at("old"), &err));
    assert_int_equal(access(at("old"), F_OK), 0);
    struct folder *folder = folder_open(at("half"), &err);
    assert_true(put(folder, "a.csv", 10, &err));
    limit_files(1000);
    assert_false(put(folder, "b.csv", 100000, &err));
    limit_files(RLIM_INFINITY);
    folder_close(folder);
    assert_int_equal(access(at("half/a.csv"), F_OK), 0);
    assert_int_equal(access(at("half/b.csv"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_full_disk_leaves_no_folder_and_no_part),
        IN_FOLDER(a_full_disk_is_told_with_the_file_and_the_cause),
        IN_FOLDER(a_folder_in_one_that_is_not_there_says_what_to_do),
        IN_FOLDER(what_was_there_or_is_whole_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
