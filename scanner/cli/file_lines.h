/* What a bundle tells of files, as JSON lines: one for each place. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>

/* path NULL: standard output. */
bool file_lines_write(const char *bundle, const char *path, struct error *err);
