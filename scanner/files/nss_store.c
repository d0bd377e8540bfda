#include "scanner/files/nss_store.h"

#include "probes/base/memory.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* softoken's sdb.c names columns after attributes, "a" and the number in hexadecimal: CKA_CLASS a0, CKA_LABEL a3, CKA_VALUE a11,
 * CKA_KEY_TYPE a100. In cert9.db the table is nssPublic, in key4.db nssPrivate, whose values are encrypted and whose kinds are not. */
#define CKO_CERTIFICATE 1
#define CKO_PRIVATE_KEY 3

bool nss_store_is(struct byte_reader bytes)
{
    return bytes.left > 512 && memcmp(bytes.at, "SQLite format 3", 16) == 0 &&
           (memmem(bytes.at, bytes.left < 65536 ? bytes.left : 65536, "nssPublic", 9) != NULL ||
            memmem(bytes.at, bytes.left < 65536 ? bytes.left : 65536, "nssPrivate", 10) != NULL);
}

/* An attribute is a number in network order of four bytes. */
static uint32_t attribute(sqlite3_stmt *stmt, int column)
{
    const uint8_t *bytes = sqlite3_column_blob(stmt, column);
    return bytes == NULL || sqlite3_column_bytes(stmt, column) != 4
               ? 0 : (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void add_certificate(sqlite3_stmt *stmt, struct found *found)
{
    char *label = sqlite3_column_bytes(stmt, 2) <= 0 ? NULL : xstrndup(sqlite3_column_blob(stmt, 2), (size_t)sqlite3_column_bytes(stmt, 2));
    if (label != NULL)
        found_label(found, label);
    free(label);
    found_add_certificate(found, byte_reader_of(sqlite3_column_blob(stmt, 1), (size_t)sqlite3_column_bytes(stmt, 1)), -1, "nss");
}

static struct byte_reader bytes_of(sqlite3_stmt *stmt, int column)
{
    const void *bytes = sqlite3_column_blob(stmt, column);
    return byte_reader_of(bytes, bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, column));
}

/* NSS encrypts what is secret of a key and leaves the rest in the clear: modulus and exponent, or curve and point (its own attribute
 * CKA_NSS_DB). So whose key it is, no password hides. */
static void describe(sqlite3_stmt *stmt, struct private_key *key)
{
    static const struct {
        const char *oid, *curve;
        size_t len;
    } curves[] = {{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", "P-256", 10}, {"\x06\x05\x2b\x81\x04\x00\x22", "P-384", 7}, {"\x06\x05\x2b\x81\x04\x00\x23", "P-521", 7}};
    struct byte_reader modulus = bytes_of(stmt, 4), exponent = bytes_of(stmt, 5), parameters = bytes_of(stmt, 6), point = bytes_of(stmt, 7);
    if (modulus.left >= 64 && modulus.left <= 4096 && exponent.left > 0 && exponent.left <= 64)
        private_key_describe_rsa(exponent, modulus, key);
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (parameters.left == curves[i].len && memcmp(parameters.at, curves[i].oid, curves[i].len) == 0 && point.left > 0 && point.left < 256)
            private_key_describe_ec(curves[i].curve, point, key);
}

/* PKCS #11: CKK_RSA 0, CKK_DSA 1, CKK_EC 3, CKK_EC_EDWARDS 0x40. */
static void add_key(sqlite3_stmt *stmt, struct found *found)
{
    struct private_key key = {.is_encrypted = true};
    uint32_t type = attribute(stmt, 3);
    bool is_known = sqlite3_column_bytes(stmt, 3) == 4;
    snprintf(key.algorithm, sizeof key.algorithm, "%s", !is_known ? "" : type == 0 ? "rsa" : type == 1 ? "dsa" : type == 3 ? "ec" : type == 0x40 ? "ed25519" : "");
    if (sqlite3_column_count(stmt) > 4)
        describe(stmt, &key);
    found_add_key(found, FILE_KEY_PRIVATE, &key, -1);
}

/* False: it has no such table or columns. */
static bool read_table(sqlite3 *sqlite, const char *sql, struct found *found)
{
    sqlite3_stmt *stmt = NULL;
    bool has = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) == SQLITE_OK;
    while (has && sqlite3_step(stmt) == SQLITE_ROW) {
        uint32_t class = attribute(stmt, 0);
        if (class == CKO_CERTIFICATE && sqlite3_column_bytes(stmt, 1) > 0)
            add_certificate(stmt, found);
        else if (class == CKO_PRIVATE_KEY)
            add_key(stmt, found);
    }
    sqlite3_finalize(stmt);
    return has;
}

/* A database in WAL mode wants its log beside it, and there is none in memory: these two bytes (18 and 19, the file format's
 * versions) say so. What is only in the log is found in that file. Yours. */
static uint8_t *without_log(struct byte_reader bytes)
{
    uint8_t *copy = xmemdup(bytes.at, bytes.left);
    for (size_t i = 18; i < 20 && i < bytes.left; i++)
        if (copy[i] == 2)
            copy[i] = 1;
    return copy;
}

void nss_store_read(struct byte_reader bytes, struct found *found)
{
    sqlite3 *sqlite = NULL;
    uint8_t *copy = without_log(bytes);
    found_name_kind(found, "nss");
    bool ok = sqlite3_open_v2(":memory:", &sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
              sqlite3_deserialize(sqlite, "main", copy, (sqlite3_int64)bytes.left, (sqlite3_int64)bytes.left,
                                  SQLITE_DESERIALIZE_READONLY) == SQLITE_OK;
    if (ok) {
        sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
        sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        sqlite3_limit(sqlite, SQLITE_LIMIT_VDBE_OP, 25000);
        sqlite3_limit(sqlite, SQLITE_LIMIT_LENGTH, 64 << 20);
        read_table(sqlite, "SELECT a0, a11, a3, NULL FROM nssPublic LIMIT 200000", found);
        if (!read_table(sqlite, "SELECT a0, NULL, NULL, a100, a120, a122, a180, ad5a0db00 FROM nssPrivate LIMIT 200000", found))
            read_table(sqlite, "SELECT a0, NULL, NULL, a100 FROM nssPrivate LIMIT 200000", found);
    } else {
        found_fault(found, FILE_DAMAGED, "a store of NSS that cannot be read");
    }
    sqlite3_close(sqlite);
    free(copy);
}
