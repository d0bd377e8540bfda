/* Folders under `sudo -E`, which passes the caller's environment to root, and neither root's data nor root's settings must move
 * into their folders for that. */
#pragma once
#include <stdbool.h>

/* A folder (or a file: CERTSWEEP_ROOTS) that the environment names (CERTSWEEP_HOME, CERTSWEEP_BUNDLES): an absolute path, borrowed; NULL: none. Through sudo, a
 * folder that belongs to the caller is passed over, and a line of the log says so. */
const char *named_folder(const char *variable);

/* $CERTSWEEP_DB, borrowed; NULL: none, or we are root through sudo, which a line of the log says. */
const char *named_database(void);

/* Are we root through sudo, and could the caller have created the path, a folder or a link above it, or create it now? */
bool named_folder_is_of_caller(const char *path);
