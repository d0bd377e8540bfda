/* Opens what lies below a folder: no part of the path may be a link, none may lead out of the folder. */
#pragma once

/* path: relative; flags: of openat(2). -1 with errno; ELOOP: a part of it is a link. */
int open_beneath(int folder, const char *path, int flags);

/* An absolute path without links, as realpath() gave it a moment ago. */
int open_without_links(const char *path, int flags);
