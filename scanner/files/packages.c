#include "scanner/files/packages.h"

#include "probes/base/memory.h"
#include "scanner/files/open_beneath.h"
#include "scanner/files/path_set.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS_MAX 8000000u

struct packages {
    struct path_set paths;
    const char *below;
    size_t below_len;
    bool is_below_usr;
    bool has_lists;
};

/* ---- lists ---- */

enum list { LIST_NONE, LIST_DPKG, LIST_SUMS, LIST_APK };

/* Folders of lists, or one list. */
static const struct {
    const char *place, *suffix;                 /* suffix: NULL the place is the list */
    enum list list;
} lists[] = {
    {"/var/lib/dpkg/info/", ".list", LIST_DPKG},
    {"/var/lib/dpkg/status.d/", ".md5sums", LIST_SUMS},         /* distroless */
    {"/lib/apk/db/installed", NULL, LIST_APK},
    {"/usr/lib/apk/db/installed", NULL, LIST_APK},
};
#define LIST_COUNT (sizeof lists / sizeof *lists)

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), wanted = strlen(suffix);
    return len > wanted && strcmp(name + len - wanted, suffix) == 0;
}

static enum list list_of(const char *path)
{
    for (size_t i = 0; i < LIST_COUNT; i++) {
        size_t len = strlen(lists[i].place);
        bool is_it = lists[i].suffix == NULL ? strcmp(path, lists[i].place) == 0
                                             : strncmp(path, lists[i].place, len) == 0 && strchr(path + len, '/') == NULL && ends_with(path + len, lists[i].suffix);
        if (is_it)
            return lists[i].list;
    }
    return LIST_NONE;
}

bool packages_is_list(const char *path)
{
    return list_of(path) != LIST_NONE;
}

static bool is_below(const struct packages *packages, const char *path, size_t len, size_t skip)
{
    size_t wanted = packages->below_len > skip ? packages->below_len - skip : 0;
    return len >= wanted && memcmp(path, packages->below + (wanted == 0 ? 0 : skip), wanted) == 0;
}

/* What is asked for as /usr/lib/x may stand in a list as /lib/x. */
static void add_path(struct packages *packages, const char *path, size_t len)
{
    if (is_below(packages, path, len, 0) || (packages->is_below_usr && is_below(packages, path, len, 4)))
        path_set_add(&packages->paths, path, len);
}

static void add_below(struct packages *packages, const char *folder, size_t folder_len, const char *name, size_t len)
{
    char *path = xasprintf("/%.*s%s%.*s", (int)folder_len, folder, folder_len == 0 ? "" : "/", (int)len, name);
    add_path(packages, path, strlen(path));
    free(path);
}

static void add_line(struct packages *packages, enum list list, const char *line, size_t len, struct byte_reader *folder)
{
    if (list == LIST_DPKG && len > 0 && line[0] == '/')
        add_path(packages, line, len);
    else if (list == LIST_SUMS && len > 34 && len < 65536)      /* "MD5  usr/share/x" */
        add_below(packages, "", 0, line + 34, len - 34);
    else if (list == LIST_APK && len >= 2 && line[0] == 'F' && line[1] == ':')
        *folder = byte_reader_of(line + 2, len - 2);
    else if (list == LIST_APK && len > 2 && len < 65536 && line[0] == 'R' && line[1] == ':' && folder->left < 65536)
        add_below(packages, (const char *)folder->at, folder->left, line + 2, len - 2);
}

void packages_add_list(struct packages *packages, const char *path, struct byte_reader text)
{
    enum list list = list_of(path);
    packages->has_lists |= list != LIST_NONE;
    struct byte_reader folder = byte_reader_of("", 0);
    while (text.left > 0) {
        const uint8_t *end = memchr(text.at, '\n', text.left);
        size_t len = end == NULL ? text.left : (size_t)(end - text.at);
        add_line(packages, list, (const char *)text.at, len, &folder);
        byte_reader_skip(&text, end == NULL ? len : len + 1);
    }
}

/* ---- of a folder ---- */

static void read_list(struct packages *packages, int folder, const char *name, const char *path)
{
    struct stat status;
    int fd = open_beneath(folder, name, O_RDONLY | O_NONBLOCK);
    bool is_list = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 && status.st_size <= (off_t)PACKAGES_LIST_MAX;
    char *text = is_list ? xmalloc((size_t)status.st_size) : NULL;
    ssize_t got = text == NULL ? 0 : read(fd, text, (size_t)status.st_size);
    if (got > 0)
        packages_add_list(packages, path, byte_reader_of(text, (size_t)got));
    free(text);
    if (fd >= 0)
        close(fd);
}

static void read_lists(struct packages *packages, int root, const char *place, const char *suffix)
{
    int fd = open_beneath(root, place + 1, O_RDONLY | O_DIRECTORY);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL && fd >= 0)
        close(fd);
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (ends_with(entry->d_name, suffix)) {
            char *path = xasprintf("%s%s", place, entry->d_name);
            read_list(packages, dirfd(folder), entry->d_name, path);
            free(path);
        }
    if (folder != NULL)
        closedir(folder);
}

struct packages *packages_create(void)
{
    struct packages *packages = xcalloc(1, sizeof *packages);
    packages->below = "";
    path_set_init(&packages->paths, PATHS_MAX);
    return packages;
}

struct packages *packages_load(int root, const char *below)
{
    struct packages *packages = packages_create();
    packages->below = below;
    packages->below_len = strlen(below);
    packages->is_below_usr = strncmp(below, "/usr", 4) == 0;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (lists[i].suffix == NULL)
            read_list(packages, root, lists[i].place + 1, lists[i].place);
        else
            read_lists(packages, root, lists[i].place, lists[i].suffix);
    }
    packages->below = "";                       /* the caller's */
    packages->below_len = 0;
    if (packages->has_lists)
        return packages;
    packages_destroy(packages);
    return NULL;
}

void packages_destroy(struct packages *packages)
{
    if (packages == NULL)
        return;
    path_set_clear(&packages->paths);
    free(packages);
}

/* Lists may still name a file /lib/x that is in /usr/lib/x. */
bool packages_have(const struct packages *packages, const char *path, size_t len)
{
    return packages != NULL && (path_set_has(&packages->paths, path, len) ||
                                (len > 5 && strncmp(path, "/usr/", 5) == 0 && path_set_has(&packages->paths, path + 4, len - 4)));
}
