#include "inventory/verdicts/revocation/crl_files.h"

#include "inventory/certificate/pem.h"
#include "inventory/verdicts/revocation/crl_store.h"
#include "probes/base/file_bytes.h"
#include "probes/base/log.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>

struct loading {
    struct db *db;
    struct namesakes_cache *cache;
    struct crl_account *account;
};

static bool one_load(const struct loading *loading, const char *path, struct byte_reader der, struct error *err)
{
    const char *reason = NULL;
    switch (crl_store(loading->db, loading->cache, path, der, &reason, err)) {
    case CRL_STORED_NEW:    loading->account->loaded++; return true;
    case CRL_STORED_KNOWN:  loading->account->known++; return true;
    case CRL_STORED_NOT:
        log_warning("%s: %s", path, reason);
        loading->account->bad++;
        return true;
    case CRL_STORED_FAILED: return false;
    }
    abort();                        /* no other value exists */
}

static bool pem_load(const struct loading *loading, const char *path, const struct file_bytes *file, struct error *err)
{
    struct pem_reader reader = pem_reader_of(file->bytes, file->len);
    size_t count = 0;
    bool ok = true;
    for (struct pem_block block; ok && pem_next(&reader, &block); free(block.der))
        if (strcmp(block.label, "X509 CRL") == 0 && ++count && block.fault == NULL)
            ok = one_load(loading, path, byte_reader_of(block.der, block.len), err);
        else if (strcmp(block.label, "X509 CRL") == 0) {
            log_warning("%s:%zu: %s", path, block.line, block.fault);
            loading->account->bad++;
        }
    if (count == 0) {
        log_warning("%s: no revocation list in it (DER, or PEM with BEGIN X509 CRL)", path);
        loading->account->bad++;
    }
    return ok;
}

static bool file_load(const struct loading *loading, const char *path, struct error *err)
{
    struct file_bytes file;
    struct error unread = {0};
    bool ok = true;
    if (!file_bytes_open(&file, path, &unread)) {
        log_warning("%s", unread.text);
        loading->account->bad++;
        return true;
    }
    if (file.len > CRL_OCTETS_MAX) {
        log_warning("%s: longer than the %u MiB that a revocation list may have", path, CRL_OCTETS_MAX >> 20);
        loading->account->bad++;
    } else if (file.len > 0 && file.bytes[0] == 0x30)
        ok = one_load(loading, path, byte_reader_of(file.bytes, file.len), err);
    else
        ok = pem_load(loading, path, &file, err);
    file_bytes_close(&file);
    return ok;
}

static int name_compare(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool path_load(const struct loading *loading, const char *path, struct error *err)
{
    char *copy = strdup(path), *const paths[] = {copy, NULL};
    FTS *tree = fts_open(paths, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, name_compare);
    bool ok = tree != NULL || error_set(err, ERROR_IO, "%s: cannot be read", path);
    for (FTSENT *entry; ok && (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info == FTS_F || entry->fts_info == FTS_NS || (entry->fts_info == FTS_DEFAULT && entry->fts_level == 0))
            ok = file_load(loading, entry->fts_path, err);
    if (tree != NULL)
        fts_close(tree);
    free(copy);
    return ok;
}

bool crl_files_load(struct db *db, const char *const *paths, size_t count, struct crl_account *account, struct error *err)
{
    struct loading loading = {.db = db, .cache = namesakes_cache_create(), .account = account};
    *account = (struct crl_account){0};
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = path_load(&loading, paths[i], err);
    namesakes_cache_destroy(loading.cache);
    return ok || error_add_context(err, "revocation lists");
}
