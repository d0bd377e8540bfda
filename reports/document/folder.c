#include "reports/document/folder.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
    char *name;
    char sum[65];
};

struct folder {
    char *path;
    bool is_ours;                   /* made by folder_open() */
    struct entry *entries;
    size_t count;
    struct output_file *target;     /* the file being written */
    FILE *file;
    const char *list;               /* the name of the list that is kept; NULL: none */
    int list_fd;                    /* -1: not open yet */
    int fault;                      /* errno of the first write that failed; 0: none */
    EVP_MD_CTX *sha;
};

/* Root's reports are written by the user certsweep, and its "Permission denied" puzzles who is root. */
static const char *why_not(const char *path, int number)
{
    const char *reason = output_file_reason(path, number);
    bool is_roots = user_file_starter() >= 0 && (number == EACCES || number == EPERM);
    return strcmp(reason, strerror(number)) != 0 ? reason
           : is_roots ? "Permission denied to the user certsweep, who writes what root asks for: name a folder that it may write to"
           : number == ENOENT ? "the folder above it is not there: make that first (mkdir -p)"
                              : strerror(number);
}

/* Root's is made by root, which also names the files in it. A path that the command line does not name as it is (with "..") is left to
 * the keeper. */
static bool make(const char *path)
{
    bool is_asked = user_file_starter() >= 0;
    if (is_asked && user_folder_make(path))
        return true;
    return (!is_asked || errno == EACCES) && mkdir(path, 0700) == 0;
}

struct folder *folder_open(const char *path, struct error *err)
{
    struct stat status;
    bool is_there = user_file_stat(path, &status) == 0;
    if (is_there ? !S_ISDIR(status.st_mode) : !make(path)) {
        error_set(err, ERROR_IO, "%s: %s", path, errno == EEXIST || errno == 0 ? "is no folder" : why_not(path, errno));
        return NULL;
    }
    struct folder *folder = xcalloc(1, sizeof *folder);
    folder->path = xstrdup(path);
    folder->is_ours = !is_there;
    folder->list_fd = -1;
    for (size_t len = strlen(path); len > 1 && folder->path[len - 1] == '/'; len--)
        folder->path[len - 1] = '\0';
    return folder;
}

void folder_close(struct folder *folder)
{
    if (folder == NULL)
        return;
    for (size_t i = 0; i < folder->count; i++)
        free(folder->entries[i].name);
    free(folder->entries);
    folder_keep_list(folder, NULL);
    EVP_MD_CTX_free(folder->sha);
    if (folder->is_ours && rmdir(folder->path) != 0)     /* which refuses where anything is in it */
        user_file_unlink(folder->path); /* so does root, whose folder it may be */
    free(folder->path);
    free(folder);
}

/* Hashes while writing, since we may not be allowed to read the file afterwards. */
static ssize_t on_write(void *context, const char *bytes, size_t len)
{
    struct folder *folder = context;
    size_t done = 0;
    while (done < len) {
        ssize_t got = write(output_file_fd(folder->target), bytes + done, len - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (folder->fault == 0)
                folder->fault = got == 0 ? ENOSPC : errno;
            return 0;                   /* an error, says fopencookie(3) */
        }
        done += (size_t)got;
    }
    return EVP_DigestUpdate(folder->sha, bytes, len) == 1 ? (ssize_t)len : 0;
}

FILE *folder_begin(struct folder *folder, const char *name, struct error *err)
{
    char *path = xasprintf("%s/%s", folder->path, name);
    folder->target = output_file_open(path, err);
    free(path);
    if (folder->target == NULL)
        return NULL;
    folder->fault = 0;
    if (folder->sha == NULL)
        folder->sha = EVP_MD_CTX_new();
    folder->file = fopencookie(folder, "w", (cookie_io_functions_t){.write = on_write});
    if (folder->sha == NULL || folder->file == NULL || EVP_DigestInit_ex(folder->sha, EVP_sha256(), NULL) != 1)
        abort();                        /* out of memory */
    folder->entries = xreallocarray(folder->entries, folder->count + 1, sizeof *folder->entries);
    folder->entries[folder->count++] = (struct entry){.name = xstrdup(name)};
    return folder->file;
}

void folder_keep_list(struct folder *folder, const char *name)
{
    if (folder->list_fd >= 0)
        close(folder->list_fd);
    folder->list_fd = -1;
    folder->list = name;
}

/* The line begins anew: one that was broken off before spoils no other. */
static bool add_to_list(struct folder *folder, const struct entry *entry, struct error *err)
{
    char *path = xasprintf("%s/%s", folder->path, folder->list), *line = xasprintf("\n%s  %s\n", entry->sum, entry->name);
    if (folder->list_fd < 0)
        folder->list_fd = output_file_append(path, 0666, err);
    ssize_t len = (ssize_t)strlen(line);
    bool ok = folder->list_fd >= 0 && (write(folder->list_fd, line, (size_t)len) == len || error_set(err, ERROR_IO, "%s: %s", path, strerror(errno)));
    free(path);
    free(line);
    return ok;
}

bool folder_end(struct folder *folder, bool whole, struct error *err)
{
    struct entry *entry = &folder->entries[folder->count - 1];
    unsigned char digest[32];
    bool ok = true, failed = ferror(folder->file) != 0;
    failed |= fclose(folder->file) != 0;
    if (failed)
        ok = error_set(err, ERROR_IO, "%s/%s: %s", folder->path, entry->name, folder->fault != 0 ? strerror(folder->fault) : "it cannot be written");
    if (EVP_DigestFinal_ex(folder->sha, digest, NULL) == 1)
        hex_format(digest, sizeof digest, entry->sum);
    if (folder->list != NULL && whole && ok)
        ok = add_to_list(folder, entry, err);
    return output_file_close(folder->target, whole && ok, ok ? err : NULL) && ok && whole;
}

size_t folder_count(const struct folder *folder)
{
    return folder->count;
}

const char *folder_name(const struct folder *folder, size_t index)
{
    return folder->entries[index].name;
}

const char *folder_path(const struct folder *folder)
{
    return folder->path;
}

void folder_list(const struct folder *folder, FILE *out)
{
    for (size_t i = 0; i < folder->count && folder->entries[i].sum[0] != '\0'; i++)
        fprintf(out, "%s  %s\n", folder->entries[i].sum, folder->entries[i].name);
}

bool folder_remove(const struct folder *folder, const char *name, struct error *err)
{
    char *path = xasprintf("%s/%s", folder->path, name);
    bool ok = user_file_unlink(path) == 0 || errno == ENOENT || error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    free(path);
    return ok;
}
