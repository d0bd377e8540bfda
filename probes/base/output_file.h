/* Output files that the user named. A file that must be complete or absent (a report) is written under a random
 * name in the same folder and renamed at the end (where the file system allows, it has no name until then, so that a
 * process that is killed leaves nothing); output that comes line by line (JSON lines, a dump) is written in
 * place. In both cases another user cannot redirect it: a symbolic link in the path is followed only if root or the
 * caller made it, each folder is looked up once, and in a folder where everybody may create names another user's
 * pipe is not written to. Pipes and devices are written directly; so are /dev/stdout and /dev/fd/N, which name a
 * descriptor that is already open. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct output_file;

/* The open descriptor that path names (/dev/stdout, /dev/fd/N); -1 if it names none. */
int output_file_descriptor(const char *path);

/* NULL with an error if it cannot be written. A file that replaces another is no more readable to other users
 * than the old one. */
struct output_file *output_file_open(const char *path, struct error *err);
int output_file_fd(const struct output_file *file);     /* to be written to; closed by output_file_close() */

/* whole: the file appears under its name; otherwise it is removed. A full disk may be reported only here. */
bool output_file_close(struct output_file *file, bool whole, struct error *err);

/* For output line by line; -1 with an error. flags: O_TRUNC, or O_EXCL if the file must not exist yet. */
int output_file_stream(const char *path, int flags, mode_t mode, struct error *err);

/* The same, appending. An incomplete JSON line at the end ("{" without a newline), left by a killed process, is
 * removed. */
int output_file_append(const char *path, mode_t mode, struct error *err);

/* The safe path walk alone, for a starter: open() and unlink() of the file at its end (of a folder where it is empty), mkdir(). On failure errno is set;
 * OUTPUT_FILE_LAID, which no file system returns, means that another user placed something there. */
#define OUTPUT_FILE_LAID EREMCHG
/* Why a path was refused, and what to do, in words. error: of errno. */
const char *output_file_reason(const char *path, int error);
int output_file_reach(const char *path, int flags, mode_t mode);
bool output_file_remove(const char *path, bool or_folder);
bool output_file_make_folder(const char *path, mode_t mode);
