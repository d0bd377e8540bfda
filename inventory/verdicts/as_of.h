/* What --as-of means: a day is the whole of it, so what happened on it counts, and what ends on it has ended. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

/* Is this a day, or a moment, that the program reads? Asks no database. */
bool as_of_check(const char *text, struct error *err);

/* "2027-01-31": its end in the zone of the policy in force, or now if that is today; "2027-01-31 12:00": that moment. */
bool as_of_read(struct db *db, const char *text, int64_t *as_of_us, struct error *err);
