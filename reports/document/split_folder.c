#include "reports/document/split_folder.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "reports/document/file_sum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_NAME "letters.txt"
#define LIST_LINES 1000000      /* a list of ours has four files for each owner */

struct file {
    char *name;
    char sum[65];
};

struct split_folder {
    struct folder *folder;
    struct file *files;         /* of the run before, by name */
    size_t count;
};

static char *path_in(const struct split_folder *former, const char *name)
{
    return xasprintf("%s/%s", folder_path(former->folder), name);
}

/* What a letter is made of; a list that somebody has changed names nothing else. */
static bool is_of_letters(const char *name)
{
    const char *ending = strrchr(name, '.');
    return name[0] != '.' && ending != NULL && (strcmp(ending, ".html") == 0 || strcmp(ending, ".csv") == 0 || strcmp(ending, ".ics") == 0);
}

static void read_list(struct split_folder *former, FILE *in)
{
    char line[512], hex[65], *name;
    while (fgets(line, sizeof line, in) != NULL && former->count < LIST_LINES) {
        if (!file_sum_line(line, hex, &name) || !is_of_letters(name))
            continue;
        former->files = xreallocarray(former->files, former->count + 1, sizeof *former->files);
        struct file *file = &former->files[former->count++];
        file->name = xstrdup(name);
        memcpy(file->sum, hex, sizeof hex);
    }
}

struct split_folder *split_folder_begin(struct folder *folder, struct error *err)
{
    struct split_folder *former = xcalloc(1, sizeof *former);
    former->folder = folder;
    char *list = path_in(former, LIST_NAME);
    FILE *in = user_file_fopen(list);
    if (in != NULL) {
        read_list(former, in);
        fclose(in);
    }
    free(list);
    if (folder_remove(folder, "index.html", err)) {
        folder_keep_list(folder, LIST_NAME);
        return former;
    }
    split_folder_free(former);
    return NULL;
}

void split_folder_free(struct split_folder *former)
{
    if (former == NULL)
        return;
    for (size_t i = 0; i < former->count; i++)
        free(former->files[i].name);
    free(former->files);
    free(former);
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static int by_file(const void *one, const void *other)
{
    return strcmp(((const struct file *)one)->name, ((const struct file *)other)->name);
}

static bool is_one_of(const struct file *files, size_t count, const char *sum)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].sum, sum) == 0)
            return true;
    return false;
}

/* Ours as long as it holds what we wrote: in the run before, or in one after it that was broken off. files: of one name. */
static void remove_file(const struct split_folder *former, const struct file *files, size_t count)
{
    char hex[65], *path = path_in(former, files->name);
    if (!file_sum(path, hex)) {
        if (errno != ENOENT)
            log_warning("%s is of an earlier run, and cannot be read (%s): remove it by hand", path, strerror(errno));
    } else if (!is_one_of(files, count, hex)) {
        log_warning("%s is of an earlier run, and was changed since: it stays; remove it by hand", path);
    } else if (user_file_unlink(path) != 0) {
        log_warning("%s is of an earlier run, and cannot be removed: %s", path, strerror(errno));
    }
    free(path);
}

/* written: the names of this run's files, in order. */
static void remove_former(struct split_folder *former, const char *const *written, size_t count)
{
    if (former->count > 1)
        qsort(former->files, former->count, sizeof *former->files, by_file);
    for (size_t i = 0, alike; i < former->count; i += alike) {
        const char *name = former->files[i].name;
        for (alike = 1; i + alike < former->count && strcmp(former->files[i + alike].name, name) == 0;)
            alike++;
        if (bsearch(&name, written, count, sizeof *written, by_name) == NULL)
            remove_file(former, &former->files[i], alike);
    }
}

bool split_folder_end(struct split_folder *former, struct error *err)
{
    struct folder *folder = former->folder;
    size_t count = folder_count(folder);
    const char **written = xcalloc(count == 0 ? 1 : count, sizeof *written);
    for (size_t i = 0; i < count; i++)
        written[i] = folder_name(folder, i);
    qsort(written, count, sizeof *written, by_name);
    remove_former(former, written, count);
    free(written);
    folder_keep_list(folder, NULL);
    if (count == 0)
        return folder_remove(folder, LIST_NAME, err);     /* no owner, no list */
    FILE *out = folder_begin(folder, LIST_NAME, err);
    if (out == NULL)
        return false;
    folder_list(folder, out);
    return folder_end(folder, true, err);
}
