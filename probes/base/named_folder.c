#include "probes/base/named_folder.h"

#include "probes/base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the folder, or where it is not made yet, of the nearest one above it that is. */
static bool belongs_to(const char *path, uid_t owner)
{
    struct stat status;
    char above[4096];
    snprintf(above, sizeof above, "%s", path);
    while (lstat(above, &status) != 0) {
        char *slash = strrchr(above, '/');
        if (slash == NULL || slash == above)
            return false;
        *slash = '\0';
    }
    return status.st_uid == owner;
}

bool named_folder_is_of_caller(const char *path)
{
    const char *sudo = geteuid() == 0 ? getenv("SUDO_UID") : NULL;
    uid_t caller = sudo == NULL ? 0 : (uid_t)strtoul(sudo, NULL, 10);
    return caller != 0 && belongs_to(path, caller);
}

const char *named_folder(const char *variable)
{
    const char *path = getenv(variable);
    if (path == NULL || path[0] != '/')
        return NULL;
    if (!named_folder_is_of_caller(path))
        return path;
    log_warning("%s=%s belongs to the user behind sudo and is passed over: root's data stays in its own folder", variable, path);
    return NULL;
}
