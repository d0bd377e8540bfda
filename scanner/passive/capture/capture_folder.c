#include "scanner/passive/capture/capture_folder.h"

#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void path_list_add(struct path_list *list, const char *path)
{
    if ((list->count & (list->count - 1)) == 0)
        list->paths = xreallocarray(list->paths, list->count == 0 ? 1 : list->count * 2, sizeof *list->paths);
    list->paths[list->count++] = xstrdup(path);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_file_behind_link(const FTSENT *entry)
{
    struct stat status;
    return stat(entry->fts_accpath, &status) == 0 && S_ISREG(status.st_mode);
}

static bool walk(FTS *tree, struct path_list *list, struct error *err)
{
    FTSENT *entry;
    errno = 0;
    while ((entry = fts_read(tree)) != NULL) {
        bool is_hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';
        switch (entry->fts_info) {
        case FTS_D:
            if (is_hidden)
                fts_set(tree, entry, FTS_SKIP);
            break;
        case FTS_F:
            if (!is_hidden)
                path_list_add(list, entry->fts_path);
            break;
        case FTS_SL:
            if (!is_hidden && is_file_behind_link(entry))
                path_list_add(list, entry->fts_path);
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS: return error_set(err, ERROR_IO, "%s: %s", entry->fts_path, strerror(entry->fts_errno));
        default: break; /* sockets and other special files; a folder when fts leaves it */
        }
    }
    return errno == 0 || error_set(err, ERROR_IO, "the folder cannot be read: %s", strerror(errno));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_regular(const char *folder, const char *name)
{
    struct stat status;
    char *inside = xasprintf("%s/%s", folder, name);
    bool is = user_file_stat(inside, &status) == 0 && S_ISREG(status.st_mode);
    free(inside);
    return is;
}

/* A folder that only the starter may open: names are read from its descriptor, and each file is requested from the starter by path. */
static bool walk_asking(struct path_list *list, const char *path, struct error *err)
{
    struct path_list names = {0};
    struct stat status;
    DIR *dir = user_file_opendir(path);
    if (dir == NULL)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.' && (entry->d_type != DT_LNK || is_regular(path, entry->d_name)))
            path_list_add(&names, entry->d_name);   /* a link to a file is followed, one to a folder is not */
    closedir(dir);
    if (names.count != 0)
        qsort(names.paths, names.count, sizeof *names.paths, by_text);
    bool ok = true;
    size_t before = list->count;
    for (size_t i = 0; i < names.count && ok; i++) {
        char *inside = xasprintf("%s/%s", path, names.paths[i]);
        if (is_regular(path, names.paths[i]))
            path_list_add(list, inside);
        else if (user_file_stat(inside, &status) == 0 && S_ISDIR(status.st_mode))
            ok = walk_asking(list, inside, err) || err->kind == ERROR_INPUT;    /* an empty folder below this one is no error */
        free(inside);
    }
    path_list_clear(&names);
    return ok && (list->count != before || error_set(err, ERROR_INPUT, "%s: a folder without files", path));
}

bool capture_folder_add(struct path_list *list, const char *path, struct error *err)
{
    struct stat status;
    if (strcmp(path, "-") == 0 || user_file_stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        path_list_add(list, path);
        return true;
    }
    if (access(path, R_OK | X_OK) != 0 && user_file_starter() >= 0)
        return walk_asking(list, path, err);
    char *roots[] = {(char *)(uintptr_t)path, NULL};
    size_t before = list->count;
    FTS *tree = fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (tree == NULL)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    bool ok = walk(tree, list, err);
    fts_close(tree);
    return ok && (list->count != before || error_set(err, ERROR_INPUT, "%s: a folder without files", path));
}

void path_list_clear(struct path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct path_list){0};
}
