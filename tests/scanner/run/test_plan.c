/* Plan files and their windows. */
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "scanner/run/plan.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t us(const char *text)
{
    int64_t time_us;
    assert_true(clock_parse_us(text, &time_us));
    return time_us;
}

static void in_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void assert_window(const char *window_text, const char *now, bool open, const char *change)
{
    struct window window;
    struct error err = {0};
    int64_t change_us;
    if (!window_parse(window_text, &window, &err))
        fail_msg("%s", err.text);
    bool is_open = window_is_open(&window, 1, us(now), &change_us);
    if (is_open != open || change_us != us(change)) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_us(change_us, text);
        fail_msg("%s at %s: open %d until %s", window_text, now, is_open, text);
    }
}

/* 2026-01-30 is a Friday. */
static void a_night_window_belongs_to_the_day_it_opens_on(void **state)
{
    (void)state;
    in_zone("UTC");
    assert_window("22:00-05:00", "2026-01-30 21:59:59", false, "2026-01-30 22:00");
    assert_window("22:00-05:00", "2026-01-30 22:00", true, "2026-01-31 05:00");
    assert_window("22:00-05:00", "2026-01-31 04:59:59", true, "2026-01-31 05:00");
    assert_window("22:00-05:00", "2026-01-31 05:00", false, "2026-01-31 22:00");
    assert_window("22:00-05:00 Mon-Fri", "2026-01-31 04:00", true, "2026-01-31 05:00");
    assert_window("22:00-05:00 Mon-Fri", "2026-01-31 23:00", false, "2026-02-02 22:00");
    assert_window("22:00-05:00 sat", "2026-01-30 23:00", false, "2026-01-31 22:00");
    assert_window("08:00-12:00 Sat,Sun", "2026-01-30 09:00", false, "2026-01-31 08:00");
    assert_window("08:00-12:00 Fri-Mon", "2026-02-02 09:00", true, "2026-02-02 12:00");
    assert_window("08:00-12:00 Fri-Mon", "2026-02-03 09:00", false, "2026-02-06 08:00");
    assert_window("08:00-12:00 Sat, Sun ", "2026-01-30 09:00", false, "2026-01-31 08:00");
    assert_window("08:00-12:00\tSat ,\tSun", "2026-01-30 09:00", false, "2026-01-31 08:00");
    assert_window("08:00-24:00 Fri", "2026-01-30 23:59", true, "2026-01-31 00:00");
    assert_window("00:00-24:00 Fri-Sun", "2026-01-30 12:00", true, "2026-02-02 00:00");
}

static void local_time_counts_and_so_do_its_changes(void **state)
{
    (void)state;
    in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_window("22:00-05:00", "2026-01-30 20:59", false, "2026-01-30 21:00");
    assert_window("22:00-05:00", "2026-03-28 22:00", true, "2026-03-29 03:00"); /* an hour shorter */
    assert_window("22:00-05:00", "2026-10-24 21:00", true, "2026-10-25 04:00"); /* an hour longer */
    in_zone("UTC");
}

static void windows_that_touch_are_one(void **state)
{
    (void)state;
    in_zone("UTC");
    struct window windows[2];
    int64_t change_us;
    assert_true(window_parse("22:00-02:00", &windows[0], NULL));
    assert_true(window_parse("02:00-06:00", &windows[1], NULL));
    assert_true(window_is_open(windows, 2, us("2026-01-30 23:00"), &change_us));
    assert_int_equal(change_us, us("2026-01-31 06:00"));
    assert_true(window_is_open(windows, 0, us("2026-01-30 23:00"), &change_us));
    assert_true(change_us == INT64_MAX);
}

static void malformed_windows_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        "22-05",
                                        "22:00",
                                        "22:00-25:00",
                                        "22:60-05:00",
                                        "24:00-05:00",
                                        "22:00-05:00 Moon",
                                        "22:00-05:00Mon",
                                        "22:00-05:00 Mon-",
                                        "22:00-05:00 Mon,",
                                        "2:00-05:00",
                                        "22:00 - 05:00"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct window window;
        struct error err = {0};
        assert_false(window_parse(cases[i], &window, &err));
        assert_non_null(strstr(err.text, "expected"));
    }
}

/* ---- files */

static struct plan *plan_of_bytes(const char *text, size_t len, struct error *err)
{
    char path[] = "/tmp/certsweep-plan-XXXXXX.ini";
    int fd = mkstemps(path, 4);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
    struct plan *plan = plan_read(path, err);
    unlink(path);
    return plan;
}

static struct plan *plan_of(const char *text, struct error *err)
{
    return plan_of_bytes(text, strlen(text), err);
}

static void a_plan_says_what_the_options_would(void **state)
{
    (void)state;
    struct error err = {0};
    struct plan *plan =
        plan_of("\xef\xbb\xbf; nightly\r\n"
                "[plan]\r\nsite = hq\r\nscope = scope.ini\r\nwindow = 22:00-05:00 Mon-Fri\r\n"
                "window = 00:00-24:00 Sat,Sun\r\ndepth = cert\r\nfail-on = expired,weak\r\n"
                "[targets]\r\ntarget = 10.0.0.0/12\r\ntarget = @names.txt\r\ntarget=@/etc/x\r\n"
                "target = 10.16.0.0/12, 10.32.0.0/16:443, 8443 # the branch offices\r\n"
                "ports = 443, @mail\r\nexclude = 10.1.0.0/16\r\n  10.2.0.0/16\r\nexclude = *.pay.example\r\n"
                "[rates]\r\nrate = 500\r\nprefix-rate = 10\r\nmin-hit-rate = 0.01\r\nsyn = yes\r\n",
                &err);
    if (plan == NULL)
        fail_msg("%s", err.text);
    assert_memory_equal(plan->name, "certsweep-plan-", 15);
    assert_null(strchr(plan->name, '.'));
    assert_string_equal(plan->site, "hq");
    assert_string_equal(plan->scope, "/tmp/scope.ini");
    assert_int_equal(plan->window_count, 2);
    assert_int_equal(plan->target_count, 4);
    assert_string_equal(plan->targets[0], "10.0.0.0/12");
    assert_string_equal(plan->targets[1], "@/tmp/names.txt");
    assert_string_equal(plan->targets[2], "@/etc/x");
    assert_int_equal(plan->port_count, 1);
    assert_int_equal(plan->exclusion_count, 3);
    assert_string_equal(plan->exclusions[1], "10.2.0.0/16");
    assert_string_equal(plan->rate, "500");
    assert_null(plan->policy);
    assert_true(plan->syn);
    plan_destroy(plan);
}

static void a_bad_line_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", "names no target"},
        {"[targets]\ntarget = 10.0.0.0/99\n", ".ini:2: "},
        {"[targets]\ntarget = -\n", "standard input"},
        {"[targets]\nports = 0\n", ".ini:2: port \"0\""},
        {"[targets]\nexclusion = 10.0.0.1\n", "expected target, ports, exclude"},
        {"[target]\ntarget = 10.0.0.1\n", "expected [plan], [targets], [rates] or [collect]"},
        {"[plan]\nwindow = nights\n", ".ini:2: window \"nights\""},
        {"[plan]\ndepth = deeper\n", "cert, posture, suites or deep"},
        {"[plan]\nsite =\n", "no value"},
        {"[rates]\nrate = fast\n", ".ini:2: rate \"fast\""},
        {"[rates]\nmin-hit-rate = 2\n", "from 0 to 1"},
        {"[rates]\nsyn = maybe\n", "yes or no"},
        {"[rates]\nconnections = -1\n", "whole number"},
        {"[plan]\nsite = a\nsite = b\n", ".ini:3: [plan] site is given twice"},
        {"[plan]\ndepth = cert\n  posture\n", ".ini:3: [plan] depth is given twice"},
        {"[rates]\nsyn = no\nsyn = yes\n", "[rates] syn is given twice"},
        {"[targets]\ntarget = 10.0.0.1, web server\n", ".ini:2: \"server\""},
        {"[targets]\nexclude = 10.0.0.1 10.0.0.0/40\n", ".ini:2: \"10.0.0.0/40\""},
        {"[targets]\ntarget =\n", ".ini:2: \"\": a target is missing"},
        {"[targets and many other words that make a name longer than inih keeps]\ntarget = 10.0.0.1\n",
         ".ini:1: the name of the section is longer"},
        {"[plan\nsite = x\n", ".ini:1: expected [section] or name = value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(plan_of(cases[i].text, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (strstr(err.text, cases[i].expected) == NULL)
            fail_msg("\"%s\" in \"%s\"", cases[i].expected, err.text);
    }
    struct error err = {0};
    char nul[] = "[targets]\ntarget = 10.0.0.1\ntarget = 10.0.0.2?, 10.0.0.3\ntarget = 10.0.0.4\n";
    *strchr(nul, '?') = '\0';
    assert_null(plan_of_bytes(nul, sizeof nul - 1, &err));
    assert_non_null(strstr(err.text, ".ini:3: the line holds a NUL byte"));
    assert_null(plan_read("/nonexistent/plan.ini", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_night_window_belongs_to_the_day_it_opens_on),
        cmocka_unit_test(local_time_counts_and_so_do_its_changes),
        cmocka_unit_test(windows_that_touch_are_one),
        cmocka_unit_test(malformed_windows_are_refused),
        cmocka_unit_test(a_plan_says_what_the_options_would),
        cmocka_unit_test(a_bad_line_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
