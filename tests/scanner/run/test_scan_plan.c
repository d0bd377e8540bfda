/* Plans: run, stopped, gone on with, refused where they have changed; windows; stop rules. */
#include "tests/cmocka_all.h"
#include "tests/scanner/scan_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PORT "30521"

static int setup(void **state)
{
    const char *const replay[] = {REPLAY_PROGRAM, "-p", PORT, "-v", "1.3", NULL};
    if (fixture_setup(state) != 0)
        return -1;
    setenv("CERTSWEEP_BUNDLES", fixture_path(""), 1);
    fixture_start(replay, "replay.out", 0);
    return fixture_wait_port("127.30.0.1", (uint16_t)atoi(PORT)) ? 0 : -1;
}

static void write_plan(const char *window, const char *more)
{
    FILE *file = fopen(fixture_path("site.plan"), "w");
    fprintf(file,
            "[plan]\nsite = plant\ndepth = cert\n%s\n[targets]\ntarget = 127.30.0.0/17\nports = " PORT
            "\n%s\n[rates]\nrate = max\n",
            window, more);
    fclose(file);
}

static const char *new_bundle(void)
{
    return fixture_path("run.bundle");
}

/* Met under way, and stopped. */
static void stop_under_way(void)
{
    pid_t keeper = fixture_certsweep_start(0, "scan", "--plan", fixture_path("site.plan"), "-o", new_bundle(),
                                           "--connections", "2", "--loops", "1", NULL);
    fixture_worker_that_found(keeper, new_bundle());
    kill(keeper, SIGTERM);
    assert_int_equal(fixture_wait(keeper), 4);
}

static void an_unfinished_run_is_gone_on_with(void **state)
{
    (void)state;
    struct fixture_result result;
    write_plan("", "");
    stop_under_way();
    assert_int_equal(fixture_certsweep(0, "scan", "--plan", fixture_path("site.plan"), "--continue", "-o",
                                       new_bundle(), NULL),
                     0);
    fixture_read_bundle(new_bundle(), &result);
    assert_int_equal(result.positions, 32768);
    assert_int_equal(result.chains, 32768);
    assert_int_equal(result.missing, 0);
}

static void a_run_that_asked_something_else_is_not_gone_on_with(void **state)
{
    (void)state;
    write_plan("", "");
    stop_under_way();
    write_plan("", "exclude = 127.30.3.0/24");
    assert_int_equal(fixture_certsweep(0, "scan", "--plan", fixture_path("site.plan"), "--continue", "-o",
                                       new_bundle(), NULL),
                     2);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "ranges, ports or exclusions differ"));
    assert_non_null(strstr(log, "scan --resume"));
    free(log);
}

/* The list of names has grown since: what it has more would never be asked. */
static void a_run_with_other_names_is_not_gone_on_with(void **state)
{
    (void)state;
    write_plan("", "target = a.example@127.30.0.1");
    stop_under_way();
    write_plan("", "target = A.example@127.30.0.1, b.example@127.30.0.1");
    assert_int_equal(fixture_certsweep(0, "scan", "--plan", fixture_path("site.plan"), "--continue", "-o",
                                       new_bundle(), NULL),
                     2);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "its names differ from what is given now"));
    free(log);
    write_plan("", "target = A.EXAMPLE.@127.30.0.1");
    assert_int_equal(fixture_certsweep(0, "scan", "--plan", fixture_path("site.plan"), "--continue", "-o",
                                       new_bundle(), NULL),
                     0);
}

static void a_closed_window_is_no_failure(void **state)
{
    (void)state;
    time_t now = time(NULL);
    struct tm tm;
    char window[64];
    localtime_r(&now, &tm);
    snprintf(window, sizeof window, "window = %02d:00-%02d:30", (tm.tm_hour + 3) % 24, (tm.tm_hour + 3) % 24);
    write_plan(window, "");
    assert_int_equal(fixture_certsweep(0, "scan", "--plan", fixture_path("site.plan"), "-o", new_bundle(),
                                       NULL),
                     0);
    assert_int_equal(access(new_bundle(), F_OK), -1);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "window is closed"));
    free(log);
}

static void a_stop_rule_ends_a_scan_of_nothing(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", "-p", "30522", "--rate", "max", "--depth", "cert",
                                       "--min-hit-rate", "0.5", "--loops", "1", "--connections", "20", "-o",
                                       new_bundle(), "127.30.0.0/13", NULL),
                     4);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "a stop rule ends the scan"));
    assert_non_null(strstr(log, "not asked yet"));
    free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unfinished_run_is_gone_on_with, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_run_that_asked_something_else_is_not_gone_on_with, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(a_run_with_other_names_is_not_gone_on_with, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_closed_window_is_no_failure, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_stop_rule_ends_a_scan_of_nothing, setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
