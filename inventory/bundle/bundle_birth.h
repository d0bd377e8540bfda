/* Recognises a bundle whose creation was interrupted by a kill: an empty file, an SQLite file without tables, or tables without
 * any result. Such a file holds nothing of value, so it may be overwritten. A scan's bundle is complete when its keeper has called
 * bundle_mark_made(), after the last line of the name list; only then can --resume continue it. */
#pragma once
#include "probes/base/error.h"

/* False for a file that is not ours, a sealed bundle, and one that holds results or was marked. The caller must hold the lock
 * (bundle_lock.h). */
bool bundle_is_half_made(const char *path);

/* Sets the error for a half-made bundle; always false. */
bool bundle_half_made_error(const char *path, struct error *err);
