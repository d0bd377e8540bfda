/* A folder that documents are written into, file by file: each appears under its name when it is whole. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct folder;

/* Makes the folder (0700) where it is not there yet. */
struct folder *folder_open(const char *path, struct error *err);
void folder_close(struct folder *folder);       /* NULL is fine. A folder that was made and stayed empty, as on a full disk, is removed */

/* One file at a time. name must not be a path. Where writing has failed, err tells the file and the cause in place of what whoever wrote it
 * has told (whole is false then, mostly); else err stays as it is. */
FILE *folder_begin(struct folder *folder, const char *name, struct error *err);
bool folder_end(struct folder *folder, bool whole, struct error *err);

/* From now on a line of each file (as folder_list() prints it) is added to this list of the folder before the file appears, so that a run
 * that is broken off, however, leaves no file that no list names. NULL: no more. Borrowed. */
void folder_keep_list(struct folder *folder, const char *name);

/* The files written so far, in order. */
size_t folder_count(const struct folder *folder);
const char *folder_name(const struct folder *folder, size_t index);
const char *folder_path(const struct folder *folder);
void folder_list(const struct folder *folder, FILE *out);      /* as sha256sum prints them; without the one that is being written */

/* Removes what an earlier run wrote. True, too, where it is not there. */
bool folder_remove(const struct folder *folder, const char *name, struct error *err);
