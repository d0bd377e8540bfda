#include "inventory/verdicts/trust/stores.h"

#include "inventory/verdicts/trust/signed_cert.h"
#include "inventory_trust_sql.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct roots {                  /* of one store */
    const struct system_root **list;        /* borrowed */
    uint8_t (*hashes)[32];
    size_t count;
};

static int hash_compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void add_root(struct roots *roots, const struct system_root *root)
{
    roots->list = xreallocarray(roots->list, roots->count + 1, sizeof *roots->list);
    roots->hashes = xreallocarray(roots->hashes, roots->count + 1, sizeof *roots->hashes);
    SHA256(root->der, root->len, roots->hashes[roots->count]);
    roots->list[roots->count++] = root;
}

/* Without the file the stores have no roots, and no certificate counts as foreign, so we log a warning. */
static void machine_read(const struct root_places *places, struct system_roots *all, struct roots *public, struct roots *local)
{
    struct error err = {0};
    if (!system_roots_read(places, all, &err)) {
        log_warning("no public roots: %s (package ca-certificates); no certificate will count as foreign", err.text);
        return;
    }
    for (size_t i = 0; i < all->count; i++) {
        struct signed_cert cert;
        if (signed_cert_read(&cert, byte_reader_of(all->list[i].der, all->list[i].len)))
            add_root(all->list[i].is_local ? local : public, &all->list[i]);
        else
            log_warning("%s:%zu: this PEM block is no certificate", places->file, all->list[i].line);
    }
    if (public->count + local->count == 0 && !all->is_empty)
        log_warning("%s holds no certificate: no certificate will count as foreign", places->file);
}

static void roots_clear(struct roots *roots)
{
    free(roots->list);
    free(roots->hashes);
}

static void roots_hash(struct roots *roots, char text[67])
{
    uint8_t hash[32];
    if (roots->count > 1)
        qsort(roots->hashes, roots->count, 32, hash_compare);
    SHA256(roots->count == 0 ? (const uint8_t *)"" : roots->hashes[0], 32 * roots->count, hash);
    memcpy(text, "\\x", 2);
    hex_format(hash, sizeof hash, text + 2);
}

static bool roots_copy(struct db *db, const struct roots *roots, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_TRUST_SYSTEM_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < roots->count && ok; i++) {
        db_copy_bytes(copy, roots->list[i]->der, roots->list[i]->len);
        ok = db_copy_row(copy, err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool store_update(struct db *db, const char *name, const char *kind, struct roots *roots, struct error *err)
{
    char hash[67], count[24];
    roots_hash(roots, hash);
    snprintf(count, sizeof count, "%zu", roots->count);
    struct db_result *known = db_query(db, SQL_TRUST_SYSTEM_KNOWN, 3, (const char *const[]){name, hash, count}, err);
    bool ok = known != NULL;
    if (ok && db_rows(known) == 0)
        ok = db_exec(db, SQL_TRUST_SYSTEM_TABLE, err) && roots_copy(db, roots, err)
             && db_exec_params(db, SQL_TRUST_SYSTEM_MERGE, 3, (const char *const[]){name, kind, hash}, err);
    if (known != NULL)
        db_result_destroy(known);
    return ok;
}

static bool machine_update(struct db *db, const struct root_places *places, struct error *err)
{
    struct system_roots all = {0};
    struct roots public = {0}, local = {0};
    machine_read(places, &all, &public, &local);
    bool ok = store_update(db, "system", "public", &public, err) && store_update(db, LOCAL_ROOTS_STORE, "private", &local, err);
    roots_clear(&public);
    roots_clear(&local);
    system_roots_clear(&all);
    return ok;
}

bool stores_sync(struct db *db, struct error *err)
{
    if (db_begin(db, err) && db_exec(db, SQL_TRUST_STORES_SYNC, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool stores_update_from(struct db *db, const struct root_places *places, struct error *err)
{
    if (db_begin(db, err) && machine_update(db, places, err) && db_exec(db, SQL_TRUST_STORES_SYNC, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool stores_update(struct db *db, struct error *err)
{
    const struct root_places places = root_places_of_machine();
    return stores_update_from(db, &places, err);
}
