#include "scanner/process/starter_paths.h"

#include "inventory/bundle/bundle_files.h"
#include "probes/base/memory.h"
#include "probes/base/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- names ----------------------------------------------------------------------------------------------- */

/* Makes a path absolute, without "." and doubled slashes. One with ".." gives "", since it cannot be compared safely. */
static void normalise(const char *path, char out[2 * PATH_MAX])
{
    char whole[2 * PATH_MAX];
    size_t len = 0;
    out[0] = '\0';
    if (strlen(path) >= PATH_MAX || (path[0] != '/' && getcwd(whole, PATH_MAX) == NULL))
        return;
    if (path[0] == '/')
        whole[0] = '\0';
    strcat(strcat(whole, "/"), path);
    for (const char *at = whole; *at != '\0';) {
        at += strspn(at, "/");
        size_t part = strcspn(at, "/");
        if (part == 2 && memcmp(at, "..", 2) == 0) {
            out[0] = '\0';
            return;
        }
        if (part != 0 && !(part == 1 && at[0] == '.')) {
            out[len++] = '/';
            memcpy(out + len, at, part);
            len += part;
            out[len] = '\0';
        }
        at += part;
    }
}

/* What follows the folder or name in path; NULL if path does not begin with it. */
static const char *behind(const char *path, const char *name)
{
    size_t len = strlen(name);
    return len != 0 && strncmp(path, name, len) == 0 ? path + len : NULL;
}

static bool is_below(const char *path, const char *folder)
{
    const char *rest = folder == NULL ? NULL : behind(path, folder);
    return rest != NULL && (rest[0] == '\0' || rest[0] == '/');
}

static bool is_side_file(const char *rest)
{
    for (const char *const *beside = bundle_files_beside; *beside != NULL; beside++)
        if (strcmp(rest, *beside) == 0)
            return true;
    return false;
}

/* Names derived from an output's: "x.2" of a capture's second window, "x.follow-up", "x.follow-up.2". */
static const char *skip_grown(const char *rest)
{
    const char *follow_up = behind(rest, ".follow-up");
    if (follow_up != NULL)
        rest = follow_up;
    if (rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9')
        rest += 1 + strspn(rest + 1, "0123456789");
    return rest;
}

/* In a folder that is an output (letters, evidence) reports create only files with these endings. */
static bool is_report_file(const char *rest)
{
    static const char *const endings[] = {".html", ".csv", ".xlsx", ".ics", ".json", ".pem", ".ini", ".txt", ".p7s", ".tsq", ".tsr", ".eml", "/SHA256SUMS"};
    size_t len = strlen(rest);
    if (rest[0] != '/' || rest[1] == '.' || strchr(rest + 1, '/') != NULL)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (len > strlen(endings[i]) - (endings[i][0] == '/') && strcmp(rest + len - strlen(endings[i]), endings[i]) == 0)
            return true;
    return false;
}

static enum starter_right right_by_word(const struct starter_word *word, const char *named, const char *path)
{
    const char *rest = behind(path, named);
    if (rest == NULL)
        return STARTER_NONE;
    if (word->is_output)
        rest = skip_grown(rest);
    if (is_side_file(rest) || (word->is_output && is_report_file(rest)))
        return STARTER_WRITE;
    if (rest[0] == '\0')
        return word->is_output ? STARTER_WRITE : STARTER_READ;
    return rest[0] == '/' && !word->is_output ? STARTER_READ : STARTER_NONE;
}

/* Compares with the word as written and with its resolved path, since SQLite and we resolve links before opening. */
static enum starter_right right_by_words(const struct starter_rules *rules, const char *path)
{
    enum starter_right best = STARTER_NONE;
    for (size_t i = 0; i < rules->word_count; i++) {
        char named[2 * PATH_MAX], *real = realpath(rules->words[i].path, NULL);
        normalise(rules->words[i].path, named);
        enum starter_right right = right_by_word(&rules->words[i], named, path);
        if (right > best)
            best = right;
        if (real != NULL && (right = right_by_word(&rules->words[i], real, path)) > best)
            best = right;
        if (real == NULL) { /* not made yet: its folder is there */
            char *copy = xstrdup(named), *folder = realpath(dirname(copy), NULL);
            char *name = strrchr(named, '/'), *joined = folder == NULL || name == NULL ? NULL : xasprintf("%s%s", folder, name);
            if (joined != NULL && (right = right_by_word(&rules->words[i], joined, path)) > best)
                best = right;
            free(joined);
            free(folder);
            free(copy);
        }
        free(real);
    }
    return best;
}

/* Does root's plan contain exactly this path? */
static bool is_in_plan(const struct starter_rules *rules, const char *path)
{
    char text[65536];
    int fd = rules->plan == NULL || strlen(path) < 2 ? -1 : open(rules->plan, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    for (const char *at = text; len > 0 && (at = memmem(at, (size_t)(text + len - at), path, strlen(path))) != NULL; at++) {
        const char *end = at + strlen(path);
        bool begins = at == text || strchr(" \t\n=@,\"", at[-1]) != NULL;
        bool ends = end == text + len || strchr(" \t\r\n,;\"", *end) != NULL;
        if (begins && ends)
            return true;
    }
    return false;
}

static const char *data_folder(const struct starter_rules *rules, const char *path)
{
    if (is_below(path, rules->bundles))
        return rules->bundles;
    return is_below(path, rules->home) ? rules->home : NULL;
}

enum starter_right starter_paths_right(const struct starter_rules *rules, const char *path)
{
    char wanted[2 * PATH_MAX];
    normalise(path, wanted);
    if (wanted[0] == '\0')
        return STARTER_NONE;
    enum starter_right right = right_by_words(rules, wanted);
    return right == STARTER_NONE && is_in_plan(rules, path) ? STARTER_READ : right;
}

/* --- opening --------------------------------------------------------------------------------------------- */

/* The keeper's user owns the files there and may replace any name by a link at any time, so no link is followed. */
static int open_below(const char *folder, const char *name, int flags, mode_t mode)
{
    int base = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (base < 0)
        return -1;
    const struct open_how how = {.flags = (uint64_t)(unsigned)flags,
                                 .mode = (flags & O_CREAT) != 0 ? mode & 0777 : 0,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, base, name[0] == '\0' ? "." : name, &how, sizeof how);
    int error = errno;
    close(base);
    errno = error;
    return fd;
}

/* Links on the way are followed where root or the caller made them (output_file.h). A path such as "." or "folder/" has no last name: it is opened as a folder. */
static int open_named(const char *path, int flags, mode_t mode)
{
    int fd = output_file_reach(path, flags, mode & 0666);
    if (fd < 0 && errno == OUTPUT_FILE_LAID)
        errno = EACCES;
    return fd >= 0 || errno != EISDIR || (flags & (O_ACCMODE | O_CREAT)) != 0 ? fd : open(path, flags | O_DIRECTORY);
}

/* A new file's name must survive a power cut, and the keeper cannot open its folder. */
static void sync_folder(const char *path)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

int starter_paths_open(const struct starter_rules *rules, const char *path, int flags, mode_t mode, int *fd)
{
    static const int known = O_ACCMODE | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY | O_PATH | O_NONBLOCK;
    char wanted[2 * PATH_MAX];
    bool writes = (flags & (O_ACCMODE | O_CREAT)) != 0;
    flags = (flags & known) | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NOCTTY);
    normalise(path, wanted);
    const char *folder = data_folder(rules, wanted);
    if (starter_paths_right(rules, path) >= (writes ? STARTER_WRITE : STARTER_READ))
        *fd = open_named(path, flags, mode);
    else if (folder != NULL)
        *fd = open_below(folder, wanted + strlen(folder) + (wanted[strlen(folder)] == '/'), flags, mode);
    else
        return EACCES;
    if (*fd >= 0 && (flags & O_CREAT) != 0)
        sync_folder(path);
    return *fd < 0 ? errno : 0;
}

/* A bundle, or a file beside one, by its name in the folder of bundles. */
static bool is_bundle(const char *name)
{
    static const char ending[] = ".bundle";
    for (const char *at = strstr(name, ending); at != NULL && strchr(name, '/') == NULL; at = strstr(at + 1, ending)) {
        const char *rest = skip_grown(at + sizeof ending - 1);
        if (rest[0] == '\0' || is_side_file(rest))
            return true;
    }
    return false;
}

/* In a folder that root made before, and still owns, the keeper may remove nothing itself; SQLite removes a journal at each commit. */
static bool remove_below(const char *folder, const char *name)
{
    int base = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = base >= 0 && unlinkat(base, name, 0) == 0;
    int error = errno;
    if (base >= 0)
        close(base);
    errno = error;
    return ok;
}

/* A folder of documents, which is root's as the files in it are. */
static bool is_named_output(const struct starter_rules *rules, const char *path)
{
    for (size_t i = 0; i < rules->word_count; i++) {
        char named[2 * PATH_MAX];
        normalise(rules->words[i].path, named);
        if (rules->words[i].is_output && path[0] != '\0' && strcmp(named, path) == 0)
            return true;
    }
    return false;
}

int starter_paths_remove(const struct starter_rules *rules, const char *path)
{
    char wanted[2 * PATH_MAX];
    normalise(path, wanted);
    const char *name = is_below(wanted, rules->bundles) ? wanted + strlen(rules->bundles) : "";
    if (starter_paths_right(rules, path) >= STARTER_WRITE)
        return output_file_remove(path, is_named_output(rules, wanted)) ? 0 : errno;
    if (name[0] != '/' || !is_bundle(name + 1))
        return EACCES;
    return remove_below(rules->bundles, name + 1) ? 0 : errno;
}

/* --- folders of our data --------------------------------------------------------------------------------- */

static bool give(const struct starter_rules *rules, int fd)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) &&
           (status.st_uid != 0 || fchown(fd, rules->uid, rules->gid) == 0);
}

/* The folders above it remain root's. A folder whose parent is not root's may be replaced while we look at it, so
 * only its owner can create it. */
static int make_at(const struct starter_rules *rules, const char *path)
{
    char *copy = xstrdup(path), *name = strrchr(copy, '/');
    struct stat status;
    int parent = -1, fd = -1;
    if (name != NULL && name != copy) {
        *name++ = '\0';
        for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
            if (slash != NULL)
                *slash = '\0';
            mkdir(copy, 0755);
            if (slash == NULL)
                break;
            *slash = '/';
        }
        parent = open(copy, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    errno = parent < 0 ? errno : EACCES;
    if (parent >= 0 && fstat(parent, &status) == 0 && (status.st_uid == 0 || status.st_uid == rules->uid)) {
        if (status.st_uid == 0)
            mkdirat(parent, name, path == rules->run ? 0750 : 0700);
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    int error = give(rules, fd) ? 0 : errno;
    if (fd >= 0)
        close(fd);
    if (parent >= 0)
        close(parent);
    free(copy);
    return error;
}

int starter_paths_make(const struct starter_rules *rules, const char *path)
{
    char wanted[2 * PATH_MAX];
    const char *const folders[] = {rules->home, rules->bundles, rules->run};
    for (unsigned i = 0; i < 3; i++)
        if (folders[i] != NULL && strcmp(folders[i], path) == 0)
            return make_at(rules, folders[i]);
    for (unsigned i = 0; i < 3; i++)
        if (is_below(folders[i] == NULL ? "" : folders[i], path))   /* a folder above stays root's */
            return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : errno;
    normalise(path, wanted);
    if (!is_named_output(rules, wanted))
        return EACCES;
    return output_file_make_folder(wanted, 0700) ? 0 : errno == OUTPUT_FILE_LAID ? EACCES : errno;
}
