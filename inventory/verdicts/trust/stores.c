#include "inventory/verdicts/trust/stores.h"

#include "inventory/certificate/pem.h"
#include "inventory/certificate/system_roots.h"
#include "inventory/verdicts/trust/signed_cert.h"
#include "inventory_trust_sql.h"
#include "probes/base/file_bytes.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct roots {
    struct pem_block *blocks;
    uint8_t (*hashes)[32];
    size_t count;
};

static int hash_compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* Without the file the store does not exist, and no certificate counts as foreign, so we log a warning. */
static void roots_read(struct roots *roots)
{
    struct error err = {0};
    struct file_bytes file;
    const char *path = system_roots_file();
    if (!file_bytes_open(&file, path, &err)) {
        log_warning("no public roots: %s (package ca-certificates); no certificate will count as foreign", err.text);
        return;
    }
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    for (struct pem_block block; pem_next(&reader, &block);) {
        struct signed_cert cert;
        if (block.fault != NULL || strcmp(block.label, "CERTIFICATE") != 0 ||
            !signed_cert_read(&cert, byte_reader_of(block.der, block.len))) {
            log_warning("%s:%zu: this PEM block is no certificate", path, block.line);
            free(block.der);
            continue;
        }
        roots->blocks = xreallocarray(roots->blocks, roots->count + 1, sizeof *roots->blocks);
        roots->hashes = xreallocarray(roots->hashes, roots->count + 1, sizeof *roots->hashes);
        SHA256(block.der, block.len, roots->hashes[roots->count]);
        roots->blocks[roots->count++] = block;
    }
    if (roots->count == 0 && file.len != 0)
        log_warning("%s holds no certificate: no certificate will count as foreign", path);
    file_bytes_close(&file);
}

static void roots_clear(struct roots *roots)
{
    for (size_t i = 0; i < roots->count; i++)
        free(roots->blocks[i].der);
    free(roots->blocks);
    free(roots->hashes);
}

static void roots_name(struct roots *roots, char name[67])
{
    uint8_t hash[32];
    if (roots->count > 1)
        qsort(roots->hashes, roots->count, 32, hash_compare);
    SHA256(roots->count == 0 ? (const uint8_t *)"" : roots->hashes[0], 32 * roots->count, hash);
    memcpy(name, "\\x", 2);
    hex_format(hash, sizeof hash, name + 2);
}

static bool roots_copy(struct db *db, const struct roots *roots, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_TRUST_SYSTEM_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < roots->count && ok; i++) {
        db_copy_bytes(copy, roots->blocks[i].der, roots->blocks[i].len);
        ok = db_copy_row(copy, err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool system_update(struct db *db, struct error *err)
{
    struct roots roots = {0};
    char name[67];
    const char *const params[] = {name};
    roots_read(&roots);
    roots_name(&roots, name);
    struct db_result *known = db_query(db, SQL_TRUST_SYSTEM_KNOWN, 1, params, err);
    bool ok = known != NULL;
    if (ok && db_rows(known) == 0)
        ok = db_exec(db, SQL_TRUST_SYSTEM_TABLE, err) && roots_copy(db, &roots, err)
             && db_exec_params(db, SQL_TRUST_SYSTEM_MERGE, 1, params, err);
    if (known != NULL)
        db_result_destroy(known);
    roots_clear(&roots);
    return ok;
}

bool stores_sync(struct db *db, struct error *err)
{
    if (db_begin(db, err) && db_exec(db, SQL_TRUST_STORES_SYNC, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool stores_update(struct db *db, struct error *err)
{
    if (db_begin(db, err) && system_update(db, err) && db_exec(db, SQL_TRUST_STORES_SYNC, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
