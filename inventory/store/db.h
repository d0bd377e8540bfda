/* The only place that uses libpq. SQL comes as constants embedded from .sql files; values travel as
 * parameters or COPY, never by formatting SQL. Times travel as timestamptz text in UTC, bytes as bytea hex. */
#pragma once
#include "probes/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct db;
struct db_result;

/* dsn: a libpq conninfo or URI; a password in it is refused (ERROR_USAGE, names PGPASSFILE). */
struct db *db_open(const char *dsn, struct error *err);
void db_close(struct db *db);

/* Keeps the connection open: db_close() then only ends a transaction. For a connection that could not be made again. */
void db_keep(struct db *db);

/* For programs started later under a user who may not read the PGPASSFILE: puts the password that libpq found there into our
 * environment (PGPASSWORD), never into argv. */
void db_lend_password(const struct db *db);

/* Sets a callback that runs after the connection was closed; the private cluster is released there. */
void db_on_close(struct db *db, void (*on_close)(void *context), void *context);

/* Sets a callback that runs when the connection broke. It returns the server's explanation, which libpq does not know, for us
 * to free; or NULL. Same context as on_close. */
void db_on_lost(struct db *db, char *(*on_lost)(void *context));
const char *db_describe(const struct db *db);       /* "database certsweep on /run/..., PostgreSQL 15.18" */

bool db_exec(struct db *db, const char *sql, struct error *err);            /* one or more statements */
bool db_exec_counted(struct db *db, const char *sql, int64_t *rows, struct error *err);     /* one statement: the rows that it wrote */
bool db_exec_params(struct db *db, const char *sql, size_t count, const char *const *params,
                    struct error *err);                                     /* NULL: SQL NULL */
struct db_result *db_query(struct db *db, const char *sql, size_t count, const char *const *params,
                           struct error *err);
void db_result_destroy(struct db_result *result);
size_t db_rows(const struct db_result *result);
size_t db_columns(const struct db_result *result);
const char *db_column_name(const struct db_result *result, size_t column);
const char *db_value(const struct db_result *result, size_t row, size_t column);    /* NULL: SQL NULL */
int64_t db_int(const struct db_result *result, size_t row, size_t column);          /* 0 if NULL */

/* Reads row by row, for results of any size: on_row returns false to stop. */
bool db_stream(struct db *db, const char *sql, size_t count, const char *const *params,
               bool (*on_row)(void *context, const struct db_result *row), void *context, struct error *err);

/* COPY ... FROM STDIN in text format. Text is escaped, and cleaned: what PostgreSQL's text cannot hold (NUL,
 * broken UTF-8) and control characters other than tab and newline become \xNN. Times before year 1 become year 1. */
struct db_copy;
struct db_copy *db_copy_begin(struct db *db, const char *sql, struct error *err);
void db_copy_text(struct db_copy *copy, const char *text);                  /* NULL: \N */
void db_copy_text_len(struct db_copy *copy, const char *text, size_t len);
void db_copy_int(struct db_copy *copy, int64_t value);
void db_copy_bool(struct db_copy *copy, bool value);
void db_copy_bytes(struct db_copy *copy, const uint8_t *bytes, size_t len); /* bytea */
void db_copy_time(struct db_copy *copy, int64_t time_us);                   /* timestamptz; INT64_MIN: NULL */
bool db_copy_row(struct db_copy *copy, struct error *err);                  /* ends the row */
bool db_copy_end(struct db_copy *copy, struct error *err);                  /* destroys copy, also on failure */
void db_copy_abort(struct db_copy *copy);                                   /* the COPY fails; NULL is fine */

/* COPY ... FROM STDIN (FORMAT binary), for millions of rows. Each row begins with db_binary_row() and the number of
 * its columns; then comes one call per column, by its type. Text is cleaned as above. End it with db_copy_end() or
 * db_copy_abort(). */
struct db_copy *db_binary_begin(struct db *db, const char *sql, struct error *err);
bool db_binary_row(struct db_copy *copy, unsigned columns, struct error *err);
void db_binary_null(struct db_copy *copy);
void db_binary_bool(struct db_copy *copy, bool value);
void db_binary_int2(struct db_copy *copy, int16_t value);
void db_binary_int4(struct db_copy *copy, int32_t value);
void db_binary_int8(struct db_copy *copy, int64_t value);
void db_binary_time(struct db_copy *copy, int64_t time_us);                 /* timestamptz */
void db_binary_bytes(struct db_copy *copy, const void *bytes, size_t len);  /* bytea, and uuid (16) */
void db_binary_text(struct db_copy *copy, const char *text);                /* NULL: null */
void db_binary_text_len(struct db_copy *copy, const char *text, size_t len);
void db_binary_inet(struct db_copy *copy, const uint8_t *address, size_t len);      /* 4 or 16 bytes; 0: null */
void db_binary_cidr(struct db_copy *copy, const uint8_t *address, size_t len, unsigned bits);       /* the network of so many bits around it */

/* A column of an array type: begin, then one call per element as if each were a column of that type, end. */
enum db_element { DB_BYTEA = 17, DB_INT8 = 20, DB_INT4 = 23, DB_TEXT = 25, DB_INET = 869 };       /* as pg_type numbers them */
void db_binary_array_begin(struct db_copy *copy, enum db_element element, size_t count);
void db_binary_array_end(struct db_copy *copy);

/* Results in binary form, so that numbers are not converted to text. Use the accessor of the column's type. */
struct db_result *db_query_binary(struct db *db, const char *sql, size_t count, const char *const *params, struct error *err);
bool db_is_null(const struct db_result *result, size_t row, size_t column);
int64_t db_binary_number(const struct db_result *result, size_t row, size_t column);  /* int2, int4, int8, boolean; 0 if NULL */
int64_t db_binary_time_us(const struct db_result *result, size_t row, size_t column); /* INT64_MIN where NULL */
const uint8_t *db_binary_value(const struct db_result *result, size_t row, size_t column, size_t *len);

/* Was the last failure due to the values of a row (too long, out of range, against a constraint), so that the other rows
 * can be stored without it? False for a broken connection, a full disk, a faulty statement. */
bool db_failed_on_data(const struct db *db);

bool db_begin(struct db *db, struct error *err);
bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db);
bool db_savepoint(struct db *db, struct error *err);            /* inside a transaction */
bool db_savepoint_rollback(struct db *db, struct error *err);   /* to the last one; it stays set */
