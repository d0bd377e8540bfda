/* Man pages out of the command table, as roff with man macros: certsweep(1), and certsweep-NAME(1) for each
 * command ("managed import" becomes certsweep-managed-import). The build writes them, and so can a user:
 * certsweep --write-man-pages FOLDER. */
#pragma once
#include "probes/base/error.h"
#include "scanner/cli/command.h"

bool man_write_all(const char *folder, const struct command *const *commands, struct error *err);
