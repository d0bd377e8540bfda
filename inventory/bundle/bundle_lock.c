/* An open file description lock (fcntl(2)) on a byte far beyond those that SQLite locks (from 1 GiB on). Unlike a POSIX
 * lock it belongs to the descriptor, so it survives when SQLite opens and closes the same file in this process. */
#include "inventory/bundle/bundle_lock.h"

#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_AT  (1LL << 62)
#define TRIES    40
#define PAUSE_NS 50000000L

/* False: another process has it, or an error in errno. */
static bool try_lock(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_AT, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static bool is_busy(void)
{
    return errno == EAGAIN || errno == EACCES;
}

/* The locked file may have been removed meanwhile, and another one created in its place. */
static bool is_still_there(int fd, const char *path)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && user_file_stat(path, &there) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int bundle_lock(const char *path, struct error *err)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    bool is_locked = false;
    int fd = user_file_open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
    for (unsigned i = 0; fd >= 0 && i < TRIES && !(is_locked = try_lock(fd)) && is_busy(); i++)
        nanosleep(&pause, NULL);
    if (is_locked && is_still_there(fd, path))
        return fd;
    if (fd >= 0 && (is_locked || is_busy()))
        error_set(err, ERROR_IO, "bundle %s: another certsweep is writing it", path);
    else
        error_set(err, ERROR_IO, "bundle %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

void bundle_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
