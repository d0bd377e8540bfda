#include "scanner/files/tree_marks.h"

#include "inventory/bundle/file_reading.h"
#include "probes/base/memory.h"
#include "scanner/files/packages.h"
#include "scanner/files/path_globs.h"
#include "scanner/files/path_set.h"
#include "scanner/files/path_text.h"

#include <stdlib.h>
#include <string.h>

#define REPOSITORIES_MAX 1000000u

struct tree_marks {
    struct packages *packages;
    struct path_set repositories;               /* folders that have a .git, as path_text() makes them */
};

struct tree_marks *tree_marks_create(void)
{
    struct tree_marks *marks = xcalloc(1, sizeof *marks);
    marks->packages = packages_create();
    path_set_init(&marks->repositories, REPOSITORIES_MAX);
    return marks;
}

void tree_marks_destroy(struct tree_marks *marks)
{
    if (marks == NULL)
        return;
    packages_destroy(marks->packages);
    path_set_clear(&marks->repositories);
    free(marks);
}

/* Names begin with "./", "/" or nothing. */
static const char *plain(const char *name)
{
    while (name[0] == '/' || strncmp(name, "./", 2) == 0)
        name += name[0] == '/' ? 1 : 2;
    return name;
}

/* Without the slash at its end; "" the root. */
static void add_repository(struct tree_marks *marks, const char *name, size_t len)
{
    while (len > 0 && name[len - 1] == '/')
        len--;
    char *text = path_text(name, len);
    path_set_add(&marks->repositories, text, strlen(text));
    free(text);
}

bool tree_marks_note(struct tree_marks *marks, const char *name)
{
    name = plain(name);
    for (const char *at = name; (at = strstr(at, ".git")) != NULL; at += 4)
        if ((at == name || at[-1] == '/') && (at[4] == '\0' || at[4] == '/'))
            add_repository(marks, name, (size_t)(at - name));
    if (strstr(name, "/dpkg/") == NULL && strstr(name, "/apk/") == NULL)
        return false;
    char *path = xasprintf("/%s", name);
    bool is_list = packages_is_list(path);
    free(path);
    return is_list;
}

void tree_marks_add_list(struct tree_marks *marks, const char *name, struct byte_reader text)
{
    char *path = xasprintf("/%s", plain(name));
    packages_add_list(marks->packages, path, text);
    free(path);
}

static bool is_in_repository(const struct tree_marks *marks, const char *name, size_t len)
{
    if (marks->repositories.count == 0)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((i == 0 || name[i] == '/') && path_set_has(&marks->repositories, name, i))
            return true;
    return false;
}

unsigned tree_marks_of(const struct tree_marks *marks, const char *name, size_t len)
{
    char *path = xasprintf("/%.*s", (int)len, name);
    const char *from = plain(path);
    size_t before = (size_t)(from - path), rest = strlen(from);
    unsigned told = (path_is_in_sample_folder(path) ? FILE_MARK_SAMPLE : 0) | (is_in_repository(marks, from, rest) ? FILE_MARK_REPOSITORY : 0) |
                    (before > 0 && packages_have(marks->packages, from - 1, rest + 1) ? FILE_MARK_PACKAGE : 0);
    free(path);
    return told;
}
