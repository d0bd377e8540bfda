/* Reads the files in a bundle, as foreign input: each row of `file` with the rows of its contents. */
#include "inventory/bundle/bundle_cursor.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* What one file holds, as long as its callback runs. Texts of SQLite end with the next step, so they are copied. */
struct held {
    struct file_certificate *certificates;
    int64_t *rows;
    uint8_t (*hashes)[32];
    struct file_key *keys;
    uint8_t (*spki)[32];
    struct file_use *uses;
    size_t certificate_count, key_count, use_count;
    size_t certificate_room, key_room, use_room;
};

static void held_forget(struct held *held)
{
    for (size_t i = 0; i < held->certificate_count; i++)
        free((char *)(uintptr_t)held->certificates[i].label);
    for (size_t i = 0; i < held->key_count; i++)
        free((char *)(uintptr_t)held->keys[i].algorithm);
    for (size_t i = 0; i < held->use_count; i++) {
        free((char *)(uintptr_t)held->uses[i].service);
        free((char *)(uintptr_t)held->uses[i].directive);
        free((char *)(uintptr_t)held->uses[i].path);
    }
    held->certificate_count = held->key_count = held->use_count = 0;
}

static void held_clear(struct held *held)
{
    held_forget(held);
    free(held->certificates);
    free(held->rows);
    free(held->hashes);
    free(held->keys);
    free(held->spki);
    free(held->uses);
}

static int64_t take_known(struct cursor *cursor, int64_t min, int64_t max, int64_t unknown, const char *wrong)
{
    if (sqlite3_column_type(cursor->stmt, cursor->column) != SQLITE_NULL)
        return bundle_take_number(cursor, min, max, wrong);
    cursor->column++;
    return unknown;
}

/* Positions are 0, 1, 2 ... */
static void take_position(struct cursor *cursor, size_t count)
{
    int64_t position = bundle_take_number(cursor, 0, FILE_ITEMS_MAX - 1, "a position is out of bounds");
    if (position != (int64_t)count && cursor->wrong == NULL)
        cursor->wrong = "what it holds is not numbered 0, 1, 2 ...";
}

static void take_certificate(struct cursor *cursor, struct held *held)
{
    size_t at = held->certificate_count;
    if (at == held->certificate_room) {
        held->certificate_room = 2 * at + 16;
        held->certificates = xreallocarray(held->certificates, held->certificate_room, sizeof *held->certificates);
        held->rows = xreallocarray(held->rows, held->certificate_room, sizeof *held->rows);
        held->hashes = xreallocarray(held->hashes, held->certificate_room, sizeof *held->hashes);
    }
    struct file_certificate *certificate = &held->certificates[at];
    *certificate = (struct file_certificate){.offset = -1};
    take_position(cursor, at);
    held->rows[at] = bundle_take_number(cursor, 1, INT64_MAX, "it names no certificate");
    bundle_take_hash(cursor, held->hashes[at]);
    certificate->offset = take_known(cursor, 0, INT64_MAX, -1, "an offset is out of bounds");
    certificate->label = xstrdup(bundle_take_text(cursor, FILE_TEXT_MAX, "a label is no short text"));
    held->certificate_count++;
}

static void take_key(struct cursor *cursor, struct held *held)
{
    size_t at = held->key_count;
    if (at == held->key_room) {
        held->key_room = 2 * at + 16;
        held->keys = xreallocarray(held->keys, held->key_room, sizeof *held->keys);
        held->spki = xreallocarray(held->spki, held->key_room, sizeof *held->spki);
    }
    struct file_key *key = &held->keys[at];
    *key = (struct file_key){.offset = -1};
    take_position(cursor, at);
    key->kind = (enum file_key_kind)bundle_take_number(cursor, 1, FILE_KEY_KIND_LAST, "a key's kind is unknown");
    memset(held->spki[at], 0, 32);
    bool has_spki = sqlite3_column_type(cursor->stmt, cursor->column) != SQLITE_NULL;
    if (has_spki)
        bundle_take_hash(cursor, held->spki[at]);
    else
        cursor->column++;
    key->spki_sha256 = has_spki ? held->spki[at] : NULL;        /* set again at the end: the array may move */
    key->algorithm = xstrdup(bundle_take_text(cursor, FILE_KIND_MAX, "a key's algorithm is no short text"));
    key->bits = (int)bundle_take_number(cursor, 0, 1 << 20, "a key's size is out of bounds");
    key->is_encrypted = bundle_take_number(cursor, 0, 1, "encrypted is neither 0 nor 1") != 0;
    key->offset = take_known(cursor, 0, INT64_MAX, -1, "an offset is out of bounds");
    held->key_count++;
}

static void take_use(struct cursor *cursor, struct held *held)
{
    size_t at = held->use_count;
    if (at == held->use_room) {
        held->use_room = 2 * at + 16;
        held->uses = xreallocarray(held->uses, held->use_room, sizeof *held->uses);
    }
    struct file_use *use = &held->uses[at];
    take_position(cursor, at);
    use->service = xstrdup(bundle_take_text(cursor, FILE_KIND_MAX, "a service is no short text"));
    use->directive = xstrdup(bundle_take_text(cursor, FILE_TEXT_MAX, "a directive is no short text"));
    use->path = xstrdup(bundle_take_text(cursor, FILE_PATH_MAX, "a path is no text, or too long"));
    use->line = bundle_take_number(cursor, 0, INT64_MAX, "a line is out of bounds");
    held->use_count++;
}

enum part { PART_CERTIFICATES, PART_KEYS, PART_USES, PARTS };

static const struct {
    const char *sql;
    void (*take)(struct cursor *cursor, struct held *held);
} parts[PARTS] = {
    [PART_CERTIFICATES] = {"SELECT f.position, f.certificate, c.sha256, f.at_offset, f.label FROM file_certificate f "
                           "LEFT JOIN certificate c ON c.id = f.certificate WHERE f.file = ?1 ORDER BY f.position", take_certificate},
    [PART_KEYS] = {"SELECT position, kind, spki_sha256, algorithm, bits, encrypted, at_offset FROM file_key WHERE file = ?1 "
                   "ORDER BY position", take_key},
    [PART_USES] = {"SELECT position, service, directive, path, line FROM file_use WHERE file = ?1 ORDER BY position", take_use},
};

/* Everything that this file holds; false with an error: the bundle is broken. */
static bool read_parts(const struct cursor *file, sqlite3_stmt *const stmts[PARTS], struct held *held)
{
    for (int part = 0; part < PARTS; part++) {
        struct cursor cursor = *file;
        cursor.stmt = stmts[part];
        cursor.wrong = NULL;
        sqlite3_bind_int64(cursor.stmt, 1, file->row);
        int code;
        while (cursor.wrong == NULL && (code = sqlite3_step(cursor.stmt)) == SQLITE_ROW) {
            cursor.column = 0;
            parts[part].take(&cursor, held);
        }
        if (cursor.wrong == NULL && code != SQLITE_DONE)
            cursor.wrong = "what it holds cannot be read";
        sqlite3_reset(cursor.stmt);
        if (cursor.wrong != NULL)
            return bundle_cursor_fail(&cursor, cursor.wrong);
    }
    for (size_t i = 0; i < held->key_count; i++)
        if (held->keys[i].spki_sha256 != NULL)
            held->keys[i].spki_sha256 = held->spki[i];
    return true;
}

static const char file_sql[] = "SELECT id, time_us, host, path, inside, kind, outcome, detail, size, modified_us, mode, uid, gid, marks "
                               "FROM file WHERE id > ?1 ORDER BY id LIMIT ?2";

static void take_file(struct cursor *cursor, struct file_reading *reading)
{
    reading->time_us = bundle_take_time(cursor);
    reading->host = bundle_take_text(cursor, FILE_HOST_MAX, "its host is no short text");
    reading->path = bundle_take_text(cursor, FILE_PATH_MAX, "its path is no text, or too long");
    reading->inside = bundle_take_text(cursor, FILE_PATH_MAX, "its path inside is no text, or too long");
    reading->kind = bundle_take_text(cursor, FILE_KIND_MAX, "its kind is no short text");
    reading->outcome = (enum file_outcome)bundle_take_number(cursor, 1, FILE_OUTCOME_LAST, "its outcome is unknown");
    reading->detail = bundle_take_text(cursor, FILE_TEXT_MAX, "its detail is no short text");
    reading->size = take_known(cursor, 0, INT64_MAX, -1, "its size is out of bounds");
    reading->modified_us = take_known(cursor, INT64_MIN + 1, INT64_MAX, INT64_MIN, "its time of change is no number");
    reading->mode = (int)take_known(cursor, 0, 07777, -1, "its mode is out of bounds");
    reading->uid = take_known(cursor, 0, UINT32_MAX, -1, "its owner is out of bounds");
    reading->gid = take_known(cursor, 0, UINT32_MAX, -1, "its group is out of bounds");
    reading->marks = (unsigned)bundle_take_number(cursor, 0, FILE_MARKS_ALL, "its marks are unknown");
    if (cursor->wrong == NULL && reading->path[0] == '\0')
        cursor->wrong = "it has no path";
}

static bool parts_prepare(struct bundle_reader *reader, sqlite3_stmt *stmts[PARTS], struct error *err)
{
    for (int part = 0; part < PARTS; part++)
        if (sqlite3_prepare_v2(reader->sqlite, parts[part].sql, -1, &stmts[part], NULL) != SQLITE_OK)
            return bundle_sqlite_error(reader->sqlite, reader->path, err);
    return true;
}

bool bundle_read_files(struct bundle_reader *reader, int64_t behind, int64_t max,
                       bool (*on_row)(void *, const struct bundle_file *), void *context, struct error *err)
{
    struct cursor cursor;
    sqlite3_stmt *stmts[PARTS] = {NULL};
    struct held held = {.certificate_count = 0};
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "file", file_sql, behind, max, err) && parts_prepare(reader, stmts, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_file row = {.row = cursor.row};
        take_file(&cursor, &row.reading);
        held_forget(&held);
        ok = bundle_cursor_row_ok(&cursor) && read_parts(&cursor, stmts, &held);
        row.reading.certificates = held.certificates;
        row.reading.certificate_count = held.certificate_count;
        row.reading.keys = held.keys;
        row.reading.key_count = held.key_count;
        row.reading.uses = held.uses;
        row.reading.use_count = held.use_count;
        row.certificates = held.rows;
        row.hashes = (const uint8_t(*)[32])held.hashes;
        if (!ok || !on_row(context, &row))
            break;
    }
    for (int part = 0; part < PARTS; part++)
        sqlite3_finalize(stmts[part]);
    held_clear(&held);
    return bundle_cursor_close(&cursor, ok || end);
}

bool bundle_read_file_roots(struct bundle_reader *reader, int64_t behind, int64_t max,
                            bool (*on_row)(void *, const struct bundle_file_root *), void *context, struct error *err)
{
    struct cursor cursor;
    bool end = false, ok = bundle_cursor_open(&cursor, reader, "file_root",
                                              "SELECT id, host, path, settings, complete, from_us, to_us FROM file_root WHERE id > ?1 "
                                              "ORDER BY id LIMIT ?2",
                                              behind, max, err);
    while (ok && (ok = bundle_cursor_next(&cursor, &end))) {
        struct bundle_file_root row = {.row = cursor.row};
        row.of.host = bundle_take_text(&cursor, FILE_HOST_MAX, "its host is no short text");
        row.of.path = bundle_take_text(&cursor, FILE_PATH_MAX, "its path is no text, or too long");
        row.of.settings = bundle_take_text(&cursor, FILE_TEXT_MAX, "its settings are no short text");
        row.of.is_complete = bundle_take_number(&cursor, 0, 1, "complete is neither 0 nor 1") != 0;
        row.of.from_us = bundle_take_time(&cursor);
        row.of.to_us = bundle_take_time(&cursor);
        if (!(ok = bundle_cursor_row_ok(&cursor)) || !on_row(context, &row))
            break;
    }
    return bundle_cursor_close(&cursor, ok || end);
}
