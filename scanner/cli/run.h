/* From argv to an exit code: global options, the command, settings, environment, options, run. */
#pragma once
#include "scanner/cli/command.h"

/* Called before a command runs, with all its options known. False: it runs elsewhere (another process), and *code is how it
 * ended. NULL: nothing. */
extern bool (*command_line_split)(const struct command *command, const struct options *options, int *code);

int command_line_run(const struct command *const *commands, int argc, char *const *argv);
