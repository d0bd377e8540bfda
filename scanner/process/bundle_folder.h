/* Where bundles are kept when the user names no file: $CERTSWEEP_BUNDLES, else bundles in $CERTSWEEP_HOME, else
 * /var/lib/certsweep/bundles for root, else certsweep/bundles under $XDG_DATA_HOME or ~/.local/share. A scan's bundle is named by its id. */
#pragma once
#include "inventory/bundle/bundle.h"

#include <stddef.h>

/* The folder, made where it is not there. */
bool bundle_folder(char *path, size_t size, struct error *err);

/* The path of a new scan's bundle. name: the scan's id, with "-1of2" behind it where it is a part. */
bool bundle_folder_path(const char *name, char *path, size_t size, struct error *err);

/* What a user means by ID|BUNDLE: a path to a file that exists, or an id (its first 8 characters do, where they
 * are the only ones) in the folder. */
bool bundle_folder_find(const char *text, char *path, size_t size, struct error *err);
