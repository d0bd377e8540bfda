/* Lets SQLite open, check and remove a bundle's files by the rules for files that the user named (probes/base/user_file.h). */
#pragma once
#include <stdbool.h>

/* To be called before the first bundle is opened; may be called again. */
void bundle_files_hook(void);

/* The keeper opens the bundle and its two side files for its worker; false with errno. The worker passes these descriptors to
 * bundle_files_lend(): from then on the path means them. They stay open. */
#define BUNDLE_FILE_COUNT 3
bool bundle_files_open(const char *path, int fds[BUNDLE_FILE_COUNT]);
void bundle_files_lend(const char *path, const int fds[BUNDLE_FILE_COUNT]);

/* Suffixes of the files that SQLite creates and removes beside a bundle; NULL at the end. */
extern const char *const bundle_files_beside[];

/* Removes a bundle and these, which stay where it could not be closed well: its process was killed, the disk was full. */
void bundle_files_remove(const char *path);
