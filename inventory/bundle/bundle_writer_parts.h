/* What the writers of a bundle's tables share (bundle_writer.c: answers, blocks, names; file_writer.c: files). Private to this
 * folder. */
#pragma once
#include "inventory/bundle/bundle_schema.h"

enum statement {
    HEAD_INSERT,
    SEAL_INSERT,
    TARGET_LINE_INSERT,
    TARGET_LINES,
    CERTIFICATE_FIND,
    CERTIFICATE_INSERT,
    STAPLE_FIND,
    STAPLE_INSERT,
    CHAIN_FIND,
    CHAIN_INSERT,
    CHAIN_CERTIFICATE_INSERT,
    ENDPOINT_INSERT,
    OBSERVATION_INSERT,
    POSTURE_INSERT,
    POSTURE_ADDRESSES,
    SIGHTING_INSERT,
    BLOCK_INSERT,
    BLOCK_FIND,
    NAME_INSERT,
    NAME_FIND,
    COUNTER_INSERT,
    FILE_ROOT_INSERT,
    FILE_INSERT,
    FILE_CERTIFICATE_INSERT,
    FILE_KEY_INSERT,
    FILE_USE_INSERT,
    FILE_LAST,
    FILE_PLACES,
    FILE_MARK,
    BEGIN,
    COMMIT,
    STATEMENT_COUNT,
};

static inline void bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    sqlite3_bind_text(stmt, index, text == NULL ? "" : text, -1, SQLITE_STATIC);
}

static inline void bind_bytes(sqlite3_stmt *stmt, int index, const void *bytes, size_t len)
{
    sqlite3_bind_blob64(stmt, index, len == 0 ? "" : bytes, len, SQLITE_STATIC);
}

/* Prepared on first use; NULL: bundle_run() fails. */
sqlite3_stmt *bundle_statement(struct bundle_writer *writer, enum statement which);
bool bundle_run(struct bundle_writer *writer, enum statement which, struct error *err);

/* Around each row: opens the transaction; counts the row and commits when there are enough. */
bool bundle_row_begin(struct bundle_writer *writer, struct error *err);
bool bundle_row_end(struct bundle_writer *writer, struct error *err);
int64_t bundle_last_row(const struct bundle_writer *writer);

/* Its row in the dictionary of certificates. */
bool bundle_certificate_intern(struct bundle_writer *writer, const struct der *der, int64_t *id, struct error *err);
