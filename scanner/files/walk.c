#include "scanner/files/walk.h"

#include "probes/base/memory.h"
#include "scanner/files/open_beneath.h"
#include "scanner/files/packages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define KERNELS "of a file system of the kernel"
#define OTHERS  "of another file system"

struct walk {
    const struct walk_options *options;
    const struct walk_sink *sink;
    struct walk_counts *counts;
    struct packages *packages;
    size_t root_len;                    /* of the path, "" for / */
    dev_t device;                       /* of the root */
    char *path;                         /* of the current entry */
    size_t path_len, path_room;
};

/* ---- the path ---- */

/* Appends a name; gives the length to go back to. */
static size_t path_enter(struct walk *walk, const char *name)
{
    size_t before = walk->path_len, len = strlen(name);
    if (before + len + 2 > walk->path_room) {
        walk->path_room = 2 * (before + len + 2);
        walk->path = xrealloc(walk->path, walk->path_room);
    }
    bool has_slash = before > 0 && walk->path[before - 1] == '/';
    if (!has_slash)
        walk->path[walk->path_len++] = '/';
    memcpy(walk->path + walk->path_len, name, len + 1);
    walk->path_len += len;
    return before;
}

static void path_leave(struct walk *walk, size_t before)
{
    walk->path_len = before;
    walk->path[before] = '\0';
}

static bool matches(const struct walk *walk, const struct path_globs *globs, const char *name)
{
    return path_globs_match(globs, walk->path, name);
}

/* ---- facts about each file ---- */

static int64_t time_us(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

static struct file_status status_of(const struct walk *walk, const struct stat *status, unsigned marks)
{
    struct file_status told = {.path = walk->path, .mode = -1, .uid = -1, .gid = -1, .size = -1, .modified_us = INT64_MIN, .marks = marks};
    if (status != NULL) {
        told.mode = (int)(status->st_mode & 07777);
        told.uid = status->st_uid;
        told.gid = status->st_gid;
        told.size = status->st_size;
        told.modified_us = time_us(&status->st_mtim);
        told.changed_us = time_us(&status->st_ctim);
    }
    if (packages_have(walk->packages, walk->path + walk->root_len, walk->path_len - walk->root_len))
        told.marks |= FILE_MARK_PACKAGE;
    return told;
}

static bool tell_as(const struct walk *walk, enum file_outcome outcome, const struct stat *status, unsigned marks, const char *detail)
{
    const struct file_status told = status_of(walk, status, marks);
    return walk->sink->fault(walk->sink->context, &told, outcome, detail);
}

static bool tell(const struct walk *walk, const struct stat *status, unsigned marks, const char *detail)
{
    return tell_as(walk, FILE_UNREADABLE, status, marks, detail);
}

/* Somebody replaced it since its folder was listed. */
static bool tell_replaced(const struct walk *walk, unsigned marks)
{
    return tell_as(walk, FILE_CHANGED, NULL, marks, "replaced while its folder was read, perhaps by a link; not read");
}

/* ---- files ---- */

static bool give_file(struct walk *walk, int fd, const struct stat *status, unsigned marks)
{
    const struct file_status told = status_of(walk, status, marks);
    walk->counts->files++;
    return walk->sink->file(walk->sink->context, &told, fd);
}

static const char *kind_of(mode_t mode)
{
    return S_ISSOCK(mode) ? "a socket" : S_ISFIFO(mode) ? "a pipe" : S_ISBLK(mode) || S_ISCHR(mode) ? "a device" : "no file";
}

static void tell_left(const struct walk *walk, const char *what)
{
    if (walk->sink->left != NULL)
        walk->sink->left(walk->sink->context, walk->path, what);
}

static bool leave_special(struct walk *walk, const char *what)
{
    walk->counts->special++;
    tell_left(walk, what);
    return true;
}

static bool is_kernels(int fd);

/* A file may be mounted, too (as those of containers are): then it is part of another file system, perhaps of the kernel's. */
static bool is_left_out(struct walk *walk, int fd, const struct stat *status, dev_t above)
{
    bool is_kernel = status->st_dev != above && is_kernels(fd), is_other = status->st_dev != walk->device && !walk->options->other_file_systems;
    walk->counts->kernel += is_kernel;
    walk->counts->other_file_systems += !is_kernel && is_other;
    if (is_kernel || is_other)
        tell_left(walk, is_kernel ? KERNELS : OTHERS);
    return is_kernel || is_other;
}

static bool look_at_file(struct walk *walk, int folder, const char *name, dev_t device, unsigned marks)
{
    struct stat status;
    if (walk->options->include.count > 0 && !matches(walk, &walk->options->include, name)) {
        walk->counts->excluded++;
        return true;
    }
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)              /* removed meanwhile */
        return true;
    if (fd < 0 && errno == ELOOP)
        return tell_replaced(walk, marks);
    if (fd < 0) {
        int reason = errno;
        bool has = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
        return tell(walk, has ? &status : NULL, marks, strerror(reason));
    }
    bool has = fstat(fd, &status) == 0, is_file = has && S_ISREG(status.st_mode);
    if (is_file && (status.st_dev == device || !is_left_out(walk, fd, &status, device)))
        return give_file(walk, fd, &status, marks);
    close(fd);
    return is_file || leave_special(walk, has ? kind_of(status.st_mode) : "no file");
}

/* ---- folders ---- */

static bool is_kernels(int fd)
{
    static const unsigned long kinds[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC,     DEVPTS_SUPER_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
                                          DEBUGFS_MAGIC,    TRACEFS_MAGIC,   SECURITYFS_MAGIC,   PSTOREFS_MAGIC,     BPF_FS_MAGIC,
                                          HUGETLBFS_MAGIC,  0x19800202UL,    0x62656570UL,       EFIVARFS_MAGIC,     AUTOFS_SUPER_MAGIC,
                                          BINFMTFS_MAGIC,   0x67596969UL,    NSFS_MAGIC,         SELINUX_MAGIC,      SMACK_MAGIC};
    struct statfs status;
    if (fstatfs(fd, &status) != 0)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((unsigned long)status.f_type == kinds[i])
            return true;
    return false;
}

static bool read_folder(struct walk *walk, int fd, dev_t device, unsigned marks, int depth);

/* Takes fd. */
static bool enter_folder(struct walk *walk, int fd, dev_t above, unsigned marks, int depth)
{
    struct stat status;
    bool has = fstat(fd, &status) == 0, is_other = has && status.st_dev != above;
    if (has && !is_other)
        return read_folder(walk, fd, status.st_dev, marks, depth);
    bool left_out = !has || is_kernels(fd), is_elsewhere = !left_out && !walk->options->other_file_systems && status.st_dev != walk->device;
    walk->counts->kernel += left_out;
    walk->counts->other_file_systems += is_elsewhere;
    if (left_out || is_elsewhere)
        tell_left(walk, left_out ? KERNELS : OTHERS);
    if (!left_out && !is_elsewhere)
        return read_folder(walk, fd, status.st_dev, marks, depth);
    close(fd);
    return true;
}

static bool look_at_folder(struct walk *walk, int folder, const char *name, dev_t device, unsigned marks, int depth)
{
    if (depth >= WALK_DEPTH_MAX)
        return tell(walk, NULL, marks, "folders more than 256 deep: not read");
    if (walk->path_len + NAME_MAX >= FILE_PATH_MAX)
        return tell(walk, NULL, marks, "a path of more than 65,000 bytes: what is below is not read");
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || (errno == ELOOP || errno == ENOTDIR ? tell_replaced(walk, marks) : tell(walk, NULL, marks, strerror(errno)));
    return enter_folder(walk, fd, device, marks | (path_is_sample_folder(name) ? FILE_MARK_SAMPLE : 0), depth + 1);
}

/* The type of an entry, also on file systems that do not give it with the name. */
static unsigned char type_of(int folder, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type != DT_UNKNOWN || fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return entry->d_type;
    return (unsigned char)IFTODT(status.st_mode);
}

static bool look_at_entry(struct walk *walk, int folder, const struct dirent *entry, dev_t device, unsigned marks, int depth)
{
    if (matches(walk, &walk->options->exclude, entry->d_name)) {
        walk->counts->excluded++;
        return true;
    }
    unsigned char type = type_of(folder, entry);
    switch (type) {
    case DT_REG:
        return look_at_file(walk, folder, entry->d_name, device, marks);
    case DT_DIR:
        return look_at_folder(walk, folder, entry->d_name, device, marks, depth);
    case DT_LNK:
        walk->counts->links++;
        return true;
    default:
        return leave_special(walk, kind_of((mode_t)DTTOIF(type)));
    }
}

/* ---- repositories of git ---- */

static bool has_entry(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The folder .git, a bare repository or one of a submodule. Where histories are not asked for, they are only counted, by the
 * usual names. */
static bool is_repository(const struct walk *walk, int fd)
{
    bool is_usual = walk->path_len >= 4 && strcmp(walk->path + walk->path_len - 4, ".git") == 0;
    return (is_usual || walk->options->git_history) && has_entry(fd, "HEAD") && has_entry(fd, "objects") && has_entry(fd, "refs");
}

/* Its place is the folder that people know: the one that .git is in. */
static bool give_repository(struct walk *walk, int fd, unsigned marks)
{
    struct stat status;
    walk->counts->repositories++;
    if (!walk->options->git_history)
        return true;
    struct file_status told = status_of(walk, fstat(fd, &status) == 0 ? &status : NULL, marks | FILE_MARK_REPOSITORY);
    char *path = xstrdup(walk->path);
    size_t len = walk->path_len;
    if (len > 5 && strcmp(path + len - 5, "/.git") == 0)
        path[len - 5] = '\0';
    told.path = path;
    bool ok = walk->sink->repository(walk->sink->context, &told, fd);
    free(path);
    return ok;
}

/* ---- images as folders ---- */

#define BLOBS "blobs/sha256/"

struct layout {
    char *names[WALK_LAYOUT_MAX + 1];
    int fds[WALK_LAYOUT_MAX + 1];
    unsigned count;
};

static void forget_layout(struct layout *layout, bool with_files)
{
    for (unsigned i = 0; i < layout->count; i++) {
        if (with_files)
            close(layout->fds[i]);
        free(layout->names[i]);
    }
}

static bool is_excluded(struct walk *walk, const char *path)
{
    size_t before = path_enter(walk, path);
    bool is_so = matches(walk, &walk->options->exclude, strrchr(walk->path, '/') + 1);
    path_leave(walk, before);
    return is_so;
}

static bool add_to_layout(struct walk *walk, struct layout *layout, int folder, const char *path)
{
    struct stat status;
    if (is_excluded(walk, path)) {
        walk->counts->excluded++;
        return true;
    }
    int fd = open_beneath(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    if (layout->count > WALK_LAYOUT_MAX || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return false;
    }
    walk->counts->files++;
    layout->fds[layout->count] = fd;
    layout->names[layout->count++] = xstrdup(path);
    return true;
}

/* False: something of it is no plain file, cannot be opened, or is too much. */
static bool gather_layout(struct walk *walk, struct layout *layout, int folder)
{
    int fd = open_beneath(folder, BLOBS, O_RDONLY | O_DIRECTORY);
    DIR *blobs = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    bool ok = blobs != NULL && add_to_layout(walk, layout, folder, "index.json");
    if (blobs == NULL && fd >= 0)
        close(fd);
    while (ok && (entry = readdir(blobs)) != NULL)
        if (entry->d_name[0] != '.') {
            char *path = xasprintf(BLOBS "%s", entry->d_name);
            ok = add_to_layout(walk, layout, folder, path);
            free(path);
        }
    if (blobs != NULL)
        closedir(blobs);
    return ok;
}

/* OCI image layout specification: the files "oci-layout" and "index.json", and the folder "blobs". Patterns that
 * name the only files wanted are of files as they lie there. */
static bool is_layout(struct walk *walk, int folder)
{
    return walk->options->include.count == 0 && has_entry(folder, "oci-layout") && has_entry(folder, "index.json") && has_entry(folder, "blobs") &&
           !is_excluded(walk, "blobs") && !is_excluded(walk, "blobs/sha256");
}

/* *given: it was, and its blobs are no files of their own. */
static bool give_layout(struct walk *walk, int folder, unsigned marks, bool *given)
{
    struct stat status;
    struct layout layout = {.count = 0};
    uint64_t files = walk->counts->files;
    bool ok = true;
    *given = gather_layout(walk, &layout, folder);
    if (*given) {
        const struct file_status told = status_of(walk, fstat(folder, &status) == 0 ? &status : NULL, marks);
        ok = walk->sink->layout(walk->sink->context, &told, (const char *const *)layout.names, layout.fds, layout.count);
    } else {
        walk->counts->files = files;
    }
    forget_layout(&layout, !*given);
    return ok;
}

/* Takes fd. Names are read one by one: a folder of millions takes no more memory than one of ten. */
static bool read_folder(struct walk *walk, int fd, dev_t device, unsigned marks, int depth)
{
    DIR *folder = fdopendir(fd);
    const struct dirent *entry;
    bool ok = true, is_given = false;
    if (folder == NULL) {
        close(fd);
        return tell(walk, NULL, marks, strerror(errno));
    }
    walk->counts->folders++;
    if (has_entry(fd, ".git"))
        marks |= FILE_MARK_REPOSITORY;
    if (is_repository(walk, fd))
        ok = give_repository(walk, fd, marks);
    if (ok && is_layout(walk, fd))
        ok = give_layout(walk, fd, marks, &is_given);
    while (ok && (errno = 0, entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || (is_given && strcmp(entry->d_name, "blobs") == 0))
            continue;
        size_t before = path_enter(walk, entry->d_name);
        ok = look_at_entry(walk, fd, entry, device, marks, depth);
        path_leave(walk, before);
    }
    if (ok && errno != 0)
        ok = tell(walk, NULL, marks, strerror(errno));
    closedir(folder);
    return ok;
}

/* What the folders above it say of the root: the same marks, wherever a walk begins. */
static unsigned marks_above(const char *path)
{
    unsigned marks = path_is_in_sample_folder(path) ? FILE_MARK_SAMPLE : 0;
    for (const char *slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
        char *git = xasprintf("%.*s/.git", (int)(slash - path), path);
        marks |= access(git, F_OK) == 0 ? FILE_MARK_REPOSITORY : 0;
        free(git);
    }
    return marks;
}

/* A socket cannot be opened, but named. */
static int open_root(const char *path)
{
    int fd = open_without_links(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    return fd < 0 && errno == ENXIO ? open_without_links(path, O_PATH) : fd;
}

static bool walk_root(struct walk *walk, int fd)
{
    struct stat status;
    unsigned marks = marks_above(walk->path);
    if (fd < 0 || fstat(fd, &status) != 0)
        return tell(walk, NULL, 0, strerror(errno));
    walk->device = status.st_dev;
    if (S_ISREG(status.st_mode) && !is_kernels(fd))
        return give_file(walk, fd, &status, marks);
    walk->packages = packages_load(fd, "");
    if (walk->packages == NULL) {       /* a part of this machine */
        int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        walk->packages = root < 0 ? NULL : packages_load(root, walk->path);
        walk->root_len = 0;
        if (root >= 0)
            close(root);
    }
    if (S_ISDIR(status.st_mode) && !is_kernels(fd))
        return read_folder(walk, fd, status.st_dev, marks | (path_is_sample_folder(strrchr(walk->path, '/') + 1) ? FILE_MARK_SAMPLE : 0), 0);
    bool is_kernel = S_ISDIR(status.st_mode) || S_ISREG(status.st_mode);
    walk->counts->special += !is_kernel;
    walk->counts->kernel += is_kernel;
    close(fd);
    char *detail = xasprintf("%s: not read", is_kernel ? KERNELS : kind_of(status.st_mode));
    bool ok = tell(walk, &status, marks, detail);
    free(detail);
    return ok;
}

bool walk_run(const char *path, const struct walk_options *options, const struct walk_sink *sink, struct walk_counts *counts)
{
    struct walk walk = {.options = options, .sink = sink, .counts = counts, .path = xstrdup(path), .path_len = strlen(path)};
    walk.path_room = walk.path_len + 1;
    walk.root_len = strcmp(path, "/") == 0 ? 0 : walk.path_len;
    bool ok = walk_root(&walk, open_root(path));
    packages_destroy(walk.packages);
    free(walk.path);
    return ok;
}
