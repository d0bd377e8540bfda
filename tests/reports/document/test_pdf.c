/* Who makes a PDF is found by PATH, wherever it was installed. A program of the test's own stands for WeasyPrint. */
#include "probes/base/memory.h"
#include "reports/document/pdf.h"
#include "tests/cmocka_all.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/certsweep-pdf-test.XXXXXX";

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    char *path = xasprintf("%s/weasyprint", folder);
    FILE *file = fopen(path, "w");
    fputs("#!/bin/sh\n# -q PAGE PDF\nprintf 'PDF of ' > \"$3\" && cat \"$2\" >> \"$3\"\n", file);
    fclose(file);
    int code = chmod(path, 0755) | chmod(folder, 0755);
    free(path);
    return code;
}

static int teardown(void **state)
{
    (void)state;
    char *path = xasprintf("%s/weasyprint", folder);
    unlink(path);
    free(path);
    return rmdir(folder);
}

static void a_program_is_found_by_path(void **state)
{
    (void)state;
    struct error err = {0};
    char *path = xasprintf("relative::/nonexistent:%s", folder), *text = NULL;
    size_t len = 0;
    setenv("PATH", path, 1);
    struct pdf *pdf = pdf_begin(&err);
    if (pdf == NULL)
        fail_msg("%s", err.text);
    fputs("a page", pdf_html(pdf));
    FILE *out = open_memstream(&text, &len);
    if (!pdf_end(pdf, true, out, &err))
        fail_msg("%s", err.text);
    fclose(out);
    assert_string_equal(text, "PDF of a page");
    free(text);
    free(path);
}

/* Ctrl-C while the page is written, and while the program works. */
static void who_is_stopped_leaves_nothing_behind(void **state)
{
    (void)state;
    char *left = xasprintf("%s/left", folder), *program = xasprintf("%s/weasyprint", left);
    assert_int_equal(mkdir(left, 0755), 0);
    FILE *file = fopen(program, "w");
    assert_non_null(file);
    fputs("#!/bin/sh\nkill -INT $PPID\n/bin/cp \"$2\" \"$3\"\n", file);
    fclose(file);
    assert_int_equal(chmod(program, 0755), 0);
    for (int at = 0; at < 2; at++) {
        pid_t child = fork();
        if (child == 0) {
            struct error err = {0};
            setenv("PATH", left, 1);
            setenv("TMPDIR", left, 1);
            struct pdf *pdf = pdf_begin(&err);
            fputs("a page", pdf_html(pdf));
            if (at == 0)
                raise(SIGKILL);
            pdf_end(pdf, true, stderr, &err);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
    }
    assert_int_equal(unlink(program), 0);
    assert_int_equal(rmdir(left), 0);           /* which refuses where anything is in it */
    free(left);
    free(program);
}

static void without_one_the_message_says_which(void **state)
{
    (void)state;
    struct error err = {0};
    setenv("PATH", "/nonexistent", 1);
    assert_null(pdf_begin(&err));
    assert_non_null(strstr(err.text, "weasyprint"));
}

/* A program in the folder where one happens to be is nobody's choice. */
static void the_present_folder_is_no_place_to_look(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(chdir(folder), 0);
    setenv("PATH", ".::", 1);
    assert_null(pdf_begin(&err));
    assert_int_equal(chdir("/"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_found_by_path),
        cmocka_unit_test(who_is_stopped_leaves_nothing_behind),
        cmocka_unit_test(without_one_the_message_says_which),
        cmocka_unit_test(the_present_folder_is_no_place_to_look),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
