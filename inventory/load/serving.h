/* Recomputes spans, events and the present of the endpoints in the table recompute (a late answer, for example), from
 * all stored answers, by time of observation. In chunks, each a transaction: after a kill the rest stays in the table
 * for the next run. */
#pragma once
#include "inventory/store/db.h"

bool serving_recompute(struct db *db, int64_t *endpoints, struct error *err);      /* endpoints may be NULL */
