/* Settings files: options that a user would otherwise type each time, as ini by inih. Lines before any section
 * hold for every command that knows the option; a section [scan] or [managed import] for that command alone.
 *
 *     site = headquarters
 *     [scan]
 *     exclude = 10.1.2.0/24
 *
 * A name is an option's long name. A switch takes yes or no. Every line is checked, also those for other
 * commands, so that a mistake shows at once and not on the night when it matters. */
#pragma once
#include "probes/base/error.h"
#include "scanner/cli/options.h"

/* Reads one file; a file that does not exist is no error. Errors name file and line. */
bool settings_read(const char *path, const struct command *const *commands, const struct command *command,
                   struct options *options, struct error *err);

/* /etc/certsweep/certsweep.conf, then certsweep/certsweep.conf in $XDG_CONFIG_HOME or ~/.config. */
bool settings_read_all(const struct command *const *commands, const struct command *command,
                       struct options *options, struct error *err);
