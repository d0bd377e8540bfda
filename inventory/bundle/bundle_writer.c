/* Writes a bundle. One thread, one SQLite connection, every statement prepared once. The rows of its chain
 * and endpoint come before an observation, in the same transaction, so what a kill leaves is consistent.
 *
 *     observation ── endpoint cache ──► endpoint row (another one if it left the cache)
 *               └─── chain cache ─────► nothing left to do
 *                        └─ miss: SHA-256, then the unique index ──► certificate, chain rows
 */
#include "inventory/bundle/block_outcomes.h"
#include "inventory/bundle/bundle.h"
#include "inventory/bundle/bundle_birth.h"
#include "inventory/bundle/bundle_lock.h"
#include "inventory/bundle/bundle_files.h"
#include "inventory/bundle/bundle_writer_parts.h"
#include "inventory/bundle/chain_cache.h"
#include "inventory_bundle_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_ROWS    1000
#define ENDPOINT_SLOTS 4096u
#define BUSY_MS        10000        /* a reader's checkpoint may hold us up; nothing else writes here */

/* What an observation and a sighting have in common; bind_seen() binds them in this order. */
#define SEEN_COLUMNS "role, outcome, endpoint, peer, protocol, detail, tls_version, cipher_suite, named_group, alpn, " \
                     "chain, staple, sct_count"
#define SEEN_VALUES  "?,?,?,?,?,?,?,?,?,?,?,?,?"

/* Kept beside the code that binds them, so that it is clear which ? is which. */
static const char *const statement_sql[STATEMENT_COUNT] = {
    [HEAD_INSERT] = "INSERT INTO head VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
    [SEAL_INSERT] = "INSERT INTO seal VALUES (?,?)",
    [TARGET_LINE_INSERT] = "INSERT OR IGNORE INTO target_line VALUES (?,?)",
    [TARGET_LINES] = "SELECT t.line, t.text, n.line IS NOT NULL FROM target_line t LEFT JOIN name n USING (line) "
                     "ORDER BY t.line",
    [CERTIFICATE_FIND] = "SELECT id FROM certificate WHERE sha256 = ?",
    [CERTIFICATE_INSERT] = "INSERT INTO certificate (sha256, der) VALUES (?,?)",
    [STAPLE_FIND] = "SELECT id FROM staple WHERE sha256 = ?",
    [STAPLE_INSERT] = "INSERT INTO staple (sha256, der) VALUES (?,?)",
    [CHAIN_FIND] = "SELECT id FROM chain WHERE sha256 = ?",
    [CHAIN_INSERT] = "INSERT INTO chain (sha256) VALUES (?)",
    [CHAIN_CERTIFICATE_INSERT] = "INSERT INTO chain_certificate VALUES (?,?,?)",
    [ENDPOINT_INSERT] = "INSERT INTO endpoint (transport, address, zone, port, server_name) VALUES (?,?,?,?,?)",
    [OBSERVATION_INSERT] =
        ("INSERT INTO observation (" SEEN_COLUMNS ", time_us, method, variant, key_proven, name_source, connections, "
         "position, dns_us, connect_us, handshake_us) VALUES (" SEEN_VALUES ",?,?,?,?,?,?,?,?,?,?)"),
    [POSTURE_INSERT] = "INSERT INTO posture (endpoint, time_us, item, value, detail) VALUES (?,?,?,?,?)",
    [POSTURE_ADDRESSES] = "SELECT DISTINCT e.address FROM posture p JOIN endpoint e ON e.id = p.endpoint WHERE p.item = ?",
    [SIGHTING_INSERT] = ("INSERT INTO sighting (" SEEN_COLUMNS ", hour_us, first_us, last_us, count) "
                         "VALUES (" SEEN_VALUES ",?,?,?,?)"),
    [BLOCK_INSERT] = "INSERT OR IGNORE INTO block (block, from_us, to_us, count, outcomes) VALUES (?,?,?,?,?)",
    [BLOCK_FIND] = "SELECT 1 FROM block WHERE block = ?",
    [NAME_INSERT] = ("INSERT OR IGNORE INTO name (line, time_us, name, outcome, detail, address_count) "
                     "VALUES (?,?,?,?,?,?)"),
    [NAME_FIND] = "SELECT 1 FROM name WHERE line = ?",
    [COUNTER_INSERT] = "INSERT INTO counter (name, value) VALUES (?,?)",
    [FILE_ROOT_INSERT] = "INSERT INTO file_root (host, path, settings, complete, from_us, to_us) VALUES (?,?,?,?,?,?)",
    [FILE_INSERT] = ("INSERT INTO file (time_us, host, path, inside, kind, outcome, detail, size, modified_us, mode, uid, gid, marks) "
                     "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"),
    [FILE_CERTIFICATE_INSERT] = "INSERT INTO file_certificate VALUES (?,?,?,?,?)",
    [FILE_KEY_INSERT] = "INSERT INTO file_key VALUES (?,?,?,?,?,?,?,?)",
    [FILE_USE_INSERT] = "INSERT INTO file_use VALUES (?,?,?,?,?,?)",
    [FILE_LAST] = "SELECT max(id) FROM file",
    [FILE_PLACES] = "SELECT id, path, inside FROM file WHERE id > ?",
    [FILE_MARK] = "UPDATE file SET marks = marks | ? WHERE id = ?",
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
};

struct endpoint_slot {
    int64_t id;                     /* 0: empty */
    struct endpoint endpoint;
};

struct bundle_writer {
    char *path;
    int lock;                       /* of bundle_lock.h */
    sqlite3 *sqlite;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct bundle_head head;        /* strings are ours */
    bool in_transaction;
    bool broken;                    /* a write failed: no more rows are accepted */
    uint64_t added_der_bytes;
    unsigned rows;                  /* in the open transaction */
    struct chain_cache *chains;
    EVP_MD_CTX *digest;
    uint8_t (*hashes)[32];          /* of the last chain that was not in the cache */
    size_t hashes_capacity;
    const uint8_t (*last_chain)[32];
    size_t last_chain_count;
    struct endpoint_slot endpoints[ENDPOINT_SLOTS];
};

static bool writer_fail(struct bundle_writer *writer, struct error *err)
{
    writer->broken = true;
    bundle_sqlite_error(writer->sqlite, writer->path, err);
    if (err != NULL)
        err->kind = ERROR_IO;
    return false;
}

sqlite3_stmt *bundle_statement(struct bundle_writer *writer, enum statement which)
{
    if (writer->statements[which] == NULL)
        sqlite3_prepare_v3(writer->sqlite, statement_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                           &writer->statements[which], NULL);
    return writer->statements[which];       /* NULL: the run below fails with SQLITE_MISUSE */
}

bool bundle_run(struct bundle_writer *writer, enum statement which, struct error *err)
{
    sqlite3_stmt *stmt = bundle_statement(writer, which);
    int code = sqlite3_step(stmt);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        writer_fail(writer, err);
        sqlite3_reset(stmt);
        return false;
    }
    sqlite3_reset(stmt);
    return true;
}

/* The result is the number in its only row; 0 without a row. */
static bool lookup(struct bundle_writer *writer, enum statement which, int64_t *id, struct error *err)
{
    sqlite3_stmt *stmt = bundle_statement(writer, which);
    int code = sqlite3_step(stmt);
    *id = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        writer_fail(writer, err);
    sqlite3_reset(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static void bind_address(sqlite3_stmt *stmt, int index, const struct address *address)
{
    if (address->len == 0)
        sqlite3_bind_null(stmt, index);
    else
        bind_bytes(stmt, index, address->bytes, address->len);
}

static void bind_id(sqlite3_stmt *stmt, int index, int64_t id)
{
    if (id == 0)
        sqlite3_bind_null(stmt, index);
    else
        sqlite3_bind_int64(stmt, index, id);
}

/* ---- transactions ---- */

bool bundle_row_begin(struct bundle_writer *writer, struct error *err)
{
    if (writer->broken)
        return error_set(err, ERROR_IO, "bundle %s: an earlier write failed; no more rows are accepted", writer->path);
    if (writer->in_transaction)
        return true;
    return writer->in_transaction = bundle_run(writer, BEGIN, err);
}

bool bundle_commit(struct bundle_writer *writer, struct error *err)
{
    if (!writer->in_transaction)
        return !writer->broken || bundle_row_begin(writer, err);
    writer->in_transaction = false;
    writer->rows = 0;
    return bundle_run(writer, COMMIT, err);
}

bool bundle_row_end(struct bundle_writer *writer, struct error *err)
{
    return ++writer->rows < COMMIT_ROWS || bundle_commit(writer, err);
}

/* ---- dictionaries ---- */

static void sha256(struct bundle_writer *writer, const void *bytes, size_t len, uint8_t hash[32])
{
    if (EVP_DigestInit_ex(writer->digest, NULL, NULL) != 1 ||
        EVP_DigestUpdate(writer->digest, bytes, len) != 1 || EVP_DigestFinal_ex(writer->digest, hash, NULL) != 1)
        abort();        /* SHA-256 over memory has no other way to fail than a broken libcrypto */
}

/* One DER in a table keyed by its SHA-256. */
static bool der_intern(struct bundle_writer *writer, enum statement find, enum statement insert,
                       const struct der *der, const uint8_t hash[32], int64_t *id, struct error *err)
{
    bind_bytes(bundle_statement(writer, find), 1, hash, 32);
    if (!lookup(writer, find, id, err) || *id != 0)
        return !writer->broken;
    sqlite3_stmt *stmt = bundle_statement(writer, insert);
    bind_bytes(stmt, 1, hash, 32);
    bind_bytes(stmt, 2, der->bytes, der->len);
    if (!bundle_run(writer, insert, err))
        return false;
    *id = sqlite3_last_insert_rowid(writer->sqlite);
    writer->added_der_bytes += der->len;
    return true;
}

bool bundle_certificate_intern(struct bundle_writer *writer, const struct der *der, int64_t *id, struct error *err)
{
    uint8_t hash[32];
    sha256(writer, der->bytes, der->len, hash);
    return der_intern(writer, CERTIFICATE_FIND, CERTIFICATE_INSERT, der, hash, id, err);
}

int64_t bundle_last_row(const struct bundle_writer *writer)
{
    return sqlite3_last_insert_rowid(writer->sqlite);
}

static bool staple_intern(struct bundle_writer *writer, const struct observation *o, int64_t *id, struct error *err)
{
    const struct der der = {o->ocsp_staple, o->ocsp_staple_len};
    uint8_t hash[32];
    *id = 0;
    if (der.bytes == NULL)
        return true;
    sha256(writer, der.bytes, der.len, hash);
    return der_intern(writer, STAPLE_FIND, STAPLE_INSERT, &der, hash, id, err);
}

uint64_t bundle_added_der_bytes(const struct bundle_writer *writer)
{
    return writer->added_der_bytes;
}

static bool chain_insert(struct bundle_writer *writer, const struct der *chain, size_t count,
                         const uint8_t chain_hash[32], int64_t *id, struct error *err)
{
    bind_bytes(bundle_statement(writer, CHAIN_INSERT), 1, chain_hash, 32);
    if (!bundle_run(writer, CHAIN_INSERT, err))
        return false;
    *id = sqlite3_last_insert_rowid(writer->sqlite);
    for (size_t i = 0; i < count; i++) {
        int64_t certificate;
        if (!der_intern(writer, CERTIFICATE_FIND, CERTIFICATE_INSERT, &chain[i], writer->hashes[i], &certificate,
                        err))
            return false;
        sqlite3_stmt *stmt = bundle_statement(writer, CHAIN_CERTIFICATE_INSERT);
        sqlite3_bind_int64(stmt, 1, *id);
        sqlite3_bind_int64(stmt, 2, (int64_t)i);
        sqlite3_bind_int64(stmt, 3, certificate);
        if (!bundle_run(writer, CHAIN_CERTIFICATE_INSERT, err))
            return false;
    }
    return true;
}

static bool chain_intern(struct bundle_writer *writer, const struct der *chain, size_t count, int64_t *id,
                         struct error *err)
{
    *id = 0;
    writer->last_chain_count = count;
    if (count == 0)
        return true;
    if (count > writer->hashes_capacity) {
        writer->hashes = xreallocarray(writer->hashes, count, sizeof *writer->hashes);
        writer->hashes_capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        sha256(writer, chain[i].bytes, chain[i].len, writer->hashes[i]);
    writer->last_chain = (const uint8_t(*)[32])writer->hashes;
    uint8_t chain_hash[32];
    sha256(writer, writer->hashes, count * 32, chain_hash);
    bind_bytes(bundle_statement(writer, CHAIN_FIND), 1, chain_hash, 32);
    return lookup(writer, CHAIN_FIND, id, err) &&
           (*id != 0 || chain_insert(writer, chain, count, chain_hash, id, err));
}

static bool chain_intern_cached(struct bundle_writer *writer, const struct der *chain, size_t count, int64_t *id,
                                struct error *err)
{
    const struct chain_entry *known = count == 0 ? NULL : chain_cache_find(writer->chains, chain, count);
    if (known == NULL) {
        if (!chain_intern(writer, chain, count, id, err))
            return false;
        if (count != 0)
            chain_cache_put(writer->chains, chain, count, *id, writer->last_chain);
        return true;
    }
    *id = known->chain;
    writer->last_chain = known->sha256;
    writer->last_chain_count = count;
    return true;
}

const uint8_t (*bundle_last_chain(const struct bundle_writer *writer, size_t *count))[32]
{
    *count = writer->last_chain_count;
    return writer->last_chain;
}

static bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && a->transport == b->transport && a->address.len == b->address.len &&
           memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes) == 0 &&
           strcmp(a->server_name, b->server_name) == 0 && strcmp(a->zone, b->zone) == 0;
}

static size_t endpoint_slot(const struct endpoint *endpoint)
{
    uint64_t key = endpoint->port;
    for (size_t i = 0; i < endpoint->address.len; i++)
        key = key * 31 + endpoint->address.bytes[i];
    for (const char *at = endpoint->server_name; *at != '\0'; at++)
        key = key * 31 + (unsigned char)*at;
    return (key * 0x9e3779b97f4a7c15u >> 32) % ENDPOINT_SLOTS;
}

static bool endpoint_intern(struct bundle_writer *writer, const struct endpoint *endpoint, int64_t *id,
                            struct error *err)
{
    struct endpoint_slot *slot = &writer->endpoints[endpoint_slot(endpoint)];
    if (slot->id != 0 && endpoint_equal(&slot->endpoint, endpoint)) {
        *id = slot->id;
        return true;
    }
    sqlite3_stmt *stmt = bundle_statement(writer, ENDPOINT_INSERT);
    sqlite3_bind_int(stmt, 1, (int)endpoint->transport);
    bind_bytes(stmt, 2, endpoint->address.bytes, endpoint->address.len);
    bind_text(stmt, 3, endpoint->zone);
    sqlite3_bind_int(stmt, 4, endpoint->port);
    bind_text(stmt, 5, endpoint->server_name);
    if (!bundle_run(writer, ENDPOINT_INSERT, err))
        return false;
    *id = slot->id = sqlite3_last_insert_rowid(writer->sqlite);
    size_t len = offsetof(struct endpoint, server_name) + strlen(endpoint->server_name) + 1;
    memcpy(&slot->endpoint, endpoint, len);             /* the rest of the name's room is not touched */
    return true;
}

/* ---- rows ---- */

/* Binds SEEN_COLUMNS, after what they refer to was written. chain: its id where it is known, or 0. *at: the next
 * one's index. */
static bool bind_seen(struct bundle_writer *writer, sqlite3_stmt *stmt, const struct observation *o, int64_t chain,
                      int *at, struct error *err)
{
    int64_t endpoint, staple;
    if (!endpoint_intern(writer, &o->endpoint, &endpoint, err) ||
        (chain == 0 && !chain_intern_cached(writer, o->chain, o->chain_count, &chain, err)) || !staple_intern(writer, o, &staple, err))
        return false;
    *at = 1;
    sqlite3_bind_int(stmt, (*at)++, (int)o->role);
    sqlite3_bind_int(stmt, (*at)++, (int)o->outcome);
    sqlite3_bind_int64(stmt, (*at)++, endpoint);
    bind_address(stmt, (*at)++, &o->peer);
    bind_text(stmt, (*at)++, o->protocol);
    bind_text(stmt, (*at)++, o->detail);
    sqlite3_bind_int(stmt, (*at)++, o->tls_version);
    sqlite3_bind_int(stmt, (*at)++, o->cipher_suite);
    sqlite3_bind_int(stmt, (*at)++, o->group);
    bind_text(stmt, (*at)++, o->alpn);
    bind_id(stmt, (*at)++, chain);
    bind_id(stmt, (*at)++, staple);
    sqlite3_bind_int64(stmt, (*at)++, o->sct_count);
    return true;
}

bool bundle_add_observation(struct bundle_writer *writer, const struct observation *o, struct error *err)
{
    sqlite3_stmt *stmt = bundle_statement(writer, OBSERVATION_INSERT);
    int at;
    if (!bundle_row_begin(writer, err) || !bind_seen(writer, stmt, o, 0, &at, err))
        return false;
    sqlite3_bind_int64(stmt, at++, o->time_us);
    sqlite3_bind_int(stmt, at++, (int)o->method);
    sqlite3_bind_int(stmt, at++, (int)o->variant);
    sqlite3_bind_int(stmt, at++, (int)o->key_proven);
    sqlite3_bind_int(stmt, at++, (int)o->name_source);
    sqlite3_bind_int64(stmt, at++, o->connections);
    if (o->position == UINT64_MAX)
        sqlite3_bind_null(stmt, at++);
    else
        sqlite3_bind_int64(stmt, at++, (int64_t)o->position);
    sqlite3_bind_int64(stmt, at++, o->dns_us);
    sqlite3_bind_int64(stmt, at++, o->connect_us);
    sqlite3_bind_int64(stmt, at++, o->handshake_us);
    return bundle_run(writer, OBSERVATION_INSERT, err) && bundle_row_end(writer, err);
}

bool bundle_add_chain(struct bundle_writer *writer, const struct der *chain, size_t count, int64_t *id,
                      struct error *err)
{
    return bundle_row_begin(writer, err) && chain_intern(writer, chain, count, id, err);
}

bool bundle_add_sighting(struct bundle_writer *writer, const struct sighting *sighting, struct error *err)
{
    sqlite3_stmt *stmt = bundle_statement(writer, SIGHTING_INSERT);
    int at;
    if (!bundle_row_begin(writer, err) || !bind_seen(writer, stmt, &sighting->seen, sighting->chain, &at, err))
        return false;
    sqlite3_bind_int64(stmt, at++, sighting->hour_us);
    sqlite3_bind_int64(stmt, at++, sighting->first_us);
    sqlite3_bind_int64(stmt, at++, sighting->last_us);
    sqlite3_bind_int64(stmt, at++, (int64_t)sighting->count);
    return bundle_run(writer, SIGHTING_INSERT, err);
}

bool bundle_add_posture(struct bundle_writer *writer, const struct posture_fact *fact, struct error *err)
{
    int64_t endpoint;
    if (!bundle_row_begin(writer, err) || !endpoint_intern(writer, &fact->endpoint, &endpoint, err))
        return false;
    sqlite3_stmt *stmt = bundle_statement(writer, POSTURE_INSERT);
    sqlite3_bind_int64(stmt, 1, endpoint);
    sqlite3_bind_int64(stmt, 2, fact->time_us);
    bind_text(stmt, 3, fact->item);
    bind_text(stmt, 4, fact->value);
    bind_text(stmt, 5, fact->detail);
    return bundle_run(writer, POSTURE_INSERT, err) && bundle_row_end(writer, err);
}

bool bundle_add_target_line(struct bundle_writer *writer, uint64_t line, const char *text, struct error *err)
{
    if (!bundle_row_begin(writer, err))
        return false;
    sqlite3_stmt *stmt = bundle_statement(writer, TARGET_LINE_INSERT);
    sqlite3_bind_int64(stmt, 1, (int64_t)line);
    bind_text(stmt, 2, text);
    return bundle_run(writer, TARGET_LINE_INSERT, err) && bundle_row_end(writer, err);
}

bool bundle_finish_block(struct bundle_writer *writer, const struct block_result *result, struct error *err)
{
    uint8_t encoded[BLOCK_OUTCOMES_MAX];
    if (result->count == 0 || result->count > BLOCK_POSITIONS)
        return error_set(err, ERROR_IO, "bundle %s: a block of %u positions", writer->path, result->count);
    if (!bundle_row_begin(writer, err))
        return false;
    size_t len = block_outcomes_encode(result->outcomes, result->count, encoded);
    sqlite3_stmt *stmt = bundle_statement(writer, BLOCK_INSERT);
    sqlite3_bind_int64(stmt, 1, (int64_t)result->block);
    sqlite3_bind_int64(stmt, 2, result->from_us);
    sqlite3_bind_int64(stmt, 3, result->to_us);
    sqlite3_bind_int64(stmt, 4, result->count);
    bind_bytes(stmt, 5, encoded, len);
    return bundle_run(writer, BLOCK_INSERT, err) && bundle_row_end(writer, err);
}

bool bundle_finish_name(struct bundle_writer *writer, const struct name_result *result, struct error *err)
{
    if (!bundle_row_begin(writer, err))
        return false;
    sqlite3_stmt *stmt = bundle_statement(writer, NAME_INSERT);
    sqlite3_bind_int64(stmt, 1, (int64_t)result->line);
    sqlite3_bind_int64(stmt, 2, result->time_us);
    bind_text(stmt, 3, result->name);
    sqlite3_bind_int(stmt, 4, (int)result->outcome);
    bind_text(stmt, 5, result->detail);
    sqlite3_bind_int64(stmt, 6, result->address_count);
    return bundle_run(writer, NAME_INSERT, err) && bundle_row_end(writer, err);
}

static bool writer_exec(struct bundle_writer *writer, const char *sql, struct error *err);

bool bundle_mark_made(struct bundle_writer *writer, struct error *err)
{
    /* Written into the file itself, like schema and head: without its -wal the bundle still counts as made, not as half made. */
    return bundle_add_counter(writer, "made", (uint64_t)clock_utc_us(), err) && bundle_commit(writer, err) &&
           writer_exec(writer, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

bool bundle_add_counter(struct bundle_writer *writer, const char *name, uint64_t value, struct error *err)
{
    if (!bundle_row_begin(writer, err))
        return false;
    sqlite3_stmt *stmt = bundle_statement(writer, COUNTER_INSERT);
    bind_text(stmt, 1, name);
    sqlite3_bind_int64(stmt, 2, (int64_t)value);
    return bundle_run(writer, COUNTER_INSERT, err) && bundle_row_end(writer, err);
}

static bool is_finished(struct bundle_writer *writer, enum statement find, uint64_t number)
{
    int64_t found;
    sqlite3_bind_int64(bundle_statement(writer, find), 1, (int64_t)number);
    return lookup(writer, find, &found, NULL) && found != 0;
}

bool bundle_block_is_finished(struct bundle_writer *writer, uint64_t block)
{
    return is_finished(writer, BLOCK_FIND, block);
}

bool bundle_name_is_finished(struct bundle_writer *writer, uint64_t line)
{
    return is_finished(writer, NAME_FIND, line);
}

bool bundle_each_posture_address(struct bundle_writer *writer, const char *item,
                                 void (*on_address)(void *context, const struct address *address), void *context,
                                 struct error *err)
{
    sqlite3_stmt *stmt = bundle_statement(writer, POSTURE_ADDRESSES);
    int code;
    bind_text(stmt, 1, item);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        int len = sqlite3_column_bytes(stmt, 0);
        if (sqlite3_column_type(stmt, 0) != SQLITE_BLOB || (len != 4 && len != 16))
            continue;
        struct address address = address_from_bytes(sqlite3_column_blob(stmt, 0), (size_t)len);
        on_address(context, &address);
    }
    sqlite3_reset(stmt);
    return code == SQLITE_DONE || writer_fail(writer, err);
}

bool bundle_each_target_line(struct bundle_writer *writer,
                             bool (*on_line)(void *context, uint64_t line, const char *text, bool is_finished),
                             void *context, struct error *err)
{
    sqlite3_stmt *stmt = bundle_statement(writer, TARGET_LINES);
    bool ok = true;
    int code;
    while (ok && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 1);
        ok = on_line(context, (uint64_t)sqlite3_column_int64(stmt, 0), text == NULL ? "" : text,
                     sqlite3_column_int(stmt, 2) != 0);
    }
    if (!ok)
        error_set(err, ERROR_SYSTEM, "%s: its target lines cannot be kept: %s", writer->path, strerror(errno));
    else if (code != SQLITE_DONE)
        ok = writer_fail(writer, err);
    sqlite3_reset(stmt);
    return ok;
}

/* ---- open and close ---- */

void bundle_one_thread(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static void writer_destroy(struct bundle_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(writer->statements[i]);
    sqlite3_close(writer->sqlite);
    bundle_unlock(writer->lock);
    chain_cache_destroy(writer->chains);
    EVP_MD_CTX_free(writer->digest);
    bundle_head_clear(&writer->head);
    free(writer->hashes);
    free(writer->path);
    free(writer);
}

static struct bundle_writer *writer_create(const char *path)
{
    struct bundle_writer *writer = xcalloc(1, sizeof *writer);
    writer->path = xstrdup(path);
    writer->lock = -1;
    writer->chains = chain_cache_create();
    writer->digest = EVP_MD_CTX_new();
    if (writer->digest == NULL || EVP_DigestInit_ex(writer->digest, EVP_sha256(), NULL) != 1)
        abort();
    return writer;
}

static bool writer_exec(struct bundle_writer *writer, const char *sql, struct error *err)
{
    return sqlite3_exec(writer->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK || writer_fail(writer, err);
}

static bool writer_open(struct bundle_writer *writer, struct error *err)
{
    if (writer->lock < 0 && (writer->lock = bundle_lock(writer->path, err)) < 0)
        return false;
    if (sqlite3_open_v2(writer->path, &writer->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return writer_fail(writer, err);
    sqlite3_db_config(writer->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(writer->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(writer->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);   /* the -wal says "not sealed" */
    sqlite3_busy_timeout(writer->sqlite, BUSY_MS);
    return true;
}

/* The new file's name must survive a power cut too. */
static bool directory_sync(const char *path, struct error *err)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 ? fsync(fd) == 0 : errno == EACCES && user_file_starter() >= 0; /* which has done it */
    if (!ok)
        error_set(err, ERROR_IO, "bundle %s: its folder: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(copy);
    return ok;
}

static bool head_insert(struct bundle_writer *writer, struct error *err)
{
    const struct bundle_head *head = &writer->head;
    sqlite3_stmt *stmt = bundle_statement(writer, HEAD_INSERT);
    bind_bytes(stmt, 1, head->bundle_id, sizeof head->bundle_id);
    sqlite3_bind_int(stmt, 2, (int)head->kind);
    bind_text(stmt, 3, head->scan_id);
    bind_text(stmt, 4, head->site);
    sqlite3_bind_int64(stmt, 5, head->started_us);
    bind_text(stmt, 6, head->plan);
    bind_text(stmt, 7, head->space);
    bind_bytes(stmt, 8, head->permutation_key, sizeof head->permutation_key);
    sqlite3_bind_int64(stmt, 9, (int64_t)head->space_size);
    sqlite3_bind_int64(stmt, 10, head->shard);
    sqlite3_bind_int64(stmt, 11, head->shard_count);
    bind_text(stmt, 12, head->known_names);
    return bundle_run(writer, HEAD_INSERT, err);
}

static void head_copy(struct bundle_head *to, const struct bundle_head *from)
{
    *to = *from;
    if (RAND_bytes(to->bundle_id, sizeof to->bundle_id) != 1)
        abort();        /* no randomness on this machine: TLS would not work either */
    to->plan = xstrdup(from->plan == NULL ? "" : from->plan);
    to->space = xstrdup(from->space == NULL ? "" : from->space);
    to->known_names = xstrdup(from->known_names == NULL ? "" : from->known_names);
    if (to->shard_count == 0)
        to->shard_count = 1;
}

#define STRING_OF(number) #number
#define STRING(number)    STRING_OF(number)

/* Removes a bundle whose creation was interrupted by a kill. Under the lock, so that a bundle that is being created
 * stays. */
static bool clear_half_made(const char *path, struct error *err)
{
    int lock = bundle_is_half_made(path) ? bundle_lock(path, err) : -1;
    bool is = lock >= 0 && bundle_is_half_made(path);
    if (is)
        bundle_files_remove(path);
    bundle_unlock(lock);
    return is;
}

static bool make_file(const char *path, struct error *err)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    struct error why = {0};
    int fd = user_file_open(path, flags, 0640);
    bool exists = fd < 0 && errno == EEXIST;
    if (exists && clear_half_made(path, &why)) {
        exists = false;
        fd = user_file_open(path, flags, 0640);
    }
    if (exists && why.kind != ERROR_NONE)
        return error_set(err, why.kind, "%s", why.text);
    if (exists)
        return error_set(err, ERROR_IO, "bundle %s: it exists already; a bundle is never overwritten", path);
    if (fd < 0)
        return error_set(err, ERROR_IO, "bundle %s: %s", path, output_file_reason(path, errno));
    close(fd);
    return true;
}

bool bundle_spare_syncs(struct bundle_writer *writer, struct error *err)
{
    return writer_exec(writer, "PRAGMA synchronous=OFF", err);
}

struct bundle_writer *bundle_create(const char *path, const struct bundle_head *head, struct error *err)
{
    bundle_files_hook();
    if (!make_file(path, err))
        return NULL;
    struct bundle_writer *writer = writer_create(path);
    head_copy(&writer->head, head);
    if (writer_open(writer, err) && (!head->is_passing || bundle_spare_syncs(writer, err)) &&
        writer_exec(writer, "PRAGMA application_id=" STRING(BUNDLE_APPLICATION_ID), err) &&
        writer_exec(writer, "PRAGMA user_version=" STRING(BUNDLE_FORMAT), err) &&
        writer_exec(writer, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", err) &&
        (!head->is_passing || bundle_spare_syncs(writer, err)) && bundle_row_begin(writer, err) && writer_exec(writer, SQL_BUNDLE, err) && head_insert(writer, err) &&
        bundle_commit(writer, err) && bundle_schema_made(writer->sqlite, err) &&
        /* Writes schema and head into the main file, so that it is a valid bundle even if its -wal is lost. */
        writer_exec(writer, "PRAGMA wal_checkpoint(TRUNCATE)", err) && (head->is_passing || directory_sync(path, err)))
        return writer;
    writer_destroy(writer);
    bundle_files_remove(path);
    return NULL;
}

static bool reopened_check(struct bundle_writer *writer, struct error *err)
{
    enum bundle_seal_state state;
    if (!bundle_schema_check(writer->sqlite, writer->path, err) ||
        !bundle_head_read(writer->sqlite, writer->path, &writer->head, err) ||
        !bundle_seal_read(writer->sqlite, writer->path, &state, err))
        return false;
    if (state != BUNDLE_UNSEALED)
        return error_set(err, ERROR_INPUT, "bundle %s: it is sealed; a sealed bundle takes no more rows",
                         writer->path);
    return true;
}

/* A capture adds thousands of chains at once, whose hashes are spread over their indexes: with SQLite's default
 * cache of 2 MiB most pages were written out and read back between two chains. */
static bool cache_size(struct bundle_writer *writer, struct error *err)
{
    return writer->head.kind != BUNDLE_CAPTURE || writer_exec(writer, "PRAGMA cache_size=-16384", err);
}

static struct bundle_writer *reopen(const char *path, bool partial, struct error *err)
{
    bundle_files_hook();
    int probe = user_file_open(path, O_RDWR | O_CLOEXEC, 0);
    if (probe >= 0)
        close(probe);
    else {
        error_set(err, ERROR_IO, "bundle %s: %s", path, strerror(errno));
        return NULL;
    }
    struct bundle_writer *writer = writer_create(path);
    if ((writer->lock = bundle_lock(path, err)) < 0) {
        writer_destroy(writer);
        return NULL;
    }
    bool is_half_made = bundle_is_half_made(path), is_cut = !partial && bundle_wal_is_missing(path);
    if (is_half_made || is_cut) {
        (void)(is_half_made ? bundle_half_made_error(path, err) : bundle_wal_missing_error(path, err));
        writer_destroy(writer);
        return NULL;
    }
    if (writer_open(writer, err) && reopened_check(writer, err) &&
        writer_exec(writer, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", err) && cache_size(writer, err))
        return writer;
    writer_destroy(writer);
    return NULL;
}

struct bundle_writer *bundle_reopen(const char *path, struct error *err)
{
    return reopen(path, false, err);
}

const struct bundle_head *bundle_head(const struct bundle_writer *writer)
{
    return &writer->head;
}

static bool writer_seal(struct bundle_writer *writer, bool partial, struct error *err)
{
    bool ok = bundle_row_begin(writer, err);
    if (ok) {
        sqlite3_stmt *stmt = bundle_statement(writer, SEAL_INSERT);
        sqlite3_bind_int64(stmt, 1, clock_utc_us());
        sqlite3_bind_int(stmt, 2, partial);
        ok = bundle_run(writer, SEAL_INSERT, err) && bundle_commit(writer, err);
    }
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {      /* an open statement would keep the WAL in use */
        sqlite3_finalize(writer->statements[i]);
        writer->statements[i] = NULL;
    }
    ok = ok && writer_exec(writer, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE", err);
    writer_destroy(writer);
    return ok;
}

bool bundle_seal(struct bundle_writer *writer, struct error *err)
{
    return writer_seal(writer, false, err);
}

bool bundle_seal_file(const char *path, bool partial, struct error *err)
{
    bool wal = bundle_wal_exists(path);
    struct bundle_writer *writer = reopen(path, partial, err);
    return writer != NULL && writer_seal(writer, !wal, err);
}

void bundle_close(struct bundle_writer *writer)
{
    if (writer != NULL && !writer->broken)
        bundle_commit(writer, NULL);
    writer_destroy(writer);
}
