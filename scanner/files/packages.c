#include "scanner/files/packages.h"

#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATHS_MAX 20000000u

/* The hash of each path: a few megabytes for a whole system. If two paths had the same hash, one file would be marked
 * wrongly. Every file of a walk is looked up, so the hashes stand where they say themselves. */
struct packages {
    uint64_t key;
    uint64_t *hashes;                   /* 0: free */
    size_t count, room;                 /* room: a power of two, at least twice the count */
};

static uint64_t hash_of(const struct packages *packages, const char *path)
{
    return fast_hash(packages->key, path, strlen(path)) | 1;
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

static void add(struct packages *packages, const char *path)
{
    if (2 * packages->count >= packages->room)
        grow(packages);
    packages->count += put(packages->hashes, packages->room, hash_of(packages, path));
}

static void read_list(struct packages *packages, int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    char line[8192];
    if (file == NULL && fd >= 0)
        close(fd);
    while (file != NULL && packages->count < PATHS_MAX && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '/')
            add(packages, line);
    }
    if (file != NULL)
        fclose(file);
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
    uint64_t hash = hash_of(packages, path);
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
