/* --help, for people at a terminal: 80 columns, from the same table as the parser and the man pages. */
#pragma once
#include "scanner/cli/command.h"

#include <stdio.h>

void help_print(FILE *file, const struct command *command);                     /* certsweep COMMAND --help */
void help_print_family(FILE *file, const struct command *const *commands, const char *family);      /* managed --help */
void help_print_all(FILE *file, const struct command *const *commands);         /* certsweep --help */

/* "-p, --ports=SPEC", "--jsonl[=FILE]": as --help and the man page head an option. */
void help_option_head(const struct option_spec *row, char *text, size_t size);

/* What the exit codes mean, code by code; text NULL after the last. */
struct help_exit_code {
    int code;
    const char *text;
};
extern const struct help_exit_code help_exit_codes[];

/* The environment, variable by variable; name NULL after the last. */
struct help_variable {
    const char *name, *text;
};
extern const struct help_variable help_variables[];
