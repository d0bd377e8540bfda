#include "tests/cmocka_all.h"

#include "probes/base/named_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/certsweep-named-XXXXXX";

static void an_absolute_path_is_taken(void **state)
{
    (void)state;
    unsetenv("SUDO_UID");
    setenv("CERTSWEEP_HOME", folder, 1);
    assert_string_equal(named_folder("CERTSWEEP_HOME"), folder);
    setenv("CERTSWEEP_HOME", "relative", 1);
    assert_null(named_folder("CERTSWEEP_HOME"));
    unsetenv("CERTSWEEP_HOME");
    assert_null(named_folder("CERTSWEEP_HOME"));
}

static void sudo_does_not_move_roots_data_to_the_caller(void **state)
{
    char inside[64];
    (void)state;
    if (geteuid() != 0)
        skip();
    setenv("SUDO_UID", "65534", 1);
    setenv("CERTSWEEP_HOME", folder, 1);
    assert_string_equal(named_folder("CERTSWEEP_HOME"), folder); /* root's own */
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_null(named_folder("CERTSWEEP_HOME"));
    snprintf(inside, sizeof inside, "%s/not/made/yet", folder);
    setenv("CERTSWEEP_HOME", inside, 1);
    assert_null(named_folder("CERTSWEEP_HOME"));
    assert_true(named_folder_is_of_caller(inside));
    setenv("SUDO_UID", "12345", 1);
    assert_non_null(named_folder("CERTSWEEP_HOME"));
    unsetenv("SUDO_UID");
    assert_false(named_folder_is_of_caller(inside));
}

/* What does not exist yet, in a folder where all may write; a folder that others can rename away; a link of the caller's. */
static void what_the_caller_could_have_made_is_theirs(void **state)
{
    char path[64], link[64];
    (void)state;
    if (geteuid() != 0)
        skip();
    setenv("SUDO_UID", "65534", 1);
    snprintf(path, sizeof path, "%s-not-made", folder);
    assert_true(named_folder_is_of_caller(path));
    assert_int_equal(chown(folder, 0, 0), 0);
    snprintf(path, sizeof path, "%s/inner", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(named_folder_is_of_caller(path));
    assert_int_equal(chmod(folder, 0777), 0);           /* not sticky: inner can be replaced */
    assert_true(named_folder_is_of_caller(path));
    assert_int_equal(chmod(folder, 0755), 0);
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink(path, link), 0);
    assert_false(named_folder_is_of_caller(link));
    assert_int_equal(lchown(link, 65534, 65534), 0);
    assert_true(named_folder_is_of_caller(link));
    assert_true(named_folder_is_of_caller(strcat(link, "/below")));
    unsetenv("SUDO_UID");
    *strrchr(link, '/') = '\0';
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rmdir(path), 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absolute_path_is_taken),
        cmocka_unit_test(sudo_does_not_move_roots_data_to_the_caller),
        cmocka_unit_test(what_the_caller_could_have_made_is_theirs),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
