/* Each case runs in a child, since confinement is for good; the child's exit code is its finding. */
#include "tests/cmocka_all.h"

#include "scanner/process/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AS_EXPECTED = 0, NOT_CONFINED = 90, OTHERWISE = 91 };

static int in_child(enum confine_sockets sockets, int (*attempt)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error err = {0};
        if (!confine_enter(sockets, getppid(), &err)) {
            fprintf(stderr, "%s\n", err.text);
            _exit(NOT_CONFINED);
        }
        _exit(attempt());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : OTHERWISE;
}

static int denied(int result, int reason)
{
    return result < 0 && errno == reason ? AS_EXPECTED : OTHERWISE;
}

static int unix_socket(void) { return denied(socket(AF_UNIX, SOCK_STREAM, 0), EACCES); }
static int netlink_socket(void) { return denied(socket(AF_NETLINK, SOCK_RAW, 0), EACCES); }
static int packet_socket(void) { return denied(socket(AF_PACKET, SOCK_RAW, 0), EACCES); }
static int raw_socket(void) { return denied(socket(AF_INET, SOCK_RAW, 255), EPERM); }
static int any_ip_socket(void) { return denied(socket(AF_INET, SOCK_STREAM, 0), EACCES); }
static int run_program(void) { return denied(execl("/bin/true", "true", (char *)NULL), EPERM); }
static int become_root(void) { return denied(setuid(0), EPERM); }
static int write_file(void) { return denied(open("/dev/null", O_WRONLY), EACCES); }
static int make_file(void) { return denied(open("/tmp/certsweep-confined", O_RDONLY | O_CREAT, 0600), EACCES); }
static int remove_file(void) { return denied(unlink("/tmp/certsweep-none"), EPERM); }
static int read_file(void) { return open("/dev/null", O_RDONLY) >= 0 ? AS_EXPECTED : OTHERWISE; }

static int ip_sockets(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 && socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? AS_EXPECTED : OTHERWISE;
}

static void a_worker_makes_no_sockets_but_ip_ones(void **state)
{
    (void)state;
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, unix_socket), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, netlink_socket), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, packet_socket), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, raw_socket), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, ip_sockets), AS_EXPECTED);
}

static void a_capture_worker_makes_no_sockets_at_all(void **state)
{
    (void)state;
    assert_int_equal(in_child(CONFINE_NO_SOCKETS, any_ip_socket), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_NO_SOCKETS, unix_socket), AS_EXPECTED);
}

static void it_reads_files_and_changes_none(void **state)
{
    (void)state;
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, read_file), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, write_file), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, make_file), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, remove_file), AS_EXPECTED);
}

static void it_starts_no_program_and_is_not_root(void **state)
{
    (void)state;
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, run_program), AS_EXPECTED);
    assert_int_equal(in_child(CONFINE_IP_SOCKETS, become_root), AS_EXPECTED);
}

static void it_ends_with_its_keeper(void **state)
{
    (void)state;
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t keeper = fork();
    if (keeper == 0) {
        if (fork() == 0) {
            struct error err = {0};
            if (!confine_enter(CONFINE_NO_SOCKETS, getppid(), &err))
                _exit(NOT_CONFINED);
            char ready = 1;
            if (write(told[1], &ready, 1) != 1)
                _exit(OTHERWISE);
            pause();                        /* holds the pipe open until it is killed */
        }
        char ready;
        close(told[1]);
        _exit(read(told[0], &ready, 1) == 1 ? AS_EXPECTED : OTHERWISE);
    }
    int status;
    close(told[1]);
    waitpid(keeper, &status, 0);
    assert_int_equal(WEXITSTATUS(status), AS_EXPECTED);
    char end;
    assert_int_equal(read(told[0], &end, 1), 0);    /* end of file: the worker is gone */
    close(told[0]);
}

static void the_environment_tells_it_no_database(void **state)
{
    (void)state;
    setenv("PGPASSFILE", "/root/.pgpass", 1);
    setenv("CERTSWEEP_DB", "service=x", 1);
    setenv("LD_PRELOAD_X", "x", 1);
    setenv("TZ", "UTC", 1);
    confine_clear_environment();
    assert_null(getenv("PGPASSFILE"));
    assert_null(getenv("CERTSWEEP_DB"));
    assert_null(getenv("LD_PRELOAD_X"));
    assert_string_equal(getenv("TZ"), "UTC");
}

static void the_soft_limit_of_descriptors_is_raised(void **state)
{
    (void)state;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t hard = limit.rlim_max;
    limit.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(confine_raise_descriptors(), hard);
    getrlimit(RLIMIT_CORE, &limit);
    assert_int_equal(limit.rlim_cur, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_makes_no_sockets_but_ip_ones),
        cmocka_unit_test(a_capture_worker_makes_no_sockets_at_all),
        cmocka_unit_test(it_reads_files_and_changes_none),
        cmocka_unit_test(it_starts_no_program_and_is_not_root),
        cmocka_unit_test(it_ends_with_its_keeper),
        cmocka_unit_test(the_environment_tells_it_no_database),
        cmocka_unit_test(the_soft_limit_of_descriptors_is_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
