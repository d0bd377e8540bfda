#include "scanner/cli/commands.h"

#include "probes/base/suggest.h"

#include <stdio.h>
#include <string.h>

const struct command *command_row(const struct command *const *commands, size_t index)
{
    for (; *commands != NULL; commands++)
        for (const struct command *row = *commands; row->name != NULL; row++)
            if (index-- == 0)
                return row;
    return NULL;
}

const struct command *command_find(const struct command *const *commands, const char *name)
{
    const struct command *row;
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

bool command_is_of_family(const struct command *command, const char *family)
{
    size_t len = strlen(family);
    return strncmp(command->name, family, len) == 0 && command->name[len] == ' ';
}

bool command_family_exists(const struct command *const *commands, const char *family)
{
    const struct command *row;
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++)
        if (command_is_of_family(row, family))
            return true;
    return false;
}

/* "managed" alone: the error lists import, list ... False where no family has that name. */
static bool family_error(const struct command *const *commands, const char *word, const char *second,
                         struct error *err)
{
    char list[512] = "";
    size_t len = strlen(word), used = 0;
    const struct command *row;
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++) {
        if (!command_is_of_family(row, word))
            continue;
        int more = snprintf(list + used, sizeof list - used, "%s%s", used == 0 ? "" : ", ", row->name + len + 1);
        if (more > 0 && used + (size_t)more < sizeof list)
            used += (size_t)more;
    }
    if (used == 0)
        return false;
    if (second == NULL)
        error_set(err, ERROR_USAGE, "certsweep %s needs one of: %s", word, list);
    else
        error_set(err, ERROR_USAGE, "no command %s %s; there is: %s", word, second, list);
    return true;
}

const struct command *command_choose(const struct command *const *commands, int argc, char *const *argv,
                                     int *words, struct error *err)
{
    char two[128];
    const struct command *command = NULL;
    if (argc > 1) {
        int len = snprintf(two, sizeof two, "%s %s", argv[0], argv[1]);
        if (len > 0 && (size_t)len < sizeof two)
            command = command_find(commands, two);
    }
    *words = command != NULL ? 2 : 1;
    if (command == NULL)
        command = command_find(commands, argv[0]);
    if (command != NULL || family_error(commands, argv[0], argc > 1 ? argv[1] : NULL, err))
        return command;
    struct suggest suggest = suggest_start(argv[0]);
    const struct command *row;
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++)
        suggest_offer(&suggest, row->name);
    if (suggest.best != NULL)
        error_set(err, ERROR_USAGE, "no command %s; did you mean %s?", argv[0], suggest.best);
    else
        error_set(err, ERROR_USAGE, "no command %s; certsweep --help lists them", argv[0]);
    return NULL;
}
