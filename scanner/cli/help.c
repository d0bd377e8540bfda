#include "scanner/cli/help.h"

#include "scanner/cli/commands.h"
#include "scanner/cli/options.h"

#include <string.h>

#define WIDTH  80
#define INDENT 6

const struct help_exit_code help_exit_codes[] = {
    {0, "Done."},
    {1, "A verdict that --fail-on names was met, or could not be judged."},
    {2, "The command line or a setting is wrong; nothing was done."},
    {3, "The database cannot be reached or used. A scan's bundle is safe on disk."},
    {4, "Ended before everything was asked; --resume goes on. (0 with a plan that goes on later.)"},
    {5, "Some input was bad and is named in the log; the rest is done."},
    {0, NULL},
};

const struct help_variable help_variables[] = {
    {"CERTSWEEP_DB", "As --db: the database, instead of a private one. Passed over where it came to root through sudo."},
    {"CERTSWEEP_HOME", "The folder of the private database. Else /var/lib/certsweep for root and the system user certsweep, and "
                       "certsweep in $XDG_DATA_HOME or ~/.local/share for others."},
    {"CERTSWEEP_BUNDLES", "The folder of the bundles that -o does not name. Else the folder bundles in CERTSWEEP_HOME, in /var/lib/certsweep for root, "
                          "in certsweep in $XDG_DATA_HOME or ~/.local/share for others."},
    {"CERTSWEEP_ROOTS", "A PEM file of public roots instead of the system's (/etc/ssl/certs/ca-certificates.crt)."},
    {NULL, NULL},
};

/* Prints one paragraph, indented and wrapped at WIDTH. A line that begins with a space stays as it is. Returns where the next
 * paragraph begins. */
static const char *print_paragraph(FILE *file, const char *text, int indent)
{
    int column = 0;
    while (*text != '\0') {
        if (*text == '\n' && (text[1] == '\n' || text[1] == ' '))
            break;
        if (*text == ' ' && column == 0) {
            size_t len = strcspn(text, "\n");
            fprintf(file, "%*s%.*s\n", indent, "", (int)len, text);
            text += len;
            return text + (*text == '\n' && text[1] != '\n');
        }
        if (*text == ' ' || *text == '\n') {
            text++;
            continue;
        }
        int len = (int)strcspn(text, " \n");
        if (column > 0 && column + 1 + len > WIDTH - indent) {
            fputc('\n', file);
            column = 0;
        }
        column += fprintf(file, "%*s%.*s", column == 0 ? indent : 1, "", len, text) - (column == 0 ? indent : 0);
        text += len;
    }
    fputc('\n', file);
    return text + (*text == '\n' && text[1] == ' ');
}

static void print_wrapped(FILE *file, const char *text, int indent)
{
    while (*text != '\0') {
        text = print_paragraph(file, text, indent);
        if (*text == '\n') {
            fputc('\n', file);
            text += strspn(text, "\n");
        }
    }
}

void help_option_head(const struct option_spec *row, char *text, size_t size)
{
    char letter[8] = "";
    if (row->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    if (row->argument == NULL)
        snprintf(text, size, "%s--%s", letter, row->name);
    else if (row->optional_argument)
        snprintf(text, size, "%s--%s[=%s]", letter, row->name, row->argument);
    else
        snprintf(text, size, "%s--%s=%s", letter, row->name, row->argument);
}

static void print_option(FILE *file, const struct option_spec *row)
{
    char head[128];
    help_option_head(row, head, sizeof head);
    fprintf(file, "  %s%s\n", head, row->repeatable ? "   (repeatable)" : "");
    print_wrapped(file, row->help, INDENT);
}

static bool is_common(const struct option_spec *row)
{
    for (const struct option_spec *common = options_common; common->name != NULL; common++)
        if (row == common)
            return true;
    return false;
}

void help_print(FILE *file, const struct command *command)
{
    fprintf(file, "Usage: certsweep %s [OPTION...]%s%s\n\n", command->name,
            command->arguments == NULL || command->arguments[0] == '\0' ? "" : " ",
            command->arguments == NULL ? "" : command->arguments);
    print_wrapped(file, command->summary, 0);
    if (command->description != NULL) {
        fputc('\n', file);
        print_wrapped(file, command->description, 0);
    }
    const struct option_spec *row;
    bool common_seen = false;
    for (size_t i = 0; (row = options_row(command, i)) != NULL; i++) {
        bool common = is_common(row);
        if (i == 0 && !common)
            fputs("\nOptions:\n", file);
        if (common && !common_seen)
            fputs(i == 0 ? "\nOptions:\n" : "\nCommon options:\n", file);
        common_seen |= common;
        print_option(file, row);
    }
    for (size_t i = 0; command->examples != NULL && command->examples[i] != NULL; i += 2) {
        fprintf(file, "%s  %s\n", i == 0 ? "\nExamples:\n" : "", command->examples[i]);
        print_wrapped(file, command->examples[i + 1], INDENT);
    }
}

void help_print_family(FILE *file, const struct command *const *commands, const char *family)
{
    const struct command *row;
    fprintf(file, "Usage: certsweep %s COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n", family);
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++)
        if (command_is_of_family(row, family))
            fprintf(file, "  %-18s %s\n", row->name, row->summary);
    fprintf(file, "\ncertsweep %s COMMAND --help lists a command's options.\n", family);
}

void help_print_all(FILE *file, const struct command *const *commands)
{
    fputs("certsweep finds every certificate on a network and reports which ones nobody manages, whose they\n"
          "are, and the last day to act.\n\n"
          "Usage: certsweep COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n",
          file);
    const struct command *row;
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++)
        fprintf(file, "  %-18s %s\n", row->name, row->summary);
    fputs("\ncertsweep COMMAND --help lists a command's options; man certsweep-COMMAND does too.\n"
          "certsweep --version prints the version.\n\nExit codes:\n",
          file);
    for (const struct help_exit_code *code = help_exit_codes; code->text != NULL; code++)
        fprintf(file, "  %d  %s\n", code->code, code->text);
    fputs("\nEnvironment:\n", file);
    for (const struct help_variable *variable = help_variables; variable->name != NULL; variable++) {
        fprintf(file, "  %s\n", variable->name);
        print_wrapped(file, variable->text, INDENT);
    }
    fputs("Through sudo, root ignores folders and settings of these that belong to the user who called it (sudo -E).\n", file);
}
