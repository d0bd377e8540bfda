/* What writes says so before it has done anything, to a role that only reads: what the server refuses first is a table that nobody knows. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>

struct db;

/* *may: the role may add rows to this table of ours. */
bool rights_ask(struct db *db, const char *table, bool *may, struct error *err);
/* False with an error that names the role, says why it must write ("and letters keep what their calendars hold"), and who may. */
bool rights_require(struct db *db, const char *table, const char *why, struct error *err);
