/* The user's patterns of files: a glob without a slash is of a name, one with a slash of the whole path, in which * crosses folders. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct path_globs {
    const char *const *items;
    size_t count;
};

bool path_globs_match(const struct path_globs *globs, const char *path, const char *name);

/* A folder of test data, examples or documentation. */
bool path_is_sample_folder(const char *name);
bool path_is_in_sample_folder(const char *path);
