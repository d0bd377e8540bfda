/* What to do next, from what the summary says: first what hinders judging, then the gravest report. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;

/* Prints "Next: certsweep ..." after a blank line. */
bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err);
