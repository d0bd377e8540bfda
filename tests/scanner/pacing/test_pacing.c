/* Politeness on a clock that the test turns itself. */
#include "probes/base/memory.h"
#include "scanner/pacing/pacing.h"
#include "scanner/pacing/pacing_table.h"
#include "tests/cmocka_all.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000LL

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, &address));
    return address;
}

static struct address nth(uint32_t value)
{
    return address_of_value(value, 4);
}

/* No other cap than the one under test. */
static struct pacing_limits only_rate(double rate)
{
    return (struct pacing_limits){.rate = rate};
}

static void the_rate_holds_in_every_second(void **state)
{
    (void)state;
    struct pacing_limits limits = only_rate(1000);
    struct pacing *pacing = pacing_create(&limits);
    unsigned went[10] = {0};
    uint32_t host = 0x0a000000;
    for (int64_t now = SECOND; now < 11 * SECOND; now += 100) {
        struct pacing_ticket ticket = {0};
        struct address address = nth(host);
        if (pacing_begin(pacing, &address, 0, now, &ticket) == PACING_GO) {
            pacing_end(pacing, &address, OUTCOME_TIMEOUT_CONNECT, now);
            went[now / SECOND - 1]++;
            host++;
        } else {
            assert_true(ticket.at_us > now);
        }
    }
    for (size_t i = 0; i < 10; i++)
        assert_in_range(went[i], 990, 1021);
    pacing_destroy(pacing);
}

static void nothing_is_caught_up_after_a_pause(void **state)
{
    (void)state;
    struct pacing_limits limits = only_rate(1000);
    struct pacing *pacing = pacing_create(&limits);
    struct address address = address_of("10.0.0.1");
    struct pacing_ticket ticket = {0};
    assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_GO);
    unsigned went = 0;
    for (unsigned i = 0; i < 5000; i++)
        went += pacing_begin(pacing, &address, 0, 3600 * SECOND, &ticket) == PACING_GO;
    assert_in_range(went, 1, 21); /* the bucket: 20 ms */
    pacing_destroy(pacing);
}

static void a_slow_rate_has_no_burst(void **state)
{
    (void)state;
    struct pacing_limits limits = only_rate(0.5);
    struct pacing *pacing = pacing_create(&limits);
    struct address address = address_of("10.0.0.1");
    struct pacing_ticket ticket = {0};
    assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &address, 0, 2 * SECOND, &ticket), PACING_ALL_WAIT);
    assert_in_range(ticket.at_us, 29 * SECOND / 10, 3 * SECOND);
    assert_int_equal(pacing_begin(pacing, &address, 0, ticket.at_us, &ticket), PACING_GO);
    pacing_destroy(pacing);
}

static void it_starts_with_a_tenth_and_ramps_up(void **state)
{
    (void)state;
    struct pacing_limits limits = only_rate(1000);
    limits.ramp_up_ms = 2000;
    struct pacing *pacing = pacing_create(&limits);
    struct address address = address_of("10.0.0.1");
    unsigned went[4] = {0};
    for (int64_t now = SECOND; now < 5 * SECOND; now += 100) {
        struct pacing_ticket ticket = {0};
        went[now / SECOND - 1] += pacing_begin(pacing, &address, 0, now, &ticket) == PACING_GO;
    }
    assert_in_range(went[0], 250, 450);
    assert_in_range(went[1], 700, 950);
    assert_in_range(went[3], 990, 1021);
    pacing_destroy(pacing);
}

/* 400 targets of one /24, as a loop would hold them: each waits for its own slot. Every 500th turn of the
 * loop comes late, as real ones do. */
static void a_prefix_gets_twenty_a_second_and_each_target_waits_once(void **state)
{
    (void)state;
    enum { TARGETS = 400 };
    struct pacing_limits limits = {.prefix_rate = 20};
    struct pacing *pacing = pacing_create(&limits);
    struct pacing_ticket tickets[TARGETS] = {{0}};
    bool gone[TARGETS] = {false};
    unsigned went[40] = {0}, asked = 0, all = 0;
    for (int64_t now = SECOND, turn = 0; now < 31 * SECOND; now += turn++ % 500 == 0 ? 300000 : 1000) {
        for (unsigned i = 0; i < TARGETS; i++) {
            struct address address = nth(0x0a000000 + i % 256);
            if (gone[i] || tickets[i].at_us > now)
                continue;
            asked++;
            gone[i] = pacing_begin(pacing, &address, 0, now, &tickets[i]) == PACING_GO;
            if (gone[i])
                pacing_end(pacing, &address, OUTCOME_TIMEOUT_CONNECT, now);
            went[now / SECOND] += gone[i];
            all += gone[i];
        }
    }
    assert_int_equal(all, TARGETS);
    for (size_t second = 0; second < 40; second++)
        assert_in_range(went[second], 0, 23);
    assert_in_range(asked, TARGETS, 6 * TARGETS); /* not each in every turn */
    pacing_destroy(pacing);
}

static void other_prefixes_do_not_wait(void **state)
{
    (void)state;
    struct pacing_limits limits = {.prefix_rate = 1};
    struct pacing *pacing = pacing_create(&limits);
    static const char *const texts[] = {"10.0.0.1", "10.0.1.1", "2001:db8::1", "2001:db8:0:1::1"};
    for (size_t i = 0; i < 4; i++) {
        struct address address = address_of(texts[i]);
        struct pacing_ticket ticket = {0};
        assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_GO);
    }
    struct address neighbour = address_of("2001:db8::ffff:1");
    struct pacing_ticket first = {0}, second = {0};
    assert_int_equal(pacing_begin(pacing, &neighbour, 0, SECOND, &first), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &neighbour, 0, SECOND, &second), PACING_LATER);
    assert_int_equal(second.at_us, 2 * SECOND);
    pacing_destroy(pacing);
}

static void a_host_has_two_connections_at_once(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 2};
    struct pacing *pacing = pacing_create(&limits);
    struct address host = address_of("10.0.0.1"), other = address_of("10.0.0.2");
    struct pacing_ticket ticket = {0};
    assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &ticket), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &host, 1, SECOND, &ticket), PACING_LATER); /* the probe's cap */
    assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &(struct pacing_ticket){0}), PACING_GO);
    ticket = (struct pacing_ticket){0};
    assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &ticket), PACING_LATER);
    assert_true(ticket.at_us > SECOND);
    assert_int_equal(pacing_begin(pacing, &other, 0, SECOND, &(struct pacing_ticket){0}), PACING_GO);
    pacing_end(pacing, &host, OUTCOME_CERTIFICATE, 2 * SECOND);
    assert_int_equal(pacing_begin(pacing, &host, 0, 2 * SECOND, &ticket), PACING_GO);
    pacing_destroy(pacing);
}

static void who_stopped_answering_gets_one_at_once(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 2};
    struct pacing *pacing = pacing_create(&limits);
    struct address host = address_of("10.0.0.1"), other = address_of("10.0.0.2");
    struct pacing_ticket ticket = {0};
    pacing_single(pacing, &host, SECOND);
    assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &ticket), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &ticket), PACING_LATER);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pacing_begin(pacing, &other, 0, SECOND, &(struct pacing_ticket){0}), PACING_GO);
    pacing_end(pacing, &host, OUTCOME_CERTIFICATE, 2 * SECOND);
    assert_int_equal(pacing_begin(pacing, &host, 0, 2 * SECOND, &ticket), PACING_GO);
    pacing_destroy(pacing);
}

static void one_at_once_outlives_the_crowd(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 2};
    struct pacing *pacing = pacing_create(&limits);
    struct address host = address_of("10.0.0.1");
    struct pacing_ticket ticket = {0};
    pacing_single(pacing, &host, SECOND);
    int64_t now_us = 2 * SECOND;
    for (uint32_t i = 0; i < 8 * PACING_REMEMBERED; i++, now_us += 1000) {      /* two minutes, and more hosts than are remembered */
        struct address other = nth(0x0b000000 + i * 256);
        assert_int_equal(pacing_begin(pacing, &other, 0, now_us, &(struct pacing_ticket){0}), PACING_GO);
        pacing_end(pacing, &other, OUTCOME_CERTIFICATE, now_us);
    }
    struct pacing_counts counts;
    pacing_get(pacing, now_us, &counts);
    assert_true(counts.hosts <= PACING_REMEMBERED + 1);
    assert_int_equal(pacing_begin(pacing, &host, 0, now_us, &ticket), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &host, 0, now_us, &ticket), PACING_LATER);
    pacing_destroy(pacing);
}

static void hosts_with_one_at_once_are_bounded(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 2};
    struct pacing *pacing = pacing_create(&limits);
    for (uint32_t i = 0; i < 4 * PACING_SINGLES_MAX; i++) {
        struct address host = nth(0x0b000000 + i);
        pacing_single(pacing, &host, SECOND);
    }
    struct pacing_counts counts;
    pacing_get(pacing, SECOND, &counts);
    assert_true(counts.hosts <= 2 * PACING_SINGLES_MAX);
    pacing_destroy(pacing);
}

static void in_flight_shrinks_and_grows_back(void **state)
{
    (void)state;
    struct pacing_limits limits = {.in_flight = 100};
    struct pacing *pacing = pacing_create(&limits);
    struct pacing_counts counts;
    struct pacing_ticket ticket = {0};
    struct address address = address_of("10.0.0.1");
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_ALL_WAIT);
    pacing_shrink(pacing, SECOND, false, 2 * SECOND);
    pacing_shrink(pacing, SECOND, false, 3 * SECOND); /* the same shortage, reported twice */
    pacing_get(pacing, SECOND, &counts);
    assert_int_equal(counts.in_flight_cap, 75);
    for (unsigned i = 0; i < 26; i++)
        pacing_end(pacing, &address, OUTCOME_CERTIFICATE, SECOND);
    ticket = (struct pacing_ticket){0};
    assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_GO);
    assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_ALL_WAIT);
    for (unsigned i = 0; i < 5000; i++) {
        pacing_end(pacing, &address, OUTCOME_CERTIFICATE, SECOND);
        ticket = (struct pacing_ticket){0};
        assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &ticket), PACING_GO);
    }
    pacing_get(pacing, SECOND, &counts);
    assert_int_equal(counts.in_flight_cap, 100);
    pacing_destroy(pacing);
}

static void what_never_left_shrinks_to_a_few_hundred_and_no_further(void **state)
{
    (void)state;
    struct pacing_limits limits = {.in_flight = 2000};
    struct pacing *pacing = pacing_create(&limits);
    struct pacing_counts counts;
    struct address address = address_of("10.0.0.1");
    int64_t now_us = SECOND;
    for (unsigned round = 0; round < 10; round++, now_us += SECOND) {
        pacing_get(pacing, now_us, &counts);
        unsigned cap = counts.in_flight_cap;
        for (unsigned i = 0; i < cap; i++) {
            struct pacing_ticket ticket = {0};
            assert_int_equal(pacing_begin(pacing, &address, 0, now_us, &ticket), PACING_GO);
        }
        for (unsigned i = 0; i < cap; i++) { /* the first of them shrinks it, the others met the same */
            pacing_shrink(pacing, now_us, true, now_us + 1);
            pacing_end(pacing, &address, OUTCOME_ABORTED, now_us + 1);
        }
        pacing_get(pacing, now_us, &counts);
        assert_true(counts.in_flight_cap >= cap / 4 && counts.in_flight_cap <= cap);
    }
    assert_int_equal(counts.in_flight_cap, PACING_LATE_MIN);
    pacing_destroy(pacing);
}

static void rate_max_lifts_the_caps_on_loopback_only(void **state)
{
    (void)state;
    struct pacing_limits limits = pacing_limits_default;
    assert_true(pacing_limits_set_rate(&limits, "max", NULL));
    struct pacing *pacing = pacing_create(&limits);
    struct address loopback = address_of("127.1.2.3"), ipv6 = address_of("::1"),
                   private = address_of("10.0.0.1");
    unsigned went = 0;
    for (unsigned i = 0; i < 10000; i++) {
        assert_int_equal(pacing_begin(pacing, &loopback, 0, SECOND, &(struct pacing_ticket){0}), PACING_GO);
        assert_int_equal(pacing_begin(pacing, &ipv6, 0, SECOND, &(struct pacing_ticket){0}), PACING_GO);
        went += pacing_begin(pacing, &private, 0, SECOND, &(struct pacing_ticket){0}) == PACING_GO;
    }
    assert_in_range(went, 1, 2);
    pacing_destroy(pacing);
}

static void rates_are_read_or_refused(void **state)
{
    (void)state;
    struct pacing_limits limits = pacing_limits_default;
    assert_true(pacing_limits_set_rate(&limits, "2500", NULL));
    assert_true(limits.rate > 2499 && limits.rate < 2501);
    static const char *const bad[] = {"", "0", "-5", "fast", "1e99", "10/s", "nan", "inf", "0x10p99"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = {0};
        assert_false(pacing_limits_set_rate(&limits, bad[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

/* How many of ten seconds' asks of one prefix went, every attempt ending so. */
static unsigned went_in_ten_seconds(struct pacing *pacing, uint32_t first_host, int64_t from,
                                    enum outcome outcome)
{
    unsigned went = 0;
    struct pacing_ticket ticket = {0};
    for (int64_t now = from; now < from + 10 * SECOND; now += 10000) {
        struct address address = nth(first_host + went % 200);
        if (ticket.at_us > now || pacing_begin(pacing, &address, 0, now, &ticket) != PACING_GO)
            continue;
        pacing_end(pacing, &address, outcome, now);
        ticket = (struct pacing_ticket){0};
        went++;
    }
    return went;
}

static void a_prefix_that_falls_silent_is_asked_more_slowly(void **state)
{
    (void)state;
    struct pacing_limits limits = {.prefix_rate = 20};
    struct pacing *pacing = pacing_create(&limits);
    assert_in_range(went_in_ten_seconds(pacing, 0x0a000000, SECOND, OUTCOME_CERTIFICATE), 195, 205);
    went_in_ten_seconds(pacing, 0x0a000000, 11 * SECOND, OUTCOME_TIMEOUT_CONNECT);
    went_in_ten_seconds(pacing, 0x0a000000, 21 * SECOND, OUTCOME_TIMEOUT_CONNECT);
    assert_in_range(went_in_ten_seconds(pacing, 0x0a000000, 31 * SECOND, OUTCOME_TIMEOUT_CONNECT), 10, 100);
    went_in_ten_seconds(pacing, 0x0a000000, 41 * SECOND, OUTCOME_CERTIFICATE);
    assert_in_range(went_in_ten_seconds(pacing, 0x0a000000, 51 * SECOND, OUTCOME_CERTIFICATE), 195, 205);
    pacing_destroy(pacing);
}

static void a_prefix_that_never_answered_keeps_its_rate(void **state)
{
    (void)state;
    struct pacing_limits limits = {.prefix_rate = 20};
    struct pacing *pacing = pacing_create(&limits);
    for (int64_t from = SECOND; from < 50 * SECOND; from += 10 * SECOND)
        assert_in_range(went_in_ten_seconds(pacing, 0x0a000000, from, OUTCOME_TIMEOUT_CONNECT), 195, 205);
    pacing_destroy(pacing);
}

static void a_host_that_resets_is_left_alone_a_while(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 2};
    struct pacing *pacing = pacing_create(&limits);
    struct address host = address_of("10.0.0.1");
    struct pacing_ticket ticket = {0};
    pacing_begin(pacing, &host, 0, SECOND, &ticket);
    pacing_end(pacing, &host, OUTCOME_CERTIFICATE, SECOND);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &ticket), PACING_GO);
        pacing_end(pacing, &host, OUTCOME_RESET, SECOND);
    }
    ticket = (struct pacing_ticket){0};
    assert_int_equal(pacing_begin(pacing, &host, 0, SECOND, &ticket), PACING_LATER);
    assert_int_equal(ticket.at_us, SECOND + 500000);
    assert_int_equal(pacing_begin(pacing, &host, 0, ticket.at_us, &ticket), PACING_GO);
    pacing_destroy(pacing);
}

static void stop_rules_say_why(void **state)
{
    (void)state;
    struct pacing_limits limits = {.min_hit_rate = 0.01, .stop_window = 1000};
    struct pacing *pacing = pacing_create(&limits);
    struct address host = address_of("10.0.0.1");
    for (unsigned i = 0; i < 999; i++)
        pacing_end(pacing, &host, i < 5 ? OUTCOME_CERTIFICATE : OUTCOME_TIMEOUT_CONNECT, SECOND);
    assert_null(pacing_stop(pacing));
    pacing_end(pacing, &host, OUTCOME_ABORTED, SECOND); /* is no attempt at all */
    assert_null(pacing_stop(pacing));
    pacing_end(pacing, &host, OUTCOME_TIMEOUT_CONNECT, SECOND);
    assert_non_null(pacing_stop(pacing));
    assert_non_null(strstr(pacing_stop(pacing), "of the last 1000 attempts 5 were answered"));
    pacing_destroy(pacing);

    limits = (struct pacing_limits){.max_error_rate = 0.5, .stop_window = 100};
    pacing = pacing_create(&limits);
    for (unsigned i = 0; i < 100; i++)
        pacing_end(pacing, &host, i < 60 ? OUTCOME_UNREACHABLE : OUTCOME_CERTIFICATE, SECOND);
    assert_non_null(strstr(pacing_stop(pacing), "60 were reset or unreachable"));
    pacing_destroy(pacing);
}

static void memory_does_not_follow_the_size_of_the_scan(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 2, .prefix_rate = 1e6};
    struct pacing *pacing = pacing_create(&limits);
    struct pacing_counts counts;
    int64_t now = SECOND;
    for (uint32_t i = 0; i < 1000000; i++, now += 100) {
        struct address address = nth(0x0a000000 + i * 7919 % (1u << 24));
        assert_int_equal(pacing_begin(pacing, &address, 0, now, &(struct pacing_ticket){0}), PACING_GO);
        pacing_end(pacing, &address, OUTCOME_TIMEOUT_CONNECT, now);
    }
    pacing_get(pacing, now, &counts);
    assert_int_equal(counts.in_flight, 0);
    assert_in_range(counts.hosts, 1, PACING_REMEMBERED);
    assert_in_range(counts.prefixes, 1, PACING_REMEMBERED);
    pacing_destroy(pacing);
}

/* 40,000 hosts in flight: more than the table remembers, none forgotten. */
static void what_is_in_flight_is_never_forgotten(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 1};
    struct pacing *pacing = pacing_create(&limits);
    for (uint32_t i = 0; i < 40000; i++) {
        struct address address = nth(i);
        assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &(struct pacing_ticket){0}), PACING_GO);
    }
    for (uint32_t i = 0; i < 40000; i++) {
        struct address address = nth(i);
        assert_int_equal(pacing_begin(pacing, &address, 0, SECOND, &(struct pacing_ticket){0}), PACING_LATER);
    }
    pacing_destroy(pacing);
}

static void *loop(void *argument)
{
    struct pacing *pacing = argument;
    struct address host = address_of("10.0.0.1");
    for (unsigned i = 0; i < 50000; i++) {
        struct pacing_ticket ticket = {0};
        if (pacing_begin(pacing, &host, 0, SECOND + i, &ticket) == PACING_GO)
            pacing_end(pacing, &host, OUTCOME_CERTIFICATE, SECOND + i);
    }
    return NULL;
}

static void several_loops_share_one_pacing(void **state)
{
    (void)state;
    struct pacing_limits limits = {.per_host = 3};
    struct pacing *pacing = pacing_create(&limits);
    struct pacing_counts counts;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, loop, pacing), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    pacing_get(pacing, SECOND, &counts);
    assert_int_equal(counts.in_flight, 0);
    pacing_destroy(pacing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_holds_in_every_second),
        cmocka_unit_test(nothing_is_caught_up_after_a_pause),
        cmocka_unit_test(a_slow_rate_has_no_burst),
        cmocka_unit_test(it_starts_with_a_tenth_and_ramps_up),
        cmocka_unit_test(a_prefix_gets_twenty_a_second_and_each_target_waits_once),
        cmocka_unit_test(other_prefixes_do_not_wait),
        cmocka_unit_test(a_host_has_two_connections_at_once),
        cmocka_unit_test(who_stopped_answering_gets_one_at_once),
        cmocka_unit_test(one_at_once_outlives_the_crowd),
        cmocka_unit_test(hosts_with_one_at_once_are_bounded),
        cmocka_unit_test(in_flight_shrinks_and_grows_back),
        cmocka_unit_test(what_never_left_shrinks_to_a_few_hundred_and_no_further),
        cmocka_unit_test(rate_max_lifts_the_caps_on_loopback_only),
        cmocka_unit_test(rates_are_read_or_refused),
        cmocka_unit_test(a_prefix_that_falls_silent_is_asked_more_slowly),
        cmocka_unit_test(a_prefix_that_never_answered_keeps_its_rate),
        cmocka_unit_test(a_host_that_resets_is_left_alone_a_while),
        cmocka_unit_test(stop_rules_say_why),
        cmocka_unit_test(memory_does_not_follow_the_size_of_the_scan),
        cmocka_unit_test(what_is_in_flight_is_never_forgotten),
        cmocka_unit_test(several_loops_share_one_pacing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
