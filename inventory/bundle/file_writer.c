/* Writes what was read of files: the row of a file with the rows of what it holds, in one transaction. */
#include "inventory/bundle/bundle_writer_parts.h"

#include <string.h>

/* Cut at the limit, at the beginning of a character. */
static void bind_limited(sqlite3_stmt *stmt, int index, const char *text, size_t max)
{
    size_t len = text == NULL ? 0 : strnlen(text, max + 1);
    if (len > max)
        for (len = max; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
            continue;
    sqlite3_bind_text(stmt, index, text == NULL ? "" : text, (int)len, SQLITE_STATIC);
}

static void bind_known(sqlite3_stmt *stmt, int index, int64_t value, int64_t unknown)
{
    if (value == unknown)
        sqlite3_bind_null(stmt, index);
    else
        sqlite3_bind_int64(stmt, index, value);
}

static void bind_number(sqlite3_stmt *stmt, int index, size_t value)
{
    sqlite3_bind_int64(stmt, index, (sqlite3_int64)value);
}

bool bundle_add_file_root(struct bundle_writer *writer, const struct file_root *root, struct error *err)
{
    if (!bundle_row_begin(writer, err))
        return false;
    sqlite3_stmt *stmt = bundle_statement(writer, FILE_ROOT_INSERT);
    bind_limited(stmt, 1, root->host, FILE_HOST_MAX);
    bind_limited(stmt, 2, root->path, FILE_PATH_MAX);
    bind_limited(stmt, 3, root->settings, FILE_TEXT_MAX);
    sqlite3_bind_int(stmt, 4, root->is_complete);
    sqlite3_bind_int64(stmt, 5, root->from_us);
    sqlite3_bind_int64(stmt, 6, root->to_us);
    return bundle_run(writer, FILE_ROOT_INSERT, err) && bundle_row_end(writer, err);
}

static bool add_certificates(struct bundle_writer *writer, const struct file_reading *reading, int64_t file, struct error *err)
{
    for (size_t i = 0; i < reading->certificate_count && i < FILE_ITEMS_MAX; i++) {
        int64_t certificate;
        if (!bundle_certificate_intern(writer, &reading->certificates[i].der, &certificate, err))
            return false;
        sqlite3_stmt *stmt = bundle_statement(writer, FILE_CERTIFICATE_INSERT);
        sqlite3_bind_int64(stmt, 1, file);
        bind_number(stmt, 2, i);
        sqlite3_bind_int64(stmt, 3, certificate);
        bind_known(stmt, 4, reading->certificates[i].offset, -1);
        bind_limited(stmt, 5, reading->certificates[i].label, FILE_TEXT_MAX);
        if (!bundle_run(writer, FILE_CERTIFICATE_INSERT, err))
            return false;
    }
    return true;
}

static bool add_keys(struct bundle_writer *writer, const struct file_reading *reading, int64_t file, struct error *err)
{
    for (size_t i = 0; i < reading->key_count && i < FILE_ITEMS_MAX; i++) {
        const struct file_key *key = &reading->keys[i];
        sqlite3_stmt *stmt = bundle_statement(writer, FILE_KEY_INSERT);
        sqlite3_bind_int64(stmt, 1, file);
        bind_number(stmt, 2, i);
        sqlite3_bind_int(stmt, 3, (int)key->kind);
        if (key->spki_sha256 == NULL)
            sqlite3_bind_null(stmt, 4);
        else
            bind_bytes(stmt, 4, key->spki_sha256, 32);
        bind_limited(stmt, 5, key->algorithm, FILE_KIND_MAX);
        sqlite3_bind_int(stmt, 6, key->bits);
        sqlite3_bind_int(stmt, 7, key->is_encrypted);
        bind_known(stmt, 8, key->offset, -1);
        if (!bundle_run(writer, FILE_KEY_INSERT, err))
            return false;
    }
    return true;
}

static bool add_uses(struct bundle_writer *writer, const struct file_reading *reading, int64_t file, struct error *err)
{
    for (size_t i = 0; i < reading->use_count && i < FILE_ITEMS_MAX; i++) {
        sqlite3_stmt *stmt = bundle_statement(writer, FILE_USE_INSERT);
        sqlite3_bind_int64(stmt, 1, file);
        bind_number(stmt, 2, i);
        bind_limited(stmt, 3, reading->uses[i].service, FILE_KIND_MAX);
        bind_limited(stmt, 4, reading->uses[i].directive, FILE_TEXT_MAX);
        bind_limited(stmt, 5, reading->uses[i].path, FILE_PATH_MAX);
        sqlite3_bind_int64(stmt, 6, reading->uses[i].line);
        if (!bundle_run(writer, FILE_USE_INSERT, err))
            return false;
    }
    return true;
}

bool bundle_add_file(struct bundle_writer *writer, const struct file_reading *reading, struct error *err)
{
    if (!bundle_row_begin(writer, err))
        return false;
    sqlite3_stmt *stmt = bundle_statement(writer, FILE_INSERT);
    sqlite3_bind_int64(stmt, 1, reading->time_us);
    bind_limited(stmt, 2, reading->host, FILE_HOST_MAX);
    bind_limited(stmt, 3, reading->path, FILE_PATH_MAX);
    bind_limited(stmt, 4, reading->inside, FILE_PATH_MAX);
    bind_limited(stmt, 5, reading->kind, FILE_KIND_MAX);
    sqlite3_bind_int(stmt, 6, (int)reading->outcome);
    bind_limited(stmt, 7, reading->detail, FILE_TEXT_MAX);
    bind_known(stmt, 8, reading->size, -1);
    bind_known(stmt, 9, reading->modified_us, INT64_MIN);
    bind_known(stmt, 10, reading->mode, -1);
    bind_known(stmt, 11, reading->uid, -1);
    bind_known(stmt, 12, reading->gid, -1);
    sqlite3_bind_int64(stmt, 13, reading->marks & FILE_MARKS_ALL);
    if (!bundle_run(writer, FILE_INSERT, err))
        return false;
    int64_t file = bundle_last_row(writer);
    return add_certificates(writer, reading, file, err) && add_keys(writer, reading, file, err) &&
           add_uses(writer, reading, file, err) && bundle_row_end(writer, err);
}

int64_t bundle_last_file(struct bundle_writer *writer)
{
    sqlite3_stmt *stmt = bundle_statement(writer, FILE_LAST);
    int64_t id = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    return id;
}

bool bundle_mark_files(struct bundle_writer *writer, int64_t since, unsigned (*marks_of)(void *context, const char *path, const char *inside),
                       void *context, struct error *err)
{
    sqlite3_stmt *places = bundle_statement(writer, FILE_PLACES), *mark = bundle_statement(writer, FILE_MARK);
    bool ok = bundle_row_begin(writer, err);
    sqlite3_bind_int64(places, 1, since);
    while (ok && sqlite3_step(places) == SQLITE_ROW) {
        unsigned marks = marks_of(context, (const char *)sqlite3_column_text(places, 1), (const char *)sqlite3_column_text(places, 2));
        if (marks == 0)
            continue;
        sqlite3_bind_int64(mark, 1, marks & FILE_MARKS_ALL);
        sqlite3_bind_int64(mark, 2, sqlite3_column_int64(places, 0));
        ok = bundle_run(writer, FILE_MARK, err);
    }
    sqlite3_reset(places);
    return ok && bundle_row_end(writer, err);
}
