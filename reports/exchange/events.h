/* Every event of the places as JSON lines, oldest first, each with an id that stays. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;

/* since: a date or a moment; NULL: all. */
bool events_write(struct db *db, const char *site, const char *since, FILE *out, struct error *err);
