#include "probes/base/output_file.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_FILES "/proc/self/fd"
#define LINKS_MAX 40            /* as the kernel's own limit */

/* Where a path ends: an open folder, and a name in it that is no link. */
struct place {
    int folder;
    char name[NAME_MAX + 1];
    char rest[2 * PATH_MAX];    /* of the path, during the walk */
    unsigned links;
};

struct output_file {
    int fd, folder;             /* folder: -1 where it is written to directly */
    bool is_lent;               /* the starter owns it and names it */
    char *path;                 /* as the user wrote it */
    char name[NAME_MAX + 1], random[NAME_MAX + 1];
    bool is_unnamed;            /* it gets its name at the end: whatever ends this process before leaves nothing behind */
};

/* --- the way there --------------------------------------------------------------------------------------- */

/* Links of root and of the caller (under sudo: of the user who called it) are followed. */
static bool is_trusted(uid_t owner)
{
    const char *sudo = geteuid() == 0 ? getenv("SUDO_UID") : NULL;
    return owner == 0 || owner == geteuid() || owner == getuid() ||
           (sudo != NULL && sudo[0] != '\0' && owner == (uid_t)strtoul(sudo, NULL, 10));
}

static bool start_at(struct place *place, const char *path)
{
    if (place->folder >= 0)
        close(place->folder);
    place->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return place->folder >= 0;
}

/* The link's text takes the place of its name. errno says why not. */
static bool follow(struct place *place, const char *name, const struct stat *link)
{
    char text[sizeof place->rest];
    if (!is_trusted(link->st_uid)) {
        errno = OUTPUT_FILE_LAID;
        return false;
    }
    ssize_t len = readlinkat(place->folder, name, text, sizeof text);
    if (len < 0)
        return false;
    size_t rest = strlen(place->rest) + 1;      /* it is empty or begins with a slash */
    if (++place->links > LINKS_MAX || (size_t)len + rest > sizeof text) {
        errno = place->links > LINKS_MAX ? ELOOP : ENAMETOOLONG;
        return false;
    }
    memcpy(text + len, place->rest, rest);
    memcpy(place->rest, text, (size_t)len + rest);
    return text[0] != '/' || start_at(place, "/");
}

static bool step_into(struct place *place, const char *name)
{
    int next = openat(place->folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
        return false;
    close(place->folder);
    place->folder = next;
    return true;
}

/* Takes the next name off the rest; false: too long. */
static bool take_name(struct place *place)
{
    const char *start = place->rest + strspn(place->rest, "/");
    size_t len = strcspn(start, "/");
    if (len > NAME_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(place->name, start, len);
    place->name[len] = '\0';
    memmove(place->rest, start + len, strlen(start + len) + 1);
    return true;
}

static bool is_folder(const char *name)
{
    return name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* False with errno. place->folder is to be closed either way. */
static bool find_place(const char *path, struct place *place)
{
    *place = (struct place){.folder = -1};
    if (strlen(path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    snprintf(place->rest, sizeof place->rest, "%s", path);
    if (!start_at(place, path[0] == '/' ? "/" : "."))
        return false;
    for (;;) {
        struct stat status;
        if (!take_name(place))
            return false;
        bool is_last = place->rest[0] == '\0';
        if (is_last && is_folder(place->name)) {
            errno = EISDIR;
            return false;
        }
        if (fstatat(place->folder, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return is_last && errno == ENOENT;
        if (S_ISLNK(status.st_mode)) {
            if (!follow(place, place->name, &status))
                return false;
        } else if (is_last) {
            return true;
        } else if (!step_into(place, place->name)) {
            return false;
        }
    }
}

int output_file_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (unsigned i = 0; i < 2; i++) {
        size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) == 0 && path[len] >= '0' && path[len] <= '9')
            return atoi(path + len);
    }
    return -1;
}

/* In a folder where everybody may create names, such as /tmp, refuses another user's pipe, whose owner would read what we write,
 * and another user's file in place of ours. The kernel does the same if configured to (fs.protected_fifos, fs.protected_regular). */
static bool is_laid(int folder, const struct stat *status, int flags)
{
    struct stat above;
    bool is_written = (flags & O_ACCMODE) != O_RDONLY && (S_ISFIFO(status->st_mode) || (S_ISREG(status->st_mode) && (flags & O_CREAT) != 0));
    return is_written && !is_trusted(status->st_uid) && fstat(folder, &above) == 0 && (above.st_mode & (S_ISVTX | S_IWOTH)) != 0;
}

/* Checked before opening, since opening a pipe waits for its reader, and after, since the file may have been replaced. */
static int open_place(const struct place *place, int flags, mode_t mode)
{
    struct stat status;
    int fd = -1;
    if (fstatat(place->folder, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !is_laid(place->folder, &status, flags))
        fd = openat(place->folder, place->name, O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | flags, mode);
    else
        errno = OUTPUT_FILE_LAID;
    if (fd >= 0 && fstat(fd, &status) == 0 && is_laid(place->folder, &status, flags)) {
        close(fd);
        fd = -1;
        errno = OUTPUT_FILE_LAID;
    }
    return fd;
}

static bool leads_up(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == path || at[-1] == '/') && (at[2] == '\0' || at[2] == '/'))
            return true;
    return false;
}

const char *output_file_reason(const char *path, int error)
{
    if (error == OUTPUT_FILE_LAID)
        return "another user has put a link, a pipe or a file there; name another path, or remove it";
    if (error == EACCES && user_file_starter() >= 0 && leads_up(path))
        return "started by root, certsweep opens no path with \"..\" in it; name it without, from / or below this folder";
    return strerror(error);
}

static bool fail(const char *path, struct error *err)
{
    return error_set(err, ERROR_IO, "%s: %s", path, output_file_reason(path, errno));
}

/* --- whole or nothing ------------------------------------------------------------------------------------ */

/* mode: of the file to be replaced, so that a private file stays private. */
static bool open_random(struct output_file *file, mode_t mode)
{
    uint8_t bytes[8];
    char text[2 * sizeof bytes + 1];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return false;
    hex_format(bytes, sizeof bytes, text);
    snprintf(file->random, sizeof file->random, ".certsweep-%s.partial", text);
    if (access(OWN_FILES, X_OK) == 0)       /* by which it is named */
        file->fd = openat(file->folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, mode & 0666);
    file->is_unnamed = file->fd >= 0;
    if (file->is_unnamed)
        return true;                        /* not every file system has such files */
    file->fd = openat(file->folder, file->random, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0666);
    return file->fd >= 0;
}

static bool open_at(struct output_file *file, const char *path)
{
    struct place place;
    struct stat status = {.st_mode = S_IFREG | 0666, .st_uid = geteuid()};
    int open_already = output_file_descriptor(path);
    if (open_already >= 0)
        return (file->fd = fcntl(open_already, F_DUPFD_CLOEXEC, 3)) >= 0;
    if (user_file_starter() >= 0) {
        file->is_lent = true;
        return starter_ask_path(STARTER_OUTPUT, path, 0, 0, &file->fd) == 0;
    }
    bool ok = find_place(path, &place);
    if (ok)
        fstatat(place.folder, place.name, &status, AT_SYMLINK_NOFOLLOW);
    if (ok && !S_ISREG(status.st_mode)) { /* a pipe or a device: nothing to replace by renaming */
        file->fd = open_place(&place, O_WRONLY, 0);
        ok = file->fd >= 0;
    } else if (ok) {
        file->folder = place.folder;
        snprintf(file->name, sizeof file->name, "%s", place.name);
        return open_random(file, is_trusted(status.st_uid) ? status.st_mode : 0666);
    }
    int error = errno;
    if (place.folder >= 0)
        close(place.folder);
    errno = error;
    return ok;
}

static void destroy(struct output_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->folder >= 0)
        close(file->folder);
    free(file->path);
    free(file);
}

struct output_file *output_file_open(const char *path, struct error *err)
{
    struct output_file *file = xcalloc(1, sizeof *file);
    file->fd = file->folder = -1;
    file->path = xstrdup(path);
    if (open_at(file, path))
        return file;
    fail(path, err);
    destroy(file);
    return NULL;
}

int output_file_fd(const struct output_file *file)
{
    return file->fd;
}

static bool give_name(struct output_file *file)
{
    char path[sizeof OWN_FILES + 16];
    snprintf(path, sizeof path, OWN_FILES "/%d", file->fd);
    return !file->is_unnamed || linkat(AT_FDCWD, path, file->folder, file->random, AT_SYMLINK_FOLLOW) == 0;
}

bool output_file_close(struct output_file *file, bool whole, struct error *err)
{
    bool is_named = !whole || give_name(file);
    int error = errno;
    bool ok = close(file->fd) == 0 && is_named;
    if (!is_named)
        errno = error;
    file->fd = -1;
    if (file->is_lent && starter_ask_path(STARTER_OUTPUT_END, "", whole && ok, 0, NULL) != 0)
        ok = false;
    if (!ok && whole)
        error_set(err, ERROR_IO, "%s: %s", file->path, strerror(errno));
    if (file->folder >= 0 && whole && ok && renameat(file->folder, file->random, file->folder, file->name) != 0)
        ok = error_set(err, ERROR_IO, "%s: %s", file->path, strerror(errno));
    if (file->folder >= 0 && (!whole || !ok))
        unlinkat(file->folder, file->random, 0);
    destroy(file);
    return ok || !whole;
}

/* --- line by line ---------------------------------------------------------------------------------------- */

int output_file_reach(const char *path, int flags, mode_t mode)
{
    struct place place;
    int fd = find_place(path, &place) ? open_place(&place, flags, mode) : -1;
    int error = errno;
    if (place.folder >= 0)
        close(place.folder);
    errno = error;
    return fd;
}

bool output_file_remove(const char *path, bool or_folder)
{
    struct place place;
    bool ok = find_place(path, &place);
    ok = ok && (unlinkat(place.folder, place.name, 0) == 0 || (or_folder && errno == EISDIR && unlinkat(place.folder, place.name, AT_REMOVEDIR) == 0));
    int error = errno;
    if (place.folder >= 0)
        close(place.folder);
    errno = error;
    return ok;
}

bool output_file_make_folder(const char *path, mode_t mode)
{
    struct place place;
    bool ok = find_place(path, &place) && mkdirat(place.folder, place.name, mode) == 0;
    int error = errno;
    if (place.folder >= 0)
        close(place.folder);
    errno = error;
    return ok;
}

int output_file_stream(const char *path, int flags, mode_t mode, struct error *err)
{
    int fd = -1, open_already = output_file_descriptor(path);
    if (open_already >= 0)
        fd = fcntl(open_already, F_DUPFD_CLOEXEC, 3);
    else if (user_file_starter() < 0)
        fd = output_file_reach(path, O_WRONLY | O_CREAT | flags, mode);
    else if (starter_ask_path(STARTER_STREAM, path, flags, mode, &fd) != 0)
        fd = -1;
    if (fd < 0)
        fail(path, err);
    return fd;
}

/* The offset after the last newline; 0: there is no newline. -1 with errno. */
static off_t last_line(int fd, off_t size)
{
    char bytes[4096];
    for (off_t end = size; end > 0;) {
        off_t from = end > (off_t)sizeof bytes ? end - (off_t)sizeof bytes : 0;
        ssize_t got = pread(fd, bytes, (size_t)(end - from), from);
        if (got != end - from)
            return -1;
        for (ssize_t i = got; i-- > 0;)
            if (bytes[i] == '\n')
                return from + i + 1;
        end = from;
    }
    return 0;
}

/* Repairs a last line without a newline: if it is a cut line of ours it is removed, else it gets its newline. */
static bool end_last_line(int fd)
{
    struct stat status;
    char first;
    if (fstat(fd, &status) != 0)
        return false;
    off_t at = S_ISREG(status.st_mode) ? last_line(fd, status.st_size) : status.st_size;
    if (at < 0 || at == status.st_size)
        return at >= 0;
    if (pread(fd, &first, 1, at) != 1)
        return false;
    return first == '{' ? ftruncate(fd, at) == 0 : write(fd, "\n", 1) == 1;
}

/* Opens the same file again, even if its path leads to another one by now. */
static int reopen_for_reading(const char *path, int fd)
{
    char link[64];
    int again = -1;
    if (user_file_starter() >= 0)
        return starter_ask_path(STARTER_STREAM, path, O_RDWR | O_APPEND, 0, &again) == 0 ? again : -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return open(link, O_RDWR | O_APPEND | O_CLOEXEC);
}

int output_file_append(const char *path, mode_t mode, struct error *err)
{
    struct stat status;
    bool is_plain = user_file_stat(path, &status) == 0 && S_ISREG(status.st_mode);
    int fd = output_file_stream(path, O_APPEND, mode, err);
    if (fd < 0 || !is_plain)
        return fd;
    int both = output_file_descriptor(path) < 0 ? reopen_for_reading(path, fd) : -1;
    if (both >= 0 && !end_last_line(both)) {
        error_set(err, ERROR_IO, "%s: its end cannot be read: %s", path, strerror(errno));
        close(fd);
        fd = -1;
    }
    if (both >= 0)
        close(both);
    return fd;
}
