/* A bundle's files are files that the user named (probes/base/user_file.h): SQLite opens, looks at and removes them that way. */
#pragma once
#include <stdbool.h>

/* Before the first bundle is opened; again does no harm. */
void bundle_files_hook(void);

/* The bundle and its two side files, as a keeper opens them for its worker: false with errno. And as the worker takes them: from here on
 * the path means these descriptors, which stay open. */
#define BUNDLE_FILE_COUNT 3
bool bundle_files_open(const char *path, int fds[BUNDLE_FILE_COUNT]);
void bundle_files_lend(const char *path, const int fds[BUNDLE_FILE_COUNT]);

/* The names beside a bundle that SQLite makes and removes. NULL ends. */
extern const char *const bundle_files_beside[];
