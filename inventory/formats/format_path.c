/* Files and folders by their path. In a folder of certbot's making (live/ beside archive/) only what live/ points to is current; the rest
 * was replaced. */
#include "inventory/formats/format_parts.h"

#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
    struct format_reader reader;
    char root[PATH_MAX];                /* links may point below it */
    size_t replaced;                    /* files of certbot's that it has replaced */
    struct error *err;
};

static bool is_below(const char *root, const char *path)
{
    size_t len = strlen(root);
    return strncmp(root, path, len) == 0 && (path[len] == '/' || root[len - 1] == '/');
}

/* ROOT/archive/NAME/cert3.pem, where ROOT/live/NAME/cert.pem points to cert4.pem. */
static bool was_replaced(const struct walk *walk, const char *path)
{
    size_t len = strlen(walk->root);
    char live[PATH_MAX + 64], current[PATH_MAX];
    if (!is_below(walk->root, path) || strncmp(path + len, "/archive/", 9) != 0)
        return false;
    const char *name = path + len + 9, *slash = strchr(name, '/'), *digits = slash == NULL ? NULL : strpbrk(slash, "0123456789");
    if (digits == NULL || strcmp(digits + strspn(digits, "0123456789"), ".pem") != 0)
        return false;
    snprintf(live, sizeof live, "%s/live/%.*s%.*s.pem", walk->root, (int)(slash - name), name, (int)(digits - slash), slash);
    return realpath(live, current) != NULL && strcmp(current, path) != 0;
}

/* False only for what ends everything. */
static bool read_one(struct walk *walk, const char *path)
{
    if (was_replaced(walk, path)) {
        walk->replaced++;
        return true;
    }
    struct format_reader *reader = &walk->reader;
    struct file_bytes file;
    struct error fault = {0};
    if (!file_bytes_open(&file, path, &fault)) {
        reader->sink->fault(reader->sink->context, path, 0, fault.text);
        return true;
    }
    reader->packed = file.len;          /* each file has its own limits */
    reader->bytes = reader->entries = 0;
    bool ok = format_read_inner(reader, path, byte_reader_of(file.bytes, file.len), walk->err);
    file_bytes_close(&file);
    return ok;
}

static bool read_link(struct walk *walk, const char *path)
{
    char target[PATH_MAX];
    struct stat status;
    if (realpath(path, target) == NULL || stat(target, &status) != 0) {
        walk->reader.sink->note(walk->reader.sink->context, path, "a link to nothing");
        return true;
    }
    if (!S_ISREG(status.st_mode))
        return true;                    /* a folder below the root is walked itself */
    if (is_below(walk->root, target))
        return true;                    /* so is a file */
    walk->reader.sink->note(walk->reader.sink->context, path, "a link out of the folder, not followed");
    return true;
}

/* /etc/letsencrypt/live alone is a folder of links to ../../archive. */
static void widen_root(struct walk *walk)
{
    char *slash = strrchr(walk->root, '/');
    struct stat status;
    char beside[PATH_MAX + 16];
    if (slash == NULL || slash == walk->root || strcmp(slash, "/live") != 0)
        return;
    snprintf(beside, sizeof beside, "%.*s/archive", (int)(slash - walk->root), walk->root);
    if (stat(beside, &status) == 0 && S_ISDIR(status.st_mode))
        *slash = '\0';
}

static bool read_tree(struct walk *walk, const char *path)
{
    char *paths[] = {(char *)(uintptr_t)path, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    if (tree == NULL)
        return error_set(walk->err, ERROR_IO, "%s: %s", path, strerror(errno));
    bool ok = true;
    FTSENT *entry;
    while (ok && (entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_F)
            ok = read_one(walk, entry->fts_path);
        else if (entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE)
            ok = read_link(walk, entry->fts_path);
        else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)
            walk->reader.sink->fault(walk->reader.sink->context, entry->fts_path, 0, strerror(entry->fts_errno));
    }
    fts_close(tree);
    return ok;
}

bool format_read_path(const char *path, const struct format_options *options, const struct format_sink *sink, size_t *others,
                      struct error *err)
{
    struct walk walk = {.reader = {.options = options, .sink = sink}, .err = err};
    struct stat status;
    struct file_bytes file;
    bool ok;
    if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        if (realpath(path, walk.root) == NULL)
            return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
        widen_root(&walk);
        ok = read_tree(&walk, walk.root);
        if (walk.replaced > 0)
            sink->note(sink->context, path, "certbot's folder: what live/ no longer points to is left out");
    } else {
        if (!file_bytes_open(&file, path, err))
            return false;
        ok = format_read(&walk.reader, path, byte_reader_of(file.bytes, file.len), err);
        file_bytes_close(&file);
    }
    if (others != NULL)
        *others = walk.reader.others;
    return ok;
}
