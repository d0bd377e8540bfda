#include "probes/base/named_folder.h"

#include "probes/base/log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True if this user could have created or could still replace the path, a part of it, or a link on the way. Each part is checked:
 * the owner of a folder can replace its entries, and a user who may write in it can create missing ones. */
static bool is_within_reach(const char *path, uid_t user)
{
    char part[4096];
    bool may_add = false;
    size_t len = strlen(path);
    if (len >= sizeof part)
        return true;
    for (size_t at = 1; at <= len; at++) {
        struct stat status;
        if (path[at] != '/' && path[at] != '\0')
            continue;
        memcpy(part, path, at);
        part[at] = '\0';
        if (lstat(part, &status) != 0)
            return may_add;
        bool all_write = S_ISDIR(status.st_mode) && (status.st_mode & S_IWOTH);
        if (status.st_uid == user || (all_write && !(status.st_mode & S_ISVTX)))
            return true;
        may_add = all_write;
    }
    return false;
}

/* The user who called sudo; 0: none. */
static uid_t caller_of_root(void)
{
    const char *sudo = geteuid() == 0 ? getenv("SUDO_UID") : NULL;
    return sudo == NULL ? 0 : (uid_t)strtoul(sudo, NULL, 10);
}

bool named_folder_is_of_caller(const char *path)
{
    uid_t caller = caller_of_root();
    return caller != 0 && is_within_reach(path, caller);
}

const char *named_database(void)
{
    const char *dsn = getenv("CERTSWEEP_DB");
    if (dsn == NULL || dsn[0] == '\0')
        return NULL;
    if (caller_of_root() == 0)
        return dsn;
    log_warning("CERTSWEEP_DB came through sudo, so root ignores it and uses its own database; --db names another");
    return NULL;
}

const char *named_folder(const char *variable)
{
    const char *path = getenv(variable);
    if (path == NULL || path[0] != '/')
        return NULL;
    if (!named_folder_is_of_caller(path))
        return path;
    log_warning("%s=%s belongs to the user who called sudo, so root ignores it and keeps its data in its own folder", variable, path);
    return NULL;
}
