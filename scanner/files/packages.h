/* Which files came with an installed package, as dpkg's lists say: what a distribution ships is not a forgotten certificate. */
#pragma once
#include <stdbool.h>

struct packages;

/* root: an open folder, perhaps a system's root, whose own lists are read. NULL if it has none. */
struct packages *packages_load(int root);
void packages_destroy(struct packages *packages);       /* NULL is fine */

/* path: from that root, "/usr/share/x". */
bool packages_have(const struct packages *packages, const char *path);
