/* When a loop lets packets gather, and when it must not. */
#include "scanner/sweep/gathering.h"
#include "tests/cmocka_all.h"

#define SECOND 1000000LL

/* A second of turns, each of turn_us and with its wait; returns the longest wait. Attempts end at rate_s. */
static unsigned run(struct gathering *gathering, int64_t *now_us, unsigned rate_s, unsigned in_flight,
                    unsigned turn_us)
{
    unsigned longest = 0;
    for (int64_t end_us = *now_us + SECOND; *now_us < end_us;) {
        *now_us += turn_us;
        unsigned wait_us =
            gathering_wait_us(gathering, *now_us, (unsigned)(*now_us * rate_s / SECOND), in_flight);
        *now_us += wait_us;
        longest = wait_us > longest ? wait_us : longest;
    }
    return longest;
}

static void a_fast_network_is_looked_at_in_moments(void **state)
{
    (void)state;
    struct gathering gathering = {0};
    int64_t now_us = SECOND;
    unsigned wait_us = run(&gathering, &now_us, 20000, 128, 10);
    assert_in_range(wait_us, 300, 400); /* an attempt takes 128 / 20,000 s = 6,400 us */
}

static void no_moment_is_longer_than_two_milliseconds(void **state)
{
    (void)state;
    struct gathering gathering = {0};
    int64_t now_us = SECOND;
    assert_in_range(run(&gathering, &now_us, 5000, 2000, 10), 1900, 2000);
}

static void a_slow_network_is_looked_at_at_once(void **state)
{
    (void)state;
    struct gathering gathering = {0};
    int64_t now_us = SECOND;
    assert_int_equal(run(&gathering, &now_us, 900, 5000, 10), 0);
    assert_int_equal(run(&gathering, &now_us, 0, 5000, 10), 0);
}

static void few_connections_are_not_held_up(void **state)
{
    (void)state;
    struct gathering gathering = {0};
    int64_t now_us = SECOND;
    assert_int_equal(run(&gathering, &now_us, 20000, 8, 10), 0);
}

static void a_loop_that_is_busy_never_waits(void **state)
{
    (void)state;
    struct gathering gathering = {0};
    int64_t now_us = SECOND;
    assert_int_equal(run(&gathering, &now_us, 20000, 128, 400), 0);
}

static void a_network_that_slows_down_is_noticed(void **state)
{
    (void)state;
    struct gathering gathering = {0};
    int64_t now_us = SECOND;
    assert_true(run(&gathering, &now_us, 20000, 128, 10) > 0);
    unsigned ended = (unsigned)(now_us * 20000 / SECOND), wait_us = 1;
    for (int turn = 0; turn < 2; turn++) /* from now on nothing ends */
        wait_us = gathering_wait_us(&gathering, now_us += 25000, ended, 128);
    assert_int_equal(wait_us + gathering_wait_us(&gathering, now_us + 10, ended, 128), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fast_network_is_looked_at_in_moments),
        cmocka_unit_test(no_moment_is_longer_than_two_milliseconds),
        cmocka_unit_test(a_slow_network_is_looked_at_at_once),
        cmocka_unit_test(few_connections_are_not_held_up),
        cmocka_unit_test(a_loop_that_is_busy_never_waits),
        cmocka_unit_test(a_network_that_slows_down_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
