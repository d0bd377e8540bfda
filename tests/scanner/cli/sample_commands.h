/* A table of commands to test the framework with: no command of the program. */
#pragma once
#include "scanner/cli/command.h"

static int sample_run(const struct command *command, struct options *options)
{
    (void)command;
    return (int)argument_count(options);
}

static const struct option_spec sample_sweep_options[] = {
    {.name = "ports", .letter = 'p', .argument = "SPEC", .help = "Ports to ask."},
    {.name = "exclude", .letter = 'x', .argument = "SPEC|@FILE", .repeatable = true, .help = "Never asked."},
    {.name = "jsonl", .argument = "FILE", .optional_argument = true, .help = "JSON lines."},
    {.name = "dry-run", .letter = 'n', .help = "Only say what would be done."},
    {.name = "rate", .argument = "N", .help = "Connections a second."},
    {.name = "bundle", .letter = 'o', .argument = "BUNDLE", .help = "Takes the letter of --output."},
    {0},
};

static const char *const sample_examples[] = {"certsweep sweep 10.0.0.0/24 -p 443", "Asks a small network.", NULL};

static const struct command sample_sweep[] = {
    {.name = "sweep", .arguments = "[TARGET...]", .summary = "Ask every target",
     .description = "First paragraph, long enough to be wrapped because it goes on and on beyond the width that a "
                    "terminal has.\n\n.Second paragraph.\n\n  verbatim   line\n  and another",
     .options = sample_sweep_options, .examples = sample_examples, .run = sample_run},
    {0},
};

static const struct command sample_managed[] = {
    {.name = "managed import", .arguments = "FILE...", .summary = "Read files", .run = sample_run},
    {.name = "managed list", .summary = "List them", .run = sample_run},
    {0},
};

static const struct command *const sample_commands[] = {sample_sweep, sample_managed, NULL};
