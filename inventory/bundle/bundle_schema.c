/* See bundle_schema.h. */
#include "inventory/bundle/bundle_schema.h"

#include "inventory_bundle_sql.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"
#include "probes/base/user_file.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool bundle_sqlite_error(sqlite3 *sqlite, const char *path, struct error *err)
{
    int code = sqlite == NULL ? SQLITE_NOMEM : sqlite3_errcode(sqlite);
    enum error_kind kind = code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_TOOBIG ||
                                   code == SQLITE_MISMATCH || code == SQLITE_CONSTRAINT || code == SQLITE_ERROR
                               ? ERROR_INPUT
                               : ERROR_IO;
    int system = code == SQLITE_IOERR ? sqlite3_system_errno(sqlite) : 0;       /* ENOSPC says more than "I/O error" */
    return error_set(err, kind, "bundle %s: %s%s%s", path, sqlite == NULL ? "out of memory" : sqlite3_errmsg(sqlite),
                     system == 0 ? "" : ": ", system == 0 ? "" : strerror(system));
}

/* A path as an SQLite URI: "%", "?" and "#" mean something there. */
static char *uri_of(const char *path, const char *options)
{
    char *uri = xmalloc(strlen(path) * 3 + strlen(options) + 16), *out = uri;
    out += sprintf(out, path[0] == '/' ? "file://" : "file:");
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '%' || *at == '?' || *at == '#')
            out += sprintf(out, "%%%02x", (unsigned)*at);
        else
            *out++ = *at;
    }
    sprintf(out, "?%s", options);
    return uri;
}

sqlite3 *bundle_open_read(const char *path, bool immutable)
{
    sqlite3 *sqlite = NULL;
    char *uri = uri_of(path, immutable ? "mode=ro&immutable=1" : "mode=ro");
    int code = sqlite3_open_v2(uri, &sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    free(uri);
    if (code != SQLITE_OK)
        return sqlite;
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);     /* a reader that closes a writer's descriptors would remove the -wal */
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 0);
    return sqlite;
}

static bool pragma_number(sqlite3 *sqlite, const char *path, const char *sql, int64_t *value, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW;
    if (ok)
        *value = sqlite3_column_int64(stmt, 0);
    else
        bundle_sqlite_error(sqlite, path, err);
    sqlite3_finalize(stmt);
    return ok;
}

static const char schema_rows[] = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
                                  "ORDER BY type, name, tbl_name";

/* Over all columns of all rows, each behind its length. False if SQLite fails. */
static bool schema_hash(sqlite3 *sqlite, uint8_t sha256[32])
{
    sqlite3_stmt *stmt = NULL;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
              sqlite3_prepare_v2(sqlite, schema_rows, -1, &stmt, NULL) == SQLITE_OK;
    int step = SQLITE_DONE;
    while (ok && (step = sqlite3_step(stmt)) == SQLITE_ROW)
        for (int i = 0; i < 4; i++) {
            const int len = sqlite3_column_bytes(stmt, i);
            EVP_DigestUpdate(hash, &len, sizeof len);
            EVP_DigestUpdate(hash, sqlite3_column_text(stmt, i), (size_t)len);
        }
    ok = ok && step == SQLITE_DONE && EVP_DigestFinal_ex(hash, sha256, NULL) == 1;
    sqlite3_finalize(stmt);
    EVP_MD_CTX_free(hash);
    return ok;
}

/* Of our own tables, as SQLite stores them: a constant, but only SQLite can say it, which takes it a millisecond; so it is asked once,
 * and of a bundle that was made just now (NULL: none) if there is one. */
static const uint8_t *own_schema_hash(sqlite3 *made, struct error *err)
{
    static uint8_t sha256[32];
    static bool is_known;
    sqlite3 *model = NULL;
    if (!is_known && made != NULL)
        is_known = schema_hash(made, sha256);
    if (is_known)
        return sha256;
    is_known = sqlite3_open(":memory:", &model) == SQLITE_OK && sqlite3_exec(model, SQL_BUNDLE, NULL, NULL, NULL) == SQLITE_OK &&
               schema_hash(model, sha256);
    if (!is_known)
        bundle_sqlite_error(model, "(model)", err);
    sqlite3_close(model);
    return is_known ? sha256 : NULL;
}

bool bundle_schema_made(sqlite3 *sqlite, struct error *err)
{
    return own_schema_hash(sqlite, err) != NULL;
}

bool bundle_schema_check(sqlite3 *sqlite, const char *path, struct error *err)
{
    int64_t application = 0, format = 0;
    if (!pragma_number(sqlite, path, "PRAGMA application_id", &application, err) ||
        !pragma_number(sqlite, path, "PRAGMA user_version", &format, err))
        return false;
    if (application != BUNDLE_APPLICATION_ID)
        return error_set(err, ERROR_INPUT, "bundle %s: an SQLite file, but no bundle of certsweep", path);
    if (format != BUNDLE_FORMAT)
        return error_set(err, ERROR_INPUT, "bundle %s: its format is %lld, this certsweep reads %d", path,
                         (long long)format, BUNDLE_FORMAT);
    uint8_t sha256[32];
    const uint8_t *ours = own_schema_hash(NULL, err);
    if (ours == NULL)
        return false;
    if (!schema_hash(sqlite, sha256))
        return bundle_sqlite_error(sqlite, path, err);
    return memcmp(sha256, ours, sizeof sha256) == 0 ||
           error_set(err, ERROR_INPUT, "bundle %s: its tables are not those of a bundle; nothing is read from it", path);
}

/* Text without NUL and within the limit, copied; NULL otherwise. */
static char *text_take(sqlite3_stmt *stmt, int column, size_t max)
{
    if (sqlite3_column_type(stmt, column) != SQLITE_TEXT)
        return NULL;
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    if (text == NULL || len > max || memchr(text, 0, len) != NULL)
        return NULL;
    return xstrndup(text, len);
}

static bool text_copy(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
    char *text = text_take(stmt, column, size - 1);
    if (text == NULL)
        return false;
    memcpy(out, text, strlen(text) + 1);
    free(text);
    return true;
}

static bool bytes_copy(sqlite3_stmt *stmt, int column, uint8_t *out, int len)
{
    if (sqlite3_column_type(stmt, column) != SQLITE_BLOB || sqlite3_column_bytes(stmt, column) != len)
        return false;
    memcpy(out, sqlite3_column_blob(stmt, column), (size_t)len);
    return true;
}

static bool number_between(sqlite3_stmt *stmt, int column, int64_t min, int64_t max, int64_t *value)
{
    *value = sqlite3_column_int64(stmt, column);
    return sqlite3_column_type(stmt, column) == SQLITE_INTEGER && *value >= min && *value <= max;
}

static bool uuid_valid(const char *id)
{
    if (strlen(id) != SCAN_ID_SIZE - 1)
        return false;
    for (size_t i = 0; id[i] != '\0'; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? id[i] != '-' : strchr("0123456789abcdef", id[i]) == NULL)
            return false;
    }
    return true;
}

/* Returns the name of the first column that is wrong, NULL if all are right. */
static const char *head_columns(sqlite3_stmt *stmt, struct bundle_head *head)
{
    int64_t kind, size, shard, count;
    if (!bytes_copy(stmt, 0, head->bundle_id, sizeof head->bundle_id))
        return "bundle_id";
    if (!number_between(stmt, 1, BUNDLE_SCAN, BUNDLE_IMPORT, &kind))
        return "kind";
    if (!text_copy(stmt, 2, head->scan_id, sizeof head->scan_id) || !uuid_valid(head->scan_id))
        return "scan_id";
    if (!text_copy(stmt, 3, head->site, sizeof head->site) || !site_name_is_valid(head->site))
        return "site";
    if (!number_between(stmt, 4, INT64_MIN, INT64_MAX, &head->started_us))
        return "started_us";
    if ((head->plan = text_take(stmt, 5, BUNDLE_PLAN_MAX)) == NULL)
        return "plan";
    if ((head->space = text_take(stmt, 6, BUNDLE_SPACE_MAX)) == NULL)
        return "space";
    if (!bytes_copy(stmt, 7, head->permutation_key, sizeof head->permutation_key))
        return "permutation_key";
    if (!number_between(stmt, 8, 0, (int64_t)1 << 48, &size))
        return "space_size";
    if (!number_between(stmt, 10, 1, UINT32_MAX, &count))
        return "shard_count";
    if (!number_between(stmt, 9, 0, count - 1, &shard))
        return "shard";
    if ((head->known_names = text_take(stmt, 11, BUNDLE_KNOWN_NAMES_MAX)) == NULL)
        return "known_names";
    head->kind = (enum bundle_kind)kind;
    head->space_size = (uint64_t)size;
    head->shard = (uint32_t)shard;
    head->shard_count = (uint32_t)count;
    return NULL;
}

static const char head_select[] =
    "SELECT bundle_id, kind, scan_id, site, started_us, plan, space, permutation_key, space_size, shard, shard_count, "
    "known_names FROM head";

bool bundle_head_read(sqlite3 *sqlite, const char *path, struct bundle_head *head, struct error *err)
{
    memset(head, 0, sizeof *head);
    sqlite3_stmt *stmt = NULL;
    bool ok = false;
    int step = SQLITE_ERROR;
    if (sqlite3_prepare_v2(sqlite, head_select, -1, &stmt, NULL) == SQLITE_OK)
        step = sqlite3_step(stmt);
    if (step == SQLITE_DONE)
        error_set(err, ERROR_INPUT, "bundle %s: it has no head", path);
    else if (step != SQLITE_ROW)
        bundle_sqlite_error(sqlite, path, err);
    else {
        const char *wrong = head_columns(stmt, head);
        if (wrong != NULL)
            error_set(err, ERROR_INPUT, "bundle %s: its head has no valid %s", path, wrong);
        else if (sqlite3_step(stmt) != SQLITE_DONE)
            error_set(err, ERROR_INPUT, "bundle %s: it has more than one head", path);
        else
            ok = true;
    }
    sqlite3_finalize(stmt);
    if (!ok)
        bundle_head_clear(head);
    return ok;
}

void bundle_head_clear(struct bundle_head *head)
{
    free((char *)(uintptr_t)head->plan);
    free((char *)(uintptr_t)head->space);
    free((char *)(uintptr_t)head->known_names);
    head->plan = head->space = head->known_names = NULL;
}

bool bundle_seal_read(sqlite3 *sqlite, const char *path, enum bundle_seal_state *state, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    *state = BUNDLE_UNSEALED;
    if (sqlite3_prepare_v2(sqlite, "SELECT partial FROM seal ORDER BY partial LIMIT 1", -1, &stmt, NULL) !=
        SQLITE_OK)
        return bundle_sqlite_error(sqlite, path, err);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW)
        *state = sqlite3_column_int64(stmt, 0) == 0 ? BUNDLE_SEALED : BUNDLE_SEALED_PARTIAL;
    bool ok = step == SQLITE_ROW || step == SQLITE_DONE || bundle_sqlite_error(sqlite, path, err);
    sqlite3_finalize(stmt);
    return ok;
}

bool bundle_wal_exists(const char *path)
{
    char *wal = xasprintf("%s-wal", path);
    bool exists = user_file_exists(wal);
    free(wal);
    return exists;
}

/* The file header's write version (SQLite's file format, section 1.3.3): 2 while the journal is a -wal. */
bool bundle_wal_is_missing(const char *path)
{
    uint8_t header[20] = {0};
    FILE *file = user_file_fopen(path);
    size_t len = file == NULL ? 0 : fread(header, 1, sizeof header, file);
    if (file != NULL)
        fclose(file);
    return len == sizeof header && memcmp(header, "SQLite format 3", 16) == 0 && header[18] == 2 &&
           !bundle_wal_exists(path);
}

bool bundle_wal_missing_error(const char *path, struct error *err)
{
    return error_set(err, ERROR_INPUT,
                     "bundle %s: it was never sealed and its %s-wal is not beside it, so its last rows may be "
                     "missing; bring that file too, or accept the loss with: certsweep bundle seal --partial %s",
                     path, path, path);
}
