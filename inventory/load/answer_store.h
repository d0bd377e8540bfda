/* Computes the history of endpoints, from tables into tables: in_changed lists the endpoints, in_evidence has their answers and
 * earlier spans (both are temporary tables: loader_tables.sql). Writes spans, events and the present only where they differ. */
#pragma once
#include "inventory/store/db.h"

/* To be called inside a transaction. Continues the spans in in_evidence; those that do not change are not written. */
bool answer_store_run(struct db *db, struct error *err);
