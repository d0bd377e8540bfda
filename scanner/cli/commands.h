/* The table of all commands, and the way from argv to the one that is meant. */
#pragma once
#include "probes/base/error.h"
#include "scanner/cli/command.h"

/* Walks every row of every file's table; NULL after the last. */
const struct command *command_row(const struct command *const *commands, size_t index);

/* By its whole name, "managed import"; NULL where there is none. */
const struct command *command_find(const struct command *const *commands, const char *name);

/* Commands of two words whose first one is this: "managed". */
bool command_is_of_family(const struct command *command, const char *family);
bool command_family_exists(const struct command *const *commands, const char *family);

/* The command named by the first one or two words, and how many words that took. NULL with an error that suggests the nearest
 * name, or lists the second words of a family such as "managed". */
const struct command *command_choose(const struct command *const *commands, int argc, char *const *argv,
                                     int *words, struct error *err);
