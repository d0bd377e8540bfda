/* Each case runs in a child, since confinement is for good; the child's exit code is its finding. */
#include "tests/cmocka_all.h"

#include "scanner/process/confine.h"
#include "scanner/process/confine_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { AS_EXPECTED = 0, NOT_CONFINED = 90, OTHERWISE = 91, KILLED = 92 };

/* As the kernel is, without Landlock, with that of Linux 6.1 (struct confinement). */
static const int kernels[] = {0, 1, 3};

static int in_child(const struct confinement *confinement, int (*attempt)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error err = {0};
        struct confinement own = *confinement;
        own.keeper = getppid();
        if (!confine_enter(&own, &err)) {
            fprintf(stderr, "%s\n", err.text);
            _exit(NOT_CONFINED);
        }
        _exit(attempt());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : OTHERWISE;
    return WEXITSTATUS(status);
}

static int fails(long result)
{
    return result < 0 ? AS_EXPECTED : OTHERWISE;
}

static int denied(long result, int reason)
{
    return result < 0 && errno == reason ? AS_EXPECTED : OTHERWISE;
}

/* --- sockets --------------------------------------------------------------------------------------------- */

static int unix_socket(void) { return denied(socket(AF_UNIX, SOCK_STREAM, 0), ENOSYS); }
static int unix_pair(void) { return denied(socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0}), ENOSYS); }
static int netlink_socket(void) { return denied(socket(AF_NETLINK, SOCK_RAW, 0), ENOSYS); }
static int packet_socket(void) { return denied(socket(AF_PACKET, SOCK_RAW, 0), ENOSYS); }
static int vsock_socket(void) { return denied(socket(AF_VSOCK, SOCK_STREAM, 0), ENOSYS); }
static int raw_socket(void) { return denied(socket(AF_INET, SOCK_RAW, 255), ENOSYS); }
static int ping_socket(void) { return denied(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), ENOSYS); }
static int mptcp_socket(void) { return denied(socket(AF_INET, SOCK_STREAM, 262), ENOSYS); }
static int any_ip_socket(void) { return denied(socket(AF_INET, SOCK_STREAM, 0), ENOSYS); }

/* A family of 2 in the low half is AF_INET for the kernel, whatever the upper half is. */
static int odd_family(void) { return denied(syscall(SYS_socket, (1L << 32) | AF_UNIX, SOCK_STREAM, 0), ENOSYS); }

static int ip_sockets(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP) >= 0 && socket(AF_INET, SOCK_DGRAM, 0) >= 0
               ? AS_EXPECTED
               : OTHERWISE;
}

static int listening(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return fd >= 0 ? denied(bind(fd, (const struct sockaddr *)&where, sizeof where), ENOSYS) | denied(listen(fd, 1), ENOSYS)
                   : OTHERWISE;
}

static int attach_program(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sock_filter all = {.code = BPF_RET, .k = 0xffff};
    const struct sock_fprog program = {.len = 1, .filter = &all};
    return fd >= 0 ? denied(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), ENOSYS) : OTHERWISE;
}

/* --- files ----------------------------------------------------------------------------------------------- */

static int write_file(void) { return denied(open("/dev/null", O_WRONLY), EACCES); }
static int rewrite_file(void) { return denied(open("/dev/null", O_RDWR), EACCES); }
static int make_file(void) { return denied(open("/tmp/certsweep-confined", O_RDONLY | O_CREAT, 0600), EACCES); }
static int empty_file(void) { return denied(open("/dev/null", O_RDONLY | O_TRUNC), EACCES); }
static int make_unnamed_file(void) { return denied(open("/tmp", O_TMPFILE | O_RDWR, 0600), EACCES); }
static int open_by_struct(void) { return denied(syscall(437, AT_FDCWD, "/dev/null", (long[3]){O_WRONLY, 0, 0}, 24), ENOSYS); }
static int remove_file(void) { return denied(unlink("/tmp/certsweep-none"), ENOSYS); }
static int rename_file(void) { return denied(rename("/tmp/certsweep-none", "/tmp/certsweep-other"), ENOSYS); }
static int link_file(void) { return denied(symlink("/etc/passwd", "/tmp/certsweep-other"), ENOSYS); }
static int make_folder(void) { return denied(mkdir("/tmp/certsweep-none", 0700), ENOSYS); }
static int make_device(void) { return denied(mknod("/tmp/certsweep-none", S_IFIFO | 0600, 0), ENOSYS); }
static int change_mode(void) { return denied(fchmod(0, 0777), ENOSYS); }
static int shorten_file(void) { return denied(truncate("/dev/null", 0), ENOSYS); }
static int read_allowed_file(void) { return open("/dev/urandom", O_RDONLY) >= 0 ? AS_EXPECTED : OTHERWISE; }
static int read_any_file(void) { return denied(open("/etc/passwd", O_RDONLY), EACCES); }
static int list_folder(void) { return denied(open("/etc", O_RDONLY | O_DIRECTORY), EACCES); }
static int read_keeper(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)getppid());
    return denied(open(path, O_RDONLY), EACCES);
}

/* --- other processes ------------------------------------------------------------------------------------- */

static int run_program(void) { return fails(execl("/bin/true", "true", (char *)NULL)); }
static int run_descriptor(void) { return fails(syscall(SYS_execveat, 3, "", (char *const[]){NULL}, (char *const[]){NULL}, AT_EMPTY_PATH)); }
static int become_root(void) { return fails(setuid(0)); }
static int fork_itself(void) { return fails(syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L)); }
static int new_namespace(void)
{
    return fails(syscall(SYS_clone,
                         (long)CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWUSER, 0L, 0L, 0L, 0L));
}
static int clone_by_struct(void) { return denied(syscall(435, (long[11]){0, 0, 0, 0, SIGCHLD}, 88), ENOSYS); }
static int leave_namespace(void) { return fails(unshare(CLONE_NEWUSER)); }
static int trace_keeper(void) { return fails(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)); }
static int read_memory(void)
{
    char byte;
    struct iovec local = {&byte, 1}, remote = {&byte, 1};
    return fails(process_vm_readv(getppid(), &local, 1, &remote, 1, 0));
}
static int signal_keeper(void) { return denied(kill(getppid(), 0), ENOSYS); }
static int signal_group(void) { return denied(kill(0, 0), ENOSYS); }
static int signal_all(void) { return denied(kill(-1, 0), ENOSYS); }
static int queue_signal(void) { return denied(sigqueue(getppid(), SIGTERM, (union sigval){0}), ENOSYS); }
static int signal_by_descriptor(void) { return denied(fcntl(0, F_SETOWN, getppid()), ENOSYS) | denied(fcntl(0, F_SETSIG, SIGKILL), ENOSYS); }
static int limit_keeper(void)
{
    struct rlimit none = {0, 0};
    return denied(prlimit(getppid(), RLIMIT_CPU, &none, NULL), ENOSYS);
}
static int outlive_keeper(void) { return denied(prctl(PR_SET_PDEATHSIG, 0), ENOSYS); }
static int share_memory(void) { return denied(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), ENOSYS); }
static int load_program(void) { return fails(syscall(SYS_bpf, 0, NULL, 0)); }
static int ring_of_calls(void) { return fails(syscall(425, 1, NULL)); }
static int signal_itself(void) { return kill(getpid(), 0) == 0 && raise(SIGCHLD) == 0 ? AS_EXPECTED : OTHERWISE; }

/* --- memory ---------------------------------------------------------------------------------------------- */

static int map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? AS_EXPECTED : OTHERWISE;
}
static int make_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? OTHERWISE : denied(mprotect(page, 4096, PROT_READ | PROT_EXEC), EACCES);
}

/* --- the terminal ---------------------------------------------------------------------------------------- */

static int terminal;                /* the user's, which a worker must not have: but if it had one */

static int type_keys(void) { return fails(ioctl(terminal, TIOCSTI, "x")); }
/* The kernel looks at 32 bits of the request only. */
static int type_keys_oddly(void) { return fails(syscall(SYS_ioctl, terminal, (1L << 32) | TIOCSTI, "x")); }
static int paste(void) { return fails(ioctl(terminal, TIOCLINUX, "\3")); }
static int take_terminal(void) { return fails(ioctl(terminal, TIOCSCTTY, 1)); }
static int change_terminal(void)
{
    struct termios settings = {0};
    return denied(tcsetattr(terminal, TCSANOW, &settings), ENOSYS);
}
static int has_terminal(void) { return denied(open("/dev/tty", O_RDONLY), EACCES); }
static int has_terminal_without_landlock(void) { return denied(open("/dev/tty", O_RDONLY), ENXIO); }

/* --- threads --------------------------------------------------------------------------------------------- */

static void *answer(void *context)
{
    *(int *)context = 42;
    return NULL;
}

static int start_thread(void)
{
    pthread_t thread;
    int got = 0;
    return pthread_create(&thread, NULL, answer, &got) == 0 && pthread_join(thread, NULL) == 0 && got == 42 ? AS_EXPECTED : OTHERWISE;
}

static int end_thread_from_inside(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, (void *(*)(void *))(uintptr_t)pthread_exit, NULL) == 0 && pthread_join(thread, NULL) == 0
               ? AS_EXPECTED
               : OTHERWISE;
}

static int use_openssl(void)
{
    unsigned char bytes[32];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    return RAND_bytes(bytes, sizeof bytes) == 1 && EVP_Digest("x", 1, bytes, NULL, EVP_sha256(), NULL) == 1 && key != NULL
               ? AS_EXPECTED
               : OTHERWISE;
}

/* --- the cases ------------------------------------------------------------------------------------------- */

struct escape {
    const char *name;
    int (*attempt)(void);
    int end;
};

#define ESCAPE(attempt, end) {#attempt, attempt, end}
/* A sanitizer's leak check asks for it: there it is allowed, and not tried. */
#define UNLESS_SANITIZER(end) (CONFINE_UNDER_SANITIZER ? -1 : (end))

static void try_all(const struct confinement *confinement, const struct escape *escapes, size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        int end = escapes[i].end < 0 ? AS_EXPECTED : in_child(confinement, escapes[i].attempt);
        int wanted = escapes[i].end < 0 ? AS_EXPECTED : escapes[i].end;
        if (end != wanted)
            fprintf(stderr, "%s: %d, not %d (Landlock %d)\n", escapes[i].name, end, wanted, confinement->landlock - 1);
        wrong += end != wanted;
    }
    assert_int_equal(wrong, 0);
}
#define TRY_ALL(confinement, escapes) try_all(confinement, escapes, sizeof(escapes) / sizeof(escapes)[0])

static const struct escape anywhere[] = {
    ESCAPE(unix_socket, AS_EXPECTED), ESCAPE(unix_pair, AS_EXPECTED), ESCAPE(netlink_socket, AS_EXPECTED),
    ESCAPE(packet_socket, AS_EXPECTED), ESCAPE(vsock_socket, AS_EXPECTED), ESCAPE(raw_socket, AS_EXPECTED),
    ESCAPE(ping_socket, AS_EXPECTED), ESCAPE(mptcp_socket, AS_EXPECTED), ESCAPE(odd_family, AS_EXPECTED),
    ESCAPE(write_file, AS_EXPECTED), ESCAPE(rewrite_file, AS_EXPECTED), ESCAPE(make_file, AS_EXPECTED),
    ESCAPE(empty_file, AS_EXPECTED), ESCAPE(make_unnamed_file, AS_EXPECTED), ESCAPE(open_by_struct, AS_EXPECTED),
    ESCAPE(remove_file, AS_EXPECTED), ESCAPE(rename_file, AS_EXPECTED), ESCAPE(link_file, AS_EXPECTED),
    ESCAPE(make_folder, AS_EXPECTED), ESCAPE(make_device, AS_EXPECTED), ESCAPE(change_mode, AS_EXPECTED),
    ESCAPE(shorten_file, AS_EXPECTED), ESCAPE(read_allowed_file, AS_EXPECTED),
    ESCAPE(run_program, UNLESS_SANITIZER(KILLED)), ESCAPE(run_descriptor, KILLED), ESCAPE(become_root, KILLED),
    ESCAPE(fork_itself, UNLESS_SANITIZER(AS_EXPECTED)), ESCAPE(new_namespace, UNLESS_SANITIZER(AS_EXPECTED)),
    ESCAPE(clone_by_struct, AS_EXPECTED), ESCAPE(leave_namespace, KILLED), ESCAPE(trace_keeper, UNLESS_SANITIZER(KILLED)),
    ESCAPE(read_memory, KILLED), ESCAPE(signal_keeper, AS_EXPECTED), ESCAPE(signal_group, AS_EXPECTED),
    ESCAPE(signal_all, AS_EXPECTED), ESCAPE(queue_signal, AS_EXPECTED), ESCAPE(signal_by_descriptor, AS_EXPECTED),
    ESCAPE(limit_keeper, AS_EXPECTED), ESCAPE(outlive_keeper, UNLESS_SANITIZER(AS_EXPECTED)), ESCAPE(share_memory, AS_EXPECTED),
    ESCAPE(load_program, KILLED), ESCAPE(ring_of_calls, KILLED), ESCAPE(signal_itself, AS_EXPECTED),
    ESCAPE(map_code, AS_EXPECTED), ESCAPE(make_code, AS_EXPECTED),
    ESCAPE(start_thread, AS_EXPECTED), ESCAPE(end_thread_from_inside, AS_EXPECTED), ESCAPE(use_openssl, AS_EXPECTED),
};

static void a_worker_cannot_reach_back(void **state)
{
    static const struct escape with_sockets[] = {
        ESCAPE(ip_sockets, AS_EXPECTED), ESCAPE(listening, AS_EXPECTED), ESCAPE(attach_program, AS_EXPECTED)};
    static const struct escape without_sockets[] = {ESCAPE(any_ip_socket, AS_EXPECTED)};
    (void)state;
    for (size_t kernel = 0; kernel < sizeof kernels / sizeof kernels[0]; kernel++) {
        struct confinement confinement = {.sockets = CONFINE_IP_SOCKETS, .landlock = kernels[kernel]};
        TRY_ALL(&confinement, anywhere);
        TRY_ALL(&confinement, with_sockets);
        confinement.sockets = CONFINE_NO_SOCKETS;
        TRY_ALL(&confinement, anywhere);
        TRY_ALL(&confinement, without_sockets);
    }
}

static void with_landlock_it_reads_what_it_needs_and_nothing_else(void **state)
{
    static const struct escape reading[] = {ESCAPE(read_any_file, UNLESS_SANITIZER(AS_EXPECTED)),
                                            ESCAPE(list_folder, UNLESS_SANITIZER(AS_EXPECTED)),
                                            ESCAPE(read_keeper, AS_EXPECTED)};
    static const int with[] = {0, 2, 3}; /* as it is, ABI 1, ABI 2 */
    (void)state;
    if (syscall(444, NULL, 0, 1) <= 0)
        skip(); /* a kernel without it */
    for (size_t kernel = 0; kernel < sizeof with / sizeof with[0]; kernel++) {
        const struct confinement confinement = {.landlock = with[kernel]};
        TRY_ALL(&confinement, reading);
    }
}

static int read_shadow_folder(void) { return open("/usr/share", O_RDONLY | O_DIRECTORY) >= 0 ? AS_EXPECTED : OTHERWISE; }

static void what_a_worker_names_stays_readable(void **state)
{
    static const char *const readable[] = {"/usr/share", "/there/is/no/such/path", NULL};
    const struct confinement confinement = {.readable = readable};
    (void)state;
    assert_int_equal(in_child(&confinement, read_shadow_folder), AS_EXPECTED);
}

/* In a session with a terminal, as a user's: the worker has none, and where a descriptor of one came to it all the same, it can do
 * nothing with it but read and write. */
static void it_has_no_terminal_and_types_into_none(void **state)
{
    static const struct escape requests[] = {ESCAPE(type_keys, KILLED), ESCAPE(type_keys_oddly, KILLED), ESCAPE(paste, KILLED),
                                             ESCAPE(take_terminal, KILLED), ESCAPE(change_terminal, AS_EXPECTED)};
    static const struct escape controlling[] = {ESCAPE(has_terminal, UNLESS_SANITIZER(AS_EXPECTED))};
    static const struct escape controlling_without_landlock[] = {ESCAPE(has_terminal_without_landlock, AS_EXPECTED)};
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0)
        skip(); /* no /dev/ptmx here */
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    pid_t user = fork();
    if (user == 0) {
        const struct confinement newest = {.landlock = 0}, none = {.landlock = 1};
        setsid();
        terminal = open(ptsname(master), O_RDWR); /* becomes this session's */
        assert_true(terminal >= 0);
        assert_int_equal(tcgetsid(terminal), getpid());
        TRY_ALL(&newest, requests);
        TRY_ALL(&none, requests);
        if (syscall(444, NULL, 0, 1) > 0)
            TRY_ALL(&newest, controlling);
        TRY_ALL(&none, controlling_without_landlock);
        _exit(AS_EXPECTED);
    }
    int status;
    assert_int_equal(waitpid(user, &status, 0), user);
    close(master);
    assert_int_equal(status, 0);
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
            const struct confinement confinement = {.sockets = CONFINE_NO_SOCKETS, .keeper = getppid()};
            if (!confine_enter(&confinement, &err))
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
    setenv("SECRET", "token", 1);
    char *secret = getenv("SECRET");
    confine_clear_environment(true);
    assert_string_equal(getenv("PGPASSFILE"), "/root/.pgpass");     /* a keeper opens the database */
    assert_null(getenv("LD_PRELOAD_X"));
    assert_null(getenv("SECRET"));
    assert_string_equal(secret, "");    /* nor in the memory after it */
    setenv("LD_PRELOAD_X", "x", 1);
    confine_clear_environment(false);
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
        cmocka_unit_test(a_worker_cannot_reach_back),
        cmocka_unit_test(with_landlock_it_reads_what_it_needs_and_nothing_else),
        cmocka_unit_test(what_a_worker_names_stays_readable),
        cmocka_unit_test(it_has_no_terminal_and_types_into_none),
        cmocka_unit_test(it_ends_with_its_keeper),
        cmocka_unit_test(the_environment_tells_it_no_database),
        cmocka_unit_test(the_soft_limit_of_descriptors_is_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
