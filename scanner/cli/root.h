/* A command that root called: everything that reads files or a database runs as another user (scanner/process/starter.h). */
#pragma once
#include "scanner/cli/command.h"

bool root_split(const struct command *command, const struct options *options, int *code);
