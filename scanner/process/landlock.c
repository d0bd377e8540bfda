#include "scanner/process/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's interface (linux/landlock.h), written out: the headers of Debian 12 know ABI 2, the kernel may know more. The
 * numbers are the same on every architecture. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1
#define FS_EXECUTE             (1ull << 0)
#define FS_WRITE_FILE          (1ull << 1)
#define FS_READ_FILE           (1ull << 2)
#define FS_READ_DIR            (1ull << 3)
#define NET_BIND_TCP           (1ull << 0)
#define NET_CONNECT_TCP        (1ull << 1)
#define SCOPE_ABSTRACT_UNIX    (1ull << 0)
#define SCOPE_SIGNAL           (1ull << 1)

struct ruleset_attr {
    uint64_t fs, net, scoped;
};

struct path_beneath_attr {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

/* Every right on files that an ABI knows: 13 bits, then renaming across folders, truncation, device calls. */
static uint64_t all_file_rights(int abi)
{
    unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    return (1ull << bits) - 1;
}

/* The struct grew with the ABI, and an older kernel refuses bytes that it does not know unless they are 0. */
static size_t attr_size(int abi)
{
    return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static int known_abi(int abi_max)
{
    long abi = syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    if (abi < 0)
        return 0; /* ENOSYS: not built in; EOPNOTSUPP: not switched on */
    return abi_max >= 0 && abi > abi_max ? abi_max : (int)abi;
}

static bool allow(int ruleset, const char *path, uint64_t more, struct error *err)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return true; /* what is not there is not read */
    struct path_beneath_attr rule = {.allowed = FS_READ_FILE | FS_READ_DIR | more, .parent_fd = fd};
    bool ok = syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
    if (!ok && errno == EINVAL) { /* a file has no directory entries to read */
        rule.allowed = FS_READ_FILE | more;
        ok = syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
    }
    if (!ok)
        error_set(err, ERROR_SYSTEM, "Landlock refuses %s: %s", path, strerror(errno));
    close(fd);
    return ok;
}

static bool add_rules(int ruleset, const struct landlock_rules *rules, struct error *err)
{
    for (unsigned list = 0; list < 2 && !rules->reads_everywhere; list++)
        for (const char *const *path = rules->readable[list]; path != NULL && *path != NULL; path++)
            if (!allow(ruleset, *path, 0, err))
                return false;
    for (const char *const *path = rules->runnable; path != NULL && *path != NULL; path++)
        if (!allow(ruleset, *path, FS_EXECUTE, err))
            return false;
    for (const char *const *path = rules->writable; path != NULL && *path != NULL; path++)
        if (!allow(ruleset, *path, FS_WRITE_FILE, err))
            return false;
    return true;
}

int landlock_enter(const struct landlock_rules *rules, struct error *err)
{
    int abi = known_abi(rules->abi_max);
    if (abi == 0)
        return 0;
    struct ruleset_attr attr = {.fs = all_file_rights(abi)};
    if (rules->reads_everywhere)
        attr.fs &= ~(FS_READ_FILE | FS_READ_DIR);
    if (abi >= 4)
        attr.net = rules->connects ? NET_BIND_TCP : NET_BIND_TCP | NET_CONNECT_TCP;
    if (abi >= 6)
        attr.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    int ruleset = (int)syscall(CREATE_RULESET, &attr, attr_size(abi), 0);
    if (ruleset < 0) {
        error_set(err, ERROR_SYSTEM, "Landlock (ABI %d) takes no rules: %s", abi, strerror(errno));
        return -1;
    }
    bool ok = add_rules(ruleset, rules, err);
    if (ok && syscall(RESTRICT_SELF, ruleset, 0) != 0)
        ok = error_set(err, ERROR_SYSTEM, "Landlock (ABI %d) is not entered: %s", abi, strerror(errno));
    close(ruleset);
    return ok ? abi : -1;
}
