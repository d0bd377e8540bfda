#include "scanner/files/open_beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_resolved(int folder, const char *path, int flags, unsigned resolve)
{
    const struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN))
        return fd;
    return openat(folder, path, flags | O_NOFOLLOW | O_CLOEXEC);       /* a kernel before 5.6, or a filter that does not know the call */
}

int open_beneath(int folder, const char *path, int flags)
{
    return open_resolved(folder, path, flags, RESOLVE_BENEATH);
}

int open_without_links(const char *path, int flags)
{
    return open_resolved(AT_FDCWD, path, flags, 0);
}
