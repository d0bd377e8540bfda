/* Files that the user named for output. What is whole or nothing (a report) is written under a random name in the same folder and
 * renamed at its end; what comes line by line (JSON lines, a dump) is written where it stands. Either way nobody else leads us
 * elsewhere: a symbolic link on the way is followed only where root or the caller made it, no folder is looked up twice, and where
 * everybody may make names nobody else's pipe is written into. Pipes and devices are written directly; so is /dev/stdout and /dev/fd/N, which is a descriptor that is open already. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct output_file;

/* A descriptor that is open already, by one of its names; -1: it is none. */
int output_file_descriptor(const char *path);

/* NULL with an error where it cannot be written. What replaces a file is no more readable to others than that was. */
struct output_file *output_file_open(const char *path, struct error *err);
int output_file_fd(const struct output_file *file);     /* to be written to; closed by output_file_close() */

/* whole: it appears under its name; else nothing is left of it. A full disk may show itself only here. */
bool output_file_close(struct output_file *file, bool whole, struct error *err);

/* For what comes line by line; -1 with an error. flags: O_TRUNC, or O_EXCL where it must not be there yet. */
int output_file_stream(const char *path, int flags, mode_t mode, struct error *err);

/* The same at the end of what is there. A JSON line that a kill has cut there ("{" and no newline) is taken away. */
int output_file_append(const char *path, mode_t mode, struct error *err);

/* The way there alone, for a starter: open() and unlink() of what it ends at. errno says why not; of what somebody else has laid there
 * it is one that no file system gives. */
#define OUTPUT_FILE_LAID EREMCHG
int output_file_reach(const char *path, int flags, mode_t mode);
bool output_file_remove(const char *path);
