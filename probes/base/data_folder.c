#include "probes/base/data_folder.h"

#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first folder above path that this process may not enter; yours. NULL: none of those that are there. */
static char *closed_folder(const char *path)
{
    for (const char *slash = strchr(path + 1, '/'); path[0] == '/' && slash != NULL; slash = strchr(slash + 1, '/')) {
        char *folder = xstrndup(path, (size_t)(slash - path));
        if (access(folder, X_OK) != 0 && errno == EACCES)
            return folder;
        free(folder);
    }
    return NULL;
}

bool data_folder_fail(enum error_kind kind, const char *path, int number, struct error *err)
{
    char *closed = user_file_starter() < 0 ? NULL : closed_folder(path);
    if (closed != NULL)
        error_set(err, kind, "%s: the user certsweep, who keeps root's data, cannot enter %s: let that user pass (chmod o+x), or name another folder with CERTSWEEP_HOME",
                  path, closed);
    else
        error_set(err, kind, "%s: %s", path, strerror(number));
    free(closed);
    return false;
}
