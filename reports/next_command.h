/* Suggests the next command from the counts in the inventory: first what prevents judging, then the most urgent report. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;

/* Prints "Next: certsweep ..." after a blank line. */
bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err);

/* The command itself; yours. NULL with an error. */
char *next_command(struct db *db, const char *site, struct error *err);

/* From here on, what commands of this session follow keep --as-of as it was typed, too. */
bool next_command_as_of(struct db *db, const char *as_of, struct error *err);

/* This command with a filter's conditions as options, as a shell takes them; yours. NULL with an error. */
char *next_command_of(struct db *db, const char *command, const char *filter, struct error *err);
