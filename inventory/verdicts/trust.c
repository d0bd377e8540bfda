/* Roots are gathered and named by a hash over their hashes: that tells whether a row is of today's store. A chain is
 * tried as it was sent; where that ends too early, with all CA certificates of the inventory, and `detail` says so. */
#include "inventory/verdicts/trust.h"

#include "inventory/store/array_text.h"
#include "inventory/certificate/pem.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/clock.h"
#include "probes/base/file_bytes.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#define PATH_MAX_CERTIFICATES 64
#define STORES                2
#define BESIDE_MAX            4096      /* kept at once, about 10 KiB each */

struct store {
    const char *name;
    X509_STORE *roots;
    uint8_t (*hashes)[32];
    size_t count, capacity;
    char sha256[67];                /* "\x...": over the sorted hashes */
};

struct beside {
    int64_t certificate;            /* its id */
    X509 *x509;                     /* NULL: OpenSSL cannot read it */
    UT_hash_handle hh;
};

struct judging {
    struct db *db;
    struct store stores[STORES];
    STACK_OF(X509) *known;          /* CA certificates of the inventory */
    struct beside *beside;
    int64_t behind_chain, behind_leaf;      /* how far the batches have come */
};

enum missing_column {               /* of trust_missing.sql */
    MISSING_LEAF, MISSING_CHAIN, MISSING_STORE, MISSING_CERTIFICATE = MISSING_STORE + STORES, MISSING_DER,
};

static X509 *x509_of_value(const char *bytea)       /* "\x3082..."; NULL where OpenSSL cannot read it */
{
    size_t len = strlen(bytea) / 2 - 1;
    uint8_t *der = xmalloc(len + 1);
    const unsigned char *at = der;
    X509 *x509 = hex_parse(bytea + 2, der, len) ? d2i_X509(NULL, &at, (long)len) : NULL;
    free(der);
    return x509;
}

static void root_add(struct store *store, X509 *root)       /* takes root */
{
    if (root == NULL)
        return;
    if (store->count == store->capacity)
        store->hashes = xreallocarray(store->hashes, store->capacity = 2 * store->capacity + 64, 32);
    X509_digest(root, EVP_sha256(), store->hashes[store->count++], NULL);
    X509_STORE_add_cert(store->roots, root);
    X509_free(root);
}

static void system_roots_add(struct store *store)
{
    struct error err = {0};
    struct file_bytes file;
    if (!file_bytes_open(&file, TRUST_SYSTEM_ROOTS, &err)) {
        log_warning("no public roots: %s (package ca-certificates); no certificate will count as foreign", err.text);
        return;
    }
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    for (struct pem_block block; pem_next(&reader, &block);) {
        const unsigned char *at = block.der;
        if (block.der != NULL)
            root_add(store, d2i_X509(NULL, &at, (long)block.len));
        free(block.der);
    }
    file_bytes_close(&file);
}

static int hash_compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void store_name(struct store *store)
{
    uint8_t hash[32];
    if (store->count > 1)
        qsort(store->hashes, store->count, 32, hash_compare);
    SHA256(store->count == 0 ? (const uint8_t *)"" : store->hashes[0], 32 * store->count, hash);
    memcpy(store->sha256, "\\x", 2);
    hex_format(hash, sizeof hash, store->sha256 + 2);
}

static bool store_open(struct store *store, const char *name, struct db *db, struct error *err)
{
    *store = (struct store){.name = name, .roots = X509_STORE_new()};
    const char *const params[] = {name};
    if (strcmp(name, "public") == 0)
        system_roots_add(store);
    struct db_result *rows = db_query(db, SQL_TRUST_ROOTS, 1, params, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < db_rows(rows); i++)
        root_add(store, x509_of_value(db_value(rows, i, 0)));
    db_result_destroy(rows);
    store_name(store);
    return true;
}

static void store_close(struct store *store)
{
    X509_STORE_free(store->roots);
    free(store->hashes);
}

/* One row of `trust` in the making. */
struct path {
    bool found;
    const char *detail;
    int64_t not_before_us, not_after_us;
    char *hashes;                   /* bytea[] as text */
};

static int64_t time_us(const ASN1_TIME *time, int64_t fallback)
{
    struct tm tm;
    return ASN1_TIME_to_tm(time, &tm) == 1 && tm.tm_year > -1900 ? (int64_t)timegm(&tm) * 1000000 : fallback;
}

static void path_describe(struct path *path, const STACK_OF(X509) *certificates)
{
    char *texts[PATH_MAX_CERTIFICATES];
    size_t count = 0;
    path->not_before_us = INT64_MIN;
    path->not_after_us = INT64_MAX;
    for (int i = 0; i < sk_X509_num(certificates) && count < PATH_MAX_CERTIFICATES; i++) {
        X509 *certificate = sk_X509_value(certificates, i);
        uint8_t hash[32];
        char hex[65];
        X509_digest(certificate, EVP_sha256(), hash, NULL);
        hex_format(hash, sizeof hash, hex);
        texts[count++] = xasprintf("\\x%s", hex);
        int64_t from = time_us(X509_get0_notBefore(certificate), INT64_MIN);
        int64_t to = time_us(X509_get0_notAfter(certificate), INT64_MAX);
        path->not_before_us = from > path->not_before_us ? from : path->not_before_us;
        path->not_after_us = to < path->not_after_us ? to : path->not_after_us;
    }
    path->hashes = array_text_of((const char *const *)texts, count);
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
}

static bool path_try(struct path *path, const struct store *store, X509 *leaf, STACK_OF(X509) *beside)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (X509_STORE_CTX_init(context, store->roots, leaf, beside) == 1) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_auth_level(param, 0);     /* weak keys and hashes are rules' business */
        path->found = X509_verify_cert(context) == 1;
        path->detail = path->found ? NULL : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
        if (path->found)
            path_describe(path, X509_STORE_CTX_get0_chain(context));
    }
    X509_STORE_CTX_free(context);
    return path->found;
}

static struct path path_find(const struct store *store, X509 *leaf, STACK_OF(X509) *sent, STACK_OF(X509) *known)
{
    struct path path = {.detail = "OpenSSL cannot read the certificate"};
    if (leaf != NULL && store->count == 0)
        path.detail = "the store is empty";
    else if (leaf != NULL && !path_try(&path, store, leaf, sent) && path_try(&path, store, leaf, known))
        path.detail = "the chain as sent is incomplete: completed from the inventory";
    return path;
}

static bool path_row(struct db_copy *copy, const char *certificate, const char *chain, const struct store *store,
                     const struct path *path, struct error *err)
{
    bool from = path->found && path->not_before_us != INT64_MIN, to = path->found && path->not_after_us != INT64_MAX;
    db_copy_text(copy, certificate);
    db_copy_text(copy, chain);
    db_copy_text(copy, store->name);
    db_copy_text(copy, store->sha256);
    db_copy_bool(copy, path->found);
    db_copy_text(copy, path->detail);
    db_copy_time(copy, from ? path->not_before_us : INT64_MIN);
    db_copy_time(copy, to ? path->not_after_us : INT64_MIN);
    db_copy_text(copy, path->hashes == NULL ? "{}" : path->hashes);
    return db_copy_row(copy, err);
}

/* Certificates that were sent beside a leaf: a few, sent with nearly every chain, and OpenSSL takes long to read one. */
static X509 *beside_get(struct judging *judging, const char *id, const char *der)
{
    struct beside *beside;
    int64_t certificate = strtoll(id, NULL, 10);
    HASH_FIND(hh, judging->beside, &certificate, sizeof certificate, beside);
    if (beside == NULL) {
        beside = xcalloc(1, sizeof *beside);
        *beside = (struct beside){.certificate = certificate, .x509 = x509_of_value(der)};
        HASH_ADD(hh, judging->beside, certificate, sizeof beside->certificate, beside);
    }
    return beside->x509;
}

static void besides_clear(struct judging *judging)
{
    struct beside *beside, *next;
    HASH_ITER(hh, judging->beside, beside, next) {
        HASH_DEL(judging->beside, beside);
        X509_free(beside->x509);
        free(beside);
    }
}

/* Rows of one chain lie together, by position; a managed leaf without a chain is a row alone (chain NULL). */
static bool same_chain(const struct db_result *rows, size_t a, size_t b)
{
    const char *one = db_value(rows, a, MISSING_CHAIN), *other = db_value(rows, b, MISSING_CHAIN);
    return one != NULL && other != NULL && strcmp(one, other) == 0;
}

/* The leaf of row first, with what was sent beside it, before each store that has no row of it. */
static bool leaf_judge(struct judging *judging, struct db_copy *copy, const struct db_result *rows, size_t first,
                       STACK_OF(X509) *sent, struct error *err)
{
    X509 *leaf = x509_of_value(db_value(rows, first, MISSING_DER));
    const char *certificate = db_value(rows, first, MISSING_LEAF), *chain = db_value(rows, first, MISSING_CHAIN);
    bool ok = true;
    for (size_t i = 0; i < STORES && ok; i++) {
        if (db_value(rows, first, MISSING_STORE + i)[0] != 't')
            continue;
        struct path path = path_find(&judging->stores[i], leaf, sent, judging->known);
        ok = path_row(copy, certificate, chain, &judging->stores[i], &path, err);
        free(path.hashes);
    }
    X509_free(leaf);
    int64_t *behind = chain != NULL ? &judging->behind_chain : &judging->behind_leaf;
    *behind = strtoll(chain != NULL ? chain : certificate, NULL, 10);
    return ok;
}

static bool rows_judge(struct judging *judging, struct db_copy *copy, const struct db_result *rows, struct error *err)
{
    bool ok = true;
    for (size_t first = 0, next; first < db_rows(rows) && ok; first = next) {
        STACK_OF(X509) *sent = sk_X509_new_null();
        for (next = first + 1; next < db_rows(rows) && same_chain(rows, first, next); next++) {
            X509 *beside = beside_get(judging, db_value(rows, next, MISSING_CERTIFICATE), db_value(rows, next, MISSING_DER));
            if (beside != NULL)
                sk_X509_push(sent, beside);
        }
        ok = leaf_judge(judging, copy, rows, first, sent, err);
        sk_X509_free(sent);
    }
    if (HASH_COUNT(judging->beside) > BESIDE_MAX)
        besides_clear(judging);
    return ok;
}

static struct db_result *missing_get(const struct judging *judging, struct error *err)
{
    char chain[32], leaf[32];
    snprintf(chain, sizeof chain, "%" PRId64, judging->behind_chain);
    snprintf(leaf, sizeof leaf, "%" PRId64, judging->behind_leaf);
    const struct store *one = &judging->stores[0], *other = &judging->stores[1];
    const char *const params[] = {one->name, one->sha256, other->name, other->sha256, chain, leaf};
    return db_query(judging->db, SQL_TRUST_MISSING, 6, params, err);
}

static bool batch_run(struct judging *judging, bool *more, struct error *err)
{
    struct db *db = judging->db;
    struct db_result *rows = NULL;
    bool ok = db_begin(db, err) && db_exec(db, SQL_TRUST_LOCK, err) && (rows = missing_get(judging, err)) != NULL;
    *more = ok && db_rows(rows) > 0;
    if (*more) {
        struct db_copy *copy = db_copy_begin(db, SQL_TRUST_COPY, err);
        ok = copy != NULL && rows_judge(judging, copy, rows, err);
        ok = copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
    }
    if (rows != NULL)
        db_result_destroy(rows);
    if (ok && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

static STACK_OF(X509) *known_cas(struct db *db, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_TRUST_CAS, 0, NULL, err);
    if (rows == NULL)
        return NULL;
    STACK_OF(X509) *cas = sk_X509_new_null();
    for (size_t i = 0; i < db_rows(rows); i++) {
        X509 *ca = x509_of_value(db_value(rows, i, 0));
        if (ca != NULL)
            sk_X509_push(cas, ca);
    }
    db_result_destroy(rows);
    return cas;
}

static bool store_renew(struct judging *judging, struct store *store, const char *name, struct error *err)
{
    if (!store_open(store, name, judging->db, err))
        return false;
    const char *const params[] = {name, store->sha256};
    return db_exec_params(judging->db, SQL_TRUST_OUTDATED_DELETE, 2, params, err);
}

bool trust_update(struct db *db, struct error *err)
{
    static const char *const names[STORES] = {"public", "known"};
    struct judging judging = {.db = db, .known = known_cas(db, err)};
    bool ok = judging.known != NULL, more = true;
    for (size_t i = 0; i < STORES && ok; i++)
        ok = store_renew(&judging, &judging.stores[i], names[i], err);
    while (ok && more)
        ok = batch_run(&judging, &more, err);
    for (size_t i = 0; i < STORES; i++)
        store_close(&judging.stores[i]);
    besides_clear(&judging);
    sk_X509_pop_free(judging.known, X509_free);
    return ok || error_add_context(err, "trust");
}
