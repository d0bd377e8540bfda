/* Whose is a handshake that two workers heard? */
#include "scanner/passive/handshake/handshake.h"
#include "scanner/run/listen_worker.h"
#include "tests/cmocka_all.h"

#define SECOND 1000000LL

static const struct listen_slice first = {.from_us = 0, .until_us = 100 * SECOND, .drain_us = 10 * SECOND},
                                 second = {.from_us = 100 * SECOND, .until_us = 200 * SECOND, .drain_us = 10 * SECOND},
                                 last = {.from_us = 200 * SECOND, .until_us = INT64_MAX, .drain_us = 10 * SECOND};

/* started: as each worker saw it, in tenths of a second; -1: that one met it under way. */
static void check(long long first_saw, long long second_saw, long long done, bool first_has, bool second_has)
{
    struct handshake handshake = {.time_us = done * SECOND / 10};
    handshake.flow_started_us = (first_saw < 0 ? done : first_saw) * SECOND / 10;
    handshake.flow_start_seen = first_saw >= 0;
    assert_int_equal(listen_slice_has(&first, &handshake), first_has);
    handshake.flow_started_us = (second_saw < 0 ? done : second_saw) * SECOND / 10;
    handshake.flow_start_seen = second_saw >= 0;
    assert_int_equal(listen_slice_has(&second, &handshake), second_has);
}

static void a_connection_belongs_to_the_worker_that_saw_its_start(void **state)
{
    (void)state;
    check(990, 990, 995, true, false);      /* over before the border */
    check(990, 990, 1050, true, false);     /* across it: the second one listens already, and leaves it */
    check(900, -1, 1050, true, false);      /* from before the second one listened */
    check(1000, 1000, 1001, false, true);   /* from the border on */
    check(1050, 1050, 1110, false, true);
    check(900, -1, 1100, false, true);      /* when the first one has ended */
    check(-1, -1, 500, true, false);        /* met under way by the first worker of all */
    check(999, 999, 1100, false, true);     /* too slow for the first one */
}

static void one_that_has_no_successor_has_the_rest(void **state)
{
    (void)state;
    struct handshake handshake = {.time_us = 5000 * SECOND, .flow_started_us = 5000 * SECOND, .flow_start_seen = false};
    assert_true(listen_slice_has(&last, &handshake));
    handshake.time_us = handshake.flow_started_us = 201 * SECOND;
    assert_false(listen_slice_has(&last, &handshake));      /* under way, and the worker before it still hears it */
    handshake.flow_start_seen = true;
    assert_true(listen_slice_has(&last, &handshake));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_belongs_to_the_worker_that_saw_its_start),
        cmocka_unit_test(one_that_has_no_successor_has_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
