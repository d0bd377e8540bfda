#include "scanner/files/path_globs.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

bool path_globs_match(const struct path_globs *globs, const char *path, const char *name)
{
    for (size_t i = 0; i < globs->count; i++)
        if (fnmatch(globs->items[i], strchr(globs->items[i], '/') == NULL ? name : path, 0) == 0)
            return true;
    return false;
}

bool path_is_sample_folder(const char *name)
{
    static const char *const names[] = {"test", "tests", "testdata", "test-data", "test_data", "testing", "example", "examples", "sample",
                                        "samples", "fixture", "fixtures", "doc", "docs", "demo", "demos", "demoCA"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

bool path_is_in_sample_folder(const char *path)
{
    char name[256];
    for (const char *slash; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        size_t len = (size_t)(slash - path);
        if (len == 0 || len >= sizeof name)
            continue;
        memcpy(name, path, len);
        name[len] = '\0';
        if (path_is_sample_folder(name))
            return true;
    }
    return false;
}
