/* What a kill leaves of a bundle that was just being made: an empty file, an SQLite file without tables, or tables without a
 * row that anybody found. Such a file holds nothing, so it may be overwritten. A scan's bundle is whole once its keeper has
 * noted so (bundle_mark_made()), after the last line of its name list; only then may --resume go on with it. */
#pragma once
#include "probes/base/error.h"

/* False of any file that is not ours, of a sealed bundle, and of one that holds rows or was marked. Nobody may write it
 * meanwhile (bundle_lock.h). */
bool bundle_is_half_made(const char *path);

/* "bundle x: killed while it was made ..."; always false. */
bool bundle_half_made_error(const char *path, struct error *err);
