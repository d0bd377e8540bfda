#include "scanner/cli/man.h"

#include "probes/base/memory.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/help.h"
#include "scanner/cli/options.h"
#include "scanner/cli/version.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* roff gives a meaning to a backslash, to a dash (it would print a hyphen), and to a dot or quote that
 * begins a line. */
static void put_text(FILE *file, const char *text, size_t len)
{
    bool line_start = true;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (line_start && (c == '.' || c == '\''))
            fputs("\\&", file);
        if (c == '\\')
            fputs("\\e", file);
        else if (c == '-')
            fputs("\\-", file);
        else if (c == '~')
            fputs("\\(ti", file);
        else if (c == '^')
            fputs("\\(ha", file);
        else
            fputc(c, file);
        line_start = c == '\n';
    }
}

static void put(FILE *file, const char *text)
{
    put_text(file, text, strlen(text));
}

static void put_upper(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '-')
            fputs("\\-", file);
        else
            fputc(toupper((unsigned char)*text), file);
}

/* Paragraphs are parted by an empty line; lines that begin with a space are shown as they are. */
static void put_paragraphs(FILE *file, const char *text)
{
    bool verbatim = false;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        bool indented = text[0] == ' ';
        if (indented && !verbatim)
            fputs(".nf\n", file);
        if (!indented && verbatim)
            fputs(".fi\n", file);
        verbatim = indented;
        if (len > 0) {
            put_text(file, text, len);
            fputc('\n', file);
        }
        text += len;
        if (strncmp(text, "\n\n", 2) == 0 && text[strspn(text, "\n")] != '\0')
            fputs(verbatim ? ".fi\n.PP\n" : ".PP\n", file);
        if (strncmp(text, "\n\n", 2) == 0)
            verbatim = false;
        text += strspn(text, "\n");
    }
    if (verbatim)
        fputs(".fi\n", file);
}

static void put_option(FILE *file, const struct option_spec *row)
{
    char head[128];
    help_option_head(row, head, sizeof head);
    fputs(".TP\n.B ", file);
    put(file, head);
    fputc('\n', file);
    put(file, row->help);
    fputs(row->repeatable ? "\nMay be given several times.\n" : "\n", file);
}

static void put_heading(FILE *file, const char *page)
{
    fputs(".\\\" Generated from the command table of scanner/cli; not to be edited.\n.TH ", file);
    put_upper(file, page);
    fprintf(file, " 1 \"\" \"certsweep %s\" \"certsweep manual\"\n", CERTSWEEP_VERSION);
}

static void put_exit_codes(FILE *file)
{
    fputs(".SH EXIT STATUS\n", file);
    for (const struct help_exit_code *code = help_exit_codes; code->text != NULL; code++) {
        fprintf(file, ".TP\n.B %d\n", code->code);
        put(file, code->text);
        fputc('\n', file);
    }
}

const struct man_terms *man_terms;

static void put_terms(FILE *file, const struct command *command)
{
    const char *name, *text;
    if (man_terms == NULL || strcmp(man_terms->command, command->name) != 0)
        return;
    fprintf(file, ".SH %s\n", man_terms->heading);
    for (size_t i = 0; man_terms->get(i, &name, &text); i++) {
        fputs(".TP\n.B ", file);
        put(file, name);
        fputc('\n', file);
        put(file, text);
        fputc('\n', file);
    }
}

static void write_command(FILE *file, const char *page, const struct command *command)
{
    put_heading(file, page);
    fputs(".SH NAME\n", file);
    put(file, page);
    fputs(" \\- ", file);
    put(file, command->summary);
    fputs("\n.SH SYNOPSIS\n.B certsweep ", file);
    put(file, command->name);
    fputs("\n[OPTION...]", file);
    if (command->arguments != NULL && command->arguments[0] != '\0') {
        fputc(' ', file);
        put(file, command->arguments);
    }
    fputs("\n.SH DESCRIPTION\n", file);
    put_paragraphs(file, command->description != NULL ? command->description : command->summary);
    fputs(".SH OPTIONS\n", file);
    const struct option_spec *row;
    for (size_t i = 0; (row = options_row(command, i)) != NULL; i++)
        put_option(file, row);
    for (size_t i = 0; command->examples != NULL && command->examples[i] != NULL; i += 2) {
        fputs(i == 0 ? ".SH EXAMPLES\n.TP\n.B " : ".TP\n.B ", file);
        put(file, command->examples[i]);
        fputc('\n', file);
        put(file, command->examples[i + 1]);
        fputc('\n', file);
    }
    put_terms(file, command);
    put_exit_codes(file);
    fputs(".SH SEE ALSO\n.BR certsweep (1)\n", file);
}

static void put_page_name(FILE *file, const char *command)
{
    fputs("certsweep\\-", file);
    for (; *command != '\0'; command++)
        if (*command == ' ' || *command == '-')
            fputs("\\-", file);
        else
            fputc(*command, file);
}

static void write_main(FILE *file, const struct command *const *commands)
{
    put_heading(file, "certsweep");
    fputs(".SH NAME\ncertsweep \\- find every certificate on a network and who manages it\n"
          ".SH SYNOPSIS\n.B certsweep\nCOMMAND [OPTION...] [ARGUMENT...]\n.SH DESCRIPTION\n"
          "certsweep sweeps address ranges and ports with TLS handshakes, listens to traffic for the chains that\n"
          "pass by, keeps what it saw, and reconciles it against the certificates that the organisation knows:\n"
          "which are unmanaged, which come from a foreign CA, which expire soon, which are weak or served with\n"
          "weak ciphers. Results go to standard output, the log to standard error.\n.SH COMMANDS\n",
          file);
    const struct command *row;
    for (size_t i = 0; (row = command_row(commands, i)) != NULL; i++) {
        fputs(".TP\n.BR ", file);
        put_page_name(file, row->name);
        fputs(" (1)\n", file);
        put(file, row->summary);
        fputc('\n', file);
    }
    fputs(".SH OPTIONS THAT EVERY COMMAND HAS\n", file);
    for (const struct option_spec *option = options_common; option->name != NULL; option++)
        put_option(file, option);
    fputs(".SH SETTINGS\nOptions can stand in a settings file, NAME = VALUE, by their long names. Lines before "
          "any\nsection hold for every command, lines under a section such as [scan] or [managed import] for\n"
          "that one. A switch takes yes or no. What the command line gives replaces a setting; options that may\n"
          "be given several times add up.\n",
          file);
    put_exit_codes(file);
    fputs(".SH ENVIRONMENT\n", file);
    for (const struct help_variable *variable = help_variables; variable->name != NULL; variable++) {
        fprintf(file, ".TP\n.B %s\n", variable->name);
        put(file, variable->text);
        fputc('\n', file);
    }
    fputs(".PP\nThrough\n.BR sudo ,\nroot ignores folders and settings that belong to the user who called it\n(sudo \\-E).\n", file);
    fputs(".SH FILES\n.TP\n.I /etc/certsweep/certsweep.conf\nSettings of the machine.\n"
          ".TP\n.I $XDG_CONFIG_HOME/certsweep/certsweep.conf\nSettings of the user, read after them.\n",
          file);
}

static bool write_page(const char *folder, const char *page, const struct command *command,
                       const struct command *const *commands, struct error *err)
{
    char *path = xasprintf("%s/%s.1", folder, page);
    FILE *file = fopen(path, "we");
    bool ok = file != NULL;
    if (ok) {
        if (command != NULL)
            write_command(file, page, command);
        else
            write_main(file, commands);
        ok = ferror(file) == 0;
        ok = fclose(file) == 0 && ok;
    }
    if (!ok)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    free(path);
    return ok;
}

bool man_write_all(const char *folder, const struct command *const *commands, struct error *err)
{
    bool ok = write_page(folder, "certsweep", NULL, commands, err);
    const struct command *row;
    for (size_t i = 0; ok && (row = command_row(commands, i)) != NULL; i++) {
        char *page = xasprintf("certsweep-%s", row->name);
        for (char *at = page; *at != '\0'; at++)
            if (*at == ' ')
                *at = '-';
        ok = write_page(folder, page, row, commands, err);
        free(page);
    }
    return ok;
}
