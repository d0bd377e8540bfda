/* The database of a command: the one that --db or CERTSWEEP_DB names, else the private cluster, with its schema
 * brought up to date. */
#pragma once
#include "inventory/store/db.h"

/* dsn NULL: the private cluster, which is in use until db_close(). */
struct db *database_open(const char *dsn, struct error *err);

/* Is there nothing to read: neither a dsn, nor a private cluster that was made? */
bool database_is_missing(const char *dsn);
/* For a command that only reads: as database_open(), but an error that says what makes an inventory where there is none. */
struct db *database_open_made(const char *dsn, struct error *err);

/* For a process that is about to become another user: connects now. Later calls of database_open() for the same database
 * return this connection, or this error. for_programs: PostgreSQL's own programs will connect, too. */
void database_connect_early(const char *dsn, bool for_programs);
