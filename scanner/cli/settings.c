#include "scanner/cli/settings.h"

#include "probes/base/ini_file.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"
#include "probes/base/suggest.h"
#include "scanner/cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    const char *path;
    int line;
    const struct command *const *commands;
    const struct command *command;
    struct options *options;
    char **seen;                /* "section: name" of what takes one value */
    size_t seen_count;
};

static bool any_command_knows(const struct command *const *commands, const char *name)
{
    const struct command *command;
    for (size_t i = 0; (command = command_row(commands, i)) != NULL; i++)
        if (options_find(command, name) != NULL)
            return true;
    return false;
}

static bool unknown_section(const struct command *const *commands, const char *section, struct error *err)
{
    struct suggest suggest = suggest_start(section);
    const struct command *command;
    for (size_t i = 0; (command = command_row(commands, i)) != NULL; i++)
        suggest_offer(&suggest, command->name);
    return error_set(err, ERROR_USAGE, "no command [%s]%s%s%s", section,
                     suggest.best == NULL ? "" : "; did you mean [", suggest.best == NULL ? "" : suggest.best,
                     suggest.best == NULL ? "" : "]?");
}

static bool check_elsewhere(const struct command *command, const char *name, const char *value,
                            struct error *err)
{
    struct options *scratch = options_create(command);
    bool ok = options_set(scratch, name, value, err);
    options_destroy(scratch);
    return ok;
}

static bool take(struct reading *reading, const char *section, const char *name, const char *value,
                 struct error *err)
{
    if (strcmp(name, "help") == 0)
        return error_set(err, ERROR_USAGE, "help is no setting");
    if (section[0] != '\0') {
        const struct command *command = command_find(reading->commands, section);
        if (command == NULL)
            return unknown_section(reading->commands, section, err);
        if (command != reading->command)
            return check_elsewhere(command, name, value, err);
        return options_set(reading->options, name, value, err);
    }
    if (options_find(reading->command, name) != NULL)
        return options_set(reading->options, name, value, err);
    if (any_command_knows(reading->commands, name))
        return true;
    return options_set(reading->options, name, value, err);      /* words the error */
}

/* The option that a line means, of any command; NULL: none. */
static const struct option_spec *option_of(const struct reading *reading, const char *section, const char *name)
{
    if (section[0] != '\0') {
        const struct command *command = command_find(reading->commands, section);
        return command == NULL ? NULL : options_find(command, name);
    }
    const struct command *command;
    const struct option_spec *option = options_find(reading->command, name);
    for (size_t i = 0; option == NULL && (command = command_row(reading->commands, i)) != NULL; i++)
        option = options_find(command, name);
    return option;
}

/* A second value would silently take the first one's place. */
static bool take_once(struct reading *reading, const char *section, const char *name, struct error *err)
{
    const struct option_spec *option = option_of(reading, section, name);
    if (option == NULL || option->repeatable)
        return true;
    char *key = xasprintf("%s: %s", section, name);
    for (size_t i = 0; i < reading->seen_count; i++) {
        if (strcmp(reading->seen[i], key) != 0)
            continue;
        free(key);
        return error_set(err, ERROR_USAGE, "%s is given twice", name);
    }
    reading->seen = xreallocarray(reading->seen, reading->seen_count + 1, sizeof *reading->seen);
    reading->seen[reading->seen_count++] = key;
    return true;
}

static bool on_setting(void *context, const char *section, const char *name, const char *value, struct error *err)
{
    struct reading *reading = context;
    char *place = xasprintf("%s:%d", reading->path, reading->line);
    options_come_from(reading->options, place);
    bool ok = take_once(reading, section, name, err) && take(reading, section, name, value, err);
    options_come_from(reading->options, NULL);
    free(place);
    return ok;
}

bool settings_read(const char *path, const struct command *const *commands, const struct command *command,
                   struct options *options, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (file == NULL)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    struct reading reading = {.path = path, .commands = commands, .command = command, .options = options};
    bool ok = ini_file_read(file, path, on_setting, &reading, &reading.line, err);
    if (!ok && ferror(file) != 0 && err != NULL)
        err->kind = ERROR_IO;
    fclose(file);
    for (size_t i = 0; i < reading.seen_count; i++)
        free(reading.seen[i]);
    free(reading.seen);
    return ok;
}

bool settings_read_all(const struct command *const *commands, const struct command *command,
                       struct options *options, struct error *err)
{
    if (!settings_read("/etc/certsweep/certsweep.conf", commands, command, options, err))
        return false;
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path = NULL;
    if (folder != NULL && folder[0] == '/')     /* the XDG specification: a relative one is ignored */
        path = xasprintf("%s/certsweep/certsweep.conf", folder);
    else if (home != NULL && home[0] == '/')
        path = xasprintf("%s/.config/certsweep/certsweep.conf", home);
    if (path != NULL && access(path, F_OK) == 0 && named_folder_is_of_caller(path)) {
        log_warning("%s belongs to the user who called sudo, so root ignores it", path);
        free(path);
        return true;
    }
    bool ok = path == NULL || settings_read(path, commands, command, options, err);
    free(path);
    return ok;
}
