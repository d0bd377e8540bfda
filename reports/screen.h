/* What a command prints at its end, once something was loaded or judged: of which site, what has changed, what is due, what was not
 * judged, and the next command, which runs as it stands. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct db;

/* site NULL: every site. */
bool screen_print(struct db *db, const char *site, FILE *out, struct error *err);

/* The lines alone, without the next command. */
bool screen_print_lines(struct db *db, const char *site, FILE *out, struct error *err);

/* What must be renewed by when, a line for all and one for each owner, most urgent first. filter: as a report's (report_filter.h). */
bool screen_print_due(struct db *db, const char *filter, FILE *out, struct error *err);
