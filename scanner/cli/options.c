#include "scanner/cli/options.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"
#include "probes/base/number_text.h"
#include "probes/base/suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct option_spec options_common[] = {
    {.name = "db", .argument = "DSN",
     .help = "The PostgreSQL database to use, as a libpq connection string or URI, in place of certsweep's own "
             "private one. A password in it is refused, since other users would see it: use PGPASSFILE or a "
             "service file."},
    {.name = "format", .letter = 'f', .argument = "FORMAT",
     .help = "How results are written: table, csv, json or html, where the command knows them."},
    {.name = "site", .argument = "NAME",
     .help = "The realm in which an address means one host. Two sites may have the same private addresses and "
             "never meet. Without it: default."},
    {.name = "output", .letter = 'o', .argument = "FILE",
     .help = "Write results to FILE, which appears when it is whole, in place of standard output."},
    {.name = "verbose", .letter = 'v', .help = "Say more in the log, on standard error."},
    {.name = "quiet", .letter = 'q', .help = "Only errors in the log."},
    {.name = "help", .letter = 'h', .help = "Show this help."},
    {0},
};

/* Common options that a command, or a family of commands, does not use. They are refused: a user who names a site or a format
 * relies on it. */
static const struct {
    const char *command, *unused;
} refusals[] = {
    {"bundle", " db format site output "},
    {"db check", " site "},
    {"db dump", " format site output "},
    {"db prune", " format site output "},
    {"db restore", " format site output "},
    {"db start", " format site output "},
    {"db stop", " format site output "},
    {"db dsn", " format site output "},
    {"db upgrade", " format site output "},
    {"db status", " site "},
    {"evidence verify", " db format site output "},
    {"export", " format "},
    {"keys gcd", " format site "},
    {"listen", " format "},
    {"load", " format output "},
    {"managed import", " format output "},
    {"managed list", " site "},
    {"managed sources", " site "},
    {"notices", " format site output "},
    {"owners import", " format site output "},
    {"owners list", " site "},
    {"policy list", " site "},
    {"policy show", " format site "},
    {"policy use", " format site output "},
    {"reconcile", " site "},
    {"rules explain", " db format site "},
    {"rules list", " site "},
    {"scan", " format "},
    {"scope", " db format site "},
};

static bool is_refused(const struct command *command, const char *name)
{
    char word[32];
    snprintf(word, sizeof word, " %s ", name);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        size_t len = strlen(refusals[i].command);
        bool is_meant = strncmp(command->name, refusals[i].command, len) == 0 && (command->name[len] == '\0' || command->name[len] == ' ');
        if (is_meant && strstr(refusals[i].unused, word) != NULL)
            return true;
    }
    return false;
}

struct value {
    const struct option_spec *row;
    char *text;
    char *place;                    /* FILE:LINE; NULL: the command line */
};

struct options {
    const struct command *command;
    struct value *values;
    size_t value_count;
    char **arguments;
    size_t argument_count;
    char *place;                    /* of what is read now */
};

struct options *options_create(const struct command *command)
{
    struct options *options = xcalloc(1, sizeof *options);
    options->command = command;
    return options;
}

void options_destroy(struct options *options)
{
    if (options == NULL)
        return;
    for (size_t i = 0; i < options->value_count; i++) {
        free(options->values[i].text);
        free(options->values[i].place);
    }
    for (size_t i = 0; i < options->argument_count; i++)
        free(options->arguments[i]);
    free(options->values);
    free(options->arguments);
    free(options->place);
    free(options);
}

static size_t own_count(const struct command *command)
{
    size_t count = 0;
    while (command->options != NULL && command->options[count].name != NULL)
        count++;
    return count;
}

static bool own_replaces(const struct command *command, const struct option_spec *common)
{
    for (size_t i = 0; i < own_count(command); i++)
        if (strcmp(command->options[i].name, common->name) == 0 ||
            (common->letter != 0 && command->options[i].letter == common->letter))
            return true;
    return false;
}

const struct option_spec *options_row(const struct command *command, size_t index)
{
    size_t own = own_count(command);
    if (index < own)
        return &command->options[index];
    index -= own;
    for (const struct option_spec *row = options_common; row->name != NULL; row++)
        if (!own_replaces(command, row) && !is_refused(command, row->name) && index-- == 0)
            return row;
    return NULL;
}

const struct option_spec *options_find(const struct command *command, const char *name)
{
    const struct option_spec *row;
    for (size_t i = 0; (row = options_row(command, i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static const struct option_spec *find_letter(const struct command *command, char letter)
{
    const struct option_spec *row;
    for (size_t i = 0; (row = options_row(command, i)) != NULL; i++)
        if (row->letter == letter)
            return row;
    return NULL;
}

static bool unknown_option(const struct command *command, const char *name, struct error *err)
{
    if (is_refused(command, name))
        return error_set(err, ERROR_USAGE, "certsweep %s has no use for --%s", command->name, name);
    struct suggest suggest = suggest_start(name);
    const struct option_spec *row;
    for (size_t i = 0; (row = options_row(command, i)) != NULL; i++)
        suggest_offer(&suggest, row->name);
    if (suggest.best != NULL)
        return error_set(err, ERROR_USAGE, "no option --%s; did you mean --%s?", name, suggest.best);
    return error_set(err, ERROR_USAGE, "no option --%s; certsweep %s --help lists them", name, command->name);
}

/* The common option that this letter means for other commands; NULL: none. */
static const char *refused_letter(const struct command *command, char letter)
{
    for (const struct option_spec *row = options_common; row->name != NULL; row++)
        if (row->letter == letter && is_refused(command, row->name))
            return row->name;
    return NULL;
}

/* A password in a conninfo string ("password=", also as a URI's query) or in a URI's user part. libpq judges
 * the rest when the database is opened; this comes first so that no command does any work before. */
static bool dsn_has_password(const char *dsn)
{
    for (const char *at = dsn; (at = strcasestr(at, "password")) != NULL; at += strlen("password")) {
        const char *after = at + strlen("password");
        while (isspace((unsigned char)*after))
            after++;
        if (*after == '=')
            return true;
    }
    const char *user = strstr(dsn, "://");
    if (user == NULL)
        return false;
    user += 3;
    size_t authority = strcspn(user, "/?#");
    const char *host = memrchr(user, '@', authority);
    return host != NULL && memchr(user, ':', (size_t)(host - user)) != NULL;
}

/* Of what an empty text leaves nothing, and says nothing: a script's variable that was never set. Others take one to undo a setting. (What reports
 * are filtered by is refused by report_filter_set().) */
static bool needs_text(const char *name)
{
    static const char *const names[] = {"site", "source", "issuer", "where", "fail-on", "as-of", "sort", "group", "after"};
    for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool add_value(struct options *options, const struct option_spec *row, const char *text,
                      struct error *err)
{
    if (row->name != NULL && strcmp(row->name, "db") == 0 && dsn_has_password(text))
        return error_set(err, ERROR_USAGE,
                         "the database's connection string holds a password, which others can see: put it "
                         "into ~/.pgpass (PGPASSFILE) or a service file");
    if (row->argument != NULL && !row->optional_argument && needs_text(row->name) && text[strspn(text, " \t,")] == '\0')
        return error_set(err, ERROR_USAGE, "--%s needs a value, and \"%s\" is none: --%s %s", row->name, text, row->name, row->argument);
    struct value *value = NULL;
    for (size_t i = 0; i < options->value_count && !row->repeatable; i++)
        if (options->values[i].row == row)
            value = &options->values[i];
    if (value == NULL) {
        options->values =
            xreallocarray(options->values, options->value_count + 1, sizeof *options->values);
        value = &options->values[options->value_count++];
        *value = (struct value){.row = row};
    }
    free(value->text);
    free(value->place);
    value->text = xstrdup(text);
    value->place = options->place == NULL ? NULL : xstrdup(options->place);
    return true;
}

static void add_argument(struct options *options, const char *text)
{
    options->arguments =
        xreallocarray(options->arguments, options->argument_count + 1, sizeof *options->arguments);
    options->arguments[options->argument_count++] = xstrdup(text);
}

/* --name, --name=value, --name value: gives how many words beyond this one were used, -1 on an error. */
static int parse_long(struct options *options, const char *word, const char *next, struct error *err)
{
    size_t len = strcspn(word + 2, "=");
    char *name = xstrndup(word + 2, len);
    const char *value = word[2 + len] == '=' ? word + 2 + len + 1 : NULL;
    const struct option_spec *row = options_find(options->command, name);
    int used = 0;
    bool ok;
    if (row == NULL) {
        ok = unknown_option(options->command, name, err);
    } else if (row->argument == NULL && value != NULL) {
        ok = error_set(err, ERROR_USAGE, "--%s takes no value", name);
    } else if (row->argument == NULL || (row->optional_argument && value == NULL)) {
        ok = add_value(options, row, "", err);
    } else if (value != NULL) {
        ok = add_value(options, row, value, err);
    } else if (next == NULL) {
        ok = error_set(err, ERROR_USAGE, "--%s needs a value: --%s %s", name, name, row->argument);
    } else {
        used = 1;
        ok = add_value(options, row, next, err);
    }
    free(name);
    return ok ? used : -1;
}

/* -p443, -p 443, -vq; an optional argument must be attached. */
static int parse_letters(struct options *options, const char *word, const char *next, struct error *err)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const struct option_spec *row = find_letter(options->command, *at);
        const char *refused = row != NULL ? NULL : refused_letter(options->command, *at);
        if (refused != NULL) {
            unknown_option(options->command, refused, err);
            return -1;
        }
        if (row == NULL) {
            error_set(err, ERROR_USAGE, "no option -%c; certsweep %s --help lists them", *at,
                      options->command->name);
            return -1;
        }
        if (row->argument == NULL) {
            if (!add_value(options, row, "", err))
                return -1;
            continue;
        }
        bool attached = at[1] != '\0' || row->optional_argument;
        if (!attached && next == NULL) {
            error_set(err, ERROR_USAGE, "-%c needs a value: -%c %s", *at, *at, row->argument);
            return -1;
        }
        if (!add_value(options, row, attached ? at + 1 : next, err))
            return -1;
        return attached ? 0 : 1;
    }
    return 0;
}

bool options_parse(struct options *options, int argc, char *const *argv, struct error *err)
{
    bool only_arguments = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (only_arguments || word[0] != '-' || word[1] == '\0') {
            add_argument(options, word);
        } else if (strcmp(word, "--") == 0) {
            only_arguments = true;
        } else {
            int used = word[1] == '-' ? parse_long(options, word, next, err)
                                      : parse_letters(options, word, next, err);
            if (used < 0)
                return false;
            i += used;
        }
    }
    return true;
}

bool options_set(struct options *options, const char *name, const char *value, struct error *err)
{
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false", "off", "0"};
    const struct option_spec *row = options_find(options->command, name);
    if (row == NULL)
        return unknown_option(options->command, name, err);
    if (row->argument != NULL)
        return add_value(options, row, value, err);
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcasecmp(value, yes[i]) == 0)
            return add_value(options, row, "", err);
        if (strcasecmp(value, no[i]) == 0)
            return true;
    }
    return error_set(err, ERROR_USAGE, "%s is yes or no, not \"%s\"", name, value);
}

void options_come_from(struct options *options, const char *place)
{
    free(options->place);
    options->place = place == NULL ? NULL : xstrdup(place);
}

void options_tell_places(const struct options *options)
{
    for (size_t i = 0; i < options->value_count; i++) {
        const struct value *value = &options->values[i];
        if (value->place != NULL)
            log_info("in force from %s: %s%s%s", value->place, value->row->name, value->text[0] == '\0' ? "" : " = ",
                     value->text);
    }
}

bool options_read_environment(struct options *options, struct error *err)
{
    const char *dsn = options_find(options->command, "db") == NULL ? NULL : named_database();
    if (dsn == NULL)
        return true;
    options_come_from(options, "the environment, CERTSWEEP_DB");
    bool ok = options_set(options, "db", dsn, err);
    options_come_from(options, NULL);
    return ok || error_add_context(err, "CERTSWEEP_DB");
}

/* --- what commands ask ------------------------------------------------------------------------------- */

/* NULL: the command refuses the option, so it was not given. */
static const struct option_spec *known_row(const struct options *options, const char *name)
{
    const struct option_spec *row = options_find(options->command, name);
    if (row == NULL && !is_refused(options->command, name)) {
        log_error("certsweep %s asks for an option --%s that is in no table", options->command->name, name);
        abort();
    }
    return row;
}

size_t option_count(const struct options *options, const char *name)
{
    const struct option_spec *row = known_row(options, name);
    size_t count = 0;
    for (size_t i = 0; i < options->value_count; i++)
        count += options->values[i].row == row;
    return count;
}

const char *option_at(const struct options *options, const char *name, size_t index)
{
    const struct option_spec *row = known_row(options, name);
    for (size_t i = 0; i < options->value_count; i++)
        if (options->values[i].row == row && index-- == 0)
            return options->values[i].text;
    return NULL;
}

const char *option_get(const struct options *options, const char *name)
{
    size_t count = option_count(options, name);
    return count == 0 ? NULL : option_at(options, name, count - 1);
}

const char *option_get_or(const struct options *options, const char *name, const char *otherwise)
{
    const char *value = option_get(options, name);
    return value == NULL ? otherwise : value;
}

bool option_given(const struct options *options, const char *name)
{
    return option_count(options, name) > 0;
}

bool option_typed(const struct options *options, const char *name)
{
    const struct option_spec *row = known_row(options, name);
    for (size_t i = 0; i < options->value_count; i++)
        if (options->values[i].row == row && options->values[i].place == NULL)
            return true;
    return false;
}

bool option_number(const struct options *options, const char *name, long long min, long long max,
                   long long *value, struct error *err)
{
    const char *text = option_get(options, name);
    if (text == NULL)
        return true;
    uint64_t number;
    if (!number_text_read(text, (uint64_t)max, &number) || number < (uint64_t)min)
        return error_set(err, ERROR_USAGE, "--%s is a whole number from %lld to %lld, not \"%s\"", name, min,
                         max, text);
    *value = (long long)number;
    return true;
}

size_t argument_count(const struct options *options)
{
    return options->argument_count;
}

const char *argument_at(const struct options *options, size_t index)
{
    return index < options->argument_count ? options->arguments[index] : NULL;
}
