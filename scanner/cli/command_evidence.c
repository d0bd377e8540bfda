#include "reports/evidence/evidence.h"
#include "scanner/cli/command.h"

static int run_verify(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct evidence_account account = {0};
    if (argument_count(options) != 1) {
        error_set(&err, ERROR_USAGE, "one folder is verified at a time: certsweep evidence verify FOLDER");
        return command_fail(&err);
    }
    if (!evidence_verify(argument_at(options, 0), option_get(options, "ca"), stdout, &account, &err))
        return command_fail(&err);
    return account.is_whole ? 0 : 1;
}

static const struct option_spec verify_options[] = {
    {"ca", 0, "FILE", "The roots, in PEM, that signature and time stamp must lead to. Without it they are checked, but not who made them.",
     false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep evidence verify 2026-11 --ca roots.pem", "is everything as it was signed?",
    NULL,
};

const struct command command_evidence[] = {
    {"evidence verify", "FOLDER", "say what of an evidence folder is whole",
     "Compares each file with SHA256SUMS, checks the signature over it and the time stamp. Ends with 1 if a file was changed, is missing or "
     "was added, or a seal does not fit.",
     verify_options, examples, run_verify},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
