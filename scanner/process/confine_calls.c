#include "scanner/process/confine_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel reads only the low 32 bits of an int argument, so only those are compared. */
#define LOW_32(value) SCMP_CMP_MASKED_EQ, 0xffffffffu, (scmp_datum_t)(uint32_t)(value)

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --- the lists ------------------------------------------------------------------------------------------- */

/* Allowed whatever their arguments are. */
static const int allowed[] = {
    /* bytes through descriptors that are open */
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev), SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2),
    SCMP_SYS(dup3), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64), SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64), SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(getdents64),
    /* what a path is; opening it is checked below */
    SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64),
    SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    /* waiting */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(_newselect), SCMP_SYS(pselect6), SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd2), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall), SCMP_SYS(pause),
    /* time and chance */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times),
    SCMP_SYS(getrusage), SCMP_SYS(getrandom),
    /* memory; what would be executable is refused below */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    /* threads and signals of its own */
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getcpu), SCMP_SYS(gettid), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigsuspend), SCMP_SYS(sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* who it is */
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    /* sockets that are open already */
    SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg),
};

static const int allowed_with_sockets[] = {
    SCMP_SYS(connect), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(getpeername), SCMP_SYS(shutdown),
};

static const int allowed_under_sanitizer[] = {
    SCMP_SYS(ptrace), SCMP_SYS(clone), SCMP_SYS(wait4), SCMP_SYS(prctl), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(getdents),
};

/* Only injected code calls these: the process is killed. */
static const int hostile[] = {
    /* another program, another process, another user */
    SCMP_SYS(execveat), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal), SCMP_SYS(kcmp), SCMP_SYS(setuid), SCMP_SYS(setgid),
    SCMP_SYS(setreuid), SCMP_SYS(setregid), SCMP_SYS(setresuid), SCMP_SYS(setresgid), SCMP_SYS(setgroups), SCMP_SYS(capset),
    /* another view of the machine */
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(chroot), SCMP_SYS(pivot_root), SCMP_SYS(mount), SCMP_SYS(umount2),
    SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(mount_setattr),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at),
    /* the kernel's other doors */
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl), SCMP_SYS(init_module),
    SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex), SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(syslog), SCMP_SYS(iopl),
    SCMP_SYS(ioperm), SCMP_SYS(modify_ldt), SCMP_SYS(personality),
};

/* Killed too, except in sanitizer builds, which need them. */
static const int hostile_unless_sanitizer[] = {SCMP_SYS(execve), SCMP_SYS(ptrace)};

/* Any other request fails as unknown. Those that put keystrokes into a terminal or take one over kill the process. */
static const unsigned long ioctl_allowed[] = {FIONREAD, FIONBIO};
static const unsigned long ioctl_hostile[] = {TIOCSTI, TIOCLINUX, TIOCSCTTY};

/* Not F_SETOWN and F_SETSIG: a descriptor's owner gets signals, and the owner may be any process of the same user. */
static const int fcntl_allowed[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW};

/* No attached programs (SO_ATTACH_*), no protocol on top (TCP_ULP). */
static const struct {
    int level, option;
} setsockopt_allowed[] = {
    {SOL_SOCKET, SO_RCVBUF},     {SOL_SOCKET, SO_SNDBUF},     {SOL_SOCKET, SO_LINGER},     {SOL_SOCKET, SO_KEEPALIVE},
    {IPPROTO_TCP, TCP_QUICKACK}, {IPPROTO_TCP, TCP_NODELAY},  {IPPROTO_IP, IP_RECVERR},    {IPPROTO_IPV6, IPV6_RECVERR},
    {IPPROTO_IPV6, IPV6_V6ONLY}, {SOL_PACKET, PACKET_RX_RING}, /* libpcap gives its ring back */
};

/* --- the filter ------------------------------------------------------------------------------------------ */

/* Was the rule taken? */
static bool added(int result)
{
    return result == 0 || result == -EDOM ||
           result == -EEXIST; /* not a call of this machine; there already */
}

static bool add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!added(seccomp_rule_add(filter, action, calls[i], 0)))
            return false;
    return true;
}

static bool add_lists(scmp_filter_ctx filter, bool connects)
{
    return add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed)) &&
           (!connects || add_all(filter, SCMP_ACT_ALLOW, allowed_with_sockets, COUNT(allowed_with_sockets))) &&
           (!CONFINE_UNDER_SANITIZER ||
            add_all(filter, SCMP_ACT_ALLOW, allowed_under_sanitizer, COUNT(allowed_under_sanitizer)));
}

/* Opening for reading stays: resolv.conf, /dev/urandom; Landlock says which. Not openat2(): its flags are in memory, which a
 * filter cannot read; the C library falls back to openat(). */
static bool add_opening(scmp_filter_ctx filter)
{
    static const unsigned long writing[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, __O_TMPFILE & ~O_DIRECTORY};
    unsigned long all = 0;
    for (size_t i = 0; i < COUNT(writing); i++) {
        all |= writing[i];
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, writing[i], writing[i]))) ||
            !added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), 1,
                                    SCMP_A1(SCMP_CMP_MASKED_EQ, writing[i], writing[i]))))
            return false;
    }
    return added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, all, 0))) &&
           added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, all, 0)));
}

static bool add_memory(scmp_filter_ctx filter)
{
    static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)};
    for (size_t i = 0; i < COUNT(calls); i++)
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0))) ||
            !added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), calls[i], 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC))))
            return false;
    return true;
}

/* clone() for threads only: the same memory, files and signals, no namespace of its own. clone3() has its flags in memory, so it
 * fails with ENOSYS, and the C library falls back. Signals only to itself. */
static bool add_processes(scmp_filter_ctx filter)
{
    const unsigned long thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    const unsigned long namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                     CLONE_NEWNET;
    const pid_t self = getpid();
    if (!CONFINE_UNDER_SANITIZER &&
        (!added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, thread | namespaces | CLONE_PTRACE | CLONE_VFORK, thread))) ||
         !added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(LOW_32(PR_SET_NAME))))))
        return false;
    return added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1, SCMP_A0(LOW_32(self)))) &&
           added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(LOW_32(self)))) &&
           added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getrlimit), 0)) &&
           added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(LOW_32(0)), SCMP_A2(SCMP_CMP_EQ, 0, 0)));
}

static bool add_descriptors(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < COUNT(ioctl_allowed); i++)
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(LOW_32(ioctl_allowed[i])))))
            return false;
    for (size_t i = 0; i < COUNT(fcntl_allowed); i++)
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(LOW_32(fcntl_allowed[i])))) ||
            !added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl64), 1, SCMP_A1(LOW_32(fcntl_allowed[i])))))
            return false;
    return true;
}

/* TCP and UDP over IPv4 and IPv6: no AF_UNIX (a database, an agent, the bus), no netlink, no raw sockets, no protocol besides. */
static bool add_sockets(scmp_filter_ctx filter, bool connects)
{
    static const int families[] = {AF_INET, AF_INET6}, types[] = {SOCK_STREAM, SOCK_DGRAM};
    static const int protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP};
    for (size_t i = 0; i < COUNT(setsockopt_allowed); i++)
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2, SCMP_A1(LOW_32(setsockopt_allowed[i].level)),
                                    SCMP_A2(LOW_32(setsockopt_allowed[i].option)))))
            return false;
    for (size_t f = 0; f < COUNT(families) && connects; f++)
        for (size_t t = 0; t < COUNT(types); t++)
            for (size_t p = 0; p < COUNT(protocols); p++)
                if (!added(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3, SCMP_A0(LOW_32(families[f])),
                                            SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK),
                                                    (scmp_datum_t)types[t]),
                                            SCMP_A2(LOW_32(protocols[p])))))
                    return false;
    return true;
}

static bool add_hostile(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < COUNT(ioctl_hostile); i++)
        if (!added(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(ioctl), 1, SCMP_A1(LOW_32(ioctl_hostile[i])))))
            return false;
    return add_all(filter, SCMP_ACT_KILL_PROCESS, hostile, COUNT(hostile)) &&
           (CONFINE_UNDER_SANITIZER ||
            add_all(filter, SCMP_ACT_KILL_PROCESS, hostile_unless_sanitizer, COUNT(hostile_unless_sanitizer)));
}

static bool load(scmp_filter_ctx filter, bool made, struct error *err)
{
    int failed = made ? seccomp_load(filter) : -EINVAL;
    seccomp_release(filter);
    return failed == 0 || error_set(err, ERROR_SYSTEM, "the system call filter cannot be loaded: %s", strerror(-failed));
}

bool confine_calls(bool connects, struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (filter == NULL)
        return error_set(err, ERROR_SYSTEM, "the worker cannot make its system call filter");
    bool made = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
                seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && /* a tree: each call is looked up in few steps */
                add_hostile(filter) && add_lists(filter, connects) && add_opening(filter) && add_memory(filter) &&
                add_processes(filter) && add_descriptors(filter) && add_sockets(filter, connects);
    return load(filter, made, err);
}

bool confine_hostile_calls(struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return error_set(err, ERROR_SYSTEM, "the keeper cannot make its system call filter");
    bool made = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 && add_hostile(filter);
    return load(filter, made, err);
}
