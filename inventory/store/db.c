/* See db.h. A connection speaks UTF-8, UTC and ISO dates whatever the server's defaults are; foreign text is
 * cleaned before COPY, since PostgreSQL's text holds neither NUL nor broken UTF-8. */
#include "inventory/store/db.h"

#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/utf8.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_FLUSH (64u << 10)                  /* bytes gathered before libpq gets them */
#define TIME_MIN   (-INT64_C(62135596800000000)) /* 0001-01-01: PostgreSQL writes earlier years otherwise */

struct db {
    PGconn *conn;
    bool is_kept;
    char *description;
    void (*on_close)(void *context);
    char *(*on_lost)(void *context);
    void *lender;                   /* both callbacks' context */
    char sqlstate[6];               /* of the last failure; "" if there was no answer */
};

struct db_result {
    PGresult *result;
};

struct db_copy {
    struct db *db;
    char *buffer;
    size_t len, capacity;
    size_t array;                   /* binary: where the length of the array that has begun belongs */
    bool in_row, failed, binary;
};

static void strip_newline(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
}

/* libpq parts what it says by line breaks and tabs: one blank for each run of them. */
static char *one_line(const char *message)
{
    char *text = xcalloc(1, strlen(message) + 1), *to = text;
    for (const char *at = message; *at != '\0'; at++) {
        bool is_blank = strchr(" \t\r\n", *at) != NULL;
        if (!is_blank || (to > text && to[-1] != ' '))
            *to++ = is_blank ? ' ' : *at;
    }
    if (to > text && to[-1] == ' ')
        to[-1] = '\0';
    return text;
}

static bool conn_fail(struct db *db, struct error *err)
{
    db->sqlstate[0] = '\0';
    char *text = one_line(PQerrorMessage(db->conn));
    char *why = db->on_lost != NULL && PQstatus(db->conn) == CONNECTION_BAD ? db->on_lost(db->lender) : NULL;
    error_set(err, ERROR_DATABASE, "%s: %s%s%s", db->description == NULL ? "database" : db->description, text,
              why == NULL ? "" : "; its log says: ", why == NULL ? "" : why);
    free(text);
    free(why);
    return false;
}

/* ---- open ---- */

/* A password in a DSN ends in the process list, in shell history and in logs. */
static bool dsn_check(const char *dsn, struct error *err)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(dsn, &message);
    if (options == NULL) {
        bool may_hold_secret = strchr(dsn, '@') != NULL || strstr(dsn, "pass") != NULL;
        if (message != NULL)
            strip_newline(message);
        error_set(err, ERROR_USAGE, "--db: not a connection string that libpq understands%s%s",
                  may_hold_secret ? "" : ": ", may_hold_secret ? "" : message);
        PQfreemem(message);
        return false;
    }
    bool secret = false;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        bool is_password = strcmp(option->keyword, "password") == 0 || strcmp(option->keyword, "sslpassword") == 0;
        secret = secret || (is_password && option->val != NULL);
    }
    PQconninfoFree(options);
    return !secret || error_set(err, ERROR_USAGE,
                                "--db: a password in a connection string would be seen by every user of this "
                                "machine; put it in a password file (PGPASSFILE, ~/.pgpass) or a service file");
}

static void on_notice(void *context, const PGresult *result)
{
    (void)context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (severity != NULL && strcmp(severity, "WARNING") == 0)
        log_warning("database: %s", text == NULL ? "" : text);
    else
        log_debug("database: %s", text == NULL ? "" : text);
}

/* temp_buffers are taken as needed: intermediate results of judging a million certificates fill a gigabyte, and what stays in memory need not be
 * written and read back. A third of shared_buffers, which say what the server's machine can give. */
#define SESSION_SETTINGS                                                                                                  \
    "SET search_path = certsweep; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; "          \
    "SET bytea_output = 'hex'; SET standard_conforming_strings = on; SET client_min_messages = 'warning'; "                    \
    "SELECT set_config('temp_buffers', (least(greatest(pg_size_bytes(current_setting('shared_buffers')) / 3, pg_size_bytes('128MB')), " \
    "pg_size_bytes('2GB')) / 1024)::text || 'kB', false); "                                                               \
    "SET extra_float_digits = 1"

/* A backend whose client was killed ends its statement, too; an old server, or one on a system that cannot see that, refuses the whole, and
 * gets the rest alone. To look for the setting in pg_settings costs 3 ms. */
static bool settings_set(struct db *db, struct error *err)
{
    return (PQserverVersion(db->conn) >= 140000 && db_exec(db, SESSION_SETTINGS "; SET client_connection_check_interval = '2s'", NULL)) ||
           db_exec(db, SESSION_SETTINGS, err);
}

static char *describe(PGconn *conn)
{
    int version = PQserverVersion(conn);
    const char *host = PQhost(conn);
    return xasprintf("database %s on %s, PostgreSQL %d.%d", PQdb(conn),
                     host == NULL || host[0] == '\0' ? "this machine" : host, version / 10000, version % 10000);
}

struct db *db_open(const char *dsn, struct error *err)
{
    if (!dsn_check(dsn, err))
        return NULL;
    const char *const keywords[] = {"dbname", "client_encoding", "fallback_application_name", NULL};
    const char *const values[] = {dsn, "UTF8", "certsweep", NULL};
    struct db *db = xcalloc(1, sizeof *db);
    db->conn = PQconnectdbParams(keywords, values, 1);
    if (db->conn == NULL || PQstatus(db->conn) != CONNECTION_OK) {
        conn_fail(db, err);
        db_close(db);
        return NULL;
    }
    db->description = describe(db->conn);
    PQsetNoticeReceiver(db->conn, on_notice, NULL);
    if (settings_set(db, err))
        return db;
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    if (db->is_kept) {
        if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
            db_rollback(db);
        return;
    }
    PQfinish(db->conn);
    if (db->on_close != NULL)
        db->on_close(db->lender);
    free(db->description);
    free(db);
}

void db_keep(struct db *db)
{
    db->is_kept = true;
}

void db_lend_password(const struct db *db)
{
    const char *password = PQpass(db->conn);
    if (password != NULL && password[0] != '\0')
        setenv("PGPASSWORD", password, 1);
}

void db_on_close(struct db *db, void (*on_close)(void *context), void *context)
{
    db->on_close = on_close;
    db->lender = context;
}

void db_on_lost(struct db *db, char *(*on_lost)(void *context))
{
    db->on_lost = on_lost;
}

const char *db_describe(const struct db *db)
{
    return db->description;
}

/* ---- statements ---- */

static bool result_fail(struct db *db, PGresult *result, struct error *err)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    snprintf(db->sqlstate, sizeof db->sqlstate, "%s", sqlstate == NULL ? "" : sqlstate);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (primary == NULL)
        return conn_fail(db, err);      /* the connection broke */
    if (strcmp(db->sqlstate, "42501") == 0)             /* insufficient_privilege */
        return error_set(err, ERROR_DATABASE, "%s: %s; connect as a role that may: certsweep_loader, or the database's owner", db->description, primary);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    return error_set(err, ERROR_DATABASE, "%s: %s%s%s%s%s", db->description, primary, detail == NULL ? "" : "; ",
                     detail == NULL ? "" : detail, context == NULL ? "" : "; in ", context == NULL ? "" : context);
}

bool db_failed_on_data(const struct db *db)
{
    /* data exception, integrity violation, limit of the program, an allocation that no server grants ("invalid memory
     * alloc request size"), an exception that a trigger raised */
    static const char *const classes[] = {"22", "23", "54", "XX000", "P0001"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(db->sqlstate, classes[i], strlen(classes[i])) == 0)
            return true;
    return false;
}

static bool result_is_ok(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

bool db_exec(struct db *db, const char *sql, struct error *err)
{
    PGresult *result = PQexec(db->conn, sql);
    bool ok = result_is_ok(result) || result_fail(db, result, err);
    PQclear(result);
    return ok;
}

bool db_exec_counted(struct db *db, const char *sql, int64_t *rows, struct error *err)
{
    PGresult *result = PQexec(db->conn, sql);
    bool ok = result_is_ok(result) || result_fail(db, result, err);
    *rows = ok ? strtoll(PQcmdTuples(result), NULL, 10) : 0;
    PQclear(result);
    return ok;
}

bool db_exec_params(struct db *db, const char *sql, size_t count, const char *const *params, struct error *err)
{
    struct db_result *result = db_query(db, sql, count, params, err);
    db_result_destroy(result);
    return result != NULL;
}

void db_result_destroy(struct db_result *result)
{
    if (result == NULL)
        return;
    PQclear(result->result);
    free(result);
}

size_t db_rows(const struct db_result *result)
{
    return (size_t)PQntuples(result->result);
}

size_t db_columns(const struct db_result *result)
{
    return (size_t)PQnfields(result->result);
}

const char *db_column_name(const struct db_result *result, size_t column)
{
    return PQfname(result->result, (int)column);
}

const char *db_value(const struct db_result *result, size_t row, size_t column)
{
    if (PQgetisnull(result->result, (int)row, (int)column))
        return NULL;
    return PQgetvalue(result->result, (int)row, (int)column);
}

int64_t db_int(const struct db_result *result, size_t row, size_t column)
{
    const char *value = db_value(result, row, column);
    return value == NULL ? 0 : strtoll(value, NULL, 10);
}

bool db_stream(struct db *db, const char *sql, size_t count, const char *const *params,
               bool (*on_row)(void *context, const struct db_result *row), void *context, struct error *err)
{
    if (PQsendQueryParams(db->conn, sql, (int)count, NULL, params, NULL, NULL, 0) != 1)
        return conn_fail(db, err);
    PQsetSingleRowMode(db->conn);
    bool ok = true, wanted = true;
    for (PGresult *result; (result = PQgetResult(db->conn)) != NULL; PQclear(result)) {
        struct db_result row = {result};
        if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
            ok = ok && (result_is_ok(result) || !wanted || result_fail(db, result, err));
        else if (wanted && !on_row(context, &row)) {
            wanted = false;     /* the rest is neither sent nor kept */
            PGcancel *cancel = PQgetCancel(db->conn);
            char ignored[256];
            PQcancel(cancel, ignored, sizeof ignored);
            PQfreeCancel(cancel);
        }
    }
    return ok;
}

/* ---- COPY ---- */

struct db_copy *db_copy_begin(struct db *db, const char *sql, struct error *err)
{
    PGresult *result = PQexec(db->conn, sql);
    bool ok = PQresultStatus(result) == PGRES_COPY_IN || result_fail(db, result, err);
    PQclear(result);
    if (!ok)
        return NULL;
    struct db_copy *copy = xcalloc(1, sizeof *copy);
    copy->db = db;
    copy->capacity = 2 * COPY_FLUSH;
    copy->buffer = xmalloc(copy->capacity);
    return copy;
}

static char *copy_room(struct db_copy *copy, size_t len)
{
    if (copy->capacity - copy->len < len) {
        copy->capacity = (copy->len + len) * 2;
        copy->buffer = xrealloc(copy->buffer, copy->capacity);
    }
    return copy->buffer + copy->len;
}

static void copy_append(struct db_copy *copy, const char *bytes, size_t len)
{
    memcpy(copy_room(copy, len), bytes, len);
    copy->len += len;
}

static void copy_big_endian(struct db_copy *copy, uint64_t value, size_t len)
{
    char *out = copy_room(copy, len);
    for (size_t i = 0; i < len; i++)
        out[i] = (char)(value >> 8 * (len - 1 - i));
    copy->len += len;
}

static void field_begin(struct db_copy *copy)
{
    if (copy->in_row)
        copy_append(copy, "\t", 1);
    copy->in_row = true;
}

void db_copy_text(struct db_copy *copy, const char *text)
{
    if (text != NULL) {
        db_copy_text_len(copy, text, strlen(text));
        return;
    }
    field_begin(copy);
    copy_append(copy, "\\N", 2);
}

/* As it is stored: what text cannot hold is written as \xNN. */
static void copy_clean_character(struct db_copy *copy, const char *text, size_t len)
{
    unsigned char c = (unsigned char)text[0];
    char *out = copy_room(copy, 8);
    if (len == 0 || (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
        copy->len += (size_t)sprintf(out, "\\x%02x", c);
    else {
        memcpy(out, text, len);
        copy->len += len;
    }
}

/* One character of at most 4 bytes; what text cannot hold is written as \xNN. Tab and newline stay. */
static void copy_character(struct db_copy *copy, const char *text, size_t len)
{
    unsigned char c = (unsigned char)text[0];
    char *out = copy_room(copy, 8);
    if (len == 0 || (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
        copy->len += (size_t)sprintf(out, "\\\\x%02x", c);
    else if (c == '\\' || c == '\t' || c == '\n') {
        *out++ = '\\';
        *out = c == '\t' ? 't' : c == '\n' ? 'n' : '\\';
        copy->len += 2;
    } else {
        memcpy(out, text, len);
        copy->len += len;
    }
}

/* How many bytes need no escape in either form of COPY. */
static size_t plain_len(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] >= 0x20 && text[at] < 0x7f && text[at] != '\\')
        at++;
    return at;
}

void db_copy_text_len(struct db_copy *copy, const char *text, size_t len)
{
    field_begin(copy);
    for (size_t at = 0; at < len;) {
        size_t plain = plain_len(text + at, len - at);
        copy_append(copy, text + at, plain);
        at += plain;
        if (at == len)
            break;
        size_t character = utf8_character(text + at, len - at);
        copy_character(copy, text + at, character);
        at += character == 0 ? 1 : character;
    }
}

void db_copy_int(struct db_copy *copy, int64_t value)
{
    char text[24], *at = text + sizeof text;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
    } while ((rest /= 10) != 0);
    if (value < 0)
        *--at = '-';
    field_begin(copy);
    copy_append(copy, at, (size_t)(text + sizeof text - at));
}

void db_copy_bool(struct db_copy *copy, bool value)
{
    field_begin(copy);
    copy_append(copy, value ? "t" : "f", 1);
}

void db_copy_bytes(struct db_copy *copy, const uint8_t *bytes, size_t len)
{
    field_begin(copy);
    copy_append(copy, "\\\\x", 3);
    hex_format(bytes, len, copy_room(copy, 2 * len + 1));
    copy->len += 2 * len;
}

void db_copy_time(struct db_copy *copy, int64_t time_us)
{
    char text[CLOCK_TEXT_SIZE];
    if (time_us != INT64_MIN && time_us < TIME_MIN)
        time_us = TIME_MIN;
    if (time_us == INT64_MIN) {
        db_copy_text(copy, NULL);
        return;
    }
    clock_format_us(time_us, text);
    field_begin(copy);
    copy_append(copy, text, strlen(text));
}

static bool copy_flush(struct db_copy *copy, struct error *err)
{
    copy->failed = PQputCopyData(copy->db->conn, copy->buffer, (int)copy->len) != 1;
    copy->len = 0;
    return !copy->failed || conn_fail(copy->db, err);
}

bool db_copy_row(struct db_copy *copy, struct error *err)
{
    copy_append(copy, "\n", 1);
    copy->in_row = false;
    return copy->len < COPY_FLUSH ? !copy->failed : copy_flush(copy, err);
}

void db_copy_abort(struct db_copy *copy)
{
    if (copy == NULL)
        return;
    PQputCopyEnd(copy->db->conn, "given up");
    for (PGresult *result; (result = PQgetResult(copy->db->conn)) != NULL;)
        PQclear(result);
    free(copy->buffer);
    free(copy);
}

bool db_copy_end(struct db_copy *copy, struct error *err)
{
    struct db *db = copy->db;
    if (copy->binary)
        copy_big_endian(copy, UINT16_MAX, 2);       /* the trailer */
    bool ok = !copy->failed && PQputCopyData(db->conn, copy->buffer, (int)copy->len) == 1 &&
              PQputCopyEnd(db->conn, NULL) == 1;
    if (!ok)
        conn_fail(db, err);
    for (PGresult *result; (result = PQgetResult(db->conn)) != NULL; PQclear(result)) {
        if (!result_is_ok(result) && ok)
            ok = result_fail(db, result, err);
    }
    free(copy->buffer);
    free(copy);
    return ok;
}

/* ---- the binary form ---- */

#define EPOCH_2000_US INT64_C(946684800000000)      /* PostgreSQL counts from 2000-01-01 */

struct db_copy *db_binary_begin(struct db *db, const char *sql, struct error *err)
{
    static const char head[19] = "PGCOPY\n\377\r\n";     /* signature, flags, no extension */
    struct db_copy *copy = db_copy_begin(db, sql, err);
    if (copy == NULL)
        return NULL;
    copy->binary = true;
    copy_append(copy, head, sizeof head);
    return copy;
}

bool db_binary_row(struct db_copy *copy, unsigned columns, struct error *err)
{
    bool ok = copy->len < COPY_FLUSH || copy_flush(copy, err);
    copy_big_endian(copy, columns, 2);
    return ok;
}

void db_binary_null(struct db_copy *copy)
{
    copy_big_endian(copy, UINT32_MAX, 4);
}

static void field_number(struct db_copy *copy, uint64_t value, size_t len)
{
    copy_big_endian(copy, len, 4);
    copy_big_endian(copy, value, len);
}

void db_binary_bool(struct db_copy *copy, bool value)
{
    field_number(copy, value, 1);
}

void db_binary_int2(struct db_copy *copy, int16_t value)
{
    field_number(copy, (uint64_t)value, 2);
}

void db_binary_int4(struct db_copy *copy, int32_t value)
{
    field_number(copy, (uint64_t)value, 4);
}

void db_binary_int8(struct db_copy *copy, int64_t value)
{
    field_number(copy, (uint64_t)value, 8);
}

void db_binary_time(struct db_copy *copy, int64_t time_us)
{
    if (time_us < TIME_MIN)
        time_us = TIME_MIN;
    field_number(copy, (uint64_t)(time_us - EPOCH_2000_US), 8);
}

void db_binary_bytes(struct db_copy *copy, const void *bytes, size_t len)
{
    copy_big_endian(copy, len, 4);
    if (len > 0)
        copy_append(copy, bytes, len);
}

/* Writes the length of all that was appended behind the four bytes at mark. */
static void length_patch(struct db_copy *copy, size_t mark)
{
    uint32_t written = (uint32_t)(copy->len - mark - 4);
    for (size_t i = 0; i < 4; i++)
        copy->buffer[mark + i] = (char)(written >> 8 * (3 - i));
}

void db_binary_text(struct db_copy *copy, const char *text)
{
    if (text == NULL)
        db_binary_null(copy);
    else
        db_binary_text_len(copy, text, strlen(text));
}

void db_binary_text_len(struct db_copy *copy, const char *text, size_t len)
{
    size_t mark = copy->len;
    copy_big_endian(copy, 0, 4);
    for (size_t at = 0; at < len;) {
        size_t plain = plain_len(text + at, len - at);
        copy_append(copy, text + at, plain);
        at += plain;
        if (at == len)
            break;
        size_t character = utf8_character(text + at, len - at);
        copy_clean_character(copy, text + at, character);
        at += character == 0 ? 1 : character;
    }
    length_patch(copy, mark);
}

/* Dimensions, whether there are nulls, type, then per dimension its size and first index. */
void db_binary_array_begin(struct db_copy *copy, enum db_element element, size_t count)
{
    copy->array = copy->len;
    copy_big_endian(copy, 0, 4);
    copy_big_endian(copy, count == 0 ? 0 : 1, 4);
    copy_big_endian(copy, 0, 4);
    copy_big_endian(copy, element, 4);
    if (count == 0)
        return;
    copy_big_endian(copy, count, 4);
    copy_big_endian(copy, 1, 4);
}

void db_binary_array_end(struct db_copy *copy)
{
    length_patch(copy, copy->array);
}

/* Family (PostgreSQL's own numbers), bits, is it a cidr, length, bytes. */
static void network_append(struct db_copy *copy, const uint8_t *address, size_t len, unsigned bits, bool is_cidr)
{
    const char head[4] = {len == 4 ? 2 : 3, (char)bits, is_cidr, (char)len};
    copy_big_endian(copy, len + sizeof head, 4);
    copy_append(copy, head, sizeof head);
    copy_append(copy, (const char *)address, len);
}

void db_binary_inet(struct db_copy *copy, const uint8_t *address, size_t len)
{
    if (len == 0) {
        db_binary_null(copy);
        return;
    }
    network_append(copy, address, len, (unsigned)(8 * len), false);
}

void db_binary_cidr(struct db_copy *copy, const uint8_t *address, size_t len, unsigned bits)
{
    uint8_t network[16] = {0};
    memcpy(network, address, bits / 8);
    if (bits % 8 != 0)
        network[bits / 8] = (uint8_t)(address[bits / 8] & (0xff00 >> bits % 8));
    network_append(copy, network, len, bits, true);
}

static struct db_result *query(struct db *db, const char *sql, size_t count, const char *const *params, int format, struct error *err)
{
    PGresult *result = PQexecParams(db->conn, sql, (int)count, NULL, params, NULL, NULL, format);
    if (!result_is_ok(result)) {
        result_fail(db, result, err);
        PQclear(result);
        return NULL;
    }
    struct db_result *wrapped = xmalloc(sizeof *wrapped);
    wrapped->result = result;
    return wrapped;
}

struct db_result *db_query(struct db *db, const char *sql, size_t count, const char *const *params, struct error *err)
{
    return query(db, sql, count, params, 0, err);
}

struct db_result *db_query_binary(struct db *db, const char *sql, size_t count, const char *const *params, struct error *err)
{
    return query(db, sql, count, params, 1, err);
}

bool db_is_null(const struct db_result *result, size_t row, size_t column)
{
    return PQgetisnull(result->result, (int)row, (int)column) != 0;
}

const uint8_t *db_binary_value(const struct db_result *result, size_t row, size_t column, size_t *len)
{
    *len = (size_t)PQgetlength(result->result, (int)row, (int)column);
    return (const uint8_t *)PQgetvalue(result->result, (int)row, (int)column);
}

int64_t db_binary_number(const struct db_result *result, size_t row, size_t column)
{
    size_t len;
    const uint8_t *bytes = db_binary_value(result, row, column, &len);
    uint64_t value = len > 0 && len > 1 && bytes[0] >= 0x80 ? UINT64_MAX : 0;       /* the sign; a boolean has none */
    for (size_t i = 0; i < len && i < 8; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

int64_t db_binary_time_us(const struct db_result *result, size_t row, size_t column)
{
    return db_is_null(result, row, column) ? INT64_MIN : db_binary_number(result, row, column) + EPOCH_2000_US;
}

/* ---- transactions ---- */

bool db_begin(struct db *db, struct error *err)
{
    return db_exec(db, "BEGIN", err);
}

bool db_commit(struct db *db, struct error *err)
{
    PGresult *result = PQexec(db->conn, "COMMIT");
    bool ok = result_is_ok(result) || result_fail(db, result, err);
    if (ok && strcmp(PQcmdStatus(result), "COMMIT") != 0)      /* a failed transaction answers ROLLBACK */
        ok = error_set(err, ERROR_DATABASE, "%s: the transaction had failed and was rolled back", db->description);
    PQclear(result);
    return ok;
}

void db_rollback(struct db *db)
{
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        db_exec(db, "ROLLBACK", NULL);
}

bool db_savepoint(struct db *db, struct error *err)
{
    return db_exec(db, "SAVEPOINT certsweep", err);
}

bool db_savepoint_rollback(struct db *db, struct error *err)
{
    return db_exec(db, "ROLLBACK TO SAVEPOINT certsweep", err);
}
