#include "inventory/bundle/bundle_cursor.h"

#include <string.h>

bool bundle_cursor_open(struct cursor *cursor, struct bundle_reader *reader, const char *table, const char *sql,
                        int64_t behind, int64_t max, struct error *err)
{
    *cursor = (struct cursor){.reader = reader, .table = table, .row = behind, .err = err};
    if (sqlite3_prepare_v2(reader->sqlite, sql, -1, &cursor->stmt, NULL) != SQLITE_OK)
        return bundle_sqlite_error(reader->sqlite, reader->path, err);
    sqlite3_bind_int64(cursor->stmt, 1, behind);
    sqlite3_bind_int64(cursor->stmt, 2, max);
    return true;
}

bool bundle_cursor_fail(const struct cursor *cursor, const char *what)
{
    return error_set(cursor->err, ERROR_INPUT, "bundle %s: row %lld of %s: %s", cursor->reader->path,
                     (long long)cursor->row, cursor->table, what);
}

int64_t bundle_take_number(struct cursor *cursor, int64_t min, int64_t max, const char *wrong)
{
    int column = cursor->column++;
    int64_t value = sqlite3_column_int64(cursor->stmt, column);
    if (sqlite3_column_type(cursor->stmt, column) == SQLITE_INTEGER && value >= min && value <= max)
        return value;
    if (cursor->wrong == NULL)
        cursor->wrong = wrong;
    return min;
}

bool bundle_cursor_next(struct cursor *cursor, bool *end)
{
    int code = sqlite3_step(cursor->stmt);
    *end = code == SQLITE_DONE;
    if (code != SQLITE_ROW) {
        if (code != SQLITE_DONE)
            bundle_sqlite_error(cursor->reader->sqlite, cursor->reader->path, cursor->err);
        return false;
    }
    int64_t before = cursor->row;
    cursor->column = 0;
    cursor->wrong = NULL;
    cursor->row = bundle_take_number(cursor, 1, INT64_MAX, "its number is no row number");
    if (cursor->wrong == NULL && cursor->row <= before)
        cursor->wrong = "rows out of order";
    return cursor->wrong == NULL || bundle_cursor_fail(cursor, cursor->wrong);
}

const uint8_t *bundle_take_bytes(struct cursor *cursor, size_t min, size_t max, size_t *len, const char *wrong)
{
    int column = cursor->column++;
    *len = (size_t)sqlite3_column_bytes(cursor->stmt, column);
    const uint8_t *bytes = sqlite3_column_blob(cursor->stmt, column);
    if (sqlite3_column_type(cursor->stmt, column) == SQLITE_BLOB && *len >= min && *len <= max)
        return bytes == NULL ? (const uint8_t *)"" : bytes;
    if (cursor->wrong == NULL)
        cursor->wrong = wrong;
    *len = 0;
    return (const uint8_t *)"";
}

const char *bundle_take_text(struct cursor *cursor, size_t max, const char *wrong)
{
    int column = cursor->column++;
    const char *text = (const char *)sqlite3_column_text(cursor->stmt, column);
    size_t len = (size_t)sqlite3_column_bytes(cursor->stmt, column);
    if (sqlite3_column_type(cursor->stmt, column) == SQLITE_TEXT && text != NULL && len <= max &&
        strlen(text) == len)
        return text;
    if (cursor->wrong == NULL)
        cursor->wrong = wrong;
    return "";
}

void bundle_take_string(struct cursor *cursor, char *out, size_t size, const char *wrong)
{
    const char *text = bundle_take_text(cursor, size - 1, wrong);
    memcpy(out, text, strlen(text) + 1);
}

int64_t bundle_take_reference(struct cursor *cursor, bool optional, const char *wrong)
{
    int column = cursor->column;
    cursor->column += 2;
    if (optional && sqlite3_column_type(cursor->stmt, column) == SQLITE_NULL)
        return 0;
    int64_t id = sqlite3_column_int64(cursor->stmt, column);
    if (sqlite3_column_type(cursor->stmt, column) == SQLITE_INTEGER &&
        sqlite3_column_type(cursor->stmt, column + 1) == SQLITE_INTEGER && id > 0)
        return id;
    if (cursor->wrong == NULL)
        cursor->wrong = wrong;
    return 0;
}

void bundle_take_address(struct cursor *cursor, bool optional, struct address *address, const char *wrong)
{
    size_t len;
    *address = (struct address){.len = 0};
    if (optional && sqlite3_column_type(cursor->stmt, cursor->column) == SQLITE_NULL) {
        cursor->column++;
        return;
    }
    const uint8_t *bytes = bundle_take_bytes(cursor, 4, 16, &len, wrong);
    if (len == 4 || len == 16)
        *address = address_from_bytes(bytes, len);
    else if (cursor->wrong == NULL)
        cursor->wrong = wrong;
}

int64_t bundle_take_time(struct cursor *cursor)
{
    return bundle_take_number(cursor, INT64_MIN + 1, INT64_MAX, "its time is no number");
}

void bundle_take_hash(struct cursor *cursor, uint8_t hash[32])
{
    size_t len;
    const uint8_t *bytes = bundle_take_bytes(cursor, 32, 32, &len, "its SHA-256 is not of 32 bytes");
    memset(hash, 0, 32);
    memcpy(hash, bytes, len);
}

bool bundle_cursor_row_ok(const struct cursor *cursor)
{
    return cursor->wrong == NULL || bundle_cursor_fail(cursor, cursor->wrong);
}

bool bundle_cursor_close(struct cursor *cursor, bool good)
{
    sqlite3_finalize(cursor->stmt);
    return good;
}
