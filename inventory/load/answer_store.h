/* The history of endpoints, from tables into tables: in_changed names them, in_evidence holds what it is made from (both are
 * temporary: loader_tables.sql); spans, events and the present are written where they differ. */
#pragma once
#include "inventory/store/db.h"

/* Inside a transaction. Spans among the evidence go on; those that do stay as they are. */
bool answer_store_run(struct db *db, struct error *err);
