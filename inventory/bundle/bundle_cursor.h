/* One cursor reads all tables of a bundle: a statement "rows after ?1, at most ?2", whose columns are taken one after the other, each
 * by a function that checks its type and bounds and notes the first that is invalid. Private to this folder. */
#pragma once
#include "inventory/bundle/bundle_reader.h"

struct bundle_reader {
    char *path;
    sqlite3 *sqlite;
    struct bundle_head head;
    enum bundle_seal_state seal;
    int64_t *certificates;          /* of the chain being read, */
    uint8_t (*hashes)[32];          /* and their SHA-256 */
    size_t links_capacity;
    sqlite3_stmt *endpoint;         /* bundle_read_endpoint(), prepared once */
};

struct cursor {
    struct bundle_reader *reader;
    const char *table;
    sqlite3_stmt *stmt;
    struct error *err;
    int64_t row;                    /* the last row returned */
    int column;
    const char *wrong;              /* what is bad in this row; NULL: nothing yet */
};

bool bundle_cursor_open(struct cursor *cursor, struct bundle_reader *reader, const char *table, const char *sql,
                        int64_t behind, int64_t max, struct error *err);
bool bundle_cursor_fail(const struct cursor *cursor, const char *what);
int64_t bundle_take_number(struct cursor *cursor, int64_t min, int64_t max, const char *wrong);
/* The next row; false at the end (*end) and where the file is broken. Row ids must ascend: otherwise a forged B-tree could be
 * read for ever. */
bool bundle_cursor_next(struct cursor *cursor, bool *end);
const uint8_t *bundle_take_bytes(struct cursor *cursor, size_t min, size_t max, size_t *len, const char *wrong);
/* Text without NUL inside; borrowed, never NULL. */
const char *bundle_take_text(struct cursor *cursor, size_t max, const char *wrong);
void bundle_take_string(struct cursor *cursor, char *out, size_t size, const char *wrong);
/* A reference (NULL is 0). The next column must be the row that it refers to. */
int64_t bundle_take_reference(struct cursor *cursor, bool optional, const char *wrong);
void bundle_take_address(struct cursor *cursor, bool optional, struct address *address, const char *wrong);
int64_t bundle_take_time(struct cursor *cursor);
void bundle_take_hash(struct cursor *cursor, uint8_t hash[32]);
bool bundle_cursor_row_ok(const struct cursor *cursor);
/* while (cursor_next()) { take ...; if (!cursor_row_ok() ...) break; } then: */
bool bundle_cursor_close(struct cursor *cursor, bool good);
