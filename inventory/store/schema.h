/* The schema "certsweep": files applied in order and recorded in the table schema_file. After a release a file of tables is never
 * edited; a change is a new file. Files of views, functions and indexes alone (code_files in schema.c) may be edited: where one differs
 * from what was applied, what it and the later ones made is dropped and made again. To add a file:
 * inventory/store/schema/NNNN_name.sql, one line in CMakeLists.txt, one in schema.c. */
#pragma once
#include "inventory/store/db.h"

/* Updates the database to this program's schema, and the rights of the roles certsweep_loader and certsweep_reader
 * where the server has them (schema_grants.sql). For a role that may not change the schema it must be up to date
 * already. Refuses a database of a newer certsweep, and one whose applied files differ from ours (ERROR_DATABASE).
 * A second process waits for the first. */
bool schema_apply(struct db *db, struct error *err);
