/* Paths that the environment names. `sudo -E` passes the caller's environment to root; root's data and settings
 * must not end up in the caller's folders because of that. */
#pragma once
#include <stdbool.h>

/* A folder (or a file: CERTSWEEP_ROOTS) that the environment names (CERTSWEEP_HOME, CERTSWEEP_BUNDLES): an absolute
 * path, borrowed; NULL: none. Under sudo, a folder that belongs to the caller is ignored, and this is logged. */
const char *named_folder(const char *variable);

/* $CERTSWEEP_DB, borrowed; NULL: not set, or we are root through sudo (this is logged). */
const char *named_database(void);

/* True if we are root through sudo and the caller could have created the path, or a folder or link above it, or
 * could create it now. */
bool named_folder_is_of_caller(const char *path);
