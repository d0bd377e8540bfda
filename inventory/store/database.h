/* The database of a command: the one that --db or CERTSWEEP_DB names, else the private cluster, with its schema
 * brought up to date. */
#pragma once
#include "inventory/store/db.h"

/* dsn NULL: $CERTSWEEP_DB, else the private cluster, which is lent until db_close(). */
struct db *database_open(const char *dsn, struct error *err);

/* For a process that is about to become another user: connects now, and database_open() gives this connection (or this error)
 * whenever the same database is asked for. */
void database_connect_early(const char *dsn);
