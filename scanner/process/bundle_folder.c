#include "scanner/process/bundle_folder.h"

#include "probes/base/data_folder.h"
#include "probes/base/named_folder.h"
#include "probes/base/user_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".bundle"

/* All folders on the way, private to the user. */
static bool make_folders(char *path, struct error *err)
{
    for (char *at = path + 1;; at++) {
        char c = *at;
        if (c != '/' && c != '\0')
            continue;
        *at = '\0';
        bool failed = mkdir(path, 0700) != 0 && errno != EEXIST && !user_folder_make(path);
        if (failed)
            data_folder_fail(ERROR_IO, path, errno, err);
        *at = c;
        if (failed || c == '\0')
            return !failed;
    }
}

/* Root's bundles lie in a folder of the database's user, who must not be able to redirect root to another file. */
static bool is_own_folder(const char *path, struct error *err)
{
    struct stat status;
    if (lstat(path, &status) != 0 && errno == EACCES && user_file_starter() >= 0)
        return true; /* in a folder of root's: the starter looks it up, and follows no link */
    if (lstat(path, &status) != 0)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return error_set(err, ERROR_IO, "%s: must be a folder, and no link to one", path);
    bool is_for_root = user_file_starter() >= 0;        /* who opens and removes files for the keeper */
    if (status.st_uid == geteuid() || (is_for_root && status.st_uid == 0))
        return true;
    return error_set(err, ERROR_IO, "%s: the folder belongs to user %u, %s; give it to that user, or name another one with CERTSWEEP_BUNDLES or -o", path,
                     (unsigned)status.st_uid,
                     is_for_root ? "and what root asks for is written by the user certsweep" : "and bundles are written by whoever scans, into a folder of that user's own");
}

bool bundle_folder(char *path, size_t size, struct error *err)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    const char *folder = named_folder("CERTSWEEP_BUNDLES"), *own = folder == NULL ? named_folder("CERTSWEEP_HOME") : NULL;
    int len;
    if (folder != NULL)
        len = snprintf(path, size, "%s", folder);
    else if (own != NULL)
        len = snprintf(path, size, "%s/bundles", own);
    else if (geteuid() == 0)
        len = snprintf(path, size, "/var/lib/certsweep/bundles");
    else if (data != NULL && data[0] == '/')
        len = snprintf(path, size, "%s/certsweep/bundles", data);
    else if (home != NULL && home[0] == '/')
        len = snprintf(path, size, "%s/.local/share/certsweep/bundles", home);
    else
        return error_set(err, ERROR_USAGE,
                         "no home folder is known for the bundle: say where with -o BUNDLE");
    if (len < 0 || (size_t)len >= size)
        return error_set(err, ERROR_USAGE, "the path of the bundle folder is too long");
    return make_folders(path, err) && is_own_folder(path, err);
}

bool bundle_folder_path(const char *name, char *path, size_t size, struct error *err)
{
    if (!bundle_folder(path, size, err))
        return false;
    size_t len = strlen(path);
    int more = snprintf(path + len, size - len, "/%s%s", name, SUFFIX);
    return more > 0 && (size_t)more < size - len
               ? true
               : error_set(err, ERROR_USAGE, "the bundle's path is too long");
}

static bool is_of(const char *file, const char *id)
{
    size_t len = strlen(file), suffix = sizeof SUFFIX - 1;
    return strlen(id) >= 8 && strncmp(file, id, strlen(id)) == 0 && len > suffix &&
           strcmp(file + len - suffix, SUFFIX) == 0;
}

bool bundle_folder_find(const char *text, char *path, size_t size, struct error *err)
{
    unsigned found = 0;
    if (user_file_exists(text)) {
        int len = snprintf(path, size, "%s", text);
        return len > 0 && (size_t)len < size ? true
                                             : error_set(err, ERROR_USAGE, "%s: the path is too long", text);
    }
    if (!bundle_folder(path, size, err))
        return false;
    size_t len = strlen(path);
    DIR *dir = user_file_opendir(path);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (is_of(entry->d_name, text) && found++ == 0)
            snprintf(path + len, size - len, "/%s", entry->d_name);
    if (dir != NULL)
        closedir(dir);
    if (found == 1)
        return true;
    path[len] = '\0';
    if (found > 1)
        return error_set(err, ERROR_USAGE, "%s: %u scans begin so: more of the id is needed", text, found);
    return error_set(err, ERROR_USAGE, "%s: neither a bundle nor the id of a scan in %s", text, path);
}
