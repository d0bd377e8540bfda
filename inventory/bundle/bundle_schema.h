/* What writer and reader of bundles share: the format's numbers, opening the file as SQLite, comparing its
 * schema with bundle.sql, and reading its head. */
#pragma once
#include "inventory/bundle/bundle.h"

#include <sqlite3.h>

#define BUNDLE_APPLICATION_ID 0x43535750    /* "CSWP", in the file's header */
#define BUNDLE_FORMAT         4             /* user_version: a change of bundle.sql raises it */

#define BUNDLE_PLAN_MAX        (4u << 20)   /* bytes */
#define BUNDLE_SPACE_MAX       (16u << 20)
#define BUNDLE_KNOWN_NAMES_MAX (64u << 20)

/* Sets the error to SQLite's last message, with the bundle's path; always false. */
bool bundle_sqlite_error(sqlite3 *sqlite, const char *path, struct error *err);

/* The file as foreign input: read-only, defensive, without triggers and views. The caller closes it, also after a failure, which
 * sqlite3_errcode() shows (NULL: no memory). immutable: no process writes it, and SQLite creates no file beside it. */
sqlite3 *bundle_open_read(const char *path, bool immutable);

/* Learns from a bundle that was made just now how SQLite stores our schema. */
bool bundle_schema_made(sqlite3 *sqlite, struct error *err);

/* Is this file a bundle of our format, with exactly our schema? */
bool bundle_schema_check(sqlite3 *sqlite, const char *path, struct error *err);

/* The strings are yours: bundle_head_clear(). */
bool bundle_head_read(sqlite3 *sqlite, const char *path, struct bundle_head *head, struct error *err);
void bundle_head_clear(struct bundle_head *head);

/* Is there a "-wal" beside it? An unsealed bundle without one may have lost rows. */
bool bundle_wal_exists(const char *path);
/* Does the file need a -wal that is missing? To be called before SQLite opens the file for writing, which creates one. */
bool bundle_wal_is_missing(const char *path);
bool bundle_wal_missing_error(const char *path, struct error *err);

enum bundle_seal_state { BUNDLE_UNSEALED, BUNDLE_SEALED, BUNDLE_SEALED_PARTIAL };
bool bundle_seal_read(sqlite3 *sqlite, const char *path, enum bundle_seal_state *state, struct error *err);
