/* Man pages out of the table: the marks that roff would misread are escaped. */
#include "probes/base/memory.h"
#include "scanner/cli/man.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/cli/sample_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/certsweep-man-XXXXXX";

static char *take_page(const char *name)
{
    char *path = xasprintf("%s/%s.1", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s was not written", path);
    char *text = xcalloc(1, 1 << 16);
    size_t len = fread(text, 1, (1 << 16) - 1, file);
    assert_true(len > 0 && len < (1 << 16) - 1);
    fclose(file);
    unlink(path);
    free(path);
    return text;
}

static void every_command_gets_a_page(void **state)
{
    (void)state;
    struct error err = {0};
    assert_non_null(mkdtemp(folder));
    assert_true(man_write_all(folder, sample_commands, &err));
    char *sweep = take_page("certsweep-sweep"), *import = take_page("certsweep-managed-import");
    free(take_page("certsweep-managed-list"));
    char *all = take_page("certsweep");
    assert_int_equal(rmdir(folder), 0);

    assert_non_null(strstr(sweep, ".TH CERTSWEEP\\-SWEEP 1"));
    assert_non_null(strstr(sweep, "\n\\&.Second paragraph"));        /* not a request of roff's */
    assert_non_null(strstr(sweep, ".B \\-p, \\-\\-ports=SPEC\n"));
    assert_non_null(strstr(sweep, "\\-\\-jsonl[=FILE]"));
    assert_non_null(strstr(sweep, "May be given several times"));
    assert_non_null(strstr(import, "\n.B certsweep managed import\n[OPTION...] FILE...\n"));
    assert_non_null(strstr(all, ".BR certsweep\\-managed\\-import (1)\n"));
    free(sweep);
    free(import);
    free(all);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(man_write_all("/nonexistent", sample_commands, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "/nonexistent/certsweep.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_gets_a_page),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
