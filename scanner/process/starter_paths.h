/* What a starter opens for its keeper, and what not (starter.h). */
#pragma once
#include "scanner/process/starter.h"

enum starter_right { STARTER_NONE, STARTER_READ, STARTER_WRITE };

enum starter_right starter_paths_right(const struct starter_rules *rules, const char *path);

/* 0 or an errno. */
int starter_paths_open(const struct starter_rules *rules, const char *path, int flags, mode_t mode, int *fd);

/* Removes what is named as output, or a bundle and the files beside it in the folder of bundles. 0 or an errno. */
int starter_paths_remove(const struct starter_rules *rules, const char *path);

/* Makes one of the folders of our data, the keeper's own; or gives it to the keeper where it is root's. Or the folder that is named as output,
 * root's. 0 or an errno. */
int starter_paths_make(const struct starter_rules *rules, const char *path);
