/* The schema: files applied in order, each in a transaction of its own, recorded in the table schema_file. After
 * a release a file is never edited; a change is a new file. To add one: inventory/store/schema/NNNN_name.sql,
 * one line in CMakeLists.txt, one in schema.c. */
#pragma once
#include "inventory/store/db.h"

/* Updates the database to this program's schema. Refuses a database of a newer certsweep, and one whose applied files
 * differ from ours (ERROR_DATABASE). A second process waits for the first. */
bool schema_apply(struct db *db, struct error *err);
