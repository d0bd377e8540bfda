#include "scanner/cli/run.h"

#include "probes/base/log.h"
#include "probes/base/stream_fault.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/help.h"
#include "scanner/cli/man.h"
#include "scanner/cli/options.h"
#include "scanner/cli/settings.h"
#include "scanner/cli/version.h"

#include <errno.h>
#include <string.h>

int command_fail(const struct error *err)
{
    log_error("%s", err->text);
    return error_exit_code(err);
}

/* A full disk behind standard output may show itself only here. */
static int flush_output(int code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return code;
    if (code != 0)              /* the command has logged the reason */
        return code;
    log_error("standard output: %s", stream_fault(stdout));
    return code == 0 ? 5 : code;
}

/* Words behind a command that takes none are a mistake, not to be passed over. */
static bool take_no_argument(const struct command *command, const struct options *options, struct error *err)
{
    bool takes_some = command->arguments != NULL && command->arguments[0] != '\0';
    return takes_some || argument_count(options) == 0 ||
           error_set(err, ERROR_USAGE, "certsweep %s takes no argument, and \"%s\" is one", command->name,
                     argument_at(options, 0));
}

bool (*command_line_split)(const struct command *command, const struct options *options, int *code);

static int run_whole(const struct command *command, struct options *options)
{
    struct error err = {0};
    int code;
    if (!take_no_argument(command, options, &err))
        return command_fail(&err);
    if (command_line_split != NULL && !command_line_split(command, options, &code))
        return code;
    code = command->run(command, options);
    if (code == 2)
        options_tell_places(options);
    return code;
}

static int run_command(const struct command *const *commands, const struct command *command, int argc,
                       char *const *argv)
{
    struct error err = {0};
    struct options *options = options_create(command);
    int code;
    /* The command line is looked at first on its own: --help must work under broken settings. */
    if (!options_parse(options, argc, argv, &err)) {
        code = command_fail(&err);
    } else if (option_given(options, "help")) {
        help_print(stdout, command);
        code = 0;
    } else {
        options_destroy(options);
        options = options_create(command);
        if (!settings_read_all(commands, command, options, &err) || !options_read_environment(options, &err) ||
            !options_parse(options, argc, argv, &err)) {
            code = command_fail(&err);
        } else {
            if (option_given(options, "verbose"))
                log_set_level(LOG_LEVEL_DEBUG);
            if (option_given(options, "quiet"))
                log_set_level(LOG_LEVEL_ERROR);
            code = run_whole(command, options);
        }
    }
    options_destroy(options);
    return code;
}

/* "managed --help", "help managed" */
static bool asks_for_family(const struct command *const *commands, const char *word)
{
    return command_find(commands, word) == NULL && command_family_exists(commands, word);
}

static int help_on(const struct command *const *commands, int argc, char *const *argv)
{
    struct error err = {0};
    if (argc == 0) {
        help_print_all(stdout, commands);
        return 0;
    }
    if (argc == 1 && asks_for_family(commands, argv[0])) {
        help_print_family(stdout, commands, argv[0]);
        return 0;
    }
    int words;
    const struct command *command = command_choose(commands, argc, argv, &words, &err);
    if (command == NULL)
        return command_fail(&err);
    help_print(stdout, command);
    return 0;
}

static int run_global(const struct command *const *commands, int argc, char *const *argv)
{
    struct error err = {0};
    const char *word = argv[0];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help_on(commands, argc - 1, argv + 1);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("certsweep %s%s\n", CERTSWEEP_VERSION, CERTSWEEP_FLAVOUR);
        return 0;
    }
    if (strcmp(word, "--write-man-pages") == 0 && argc == 2)      /* for the build; not documented */
        return man_write_all(argv[1], commands, &err) ? 0 : command_fail(&err);
    error_set(&err, ERROR_USAGE, "%s: options come after the command, as in certsweep scan --help", word);
    return command_fail(&err);
}

int command_line_run(const struct command *const *commands, int argc, char *const *argv)
{
    if (argc < 2) {
        help_print_all(stderr, commands);
        return 2;
    }
    argc--, argv++;
    if (argv[0][0] == '-' || (strcmp(argv[0], "help") == 0 && command_find(commands, "help") == NULL))
        return flush_output(run_global(commands, argc, argv));
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) && asks_for_family(commands, argv[0]))
        return flush_output(help_on(commands, 1, argv));
    struct error err = {0};
    int words;
    const struct command *command = command_choose(commands, argc, argv, &words, &err);
    if (command == NULL)
        return command_fail(&err);
    return flush_output(run_command(commands, command, argc - words, argv + words));
}
