/* The schema: files applied in order, each in a transaction of its own, recorded in the table schema_file. After
 * a release a file is never edited; what comes later is a new file. To add one: inventory/schema/NNNN_name.sql,
 * one line in CMakeLists.txt, one in schema.c. */
#pragma once
#include "inventory/store/db.h"

/* Brings the database to this program's schema. A database of a newer certsweep, and one whose applied files differ
 * from ours, is refused (ERROR_DATABASE). Two at once wait for each other. */
bool schema_apply(struct db *db, struct error *err);
