/* The files of a folder of captures: all of them, in the folders below it too, by name; hidden ones are left
 * out, and links to folders are not followed. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct path_list {
    char **paths;
    size_t count;
};

void path_list_add(struct path_list *list, const char *path); /* copied */
void path_list_clear(struct path_list *list);

/* Appends a file's path (whatever it is, even missing), or the files of a folder. False: a folder that cannot
 * be read, or has no file. */
bool capture_folder_add(struct path_list *list, const char *path, struct error *err);
