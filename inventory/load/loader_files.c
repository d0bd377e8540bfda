/* What a bundle tells of files, in one transaction: copied, merged into places and states, and the history of each place computed again
 * from all that is known of it. Loading the same rows again changes nothing, so this needs no progress. */
#include "inventory/load/loader_parts.h"

#include "inventory_load_sql.h"
#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct copying {
    struct loader *loader;
    struct db_copy *copy;
    EVP_MD_CTX *digest;
    struct error *err;
    bool ok;
};

/* ---- the hash of a state: every field with its length, so that no two states look alike ---- */

static void add_bytes(EVP_MD_CTX *digest, const void *bytes, size_t len)
{
    const uint64_t size = bytes == NULL ? UINT64_MAX : len;
    EVP_DigestUpdate(digest, &size, sizeof size);
    if (bytes != NULL)
        EVP_DigestUpdate(digest, bytes, len);
}

static void add_text(EVP_MD_CTX *digest, const char *text)
{
    add_bytes(digest, text, strlen(text));
}

static void add_number(EVP_MD_CTX *digest, int64_t number)
{
    EVP_DigestUpdate(digest, &number, sizeof number);
}

static void state_hash(EVP_MD_CTX *digest, const struct bundle_file *row, uint8_t hash[32])
{
    const struct file_reading *reading = &row->reading;
    EVP_DigestInit_ex(digest, NULL, NULL);
    add_text(digest, reading->kind);
    add_text(digest, reading->detail);
    add_number(digest, reading->outcome);
    add_number(digest, reading->mode);
    add_number(digest, reading->uid);
    add_number(digest, reading->gid);
    add_number(digest, reading->marks);
    add_number(digest, (int64_t)reading->certificate_count);
    for (size_t i = 0; i < reading->certificate_count; i++) {
        add_bytes(digest, row->hashes[i], 32);
        add_number(digest, reading->certificates[i].offset);
        add_text(digest, reading->certificates[i].label);
    }
    add_number(digest, (int64_t)reading->key_count);
    for (size_t i = 0; i < reading->key_count; i++) {
        const struct file_key *key = &reading->keys[i];
        add_bytes(digest, key->spki_sha256, 32);
        add_text(digest, key->algorithm);
        add_number(digest, key->kind);
        add_number(digest, key->bits);
        add_number(digest, key->is_encrypted);
        add_number(digest, key->offset);
    }
    for (size_t i = 0; i < reading->use_count; i++) {
        add_text(digest, reading->uses[i].service);
        add_text(digest, reading->uses[i].directive);
        add_text(digest, reading->uses[i].path);
        add_number(digest, reading->uses[i].line);
    }
    EVP_DigestFinal_ex(digest, hash, NULL);
}

static int hash_compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* Two trust stores with the same certificates are the same store, whatever their order. */
static void set_hash(const struct bundle_file *row, uint8_t hash[32])
{
    size_t count = row->reading.certificate_count, kept = 0;
    uint8_t(*sorted)[32] = xcalloc(count + 1, sizeof *sorted);
    if (count > 0)
        memcpy(sorted, row->hashes, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, hash_compare);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || memcmp(sorted[i], sorted[kept - 1], 32) != 0)
            memmove(sorted[kept++], sorted[i], 32);
    SHA256((const uint8_t *)sorted, kept * 32, hash);
    free(sorted);
}

/* ---- rows ---- */

static void copy_known(struct db_copy *copy, int64_t value, int64_t unknown)
{
    if (value == unknown)
        db_copy_text(copy, NULL);
    else
        db_copy_int(copy, value);
}

static void copy_filled(struct db_copy *copy, const char *text)
{
    db_copy_text(copy, text[0] == '\0' ? NULL : text);
}

static bool is_ahead(const struct copying *copying, const struct bundle_file *row)
{
    return row->reading.time_us > copying->loader->limit_us;
}

static bool on_file(void *context, const struct bundle_file *row)
{
    struct copying *copying = context;
    const struct file_reading *reading = &row->reading;
    struct db_copy *copy = copying->copy;
    uint8_t hash[32];
    loader_saw(copying->loader, reading->time_us);
    if (is_ahead(copying, row))
        return true;
    db_copy_text(copy, copying->loader->site);
    db_copy_text(copy, reading->host);
    db_copy_text(copy, reading->path);
    db_copy_text(copy, reading->inside);
    db_copy_time(copy, reading->time_us);
    state_hash(copying->digest, row, hash);
    db_copy_bytes(copy, hash, sizeof hash);
    db_copy_text(copy, reading->kind);
    db_copy_int(copy, reading->outcome);
    copy_filled(copy, reading->detail);
    copy_known(copy, reading->mode, -1);
    copy_known(copy, reading->uid, -1);
    copy_known(copy, reading->gid, -1);
    db_copy_int(copy, reading->marks);
    if ((reading->marks & FILE_MARK_TRUST_STORE) != 0) {
        set_hash(row, hash);
        db_copy_bytes(copy, hash, sizeof hash);
    } else {
        db_copy_text(copy, NULL);
    }
    db_copy_int(copy, (int64_t)reading->certificate_count);
    db_copy_int(copy, (int64_t)reading->key_count);
    copy_known(copy, reading->size, -1);
    db_copy_time(copy, reading->modified_us);
    return copying->ok = db_copy_row(copy, copying->err);
}

static bool on_file_certificates(void *context, const struct bundle_file *row)
{
    struct copying *copying = context;
    const struct file_reading *reading = &row->reading;
    uint8_t hash[32];
    if (is_ahead(copying, row) || reading->certificate_count == 0)
        return true;
    state_hash(copying->digest, row, hash);
    for (size_t i = 0; i < reading->certificate_count && copying->ok; i++) {
        db_copy_bytes(copying->copy, hash, sizeof hash);
        db_copy_int(copying->copy, (int64_t)i);
        db_copy_int(copying->copy, id_list_find(&copying->loader->certificates, row->certificates[i]));
        copy_known(copying->copy, reading->certificates[i].offset, -1);
        copy_filled(copying->copy, reading->certificates[i].label);
        copying->ok = db_copy_row(copying->copy, copying->err);
    }
    return copying->ok;
}

static bool on_file_keys(void *context, const struct bundle_file *row)
{
    struct copying *copying = context;
    const struct file_reading *reading = &row->reading;
    uint8_t hash[32];
    if (is_ahead(copying, row) || reading->key_count == 0)
        return true;
    state_hash(copying->digest, row, hash);
    for (size_t i = 0; i < reading->key_count && copying->ok; i++) {
        const struct file_key *key = &reading->keys[i];
        db_copy_bytes(copying->copy, hash, sizeof hash);
        db_copy_int(copying->copy, (int64_t)i);
        db_copy_int(copying->copy, key->kind);
        if (key->spki_sha256 == NULL)
            db_copy_text(copying->copy, NULL);
        else
            db_copy_bytes(copying->copy, key->spki_sha256, 32);
        copy_filled(copying->copy, key->algorithm);
        copy_known(copying->copy, key->bits, 0);
        db_copy_bool(copying->copy, key->is_encrypted);
        copy_known(copying->copy, key->offset, -1);
        copying->ok = db_copy_row(copying->copy, copying->err);
    }
    return copying->ok;
}

static bool on_file_uses(void *context, const struct bundle_file *row)
{
    struct copying *copying = context;
    const struct file_reading *reading = &row->reading;
    uint8_t hash[32];
    if (is_ahead(copying, row) || reading->use_count == 0)
        return true;
    state_hash(copying->digest, row, hash);
    for (size_t i = 0; i < reading->use_count && copying->ok; i++) {
        db_copy_bytes(copying->copy, hash, sizeof hash);
        db_copy_int(copying->copy, (int64_t)i);
        db_copy_text(copying->copy, reading->uses[i].service);
        db_copy_text(copying->copy, reading->uses[i].directive);
        db_copy_text(copying->copy, reading->uses[i].path);
        copy_known(copying->copy, reading->uses[i].line, 0);
        copying->ok = db_copy_row(copying->copy, copying->err);
    }
    return copying->ok;
}

static bool on_root(void *context, const struct bundle_file_root *row)
{
    struct copying *copying = context;
    if (row->of.to_us > copying->loader->limit_us)
        return true;
    db_copy_text(copying->copy, row->of.host);
    db_copy_text(copying->copy, row->of.path);
    db_copy_text(copying->copy, row->of.settings);
    db_copy_bool(copying->copy, row->of.is_complete);
    db_copy_time(copying->copy, row->of.from_us);
    db_copy_time(copying->copy, row->of.to_us);
    return copying->ok = db_copy_row(copying->copy, copying->err);
}

/* ---- the load ---- */

static bool copy_end(struct copying *copying, bool read)
{
    if (read && copying->ok)
        return db_copy_end(copying->copy, copying->err);
    db_copy_abort(copying->copy);
    return false;
}

static bool copy_files(struct copying *copying, const char *sql, bool (*on_row)(void *, const struct bundle_file *))
{
    copying->copy = db_copy_begin(copying->loader->db, sql, copying->err);
    return copying->copy != NULL &&
           copy_end(copying, bundle_read_files(copying->loader->reader, 0, -1, on_row, copying, copying->err));
}

static bool copy_all(struct copying *copying)
{
    struct db *db = copying->loader->db;
    copying->copy = db_copy_begin(db, SQL_FILES_ROOTS_COPY, copying->err);
    return copying->copy != NULL &&
           copy_end(copying, bundle_read_file_roots(copying->loader->reader, 0, -1, on_root, copying, copying->err)) &&
           copy_files(copying, SQL_FILES_COPY, on_file) &&
           copy_files(copying, SQL_FILES_CERTIFICATES_COPY, on_file_certificates) &&
           copy_files(copying, SQL_FILES_KEYS_COPY, on_file_keys) && copy_files(copying, SQL_FILES_USES_COPY, on_file_uses) &&
           db_exec(db, SQL_FILES_ANALYZE, copying->err);
}

static bool merge(struct loader *loader, struct error *err)
{
    const char *const scan[] = {loader->scan}, *const site[] = {loader->site};
    bool is_sealed = bundle_reader_seal(loader->reader) == BUNDLE_SEALED;
    return db_exec_params(loader->db, SQL_FILES_ROOTS_MERGE, 1, scan, err) && db_exec(loader->db, SQL_FILES_PLACES, err) &&
           db_exec(loader->db, SQL_FILES_STATES, err) && db_exec(loader->db, SQL_FILES_STATES_CERTIFICATES, err) &&
           db_exec(loader->db, SQL_FILES_STATES_KEYS, err) && db_exec(loader->db, SQL_FILES_STATES_USES, err) &&
           db_exec(loader->db, SQL_FILES_POINTS, err) &&
           (!is_sealed || db_exec_params(loader->db, SQL_FILES_ABSENT, 1, site, err)) && db_exec(loader->db, SQL_FILES_SPANS, err) &&
           db_exec(loader->db, SQL_FILES_SPANS_DROPPED, err) && db_exec(loader->db, SQL_FILES_SPANS_CHANGED, err) &&
           db_exec(loader->db, SQL_FILES_DIRTY, err) && db_exec_params(loader->db, SQL_FILES_NOW, 1, scan, err);
}

bool loader_files(struct loader *loader, const struct bundle_account *account, struct error *err)
{
    struct copying copying = {.loader = loader, .err = err, .ok = true};
    if (account->files == 0 && account->file_roots == 0)
        return true;
    copying.digest = EVP_MD_CTX_new();
    if (copying.digest == NULL || EVP_DigestInit_ex(copying.digest, EVP_sha256(), NULL) != 1)
        abort();        /* only a broken libcrypto comes here */
    bool ok = db_exec(loader->db, SQL_FILES_TABLES, err) && loader_batch_begin(loader, err) && copy_all(&copying) && merge(loader, err);
    EVP_MD_CTX_free(copying.digest);
    loader->report->files = account->files - loader->progress[LOADER_FILE];
    return ok && loader_batch_end(loader, LOADER_FILE, account->files, err);
}
