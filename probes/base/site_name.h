/* The name of a site: shown in every list, compared byte by byte. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>

/* 1 to SITE_SIZE - 1 characters of printable ASCII, blanks inside only. */
bool site_name_is_valid(const char *name);

/* The same for the value of --site; false with ERROR_USAGE, which says what is expected. NULL (not given) is
 * valid. */
bool site_name_check(const char *name, struct error *err);
