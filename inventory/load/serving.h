/* Spans, events and the present, made anew for the endpoints of which something came late (table recompute),
 * from all that is known of them, by time of observation. In chunks, each a transaction: what a kill leaves undone
 * stands in the table for the next. */
#pragma once
#include "inventory/store/db.h"

bool serving_recompute(struct db *db, int64_t *endpoints, struct error *err);      /* endpoints may be NULL */
