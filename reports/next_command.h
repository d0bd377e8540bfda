/* Suggests the next command from what the inventory, or what a filter leaves of it, says: first what prevents judging, then the most urgent report. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct db;

struct next_asked {
    const char *filter;         /* report_filter_text() */
    const char *near[2];        /* certificates and endpoints that it can want (report_near.sql); NULL: not known */
    const char *wish;           /* the command that follows from the list that was read, if it has rows; NULL: none */
    const char *report;         /* that list's name, which does not follow from itself; NULL: none was read */
    bool is_empty;              /* it has no row */
};

/* A command that runs, with the filter as far as it takes it, and has rows if it is a list; "": nothing is to be done. Yours. NULL with an error. */
char *next_command(struct db *db, const struct next_asked *asked, struct error *err);

/* Prints "Next: certsweep ..." after a blank line. */
bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err);

/* "Next: " and the command, or that nothing is to be done. */
void next_command_write(const char *command, FILE *out);

/* From here on, what commands of this session follow keep --as-of as it was typed, too. */
bool next_command_as_of(struct db *db, const char *as_of, struct error *err);

/* This command with a filter's conditions as options, as a shell takes them; yours. NULL with an error. */
char *next_command_of(struct db *db, const char *command, const char *filter, struct error *err);
