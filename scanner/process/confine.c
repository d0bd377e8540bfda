#include "scanner/process/confine.h"

#include "probes/base/log.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0 /* its leak check at exit stops the threads by ptrace */
#endif

static const char *const worker_users[] = {"certsweep-net", "nobody"};

bool confine_die_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return false;
    return getppid() == parent; /* it may have ended before the line above */
}

int confine_signals(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group: the keeper decides */
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

unsigned long confine_raise_descriptors(void)
{
    struct rlimit none = {0, 0}, limit;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            return raised.rlim_cur;
    }
    return limit.rlim_cur;
}

void confine_clear_environment(void)
{
    static const char *const kept[] = {"PATH", "LANG",         "LC_ALL",        "TZ",
                                       "TERM", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    char *values[sizeof kept / sizeof kept[0]];
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = getenv(kept[i]);
        values[i] = value == NULL ? NULL : strdup(value);
    }
    clearenv();
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (values[i] != NULL)
            setenv(kept[i], values[i], 1);
        free(values[i]);
    }
}

/* Root becomes the first of worker_users that exists; another user stays who they are. */
static bool drop_privileges(struct error *err)
{
    const struct passwd *user = NULL;
    capng_clear(CAPNG_SELECT_BOTH);
    if (geteuid() != 0) {
        if (capng_apply(CAPNG_SELECT_CAPS) != 0)
            return error_set(err, ERROR_SYSTEM, "the worker cannot drop its capabilities: %s",
                             strerror(errno));
        return true;
    }
    for (size_t i = 0; i < sizeof worker_users / sizeof worker_users[0] && user == NULL; i++)
        user = getpwnam(worker_users[i]);
    if (user == NULL)
        return error_set(err, ERROR_SYSTEM,
                         "started by root, but neither the system user certsweep-net nor nobody exists: the "
                         "worker has nobody to become (adduser --system certsweep-net)");
    if (strcmp(user->pw_name, worker_users[0]) != 0)
        log_info("no system user certsweep-net: the worker runs as %s", user->pw_name);
    int failed = capng_change_id((int)user->pw_uid, (int)user->pw_gid,
                                 CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
    if (failed != 0 || geteuid() == 0 || getuid() == 0 || setuid(0) == 0)
        return error_set(err, ERROR_SYSTEM, "the worker cannot become %s (libcap-ng: %d)", user->pw_name,
                         failed);
    return true;
}

/* Was the rule taken? */
static bool added(int result)
{
    return result == 0 || result == -EDOM ||
           result == -EEXIST; /* not a call of this machine; there already */
}

static bool deny_calls(scmp_filter_ctx filter)
{
    static const int denied[] = {
        /* another program, another process, another namespace */
        SCMP_SYS(execve),
        SCMP_SYS(execveat),
        SCMP_SYS(process_vm_readv),
        SCMP_SYS(process_vm_writev),
        SCMP_SYS(pidfd_getfd),
        SCMP_SYS(pidfd_open),
        SCMP_SYS(kcmp),
        SCMP_SYS(unshare),
        SCMP_SYS(setns),
        SCMP_SYS(chroot),
        SCMP_SYS(pivot_root),
        SCMP_SYS(mount),
        SCMP_SYS(umount2),
        SCMP_SYS(open_tree),
        SCMP_SYS(move_mount),
        SCMP_SYS(fsopen),
        SCMP_SYS(fsmount),
        /* paths */
        SCMP_SYS(creat),
        SCMP_SYS(unlink),
        SCMP_SYS(unlinkat),
        SCMP_SYS(rename),
        SCMP_SYS(renameat),
        SCMP_SYS(renameat2),
        SCMP_SYS(link),
        SCMP_SYS(linkat),
        SCMP_SYS(symlink),
        SCMP_SYS(symlinkat),
        SCMP_SYS(mkdir),
        SCMP_SYS(mkdirat),
        SCMP_SYS(rmdir),
        SCMP_SYS(mknod),
        SCMP_SYS(mknodat),
        SCMP_SYS(truncate),
        SCMP_SYS(chmod),
        SCMP_SYS(fchmod),
        SCMP_SYS(fchmodat),
        SCMP_SYS(chown),
        SCMP_SYS(lchown),
        SCMP_SYS(fchown),
        SCMP_SYS(fchownat),
        SCMP_SYS(setxattr),
        SCMP_SYS(lsetxattr),
        SCMP_SYS(open_by_handle_at),
        SCMP_SYS(name_to_handle_at),
        SCMP_SYS(memfd_create),
        /* the kernel's other doors */
        SCMP_SYS(bpf),
        SCMP_SYS(perf_event_open),
        SCMP_SYS(userfaultfd),
        SCMP_SYS(io_uring_setup),
        SCMP_SYS(io_uring_enter),
        SCMP_SYS(io_uring_register),
        SCMP_SYS(add_key),
        SCMP_SYS(request_key),
        SCMP_SYS(keyctl),
        SCMP_SYS(init_module),
        SCMP_SYS(finit_module),
        SCMP_SYS(delete_module),
        SCMP_SYS(kexec_load),
        SCMP_SYS(kexec_file_load),
        SCMP_SYS(reboot),
        SCMP_SYS(swapon),
        SCMP_SYS(swapoff),
        SCMP_SYS(acct),
        SCMP_SYS(quotactl),
        SCMP_SYS(settimeofday),
        SCMP_SYS(clock_settime),
        SCMP_SYS(sethostname),
        SCMP_SYS(setdomainname),
        SCMP_SYS(syslog),
        SCMP_SYS(iopl),
        SCMP_SYS(ioperm),
    };
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++)
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0)))
            return false;
    if (!UNDER_SANITIZER && !added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ptrace), 0)))
        return false;
    /* Its flags stand in memory, where a filter cannot look; the C library falls back to openat. */
    return added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0));
}

/* Opening for reading stays: name resolution, time zones, /proc. */
static bool deny_writing(scmp_filter_ctx filter)
{
    static const unsigned long flags[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, flags[i], flags[i]))) ||
            !added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), 1,
                                    SCMP_A1(SCMP_CMP_MASKED_EQ, flags[i], flags[i]))))
            return false;
    }
    return true;
}

static bool deny_sockets(scmp_filter_ctx filter, enum confine_sockets sockets)
{
    if (!added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socketpair), 0)))
        return false;
    if (sockets == CONFINE_NO_SOCKETS)
        return added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0));
    for (unsigned family = 0; family < AF_INET6; family++) {
        if (family != AF_INET && !added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                                         SCMP_A0(SCMP_CMP_EQ, family, 0))))
            return false;
    }
    return added(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                  SCMP_A0(SCMP_CMP_GT, AF_INET6, 0)));
}

static bool load_filter(enum confine_sockets sockets, struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return error_set(err, ERROR_SYSTEM, "the worker cannot make its system call filter");
    bool made = deny_calls(filter) && deny_writing(filter) && deny_sockets(filter, sockets);
    int failed = made ? seccomp_load(filter) : -EINVAL;
    seccomp_release(filter);
    if (failed != 0)
        return error_set(err, ERROR_SYSTEM, "the worker cannot load its system call filter: %s",
                         strerror(-failed));
    return true;
}

bool confine_enter(enum confine_sockets sockets, pid_t parent, struct error *err)
{
    if (!drop_privileges(err))
        return false;
    if (parent != 0 && !confine_die_with(parent))
        return error_set(err, ERROR_SYSTEM, "the keeper has ended");
    if (!UNDER_SANITIZER)
        prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set(err, ERROR_SYSTEM, "the worker cannot give up new privileges: %s", strerror(errno));
    return load_filter(sockets, err);
}
