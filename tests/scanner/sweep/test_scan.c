/* The sweep as a whole, on loopback: one replaying server on every address of 127.0.0.0/8. */
#include "tests/cmocka_all.h"
#include "tests/scanner/scan_fixture.h"

#include "probes/base/clock.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT "30501"

static void start_replay(void)
{
    const char *const argv[] = {REPLAY_PROGRAM, "-p", PORT, "-v", "1.2", NULL};
    fixture_start(argv, "replay.out", 0);
    assert_true(fixture_wait_port("127.30.0.1", (uint16_t)atoi(PORT)));
}

static int setup(void **state)
{
    int failed = fixture_setup(state);
    if (failed == 0)
        start_replay();
    return failed;
}

static void assert_whole(const char *bundle, uint64_t size)
{
    struct fixture_result result;
    fixture_read_bundle(bundle, &result);
    assert_int_equal(result.positions, size);
    assert_int_equal(result.missing, 0);
    assert_int_equal(result.chains, size);
    assert_int_equal(result.outcomes[OUTCOME_CERTIFICATE], size);
}

static void every_address_is_asked_once(void **state)
{
    (void)state;
    struct fixture_result result;
    size_t certificates;
    char lines[300];
    snprintf(lines, sizeof lines, "--jsonl-all=%s", fixture_path("lines"));
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "--rate", "max", "--connections", "500", lines, "127.30.0.0/16", NULL),
                     0);
    assert_whole(fixture_path("b"), 65536);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.twice, 0);
    assert_int_equal(fixture_check_lines(fixture_path("lines"), &certificates), 65536);
    assert_int_equal(certificates, 65536);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "65,536 targets: 65,536 certificate\n"));
    free(log);
}

/* The server only replays, so a client that verifies sees that it does not hold the key. */
static void who_only_replays_a_flight_is_told_apart(void **state)
{
    (void)state;
    char lines[300];
    for (int proves = 0; proves < 2; proves++) {
        const char *bundle = fixture_path(proves ? "b" : "c");
        snprintf(lines, sizeof lines, "--jsonl=%s", fixture_path("lines"));
        assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", bundle, "--depth", "cert", lines,
                                           "127.30.0.1", proves ? "--prove" : NULL, NULL),
                         0);
        char *text = fixture_read(fixture_path("lines"));
        assert_non_null(strstr(text, proves ? "\"key_proven\":false" : "\"key_proven\":null"));
        free(text);
    }
}

static void few_descriptors_give_the_same_slower(void **state)
{
    (void)state;
    struct fixture_result result;
    assert_int_equal(fixture_certsweep(64, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "--rate", "max", "127.30.0.0/20", NULL),
                     0);
    assert_whole(fixture_path("b"), 4096);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.twice, 0);
}

/* The worker is another user's: limits may be changed by that user only. */
static void limit_descriptors(pid_t worker, rlim_t count)
{
    struct rlimit few = {count, count};
    char path[64], *status, *uid_at, *gid_at;
    pid_t helper = fork();
    if (helper == 0) {
        snprintf(path, sizeof path, "/proc/%d/status", (int)worker);
        status = fixture_read(path);
        uid_at = strstr(status, "\nUid:");
        gid_at = strstr(status, "\nGid:");
        if (uid_at == NULL || gid_at == NULL)
            _exit(1);
        if (geteuid() == 0 && (setgid((gid_t)atoi(gid_at + 5)) != 0 || setuid((uid_t)atoi(uid_at + 5)) != 0))
            _exit(2);
        _exit(prlimit(worker, RLIMIT_NOFILE, &few, NULL) == 0 ? 0 : 3);
    }
    int ended;
    waitpid(helper, &ended, 0);
    assert_int_equal(WEXITSTATUS(ended), 0);
}

/* The budget is right at the start; then the machine takes most of it away. */
static void descriptors_lost_under_way_are_no_findings(void **state)
{
    (void)state;
    struct fixture_result result;
    pid_t keeper = fixture_certsweep_start(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                           "--rate", "max", "--connections", "300", "127.30.0.0/17", NULL);
    limit_descriptors(fixture_worker_that_found(keeper, fixture_path("b")), 40);
    assert_int_equal(fixture_wait(keeper), 0);
    assert_whole(fixture_path("b"), 32768);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.twice, 0);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "no room for more connections"));
    free(log);
}

static void syns_ahead_find_the_same(void **state)
{
    (void)state;
    struct fixture_result result;
    size_t certificates;
    char lines[300];
    if (geteuid() != 0) {
        fprintf(stderr, "SKIP: SYNs are sent by root only\n");
        skip();
    }
    snprintf(lines, sizeof lines, "--jsonl-all=%s", fixture_path("lines"));
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT ",30503", "-o", fixture_path("b"), "--syn",
                                       "--depth", "cert", "--rate", "max", lines, "127.30.0.0/20", NULL),
                     0);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.missing, 0);
    assert_int_equal(result.twice, 0);
    assert_int_equal(result.chains, 4096);
    assert_int_equal(result.outcomes[OUTCOME_CERTIFICATE], 4096);
    assert_int_equal(result.outcomes[OUTCOME_REFUSED], 4096);
    assert_int_equal(fixture_check_lines(fixture_path("lines"), &certificates), 8192);
}

/* Starts a scan slow enough to be interrupted; waits until it has found something. */
static pid_t start_slow(const char *bundle)
{
    pid_t keeper =
        fixture_certsweep_start(0, "scan", "-p", PORT, "-o", bundle, "--depth", "cert", "--rate", "max",
                                "--connections", "4", "--loops", "1", "127.30.0.0/16", NULL);
    fixture_worker_that_found(keeper, bundle);
    return keeper;
}

static void assert_resumed(const char *bundle)
{
    struct fixture_result result;
    fixture_read_bundle(bundle, &result);
    assert_true(result.missing != 0); /* it was interrupted */
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", bundle, NULL), 0);
    assert_whole(bundle, 65536);
    fixture_read_bundle(bundle, &result);
    assert_true(result.twice <= 8 * 4096); /* at most the open blocks */
}

static void a_killed_worker_is_told_and_resumed(void **state)
{
    (void)state;
    const char *bundle = strdup(fixture_path("b"));
    pid_t keeper = start_slow(bundle);
    pid_t worker = fixture_worker_of(keeper);
    assert_true(worker != 0);
    kill(worker, SIGKILL);
    assert_int_equal(fixture_wait(keeper), 4);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "killed by signal 9"));
    assert_non_null(strstr(log, "certsweep scan --resume"));
    free(log);
    assert_resumed(bundle);
    free((char *)bundle);
}

static void a_worker_ends_with_its_killed_keeper(void **state)
{
    (void)state;
    const char *bundle = strdup(fixture_path("b"));
    pid_t keeper = start_slow(bundle);
    pid_t worker = fixture_worker_of(keeper);
    assert_true(worker != 0);
    kill(keeper, SIGKILL);
    assert_int_equal(fixture_wait(keeper), 128 + SIGKILL);
    for (int i = 0; i < 200 && kill(worker, 0) == 0; i++)
        usleep(10000);
    assert_int_equal(kill(worker, 0), -1);
    assert_resumed(bundle);
    free((char *)bundle);
}

static void sigterm_stops_cleanly_and_is_resumed(void **state)
{
    (void)state;
    const char *bundle = strdup(fixture_path("b"));
    pid_t keeper = start_slow(bundle);
    kill(keeper, SIGUSR1); /* a status line */
    usleep(100000);
    kill(keeper, SIGTERM);
    assert_int_equal(fixture_wait(keeper), 4);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "certsweep scan --resume"));
    assert_non_null(strstr(log, "in flight"));
    assert_non_null(strstr(log, "not asked yet"));
    free(log);
    assert_resumed(bundle);
    free((char *)bundle);
}

/* Accepts, and never says a word. */
static int listen_silently(const char *address, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    inet_pton(AF_INET, address, &at.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 128), 0);
    return fd;
}

static void silence_ends_at_its_deadline(void **state)
{
    (void)state;
    struct fixture_result result;
    int fd = listen_silently("127.30.7.7", 30502);
    int64_t began_us = clock_monotonic_us();
    assert_int_equal(fixture_certsweep(0, "scan", "-p", "30502", "-o", fixture_path("b"), "--depth", "cert",
                                       "--handshake-timeout", "500", "--attempt-timeout", "1200",
                                       "127.30.7.6/31", NULL),
                     0);
    int64_t took_ms = (clock_monotonic_us() - began_us) / 1000;
    close(fd);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.outcomes[OUTCOME_TIMEOUT_HANDSHAKE], 1);
    assert_int_equal(result.outcomes[OUTCOME_REFUSED], 1);
    assert_in_range(took_ms, 400, 4000);
}

#define GREEDY_PORTS 60
#define GREEDY_CERT  1000000

/* A flight of TLS 1.2 with a new "certificate" each time: megabytes for the price of a hello. */
static const uint8_t *new_chain(size_t *flight_len)
{
    static uint8_t flight[GREEDY_CERT + 65536];
    static const uint8_t hello[] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3}, rest[] = {0, 0, 0x2f, 0};
    static const uint32_t lengths[] = {GREEDY_CERT + 6, GREEDY_CERT + 3, GREEDY_CERT};
    static uint64_t number;
    uint8_t message[GREEDY_CERT + 10] = {11}, *at = message + 1;
    for (int i = 0; i < 3; i++, at += 3)
        for (int j = 0; j < 3; j++)
            at[j] = (uint8_t)(lengths[i] >> (16 - 8 * j));
    memset(at, 7, GREEDY_CERT);
    number++;
    memcpy(at, &number, sizeof number);
    size_t len = 0;
    memcpy(flight, hello, sizeof hello);
    memset(flight + sizeof hello, 9, 32);
    memcpy(flight + sizeof hello + 32, rest, sizeof rest);
    len = sizeof hello + 32 + sizeof rest;
    for (size_t done = 0, part; done < sizeof message; done += part) {
        part = sizeof message - done < 16000 ? sizeof message - done : 16000;
        const uint8_t header[] = {22, 3, 3, (uint8_t)(part >> 8), (uint8_t)part};
        memcpy(flight + len, header, sizeof header);
        memcpy(flight + len + sizeof header, message + done, part);
        len += sizeof header + part;
    }
    *flight_len = len;
    return flight;
}

static void send_all(int fd, const uint8_t *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t sent = send(fd, bytes + done, len - done, MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        done += (size_t)sent;
    }
}

static void send_new_chain(int fd)
{
    size_t len;
    const uint8_t *flight = new_chain(&len);
    send_all(fd, flight, len);
}

static pid_t start_greedy(void)
{
    struct pollfd ports[GREEDY_PORTS];
    char bytes[4096];
    for (uint16_t i = 0; i < GREEDY_PORTS; i++)
        ports[i] = (struct pollfd){.fd = listen_silently("127.20.9.9", (uint16_t)(30520 + i)), .events = POLLIN};
    pid_t process = fork();
    if (process == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (process == 0 && poll(ports, GREEDY_PORTS, -1) > 0)
        for (int i = 0; i < GREEDY_PORTS; i++) {
            if ((ports[i].revents & POLLIN) == 0)
                continue;
            int fd = accept(ports[i].fd, NULL, NULL);
            if (recv(fd, bytes, sizeof bytes, 0) > 0)
                send_new_chain(fd);
            shutdown(fd, SHUT_WR);
            while (recv(fd, bytes, sizeof bytes, 0) > 0)
                ;
            close(fd);
        }
    for (int i = 0; i < GREEDY_PORTS; i++)
        close(ports[i].fd);
    return process;
}

#define SLOW_TARGETS 64 /* that all begin a chain of a megabyte: the pool has room for some fifty */
#define SLOW_BEGIN   20000
#define SLOW_LIMIT   "4000" /* ms of a handshake */
#define SLOW_PAUSE   1000   /* ms: so much later whoever had begun to be timed while it waited would have ended, too */

/* How many of the connections the client has closed; waits for one more, at most wait_ms (-1: for ever). */
static int count_closed(struct pollfd *fds, int wait_ms)
{
    int closed = 0;
    poll(fds, SLOW_TARGETS, wait_ms);
    for (int i = 0; i < SLOW_TARGETS; i++) {
        if (fds[i].fd >= 0 && (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            fds[i].fd = -1;
        closed += fds[i].fd < 0;
    }
    return closed;
}

/* No chain goes on, until those that have room for it are given up. The others have waited for as long, and get theirs whole. */
static void serve_slowly(int listener)
{
    static struct pollfd fds[SLOW_TARGETS];
    char hello[4096];
    size_t len;
    const uint8_t *flight = new_chain(&len);
    for (int i = 0; i < SLOW_TARGETS; i++) {
        fds[i] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
        recv(fds[i].fd, hello, sizeof hello, 0);
        send_all(fds[i].fd, flight, SLOW_BEGIN);
    }
    for (int closed = count_closed(fds, -1), before = -1; closed != before; closed = count_closed(fds, SLOW_PAUSE))
        before = closed;
    for (int i = 0; i < SLOW_TARGETS; i++)
        if (fds[i].fd >= 0)
            send_all(fds[i].fd, flight + SLOW_BEGIN, len - SLOW_BEGIN);
    poll(NULL, 0, -1);
}

static void who_waits_for_buffers_loses_no_time(void **state)
{
    (void)state;
    struct fixture_result result;
    int listener = listen_silently("0.0.0.0", 30503);
    pid_t process = fork();
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_slowly(listener);
        _exit(0);
    }
    close(listener);
    assert_int_equal(fixture_certsweep(0, "scan", "-p", "30503", "-o", fixture_path("b"), "--depth", "cert",
                                       "--rate", "max", "--loops", "1", "--handshake-timeout", SLOW_LIMIT,
                                       "--attempt-timeout", SLOW_LIMIT, "127.30.8.0/26", NULL),
                     0);
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_in_range(result.outcomes[OUTCOME_CERTIFICATE], 5, SLOW_TARGETS - 1);
    assert_int_equal(result.outcomes[OUTCOME_CERTIFICATE] + result.outcomes[OUTCOME_TIMEOUT_HANDSHAKE], SLOW_TARGETS);
}

static void a_host_cannot_fill_the_disk_with_certificates(void **state)
{
    (void)state;
    struct fixture_result result;
    size_t certificates;
    char lines[300];
    pid_t greedy = start_greedy();
    snprintf(lines, sizeof lines, "--jsonl=%s", fixture_path("lines"));
    assert_int_equal(fixture_certsweep(0, "scan", "-p", "30520-30579", "-o", fixture_path("b"), "--depth", "cert",
                                       "--rate", "50", "--prefix-rate", "0", lines, "127.20.9.9", NULL),
                     0);
    kill(greedy, SIGKILL);
    waitpid(greedy, NULL, 0);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.missing, 0);
    assert_int_equal(result.outcomes[OUTCOME_CERTIFICATE] + result.outcomes[OUTCOME_TOO_LARGE], GREEDY_PORTS);
    assert_in_range(result.chains, 17, 17 + 20); /* what the recorder had still to write may come on top */
    assert_int_equal(fixture_check_lines(fixture_path("lines"), &certificates), GREEDY_PORTS);
    assert_int_equal(certificates, result.chains);
    char *text = fixture_read(fixture_path("lines"));
    assert_non_null(strstr(text, "this host has shown 16 MiB of different certificates"));
    free(text);
}

static void what_cannot_be_scanned_is_said(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", NULL), 2);
    assert_int_equal(fixture_certsweep(0, "scan", "-o", fixture_path("b"), "8.8.8.8", NULL), 2);
    assert_int_equal(fixture_certsweep(0, "scan", "-o", fixture_path("b"), "-x", "127.0.0.0/8", "127.30.0.1",
                                       NULL),
                     2);
    assert_int_equal(fixture_certsweep(0, "scan", "-p", "udp/443", "-o", fixture_path("b"), "127.30.0.1",
                                       NULL),
                     2);
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", fixture_path("none"), NULL), 2);
    assert_int_equal(access(fixture_path("b"), F_OK), -1); /* nothing half-written */
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "127.30.0.1", NULL),
                     0);
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "127.30.0.1", NULL),
                     5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_address_is_asked_once, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(who_only_replays_a_flight_is_told_apart, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(few_descriptors_give_the_same_slower, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(descriptors_lost_under_way_are_no_findings, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(syns_ahead_find_the_same, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_killed_worker_is_told_and_resumed, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_worker_ends_with_its_killed_keeper, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(sigterm_stops_cleanly_and_is_resumed, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_host_cannot_fill_the_disk_with_certificates, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(who_waits_for_buffers_loses_no_time, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(silence_ends_at_its_deadline, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_scanned_is_said, setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
