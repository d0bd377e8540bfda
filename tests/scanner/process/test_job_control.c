/* Ctrl-Z and fg: the worker has left the user's terminal, so that the keeper stops it and wakes it. */
#include "tests/cmocka_all.h"

#include "tests/scanner/scan_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of /proc/PID/stat: the state, and the numbers after it (parent, group, session, terminal ...). */
static char process_state(pid_t process, int numbers[4])
{
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    size_t got = file == NULL ? 0 : fread(line, 1, sizeof line - 1, file);
    if (file != NULL)
        fclose(file);
    const char *at = got == 0 ? NULL : strrchr(line, ')');
    char state = 0;
    return at != NULL && sscanf(at, ") %c %d %d %d %d", &state, &numbers[0], &numbers[1], &numbers[2], &numbers[3]) == 5 ? state
                                                                                                                        : 0;
}

static bool wait_stopped(pid_t process, bool wanted)
{
    int numbers[4];
    for (int tries = 0; tries < 500; tries++) {
        char state = process_state(process, numbers);
        if (state != 0 && (state == 'T') == wanted)
            return true;
        usleep(20000);
    }
    return false;
}

static pid_t start_job(pid_t *worker)
{
    const char *bundle = fixture_path("b");
    pid_t keeper = fixture_certsweep_start(0, "scan", "127.9.0.0/20:9", "--rate", "50", "-o", bundle, NULL);
    int numbers[4] = {0};
    for (int tries = 0; tries < 500; tries++) { /* until it has left the terminal */
        *worker = fixture_worker_of(keeper);
        if (*worker > 0 && process_state(*worker, numbers) != 0 && numbers[2] == *worker)
            return keeper;
        usleep(20000);
    }
    fail_msg("the worker does not start");
    return 0;
}

static void the_worker_has_a_session_of_its_own_and_no_terminal(void **state)
{
    (void)state;
    pid_t worker;
    int numbers[4];
    pid_t keeper = start_job(&worker);
    assert_true(process_state(worker, numbers) != 0);
    assert_int_equal(numbers[0], keeper);
    assert_int_equal(numbers[2], worker);   /* session */
    assert_int_equal(numbers[3], 0);        /* terminal */
    kill(keeper, SIGINT);
    assert_int_equal(fixture_wait(keeper), 4);
}

static void ctrl_z_stops_both_and_fg_wakes_both(void **state)
{
    (void)state;
    pid_t worker;
    pid_t keeper = start_job(&worker);
    for (int round = 0; round < 2; round++) {
        kill(keeper, SIGTSTP);
        assert_true(wait_stopped(keeper, true));
        assert_true(wait_stopped(worker, true));
        kill(keeper, SIGCONT);
        assert_true(wait_stopped(keeper, false));
        assert_true(wait_stopped(worker, false));
    }
    kill(worker, SIGSTOP);                  /* by another process: SIGCONT to the keeper still wakes both */
    assert_true(wait_stopped(worker, true));
    kill(keeper, SIGCONT);
    assert_true(wait_stopped(worker, false));
    kill(keeper, SIGINT);
    assert_int_equal(fixture_wait(keeper), 4);
}

/* SIGTERM killed a worker that had not asked for it yet, and the bundle stayed open, with the files beside it. */
static void a_worker_that_is_stopped_at_once_ends_as_at_any_time(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* it captures */
    for (unsigned i = 0; i < 24; i++) {
        char name[16];
        snprintf(name, sizeof name, "early%u", i);
        const char *bundle = fixture_path(name);
        pid_t keeper = fixture_certsweep_start(0, "listen", "-i", "lo", "-o", bundle, NULL);
        for (int tries = 0; tries < 2000 && access(bundle, F_OK) != 0; tries++)
            usleep(1000);
        usleep(i * 1500);
        kill(keeper, SIGINT);
        int code = fixture_wait(keeper);
        char *log = fixture_read(fixture_path("log"));
        if (strstr(log, "killed by signal") != NULL)
            fail_msg("stopped after %u ms: code %d: %s", i * 3 / 2, code, log);
        free(log);
        snprintf(name, sizeof name, "early%u-shm", i);
        if (access(fixture_path(name), F_OK) == 0)
            fail_msg("stopped after %u ms: %s is left", i * 3 / 2, name);
    }
}

/* In a process group of its own, as a shell starts a job; the parent is the shell that could wake it, without which SIGTSTP has no
 * effect. */
int main(void)
{
    pid_t job = fork();
    if (job > 0) {
        int status;
        return waitpid(job, &status, 0) == job && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
    setpgid(0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_worker_has_a_session_of_its_own_and_no_terminal, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(ctrl_z_stops_both_and_fg_wakes_both, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_worker_that_is_stopped_at_once_ends_as_at_any_time, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
