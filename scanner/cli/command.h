/* A command is a row: name, one line of summary, options, a run function. The option table is the only place
 * where an option is written: the parser, --help and the man page come from it (options.c, help.c, man.c).
 * To add a command: one file command_NAME.c that defines "const struct command command_NAME[]", and its NAME in
 * the list of CMakeLists.txt, which makes commands.c's table. A family such as "managed import" and "managed
 * list" is one file with a row each. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A macro's number as text, so that an option's help always shows the real default. */
#define TEXT_OF(number) TEXT_OF_TOKEN(number)
#define TEXT_OF_TOKEN(token) #token

struct option_spec {
    const char *name;               /* "rate", without the dashes; NULL ends the table */
    char letter;                    /* 'p', or 0 */
    const char *argument;           /* "N", "FILE", "SPEC|@FILE"; NULL for a switch */
    const char *help;               /* one or more sentences; wrapped when it is printed */
    bool repeatable;
    bool optional_argument;         /* --jsonl or --jsonl=FILE */
};

struct options;

struct command {
    const char *name;               /* "scan", "managed import" */
    const char *arguments;          /* "[TARGET...]" for the usage line */
    const char *summary;            /* one line */
    const char *description;        /* paragraphs for --help and the man page; may be NULL */
    const struct option_spec *options;      /* beside the common ones (--db, --format, --site ...; options.c);
                                             * one of the same name or letter takes the common one's place */
    const char *const *examples;    /* pairs "command line", "what it does"; NULL ends; may be NULL */
    int (*run)(const struct command *command, struct options *options);    /* gives the exit code */
};

/* What the user gave: settings files first, then the environment, then the command line. A repeatable option
 * adds up over all three, any other is replaced. A name that is in no table is a bug of ours and
 * ends the program. An optional argument that was not given is "". */
const char *option_get(const struct options *options, const char *name);      /* last value; NULL not given */
const char *option_get_or(const struct options *options, const char *name, const char *otherwise);
bool option_given(const struct options *options, const char *name);
bool option_typed(const struct options *options, const char *name);   /* on the command line itself */
size_t option_count(const struct options *options, const char *name);
const char *option_at(const struct options *options, const char *name, size_t index);
size_t argument_count(const struct options *options);
const char *argument_at(const struct options *options, size_t index);
/* A whole number with a range, from 0 at least; false with an error that names option and range. *value keeps its default
 * where the option is not given. */
bool option_number(const struct options *options, const char *name, long long min, long long max,
                   long long *value, struct error *err);

/* Where results go: standard output, or the file of -o, which appears under its name only when it is whole.
 * output_close() also reports a full disk, by path and cause, in place of an error of whoever wrote; whole
 * false removes the incomplete file. NULL and false with an error where the file cannot be written. */
struct output;
struct output *output_open(const struct options *options, struct error *err);
FILE *output_file(struct output *output);
bool output_close(struct output *output, bool whole, struct error *err);

/* Every command file's table, each ended by a row without a name; NULL at the end of all. */
extern const struct command *const commands_all[];

/* Prints the error as a line of the log and gives the exit code. */
int command_fail(const struct error *err);
