/* From argv to an exit code: global options, the command, settings, environment, options, run. */
#pragma once
#include "scanner/cli/command.h"

int command_line_run(const struct command *const *commands, int argc, char *const *argv);
