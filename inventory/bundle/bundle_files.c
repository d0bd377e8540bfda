#include "inventory/bundle/bundle_files.h"

#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const bundle_files_beside[] = {"-wal", "-shm", "-journal", NULL};

static int hook_open(const char *path, int flags, int mode)
{
    return user_file_open(path, flags, (mode_t)mode);
}

static int hook_stat(const char *path, struct stat *status)
{
    return user_file_stat(path, status);
}

/* SQLite checks every folder of the path for symbolic links. A folder that this process may not search counts as none: if the
 * file is missing, opening it fails. */
static int hook_lstat(const char *path, struct stat *status)
{
    if (lstat(path, status) == 0)
        return 0;
    if (errno != EACCES && errno != EPERM)
        return -1;
    if (user_file_stat(path, status) == 0)
        return 0;
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFDIR;
    return 0;
}

static int hook_access(const char *path, int mode)
{
    if (access(path, mode) == 0)
        return 0;
    return (errno == EACCES || errno == EPERM) && user_file_exists(path) ? 0 : -1;
}

static int hook_unlink(const char *path)
{
    return user_file_unlink(path);
}

void bundle_files_hook(void)
{
    static const struct {
        const char *name;
        sqlite3_syscall_ptr function;
    } hooks[] = {
        {"open", (sqlite3_syscall_ptr)hook_open},     {"stat", (sqlite3_syscall_ptr)hook_stat},
        {"lstat", (sqlite3_syscall_ptr)hook_lstat},   {"access", (sqlite3_syscall_ptr)hook_access},
        {"unlink", (sqlite3_syscall_ptr)hook_unlink},
    };
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
    for (size_t i = 0; vfs != NULL && i < sizeof hooks / sizeof hooks[0]; i++)
        vfs->xSetSystemCall(vfs, hooks[i].name, hooks[i].function);
}

bool bundle_files_open(const char *path, int fds[BUNDLE_FILE_COUNT])
{
    for (unsigned i = 0; i < BUNDLE_FILE_COUNT; i++) {
        char *name = xasprintf("%s%s", path, i == 0 ? "" : bundle_files_beside[i - 1]);
        fds[i] = user_file_open(name, O_RDWR | O_CLOEXEC | (i == 0 ? 0 : O_CREAT), 0640);
        free(name);
        if (fds[i] >= 0)
            continue;
        int error = errno;
        while (i-- > 0)
            close(fds[i]);
        errno = error;
        return false;
    }
    return true;
}

/* SQLite names its files by their full path, links resolved; we by the path that the user gave. Either is the same file. */
void bundle_files_lend(const char *path, const int fds[BUNDLE_FILE_COUNT])
{
    char full[PATH_MAX];
    bundle_files_hook();
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
    bool ok = vfs != NULL && vfs->xFullPathname(vfs, path, sizeof full, full) == SQLITE_OK && strcmp(full, path) != 0;
    for (unsigned i = 0; i < BUNDLE_FILE_COUNT; i++) {
        const char *beside = i == 0 ? "" : bundle_files_beside[i - 1];
        user_file_lend(xasprintf("%s%s", path, beside), fds[i]);
        if (ok)
            user_file_lend(xasprintf("%s%s", full, beside), fds[i]);
    }
}

void bundle_files_remove(const char *path)
{
    user_file_unlink(path);
    for (const char *const *beside = bundle_files_beside; *beside != NULL; beside++) {
        char *name = xasprintf("%s%s", path, *beside);
        user_file_unlink(name);
        free(name);
    }
}
