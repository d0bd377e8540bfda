#include "scanner/files/packages.h"

#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS_MAX 20000000u
#define LIST_MAX  (64 << 20)            /* bytes of one package's list */

/* The hash of each path: a few megabytes for a whole system. If two paths had the same hash, one file would be marked
 * wrongly. Every file of a walk is looked up, so the hashes stand where they say themselves. */
struct packages {
    uint64_t key;
    uint64_t *hashes;                   /* 0: free */
    size_t count, room;                 /* room: a power of two, at least twice the count */
};

static uint64_t hash_of(const struct packages *packages, const char *path, size_t len)
{
    return fast_hash(packages->key, path, len) | 1;
}

static bool put(uint64_t *hashes, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);
    while (hashes[at] != 0 && hashes[at] != hash)
        at = (at + 1) & (room - 1);
    bool is_new = hashes[at] == 0;
    hashes[at] = hash;
    return is_new;
}

static void grow(struct packages *packages)
{
    size_t room = packages->room == 0 ? 65536 : 2 * packages->room;
    uint64_t *hashes = xcalloc(room, sizeof *hashes);
    for (size_t i = 0; i < packages->room; i++)
        if (packages->hashes[i] != 0)
            put(hashes, room, packages->hashes[i]);
    free(packages->hashes);
    packages->hashes = hashes;
    packages->room = room;
}

static void add(struct packages *packages, const char *path, size_t len)
{
    if (2 * packages->count >= packages->room)
        grow(packages);
    packages->count += put(packages->hashes, packages->room, hash_of(packages, path, len));
}

static void add_lines(struct packages *packages, const char *text, size_t len)
{
    for (const char *end; len > 0; text = end + 1) {
        end = memchr(text, '\n', len);
        size_t line = end == NULL ? len : (size_t)(end - text);
        if (line > 0 && text[0] == '/')
            add(packages, text, line);
        if (end == NULL)
            return;
        len -= line + 1;
    }
}

static void read_list(struct packages *packages, int folder, const char *name)
{
    struct stat status;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool is_list = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 && status.st_size <= LIST_MAX;
    char *text = is_list && packages->count < PATHS_MAX ? xmalloc((size_t)status.st_size) : NULL;
    ssize_t got = text == NULL ? 0 : read(fd, text, (size_t)status.st_size);
    if (got > 0)
        add_lines(packages, text, (size_t)got);
    free(text);
    if (fd >= 0)
        close(fd);
}

struct packages *packages_load(int root)
{
    int fd = openat(root, "var/lib/dpkg/info", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct packages *packages = xcalloc(1, sizeof *packages);
    packages->key = fast_hash_key();
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".list") == 0)
            read_list(packages, dirfd(folder), entry->d_name);
    }
    closedir(folder);
    return packages;
}

void packages_destroy(struct packages *packages)
{
    if (packages == NULL)
        return;
    free(packages->hashes);
    free(packages);
}

static bool has(const struct packages *packages, const char *path)
{
    uint64_t hash = hash_of(packages, path, strlen(path));
    size_t at = hash & (packages->room - 1);
    while (packages->count > 0 && packages->hashes[at] != 0 && packages->hashes[at] != hash)
        at = (at + 1) & (packages->room - 1);
    return packages->count > 0 && packages->hashes[at] == hash;
}

/* Lists may still name a file /lib/x that is in /usr/lib/x. */
bool packages_have(const struct packages *packages, const char *path)
{
    return packages != NULL && (has(packages, path) || (strncmp(path, "/usr/", 5) == 0 && has(packages, path + 4)));
}
