/* The command line after its command was found, read against one option table: the command's own rows, then
 * the common ones. Forms: --rate 100, --rate=100, -r 100, -r100, switches grouped as -vq, --jsonl[=FILE],
 * "--" before arguments that begin with a dash, "-" alone as an argument. Long names are never abbreviated:
 * a script that says --res must not change its meaning when an option is added. */
#pragma once
#include "probes/base/error.h"
#include "scanner/cli/command.h"

/* --db, --format, --site, -o, --verbose, --quiet, --help: rows that every command has which has a use for them. */
extern const struct option_spec options_common[];

struct options *options_create(const struct command *command);
void options_destroy(struct options *options);              /* NULL is fine */

/* argv without program and command. False: an option that does not exist (the nearest name is suggested), one without its
 * argument, one with an argument too many, or a value that may not be given. */
bool options_parse(struct options *options, int argc, char *const *argv, struct error *err);

/* One line of a settings file: NAME = VALUE. A switch takes yes or no. */
bool options_set(struct options *options, const char *name, const char *value, struct error *err);

/* Where the values that come next are written, as "FILE:LINE"; NULL: on the command line. */
void options_come_from(struct options *options, const char *place);

/* Logs each value in force that is not from the command line, with its place: what the command refused may be one. */
void options_tell_places(const struct options *options);

/* CERTSWEEP_DB. Called between the settings files and options_parse(). */
bool options_read_environment(struct options *options, struct error *err);

/* Walks the rows: the command's own, then those common ones that it does not replace. NULL after the last. */
const struct option_spec *options_row(const struct command *command, size_t index);

/* May a settings file set this option for this command? */
const struct option_spec *options_find(const struct command *command, const char *name);
