#include "tests/cmocka_all.h"

#include "probes/base/named_folder.h"

#include <stdio.h>
#include <stdlib.h>
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
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
