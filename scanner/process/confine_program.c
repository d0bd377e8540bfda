#include "scanner/process/confine_program.h"

#include "scanner/process/confine.h"
#include "scanner/process/landlock.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY_MAX (8ull << 30)

/* Root becomes the worker's user, who may read every file, for exec too (an ambient capability): what that opens is what Landlock
 * leaves. Any other user stays as it is. */
static bool drop_root(struct error *err)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("certsweep-net") : NULL;
    if (geteuid() != 0)
        return true;
    user = user == NULL ? getpwnam("nobody") : user;
    if (user == NULL)
        return error_set(err, ERROR_SYSTEM, "neither the system user certsweep-net nor nobody exists");
    capng_clear(CAPNG_SELECT_ALL);
    capng_updatev(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE), CAP_DAC_READ_SEARCH, -1);
    int failed = capng_change_id((int)user->pw_uid, (int)user->pw_gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_AMBIENT);
    if (failed != 0 || geteuid() == 0)
        return error_set(err, ERROR_SYSTEM, "it cannot become %s (libcap-ng: %d)", user->pw_name, failed);
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) == 0 ||
           error_set(err, ERROR_SYSTEM, "it cannot keep the right to read: %s", strerror(errno));
}

static bool forbid_sockets(struct error *err)
{
    static const int calls[] = {SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(ptrace), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount),
                                SCMP_SYS(bpf), SCMP_SYS(io_uring_setup), SCMP_SYS(keyctl), SCMP_SYS(kill), SCMP_SYS(open_by_handle_at)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = filter != NULL;
    for (size_t i = 0; ok && i < sizeof calls / sizeof *calls; i++)
        ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), calls[i], 0) == 0;
    ok = ok && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok || error_set(err, ERROR_SYSTEM, "its system call filter cannot be loaded");
}

bool confine_program(pid_t parent, const char *const *readable, struct error *err)
{
    static const char *const runnable[] = {"/usr", "/bin", "/lib", "/lib64", NULL};
    static const char *const loaded[] = {"/etc/ld.so.cache", "/dev/urandom", NULL};
    static const char *const writable[] = {"/dev/null", NULL};
    const struct landlock_rules rules = {.abi_max = -1, .readable = {readable, loaded}, .runnable = runnable, .writable = writable};
    const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
    setrlimit(RLIMIT_AS, &memory);
    if (setsid() < 0 && getsid(0) != getpid())
        return error_set(err, ERROR_SYSTEM, "it cannot leave the terminal: %s", strerror(errno));
    if (!drop_root(err))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set(err, ERROR_SYSTEM, "it cannot give up new privileges: %s", strerror(errno));
    if (!confine_die_with(parent))
        return error_set(err, ERROR_SYSTEM, "its parent has ended");
    return landlock_enter(&rules, err) >= 0 && forbid_sockets(err);
}
