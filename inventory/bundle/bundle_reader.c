/* See bundle_reader.h; bundle_cursor.h has the cursor that serves all tables. */
#include "inventory/bundle/bundle_cursor.h"

#include "inventory/bundle/block_outcomes.h"
#include "inventory/bundle/bundle_birth.h"
#include "inventory/bundle/bundle_files.h"
#include "probes/base/memory.h"
#include "probes/base/sha256.h"
#include "probes/base/target_space.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SQLITE_VALUE_MAX (BUNDLE_KNOWN_NAMES_MAX + 4096)
#define CHAIN_COUNT_MAX  400000     /* a Certificate message of 1 MiB holds no more */
#define LINE_MAX_LEN     (1u << 20)

/* In KiB, taken as needed. Each answer refers to a chain that may lie anywhere: those of a million certificates fill 50 MiB. In SQLite's
 * own 2 MiB each page of a bundle was read five times. */
#define CACHE_SIZE "PRAGMA cache_size=-65536"

/* ---- open ---- */

static bool sqlite_open(struct bundle_reader *reader, bool immutable, struct error *err)
{
    reader->sqlite = bundle_open_read(reader->path, immutable);
    if (sqlite3_errcode(reader->sqlite) != SQLITE_OK)
        return bundle_sqlite_error(reader->sqlite, reader->path, err);
    sqlite3_limit(reader->sqlite, SQLITE_LIMIT_LENGTH, (int)SQLITE_VALUE_MAX);
    sqlite3_busy_timeout(reader->sqlite, 10000);
    return sqlite3_exec(reader->sqlite, CACHE_SIZE, NULL, NULL, NULL) == SQLITE_OK || bundle_sqlite_error(reader->sqlite, reader->path, err);
}

/* One snapshot for all reads, even while a writer is active: the rows that were checked are the rows that are loaded. */
static bool snapshot_begin(struct bundle_reader *reader, struct error *err)
{
    return sqlite3_exec(reader->sqlite, "BEGIN; SELECT 1 FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK ||
           bundle_sqlite_error(reader->sqlite, reader->path, err);
}

/* Without a -wal no process writes the file: it is opened as immutable, so that a bundle on a read-only medium can be read. It
 * must then be sealed. */
struct bundle_reader *bundle_reader_open(const char *path, struct error *err)
{
    bundle_files_hook();
    int probe = user_file_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (probe >= 0)
        close(probe);
    else {
        error_set(err, ERROR_IO, "bundle %s: %s", path, strerror(errno));
        return NULL;
    }
    if (bundle_wal_is_missing(path)) {
        (void)(bundle_is_half_made(path) ? bundle_half_made_error(path, err) : bundle_wal_missing_error(path, err));
        return NULL;
    }
    struct bundle_reader *reader = xcalloc(1, sizeof *reader);
    bool wal = bundle_wal_exists(path);
    reader->path = xstrdup(path);
    if (sqlite_open(reader, !wal, err) && snapshot_begin(reader, err) && bundle_schema_check(reader->sqlite, path, err) &&
        bundle_head_read(reader->sqlite, path, &reader->head, err) &&
        bundle_seal_read(reader->sqlite, path, &reader->seal, err) &&
        (wal || reader->seal != BUNDLE_UNSEALED || bundle_wal_missing_error(path, err)))
        return reader;
    bundle_reader_close(reader);
    if (bundle_is_half_made(path))
        bundle_half_made_error(path, err);
    return NULL;
}

void bundle_reader_close(struct bundle_reader *reader)
{
    if (reader == NULL)
        return;
    sqlite3_finalize(reader->endpoint);
    sqlite3_close(reader->sqlite);
    bundle_head_clear(&reader->head);
    free(reader->certificates);
    free(reader->hashes);
    free(reader->path);
    free(reader);
}

const struct bundle_head *bundle_reader_head(const struct bundle_reader *reader)
{
    return &reader->head;
}

enum bundle_seal_state bundle_reader_seal(const struct bundle_reader *reader)
{
    return reader->seal;
}

const char *bundle_reader_path(const struct bundle_reader *reader)
{
    return reader->path;
}

/* ---- dictionaries ---- */

static bool read_ders(struct bundle_reader *reader, const char *table, const char *sql, int64_t behind, int64_t max,
                      bool (*on_row)(void *, const struct bundle_der *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, table, sql, behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_der row = {.row = cursor.row};
        uint8_t recorded[32];
        bundle_take_hash(&cursor, recorded);
        row.der.bytes = bundle_take_bytes(&cursor, 0, BUNDLE_DER_MAX, &row.der.len, "its DER is missing or too large");
        sha256_of(row.der.bytes, row.der.len, row.sha256);
        if (cursor.wrong == NULL && memcmp(recorded, row.sha256, 32) != 0)
            cursor.wrong = "its bytes do not match the SHA-256 stored with them: the bundle was changed";
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

bool bundle_read_certificates(struct bundle_reader *reader, int64_t behind, int64_t max,
                              bool (*on_row)(void *, const struct bundle_der *), void *context, struct error *err)
{
    return read_ders(reader, "certificate",
                     "SELECT id, sha256, der FROM certificate WHERE id > ?1 ORDER BY id LIMIT ?2", behind, max, on_row,
                     context, err);
}

bool bundle_read_staples(struct bundle_reader *reader, int64_t behind, int64_t max,
                         bool (*on_row)(void *, const struct bundle_der *), void *context, struct error *err)
{
    return read_ders(reader, "staple", "SELECT id, sha256, der FROM staple WHERE id > ?1 ORDER BY id LIMIT ?2",
                     behind, max, on_row, context, err);
}

/* The certificates of one chain, in order, without a hole; fills reader->certificates and reader->hashes. */
static const char *links_read(struct bundle_reader *reader, sqlite3_stmt *links, int64_t chain, size_t *count,
                              uint8_t sha256[32])
{
    *count = 0;
    int code;
    sqlite3_bind_int64(links, 1, chain);
    while ((code = sqlite3_step(links)) == SQLITE_ROW) {
        if (sqlite3_column_type(links, 0) != SQLITE_INTEGER || sqlite3_column_int64(links, 0) != (int64_t)*count)
            return "its certificates are not numbered 0, 1, 2 ...";
        if (sqlite3_column_type(links, 2) != SQLITE_BLOB || sqlite3_column_bytes(links, 2) != 32)
            return "it names a certificate that is not there";
        if (*count == CHAIN_COUNT_MAX)
            return "it has too many certificates";
        if (*count == reader->links_capacity) {
            reader->links_capacity = *count * 2 + 16;
            reader->certificates = xreallocarray(reader->certificates, reader->links_capacity,
                                                 sizeof *reader->certificates);
            reader->hashes = xreallocarray(reader->hashes, reader->links_capacity, sizeof *reader->hashes);
        }
        memcpy(reader->hashes[*count], sqlite3_column_blob(links, 2), 32);
        reader->certificates[(*count)++] = sqlite3_column_int64(links, 1);
    }
    sha256_of(reader->hashes, *count * 32, sha256);
    if (code != SQLITE_DONE)
        return "it cannot be read";
    return *count == 0 ? "it has no certificates" : NULL;
}

bool bundle_read_chains(struct bundle_reader *reader, int64_t behind, int64_t max,
                        bool (*on_row)(void *, const struct bundle_chain *), void *context, struct error *err)
{
    struct cursor cursor;
    sqlite3_stmt *links = NULL;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "chain",
                                       "SELECT id, sha256 FROM chain WHERE id > ?1 ORDER BY id LIMIT ?2", behind, max,
                                       err);
    if (ok && sqlite3_prepare_v2(reader->sqlite,
                                 "SELECT l.position, l.certificate, c.sha256 FROM chain_certificate l "
                                 "LEFT JOIN certificate c ON c.id = l.certificate WHERE l.chain = ?1 "
                                 "ORDER BY l.position",
                                 -1, &links, NULL) != SQLITE_OK)
        ok = bundle_sqlite_error(reader->sqlite, reader->path, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_chain row = {.row = cursor.row};
        uint8_t recorded[32];
        bundle_take_hash(&cursor, recorded);
        const char *wrong = links_read(reader, links, row.row, &row.count, row.sha256);
        sqlite3_reset(links);
        row.certificates = reader->certificates;
        if (wrong == NULL && memcmp(recorded, row.sha256, 32) != 0)
            wrong = "its SHA-256 is not that of its certificates";
        if (cursor.wrong == NULL)
            cursor.wrong = wrong;
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    sqlite3_finalize(links);
    return bundle_cursor_close(&cursor, ok || end);
}

/* ---- rows ---- */

#define ENDPOINT_COLUMNS "e.transport, e.address, e.zone, e.port, e.server_name"

static void take_endpoint(struct cursor *cursor, struct endpoint *endpoint)
{
    int64_t transport = bundle_take_number(cursor, 0, 255, "its endpoint has no transport");
    if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP && transport != TRANSPORT_SCTP &&
        cursor->wrong == NULL)
        cursor->wrong = "its endpoint has an unknown transport";
    endpoint->transport = (enum transport)transport;
    bundle_take_address(cursor, false, &endpoint->address, "its endpoint has no address of 4 or 16 bytes");
    bundle_take_string(cursor, endpoint->zone, sizeof endpoint->zone, "its endpoint's zone is no short text");
    endpoint->port = (uint16_t)bundle_take_number(cursor, 0, 65535, "its endpoint's port is out of bounds");
    bundle_take_string(cursor, endpoint->server_name, sizeof endpoint->server_name,
                "its endpoint's server name is no text of 255 bytes at most");
}

/* The columns that an observation and a sighting (r) share, with the rows that they refer to; take_seen() reads
 * them. */
#define SEEN_COLUMNS                                                                                               \
    "r.id, r.endpoint, e.id, " ENDPOINT_COLUMNS ", r.chain, c.id, r.staple, s.id, r.role, r.outcome, r.peer, "     \
    "r.protocol, r.detail, r.tls_version, r.cipher_suite, r.named_group, r.alpn, r.sct_count, "
#define SEEN_REFERENCES                                                                                            \
    "r LEFT JOIN endpoint e ON e.id = r.endpoint LEFT JOIN chain c ON c.id = r.chain "                             \
    "LEFT JOIN staple s ON s.id = r.staple WHERE r.id > ?1 ORDER BY r.id LIMIT ?2"

bool bundle_read_endpoint(struct bundle_reader *reader, int64_t handle, struct endpoint *endpoint, struct error *err)
{
    struct cursor cursor = {.reader = reader, .table = "endpoint", .row = handle, .err = err};
    if (reader->endpoint == NULL &&
        sqlite3_prepare_v2(reader->sqlite, "SELECT " ENDPOINT_COLUMNS " FROM endpoint e WHERE e.id = ?1", -1, &reader->endpoint,
                           NULL) != SQLITE_OK)
        return bundle_sqlite_error(reader->sqlite, reader->path, err);
    cursor.stmt = reader->endpoint;
    sqlite3_bind_int64(cursor.stmt, 1, handle);
    bool found = sqlite3_step(cursor.stmt) == SQLITE_ROW;
    if (found)
        take_endpoint(&cursor, endpoint);
    sqlite3_reset(cursor.stmt);
    return found ? bundle_cursor_row_ok(&cursor) : bundle_cursor_fail(&cursor, "it is not there");
}

static void take_seen(struct cursor *cursor, struct bundle_observation *row)
{
    struct observation *o = &row->seen;
    row->row = cursor->row;
    row->endpoint = bundle_take_reference(cursor, false, "its endpoint is not there");
    take_endpoint(cursor, &o->endpoint);
    row->chain = bundle_take_reference(cursor, true, "its chain is not there");
    row->staple = bundle_take_reference(cursor, true, "its staple is not there");
    o->role = (enum role)bundle_take_number(cursor, ROLE_SERVER, ROLE_CLIENT, "its role is unknown");
    o->outcome = (enum outcome)bundle_take_number(cursor, 1, OUTCOME_COUNT - 1, "its outcome is unknown");
    bundle_take_address(cursor, true, &o->peer, "its peer is no address");
    bundle_take_string(cursor, o->protocol, sizeof o->protocol, "its protocol is no short text");
    bundle_take_string(cursor, o->detail, sizeof o->detail, "its detail is no short text");
    o->tls_version = (uint16_t)bundle_take_number(cursor, 0, 65535, "its version is out of bounds");
    o->cipher_suite = (int32_t)bundle_take_number(cursor, -1, INT32_MAX, "its cipher suite is out of bounds");
    o->group = (int32_t)bundle_take_number(cursor, -1, INT32_MAX, "its group is out of bounds");
    bundle_take_string(cursor, o->alpn, sizeof o->alpn, "its ALPN is no short text");
    o->sct_count = (uint32_t)bundle_take_number(cursor, 0, UINT32_MAX, "its SCTs are out of bounds");
}

static const char observation_sql[] =
    "SELECT " SEEN_COLUMNS "r.time_us, r.method, r.variant, r.key_proven, r.name_source, r.connections, "
    "coalesce(r.position, -1), r.dns_us, r.connect_us, r.handshake_us FROM observation " SEEN_REFERENCES;

static void take_observation(struct cursor *cursor, struct bundle_observation *row)
{
    const struct bundle_head *head = &cursor->reader->head;
    struct observation *o = &row->seen;
    take_seen(cursor, row);
    o->time_us = bundle_take_time(cursor);
    o->method = (enum method)bundle_take_number(cursor, METHOD_ACTIVE, METHOD_IMPORT, "its method is unknown");
    o->variant = (enum variant)bundle_take_number(cursor, VARIANT_DEFAULT, VARIANT_LAST, "its variant is unknown");
    o->key_proven = (enum key_proven)bundle_take_number(cursor, 0, KEY_PROVEN_FALSE, "its key_proven is unknown");
    o->name_source = (enum name_source)bundle_take_number(cursor, 0, NAME_SOURCE_OPTION, "its name source is unknown");
    o->connections = (unsigned)bundle_take_number(cursor, 0, UINT32_MAX, "its connections are out of bounds");
    int64_t position = bundle_take_number(cursor, -1, INT64_MAX, "its position is no number");
    if (position >= (int64_t)head->space_size && cursor->wrong == NULL)
        cursor->wrong = "its position is out of the scan's space";
    o->position = position < 0 ? UINT64_MAX : (uint64_t)position;
    o->dns_us = (uint32_t)bundle_take_number(cursor, 0, UINT32_MAX, "its times are out of bounds");
    o->connect_us = (uint32_t)bundle_take_number(cursor, 0, UINT32_MAX, "its times are out of bounds");
    o->handshake_us = (uint32_t)bundle_take_number(cursor, 0, UINT32_MAX, "its times are out of bounds");
}

bool bundle_read_observations(struct bundle_reader *reader, int64_t behind, int64_t max,
                              bool (*on_row)(void *, const struct bundle_observation *), void *context,
                              struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "observation", observation_sql, behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_observation row = {.row = 0};
        take_observation(&cursor, &row);
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

static const char sighting_sql[] =
    "SELECT " SEEN_COLUMNS "r.hour_us, r.first_us, r.last_us, r.count FROM sighting " SEEN_REFERENCES;

static void take_sighting(struct cursor *cursor, struct bundle_sighting *row)
{
    struct observation *o = &row->of.seen;
    take_seen(cursor, &row->of);
    o->method = METHOD_PASSIVE;
    o->variant = VARIANT_SEEN;
    o->position = UINT64_MAX;
    row->hour_us = bundle_take_time(cursor);
    row->first_us = o->time_us = bundle_take_time(cursor);
    row->last_us = bundle_take_time(cursor);
    row->count = (uint64_t)bundle_take_number(cursor, 1, INT64_MAX, "its count is out of bounds");
    if (cursor->wrong == NULL && row->first_us > row->last_us)
        cursor->wrong = "it ends before it begins";
}

bool bundle_read_sightings(struct bundle_reader *reader, int64_t behind, int64_t max,
                           bool (*on_row)(void *, const struct bundle_sighting *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "sighting", sighting_sql, behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_sighting row = {.hour_us = 0};
        take_sighting(&cursor, &row);
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

static const char sightings_summed_sql[] =
    "SELECT s.hour_us, e.address, e.transport, e.zone, e.port, e.server_name, s.role, s.outcome, c.sha256, s.peer, "
    "s.tls_version, s.cipher_suite, min(s.first_us), max(s.last_us), CAST(total(s.count) AS INTEGER), "
    "max(s.named_group), max(s.protocol), max(s.detail), max(s.alpn), max(t.sha256), max(s.sct_count) "
    "FROM sighting s JOIN endpoint e ON e.id = s.endpoint LEFT JOIN chain c ON c.id = s.chain "
    "LEFT JOIN staple t ON t.id = s.staple "
    "GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12";

/* Type, length and bytes, so that no two rows look alike. */
static void digest_column(EVP_MD_CTX *digest, sqlite3_stmt *stmt, int column)
{
    int64_t number = sqlite3_column_int64(stmt, column);
    uint8_t head[9] = {(uint8_t)sqlite3_column_type(stmt, column)};
    const void *bytes = head[0] == SQLITE_INTEGER ? NULL : sqlite3_column_blob(stmt, column);
    if (head[0] != SQLITE_INTEGER)
        number = sqlite3_column_bytes(stmt, column);
    for (int i = 0; i < 8; i++)
        head[1 + i] = (uint8_t)((uint64_t)number >> 8 * i);
    EVP_DigestUpdate(digest, head, sizeof head);
    if (bytes != NULL)
        EVP_DigestUpdate(digest, bytes, (size_t)number);
}

bool bundle_reader_told(struct bundle_reader *reader, uint8_t sha256[32], struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(reader->sqlite, sightings_summed_sql, -1, &stmt, NULL);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest == NULL || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        abort();        /* as for any certificate: only a broken libcrypto comes here */
    while (code == SQLITE_OK || code == SQLITE_ROW)
        if ((code = sqlite3_step(stmt)) == SQLITE_ROW)
            for (int column = 0; column < sqlite3_column_count(stmt); column++)
                digest_column(digest, stmt, column);
    EVP_DigestFinal_ex(digest, sha256, NULL);
    EVP_MD_CTX_free(digest);
    bool ok = code == SQLITE_DONE || bundle_sqlite_error(reader->sqlite, reader->path, err);
    sqlite3_finalize(stmt);
    return ok;
}

bool bundle_read_postures(struct bundle_reader *reader, int64_t behind, int64_t max,
                          bool (*on_row)(void *, const struct bundle_posture *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "posture",
                                       "SELECT p.id, p.endpoint, e.id, " ENDPOINT_COLUMNS
                                       ", p.time_us, p.item, p.value, p.detail FROM posture p "
                                       "LEFT JOIN endpoint e ON e.id = p.endpoint WHERE p.id > ?1 "
                                       "ORDER BY p.id LIMIT ?2",
                                       behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_posture row = {.row = cursor.row};
        row.endpoint_row = bundle_take_reference(&cursor, false, "its endpoint is not there");
        take_endpoint(&cursor, &row.fact.endpoint);
        row.fact.time_us = bundle_take_time(&cursor);
        row.fact.item = bundle_take_text(&cursor, 64, "its item is no short text");
        row.fact.value = bundle_take_text(&cursor, 4096, "its value is no text");
        row.fact.detail = bundle_take_text(&cursor, 64u << 10, "its detail is no text");
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

/* ---- blocks, names, counters ---- */

static void take_block(struct cursor *cursor, struct block_result *result, uint8_t outcomes[BLOCK_POSITIONS])
{
    const struct bundle_head *head = &cursor->reader->head;
    uint64_t blocks = (head->space_size + BLOCK_POSITIONS - 1) / BLOCK_POSITIONS;
    size_t len;
    result->block = (uint64_t)bundle_take_number(cursor, 0, (int64_t)blocks - 1, "it is out of the scan's space");
    result->from_us = bundle_take_time(cursor);
    result->to_us = bundle_take_time(cursor);
    result->count = (uint32_t)bundle_take_number(cursor, 1, BLOCK_POSITIONS, "its count is out of bounds");
    const uint8_t *encoded = bundle_take_bytes(cursor, 1, BLOCK_OUTCOMES_MAX, &len, "its outcomes are missing or too long");
    if (cursor->wrong != NULL)
        return;
    uint64_t left = head->space_size - result->block * BLOCK_POSITIONS;
    if (result->count != (left < BLOCK_POSITIONS ? left : BLOCK_POSITIONS))
        cursor->wrong = "its count is not that of the block";
    else if (result->block % head->shard_count != head->shard)
        cursor->wrong = "it belongs to another shard";
    else if (result->from_us > result->to_us)
        cursor->wrong = "it ends before it begins";
    else if (!block_outcomes_decode(encoded, len, outcomes, result->count))
        cursor->wrong = "its outcomes cannot be read";
}

bool bundle_read_blocks(struct bundle_reader *reader, int64_t behind, int64_t max,
                        bool (*on_row)(void *, const struct bundle_block *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false,
         ok = bundle_cursor_open(&cursor, reader, "block",
                          "SELECT id, block, from_us, to_us, count, outcomes FROM block WHERE id > ?1 "
                          "ORDER BY id LIMIT ?2",
                          behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        uint8_t outcomes[BLOCK_POSITIONS];
        struct bundle_block row = {.row = cursor.row, .result = {.outcomes = outcomes}};
        take_block(&cursor, &row.result, outcomes);
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

bool bundle_read_names(struct bundle_reader *reader, int64_t behind, int64_t max,
                       bool (*on_row)(void *, const struct bundle_name *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false,
         ok = bundle_cursor_open(&cursor, reader, "name",
                          "SELECT id, line, time_us, name, outcome, detail, address_count FROM name WHERE id > ?1 "
                          "ORDER BY id LIMIT ?2",
                          behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_name row = {.row = cursor.row};
        row.result.line = (uint64_t)bundle_take_number(&cursor, 0, INT64_MAX, "its line is no number");
        row.result.time_us = bundle_take_time(&cursor);
        row.result.name = bundle_take_text(&cursor, 4096, "its name is no text");
        row.result.outcome = (enum outcome)bundle_take_number(&cursor, 1, OUTCOME_COUNT - 1, "its outcome is unknown");
        row.result.detail = bundle_take_text(&cursor, 4096, "its detail is no text");
        row.result.address_count = (uint32_t)bundle_take_number(&cursor, 0, UINT32_MAX, "its addresses are out of bounds");
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

bool bundle_read_counters(struct bundle_reader *reader, int64_t behind, int64_t max,
                          bool (*on_row)(void *, const struct bundle_counter *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "counter",
                                       "SELECT id, name, value FROM counter WHERE id > ?1 ORDER BY id LIMIT ?2", behind,
                                       max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_counter row = {.row = cursor.row};
        row.name = bundle_take_text(&cursor, 256, "its name is no short text");
        row.value = bundle_take_number(&cursor, 0, INT64_MAX, "its value is out of bounds");
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

bool bundle_read_target_lines(struct bundle_reader *reader, int64_t behind, int64_t max,
                              bool (*on_row)(void *, int64_t, const char *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "target_line",
                                       "SELECT line, text FROM target_line WHERE line > ?1 ORDER BY line LIMIT ?2",
                                       behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        const char *text = bundle_take_text(&cursor, LINE_MAX_LEN, "its text is no line");
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, cursor.row, text))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}

/* ---- check ---- */

static bool count_der(void *context, const struct bundle_der *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

struct visit {
    const struct bundle_visitor *visitor;       /* may be NULL */
    int64_t count;
    struct error *err;
    bool failed;
};

struct chain_hashes {               /* their first eight octets, which tell chains apart */
    uint64_t *items;
    size_t count, capacity;
    struct visit *visit;
};

static bool on_chain_hash(void *context, const struct bundle_chain *row)
{
    struct chain_hashes *hashes = context;
    if (hashes->count == hashes->capacity) {
        hashes->capacity = 2 * hashes->capacity + 1024;
        hashes->items = xreallocarray(hashes->items, hashes->capacity, sizeof *hashes->items);
    }
    memcpy(&hashes->items[hashes->count++], row->sha256, sizeof *hashes->items);
    struct visit *visit = hashes->visit;
    visit->failed = visit->visitor != NULL && !visit->visitor->on_chain(visit->visitor->context, row, visit->err);
    return !visit->failed;
}

static int number_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Is each chain there once? The index of a forged file need not have all rows, and the database may build its own when all are stored. */
static bool chains_check(struct bundle_reader *reader, struct visit *visit, int64_t *count, struct error *err)
{
    struct chain_hashes hashes = {.visit = visit};
    bool ok = bundle_read_chains(reader, 0, -1, on_chain_hash, &hashes, err) && !visit->failed;
    if (hashes.count > 1)
        qsort(hashes.items, hashes.count, sizeof *hashes.items, number_compare);
    for (size_t i = 1; ok && i < hashes.count; i++)
        if (hashes.items[i] == hashes.items[i - 1])
            ok = error_set(err, ERROR_INPUT, "bundle %s: table chain: a chain is there twice", reader->path);
    free(hashes.items);
    *count = (int64_t)hashes.count;
    return ok;
}

static bool visit_observation(void *context, const struct bundle_observation *row)
{
    struct visit *visit = context;
    visit->count++;
    visit->failed = visit->visitor != NULL && !visit->visitor->on_observation(visit->visitor->context, row, visit->err);
    return !visit->failed;
}

static bool observations_check(struct bundle_reader *reader, struct visit *visit, int64_t *count, struct error *err)
{
    bool ok = bundle_read_observations(reader, 0, -1, visit_observation, visit, err);
    *count = visit->count;
    return ok && !visit->failed;
}

static bool count_sighting(void *context, const struct bundle_sighting *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_posture(void *context, const struct bundle_posture *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_block(void *context, const struct bundle_block *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_name(void *context, const struct bundle_name *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_counter(void *context, const struct bundle_counter *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_file_root(void *context, const struct bundle_file_root *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_file(void *context, const struct bundle_file *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool count_line(void *context, int64_t line, const char *text)
{
    (void)line;
    (void)text;
    ++*(int64_t *)context;
    return true;
}

bool bundle_reader_space(const struct bundle_reader *reader, struct target_space **space, struct error *err)
{
    const struct bundle_head *head = &reader->head;
    *space = NULL;
    if (head->space_size == 0)
        return true;
    *space = target_space_parse(head->space, err);
    if (*space == NULL) {
        if (err != NULL)
            err->kind = ERROR_INPUT;
        return error_add_context(err, "bundle %s: its space", reader->path);
    }
    return target_space_count(*space) == head->space_size ||
           error_set(err, ERROR_INPUT, "bundle %s: its space has %llu targets, but its head has %llu", reader->path,
                     (unsigned long long)target_space_count(*space), (unsigned long long)head->space_size);
}

static bool space_check(const struct bundle_reader *reader, struct error *err)
{
    struct target_space *space;
    bool ok = bundle_reader_space(reader, &space, err);
    target_space_destroy(space);
    return ok;
}

bool bundle_reader_check_with(struct bundle_reader *reader, const struct bundle_visitor *visitor, struct bundle_account *account,
                              struct error *err)
{
    struct visit visit = {.visitor = visitor, .err = err};
    struct bundle_account ignored;
    struct bundle_account *a = account == NULL ? &ignored : account;
    memset(a, 0, sizeof *a);
    return space_check(reader, err) && bundle_read_certificates(reader, 0, -1, count_der, &a->certificates, err) &&
           bundle_read_staples(reader, 0, -1, count_der, &a->staples, err) &&
           chains_check(reader, &visit, &a->chains, err) &&
           observations_check(reader, &visit, &a->observations, err) &&
           bundle_read_sightings(reader, 0, -1, count_sighting, &a->sightings, err) &&
           bundle_read_postures(reader, 0, -1, count_posture, &a->postures, err) &&
           bundle_read_blocks(reader, 0, -1, count_block, &a->blocks, err) &&
           bundle_read_names(reader, 0, -1, count_name, &a->names, err) &&
           bundle_read_counters(reader, 0, -1, count_counter, &a->counters, err) &&
           bundle_read_file_roots(reader, 0, -1, count_file_root, &a->file_roots, err) &&
           bundle_read_files(reader, 0, -1, count_file, &a->files, err) &&
           bundle_read_target_lines(reader, 0, -1, count_line, &a->target_lines, err);
}

bool bundle_reader_check(struct bundle_reader *reader, struct bundle_account *account, struct error *err)
{
    return bundle_reader_check_with(reader, NULL, account, err);
}
