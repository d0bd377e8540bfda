#include "reports/evidence/sums.h"

#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "reports/document/file_sum.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 65536         /* a folder of evidence has some twenty files; we never write a list of millions */

struct names {
    char **names;
    size_t count;
};

static bool has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

static void add_name(struct names *names, const char *name)
{
    names->names = xreallocarray(names->names, names->count + 1, sizeof *names->names);
    names->names[names->count++] = xstrdup(name);
}

static void compare_file(const char *folder, const char *name, const char *wanted, void (*on_file)(void *, const char *, const char *),
                         void *context, struct sums_account *account)
{
    char hex[65], *path = xasprintf("%s/%s", folder, name);
    bool is_there = file_sum(path, hex);
    if (!is_there && errno == ELOOP) {
        account->changed++;
        on_file(context, name, "changed");      /* a link, or no file at all: what it leads to is not in the folder */
    } else if (!is_there) {
        account->missing++;
        on_file(context, name, "missing");
    } else if (strcmp(hex, wanted) != 0) {
        account->changed++;
        on_file(context, name, "changed");
    } else {
        account->right++;
    }
    free(path);
}

static void find_added(const char *folder, const struct names *names, void (*on_file)(void *, const char *, const char *), void *context,
                       struct sums_account *account)
{
    DIR *entries = user_file_opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, SUMS_NAME, strlen(SUMS_NAME)) != 0 && !has_name(names, entry->d_name)) {
            account->added++;
            on_file(context, entry->d_name, "added");
        }
    if (entries != NULL)
        closedir(entries);
}

bool sums_compare(const char *folder, void (*on_file)(void *context, const char *name, const char *state), void *context,
                  struct sums_account *account, struct error *err)
{
    struct names names = {0};
    char line[4096], hex[65], *name, *path = xasprintf("%s/%s", folder, SUMS_NAME);
    FILE *file = user_file_fopen(path);
    *account = (struct sums_account){0};
    if (file == NULL)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    while (file != NULL && fgets(line, sizeof line, file) != NULL && names.count < NAMES_MAX) {
        if (!file_sum_line(line, hex, &name)) {
            account->bad_lines++;
            continue;
        }
        add_name(&names, name);
        compare_file(folder, name, hex, on_file, context, account);
    }
    if (file != NULL)
        find_added(folder, &names, on_file, context, account);
    for (size_t i = 0; i < names.count; i++)
        free(names.names[i]);
    free(names.names);
    bool ok = file != NULL;
    if (file != NULL)
        fclose(file);
    free(path);
    return ok;
}
