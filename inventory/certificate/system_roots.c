#include "inventory/certificate/system_roots.h"

#include "inventory/certificate/pem.h"
#include "probes/base/file_bytes.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PACKAGE_ROOTS "/usr/share/ca-certificates"
#define LOCAL_ROOTS   "/usr/local/share/ca-certificates"
#define FILE_SIZE_MAX (1 << 20)     /* of one root */

struct root_places root_places_of_machine(void)
{
    const char *named = named_folder("CERTSWEEP_ROOTS");
    if (named != NULL)
        return (struct root_places){.file = named};
    return (struct root_places){.file = SYSTEM_ROOTS_FILE, .package = PACKAGE_ROOTS, .local = LOCAL_ROOTS};
}

static void add_block(struct system_roots *roots, const char *path, const struct pem_block *block)
{
    if (block->fault != NULL || strcmp(block->label, "CERTIFICATE") != 0) {
        log_warning("%s:%zu: this PEM block is no certificate", path, block->line);
        free(block->der);
        return;
    }
    roots->list = xreallocarray(roots->list, roots->count + 1, sizeof *roots->list);
    roots->list[roots->count++] = (struct system_root){.der = block->der, .len = block->len, .line = block->line};
}

static bool add_file(struct system_roots *roots, const char *path, struct error *err)
{
    struct file_bytes file;
    struct pem_block block;
    if (!file_bytes_open(&file, path, err))
        return false;
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    while (pem_next(&reader, &block))
        add_block(roots, path, &block);
    roots->is_empty = file.len == 0;
    file_bytes_close(&file);
    return true;
}

static bool is_root_file(const FTSENT *entry)
{
    return entry->fts_info == FTS_F && S_ISREG(entry->fts_statp->st_mode) && entry->fts_statp->st_size <= FILE_SIZE_MAX &&
           entry->fts_namelen > 4 && strcmp(entry->fts_name + entry->fts_namelen - 4, ".crt") == 0;
}

/* Links are followed, as update-ca-certificates does. A folder or a file that cannot be read adds nothing. */
static void add_folder(struct system_roots *roots, const char *path)
{
    char *copy = xstrdup(path), *const paths[] = {copy, NULL};
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    for (const FTSENT *entry; tree != NULL && (entry = fts_read(tree)) != NULL;) {
        struct error unread = {0};
        if (is_root_file(entry) && !add_file(roots, entry->fts_path, &unread))
            log_debug("%s", unread.text);
    }
    if (tree != NULL)
        fts_close(tree);
    free(copy);
}

static bool is_in(const struct system_roots *roots, const struct system_root *root)
{
    for (size_t i = 0; i < roots->count; i++)
        if (roots->list[i].len == root->len && memcmp(roots->list[i].der, root->der, root->len) == 0)
            return true;
    return false;
}

static void mark_local(struct system_roots *roots, const struct root_places *places)
{
    struct system_roots local = {0}, package = {0};
    if (places->local != NULL)
        add_folder(&local, places->local);
    if (local.count != 0 && places->package != NULL)
        add_folder(&package, places->package);
    for (size_t i = 0; i < roots->count; i++)
        roots->list[i].is_local = is_in(&local, &roots->list[i]) && !is_in(&package, &roots->list[i]);
    system_roots_clear(&local);
    system_roots_clear(&package);
}

bool system_roots_read(const struct root_places *places, struct system_roots *roots, struct error *err)
{
    *roots = (struct system_roots){0};
    if (!add_file(roots, places->file, err))
        return false;
    mark_local(roots, places);
    return true;
}

void system_roots_clear(struct system_roots *roots)
{
    for (size_t i = 0; i < roots->count; i++)
        free(roots->list[i].der);
    free(roots->list);
    *roots = (struct system_roots){0};
}
