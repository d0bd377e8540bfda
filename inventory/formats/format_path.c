/* Files and folders by their path. What certbot and acme.sh keep of what they have replaced is left out (renewers.h). */
#include "inventory/formats/format_parts.h"
#include "inventory/formats/renewers.h"

#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDERS_DEPTH_MAX 64

struct walk {
    struct format_reader reader;
    char root[PATH_MAX];                /* links may point below it */
    dev_t device;
    size_t replaced, backups;           /* files that certbot, that acme.sh has replaced */
    struct error *err;
};

static bool is_below(const char *root, const char *path)
{
    size_t len = strlen(root);
    return strncmp(root, path, len) == 0 && (path[len] == '/' || root[len - 1] == '/');
}

/* Before the certificates of a file are given; true: the sink is to be told after them that this is over. */
static bool tell_renewer(const struct format_sink *sink, const char *path)
{
    struct renewer renewer;
    bool is_known = sink->renewer != NULL && renewer_of(path, &renewer);
    if (is_known)
        sink->renewer(sink->context, renewer.name, renewer.renews);
    return is_known;
}

/* False only for what ends everything. */
static bool read_one(struct walk *walk, const char *path)
{
    if (certbot_has_replaced(path)) {
        walk->replaced++;
        return true;
    }
    if (acme_sh_has_replaced(path)) {
        walk->backups++;
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
    bool is_renewed = tell_renewer(reader->sink, path);
    bool ok = format_read_inner(reader, path, byte_reader_of(file.bytes, file.len), walk->err);
    if (is_renewed)
        reader->sink->renewer(reader->sink->context, NULL, false);
    file_bytes_close(&file);
    return ok;
}

static void note(struct walk *walk, const char *path, const char *text)
{
    walk->reader.sink->note(walk->reader.sink->context, path, text);
}

/* Links are not followed: a target in the folder is read at its own path, any other is reported. */
static void look_at_link(struct walk *walk, const char *path)
{
    struct stat status;
    char *target = user_file_real_path(path);
    if (target == NULL || user_file_stat(target, &status) != 0)
        note(walk, path, "a link to nothing that may be read; name what it leads to");
    else if (!is_below(walk->root, target) && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
        note(walk, path, "a link out of the folder, not followed");
    free(target);
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
    if (user_file_stat(beside, &status) == 0 && S_ISDIR(status.st_mode))
        *slash = '\0';
}

/* Of one folder: the letter of the type, then the name. The type comes from readdir(), since a folder of root may not allow more. */
struct names {
    char **items;
    size_t count;
};

static void add_name(struct names *names, const struct dirent *entry)
{
    if ((names->count & (names->count - 1)) == 0)       /* grows at powers of two */
        names->items = xreallocarray(names->items, names->count == 0 ? 1 : names->count * 2, sizeof *names->items);
    names->items[names->count++] = xasprintf("%c%s", entry->d_type == DT_DIR ? 'd' : entry->d_type == DT_REG ? 'f' : entry->d_type == DT_LNK ? 'l'
                                                     : entry->d_type == DT_UNKNOWN ? '?' : 'o', entry->d_name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

static bool read_folder(struct walk *walk, const char *path, int depth);

/* False only for what ends everything. */
static bool read_entry(struct walk *walk, const char *path, char type, int depth)
{
    struct stat status;
    if (type == '?')                    /* a file system that gives no types */
        type = user_file_stat(path, &status) != 0 ? 'o' : S_ISDIR(status.st_mode) ? 'd' : S_ISREG(status.st_mode) ? 'f' : 'o';
    if (type == 'l')
        look_at_link(walk, path);
    if (type == 'd')
        return read_folder(walk, path, depth + 1);
    return type != 'f' || read_one(walk, path);
}

static bool read_folder(struct walk *walk, const char *path, int depth)
{
    struct stat status;
    struct names names = {0};
    DIR *folder = depth > FOLDERS_DEPTH_MAX ? NULL : user_file_opendir(path);
    if (folder == NULL) {
        walk->reader.sink->fault(walk->reader.sink->context, path, 0, depth > FOLDERS_DEPTH_MAX ? "folders more than 64 deep" : strerror(errno));
        return true;
    }
    bool is_other = fstat(dirfd(folder), &status) == 0 && status.st_dev != walk->device;
    const struct dirent *entry;
    while (!is_other && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            add_name(&names, entry);
    closedir(folder);
    if (is_other)
        note(walk, path, "another file system, left out; name it to have it read");
    if (names.count > 0)
        qsort(names.items, names.count, sizeof *names.items, compare_names);
    bool ok = true;
    for (size_t i = 0; i < names.count; i++) {
        char *below = xasprintf("%s/%s", path, names.items[i] + 1);
        ok = ok && read_entry(walk, below, names.items[i][0], depth);
        free(below);
        free(names.items[i]);
    }
    free(names.items);
    return ok;
}

bool format_read_path(const char *path, const struct format_options *options, const struct format_sink *sink, size_t *others,
                      struct error *err)
{
    struct walk walk = {.reader = {.options = options, .sink = sink}, .err = err};
    struct stat status;
    struct file_bytes file;
    bool ok;
    if (strcmp(path, "-") != 0 && user_file_stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        char *real = user_file_real_path(path);
        if (real == NULL || strlen(real) >= sizeof walk.root) {
            free(real);
            return error_set(err, ERROR_IO, "%s: %s", path, strerror(real == NULL ? errno : ENAMETOOLONG));
        }
        strcpy(walk.root, real);
        free(real);
        walk.device = status.st_dev;
        widen_root(&walk);
        ok = read_folder(&walk, walk.root, 0);
        if (walk.replaced > 0)
            sink->note(sink->context, path, "certbot's folder: what live/ no longer points to is left out");
        if (walk.backups > 0)
            sink->note(sink->context, path, "acme.sh's folder: what it keeps in backup/ is left out");
    } else {
        if (!file_bytes_open(&file, path, err))
            return false;
        char *real = user_file_real_path(path);     /* live/NAME/cert.pem is a link into archive/ */
        bool is_renewed = tell_renewer(sink, real == NULL ? path : real);
        ok = format_read(&walk.reader, path, byte_reader_of(file.bytes, file.len), err);
        if (is_renewed)
            sink->renewer(sink->context, NULL, false);
        free(real);
        file_bytes_close(&file);
    }
    if (others != NULL)
        *others = walk.reader.others;
    return ok;
}
