#include "inventory/bundle/bundle_birth.h"

#include "inventory/bundle/bundle_schema.h"
#include "probes/base/user_file.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define APPLICATION_ID_AT 68 /* SQLite's file format, section 1.3 */

/* Could a kill of bundle_create() have left this header? An empty file has none. */
static bool has_our_header(const char *path, bool *is_empty)
{
    uint8_t header[100];
    FILE *file = user_file_fopen(path);
    size_t len = file == NULL ? 0 : fread(header, 1, sizeof header, file);
    *is_empty = file != NULL && len == 0 && feof(file);
    if (file != NULL)
        fclose(file);
    if (len != sizeof header || memcmp(header, "SQLite format 3", 16) != 0)
        return false;
    const uint8_t *at = header + APPLICATION_ID_AT;
    uint32_t application = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return application == BUNDLE_APPLICATION_ID || application == 0;
}

static bool is_true(sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    bool is = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW &&
              sqlite3_column_int(stmt, 0) == 1;
    sqlite3_finalize(stmt);
    return is;
}

static const char has_no_table[] = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
static const char has_no_row[] =
    "SELECT NOT (EXISTS (SELECT 1 FROM seal) OR EXISTS (SELECT 1 FROM counter) OR EXISTS (SELECT 1 FROM certificate) OR "
    "EXISTS (SELECT 1 FROM endpoint) OR EXISTS (SELECT 1 FROM block) OR EXISTS (SELECT 1 FROM name))";

bool bundle_is_half_made(const char *path)
{
    bool is_empty;
    if (!has_our_header(path, &is_empty))
        return is_empty && !bundle_wal_exists(path);
    sqlite3 *sqlite = bundle_open_read(path, !bundle_wal_exists(path));
    struct error ignored;
    bool is = sqlite != NULL && (is_true(sqlite, has_no_table) ||
                                 (bundle_schema_check(sqlite, path, &ignored) && is_true(sqlite, has_no_row)));
    sqlite3_close(sqlite);
    return is;
}

bool bundle_half_made_error(const char *path, struct error *err)
{
    return error_set(err, ERROR_INPUT,
                     "bundle %s: it is being made, or was killed while it was, and nothing was asked yet; start the scan "
                     "again (with the same -o it takes this file's place)",
                     path);
}
