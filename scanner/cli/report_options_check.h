/* Options of `report` and `find` that the report or the format asked for has no use for. Ignored, they would mislead: they are refused where
 * they are typed. In a settings file they hold for the reports that have one. */
#pragma once
#include "scanner/cli/command.h"

/* name: of the report, discovery or columns. */
bool report_options_check(const char *name, const struct command *command, const struct options *options, struct error *err);
