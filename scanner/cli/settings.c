#include "scanner/cli/settings.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/suggest.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    const char *path;
    FILE *file;
    int line;
    const struct command *const *commands;
    const struct command *command;
    struct options *options;
    bool failed;
    int failed_line;
    struct error *err;
};

/* inih reads line by line through this, so it knows the line that a handler is called for. */
static char *read_line(char *text, int size, void *stream)
{
    struct reading *reading = stream;
    if (fgets(text, size, reading->file) == NULL)
        return NULL;
    reading->line++;
    if (strchr(text, '\n') == NULL && !feof(reading->file) && strlen(text) + 1 >= (size_t)size) {
        if (!reading->failed) {
            reading->failed = true;
            reading->failed_line = reading->line;
            error_set(reading->err, ERROR_USAGE, "a line may have %d characters at most", size - 2);
        }
        return NULL;
    }
    return text;
}

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

static bool take(struct reading *reading, const char *section, const char *name, const char *value)
{
    if (strcmp(name, "help") == 0)
        return error_set(reading->err, ERROR_USAGE, "help is no setting");
    if (section[0] != '\0') {
        const struct command *command = command_find(reading->commands, section);
        if (command == NULL)
            return unknown_section(reading->commands, section, reading->err);
        if (command != reading->command)
            return check_elsewhere(command, name, value, reading->err);
        return options_set(reading->options, name, value, reading->err);
    }
    if (options_find(reading->command, name) != NULL)
        return options_set(reading->options, name, value, reading->err);
    if (any_command_knows(reading->commands, name))
        return true;
    return options_set(reading->options, name, value, reading->err);      /* words the error */
}

static int on_setting(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    if (reading->failed)
        return 1;
    char *place = xasprintf("%s:%d", reading->path, reading->line);
    options_come_from(reading->options, place);
    bool ok = take(reading, section, name, value);
    options_come_from(reading->options, NULL);
    free(place);
    if (ok)
        return 1;
    reading->failed = true;
    reading->failed_line = reading->line;
    return 0;
}

bool settings_read(const char *path, const struct command *const *commands, const struct command *command,
                   struct options *options, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (file == NULL)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    struct reading reading = {.path = path, .file = file, .commands = commands, .command = command, .options = options,
                              .err = err};
    int bad_line = ini_parse_stream(read_line, &reading, on_setting, &reading);
    bool broken = ferror(file) != 0;
    fclose(file);
    if (broken)
        return error_set(err, ERROR_IO, "%s: it cannot be read", path);
    if (bad_line > 0 && (!reading.failed || bad_line < reading.failed_line))
        return error_set(err, ERROR_USAGE, "%s:%d: neither [COMMAND] nor NAME = VALUE", path, bad_line);
    if (reading.failed)
        return error_add_context(err, "%s:%d", path, reading.failed_line);
    return true;
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
        log_warning("%s belongs to the user behind sudo and is passed over by root", path);
        free(path);
        return true;
    }
    bool ok = path == NULL || settings_read(path, commands, command, options, err);
    free(path);
    return ok;
}
