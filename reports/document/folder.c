#include "reports/document/folder.h"

#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char *path;
    char **names;
    size_t count;
    struct output_file *target;     /* of the file that is being written */
    FILE *file;
};

struct folder *folder_open(const char *path, struct error *err)
{
    struct stat status;
    if (user_file_stat(path, &status) == 0 ? !S_ISDIR(status.st_mode) : mkdir(path, 0700) != 0) {
        error_set(err, ERROR_IO, "%s: %s", path, errno == EEXIST || errno == 0 ? "is no folder" : strerror(errno));
        return NULL;
    }
    struct folder *folder = xcalloc(1, sizeof *folder);
    folder->path = xstrdup(path);
    for (size_t len = strlen(path); len > 1 && folder->path[len - 1] == '/'; len--)
        folder->path[len - 1] = '\0';
    return folder;
}

void folder_close(struct folder *folder)
{
    if (folder == NULL)
        return;
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    free(folder->path);
    free(folder);
}

FILE *folder_begin(struct folder *folder, const char *name, struct error *err)
{
    char *path = xasprintf("%s/%s", folder->path, name);
    folder->target = output_file_open(path, err);
    int fd = folder->target == NULL ? -1 : dup(output_file_fd(folder->target));
    folder->file = fd < 0 ? NULL : fdopen(fd, "w");
    free(path);
    if (folder->file != NULL) {
        folder->names = xreallocarray(folder->names, folder->count + 1, sizeof *folder->names);
        folder->names[folder->count++] = xstrdup(name);
    } else if (folder->target != NULL) {
        error_set(err, ERROR_IO, "%s: %s", name, strerror(errno));
        output_file_close(folder->target, false, NULL);
    }
    return folder->file;
}

bool folder_end(struct folder *folder, bool whole, struct error *err)
{
    bool ok = true, failed = ferror(folder->file) != 0;
    failed |= fclose(folder->file) != 0;
    if (failed && whole)
        ok = error_set(err, ERROR_IO, "%s: %s", folder->names[folder->count - 1], errno != 0 ? strerror(errno) : "it cannot be written");
    return output_file_close(folder->target, whole && ok, ok ? err : NULL) && ok && whole;
}

size_t folder_count(const struct folder *folder)
{
    return folder->count;
}

const char *folder_name(const struct folder *folder, size_t index)
{
    return folder->names[index];
}

const char *folder_path(const struct folder *folder)
{
    return folder->path;
}
