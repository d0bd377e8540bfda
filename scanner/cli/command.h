/* A command is a row: name, one line of summary, options, a run function. The option table is the only place
 * where an option is written: the parser, --help and the man page come from it (options.c, help.c, man.c).
 * To add a command: one file command_NAME.c, one line in commands.c, one in CMakeLists.txt. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct option_spec {
    const char *name;               /* "rate", without the dashes; NULL ends the table */
    char letter;                    /* 'p', or 0 */
    const char *argument;           /* "N", "FILE", "SPEC|@FILE"; NULL for a switch */
    const char *help;               /* one or more sentences; wrapped by whoever prints it */
    bool repeatable;
    bool optional_argument;         /* --jsonl or --jsonl=FILE */
};

struct options;

struct command {
    const char *name;               /* "scan", "managed import" */
    const char *arguments;          /* "[TARGET...]" for the usage line */
    const char *summary;            /* one line */
    const char *description;        /* paragraphs for --help and the man page; may be NULL */
    const struct option_spec *options;      /* beside the common ones (--db, --format, --policy, --site ...) */
    const char *const *examples;    /* pairs "command line", "what it does"; NULL ends; may be NULL */
    int (*run)(const struct command *command, struct options *options);    /* gives the exit code */
};

/* What the user gave: settings files first, then the command line. */
const char *option_get(const struct options *options, const char *name);      /* last value; NULL not given */
bool option_given(const struct options *options, const char *name);
size_t option_count(const struct options *options, const char *name);
const char *option_at(const struct options *options, const char *name, size_t index);
size_t argument_count(const struct options *options);
const char *argument_at(const struct options *options, size_t index);
/* A whole number with a range; false with an error that names option and range. *value keeps its default
 * where the option is not given. */
bool option_number(const struct options *options, const char *name, long long min, long long max,
                   long long *value, struct error *err);

extern const struct command *const commands_all[];          /* NULL at its end */

/* Prints the error as a line of the log and gives the exit code. */
int command_fail(const struct error *err);
