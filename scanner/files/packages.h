/* Which files came with an installed package, as the lists of dpkg (also those of distroless images) and apk say: what a distribution
 * ships is not a forgotten certificate. Paths are from the root of that system: "/usr/share/x". */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stddef.h>

#define PACKAGES_LIST_MAX (64u << 20)           /* bytes of one list */

struct packages;

/* For lists that come by packages_add_list(). */
struct packages *packages_create(void);

/* root: an open folder, perhaps a system's root, whose own lists are read. NULL if it has none. below: only files below this path are
 * asked for ("" all): a system has a quarter of a million. */
struct packages *packages_load(int root, const char *below);
void packages_destroy(struct packages *packages);       /* NULL is fine */

bool packages_is_list(const char *path);
void packages_add_list(struct packages *packages, const char *path, struct byte_reader text);

bool packages_have(const struct packages *packages, const char *path, size_t len);      /* NULL has none */
