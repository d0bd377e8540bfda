/* Suggests the next command from the counts in the inventory: first what prevents judging, then the most urgent report. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;

/* Prints "Next: certsweep ..." after a blank line. */
bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err);

/* Prints "Next: " and this command for the site (NULL: all), as a shell takes it. */
bool next_command_print_of(struct db *db, const char *command, const char *site, FILE *out, struct error *err);
