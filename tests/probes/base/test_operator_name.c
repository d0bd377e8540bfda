/* Who runs the program: a keeper that root started, which runs as the system's user, is root's. */
#include "probes/base/operator_name.h"
#include "probes/base/user_file.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own, as user nobody where it may be. */
static bool is_told(bool is_keeper, const char *sudo_user, const char *expected)
{
    pid_t child = fork();
    if (child == 0) {
        if (sudo_user == NULL)
            unsetenv("SUDO_USER");
        else
            setenv("SUDO_USER", sudo_user, 1);
        if (is_keeper)
            user_file_ask(0, 1);
        _exit(setuid(65534) == 0 && strcmp(operator_name(), expected) == 0 ? 0 : 1);
    }
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void it_is_who_started_the_program(void **state)
{
    (void)state;
    if (getuid() != 0)
        skip();
    assert_true(is_told(true, NULL, "root"));
    assert_true(is_told(true, "ann", "ann"));
    assert_true(is_told(true, "", "root"));
    assert_true(is_told(false, NULL, "nobody"));
    assert_true(is_told(false, "ann", "nobody"));       /* anybody can set a variable */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_who_started_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
