#include "inventory/store/database.h"
#include "inventory/policy/policy.h"
#include "inventory_policy_sql.h"
#include "probes/base/clean_text.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <unistd.h>

static int run_list(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct db *db = database_open(option_get(options, "db"), &err);
    bool ok = db != NULL && policy_ensure(db, &err) &&
              result_table_print(options, db, SQL_POLICY_LIST, 0, NULL, "no policy", &err);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static void print_settings(FILE *out)
{
    fputs("\n; Settings, with what holds where a file leaves them out:\n", out);
    for (const struct policy_setting_spec *spec = policy_settings; spec->name != NULL; spec++)
        fprintf(out, ";   %s = %s\n;       %s\n", spec->name, spec->value, spec->help);
}

/* Into a file the text goes byte for byte, to be used again; a terminal gets it cleaned. */
static void print_policy(FILE *out, const struct db_result *current)
{
    clean_text_print(out, "; policy %s, version %s, in use since %s\n", db_value(current, 0, 0), db_value(current, 0, 1),
                     db_value(current, 0, 2));
    if (isatty(fileno(out)))
        clean_text_print(out, "%s", db_value(current, 0, 3));
    else
        fputs(db_value(current, 0, 3), out);
}

/* The file in use as it was given, and what else could stand in one. */
static int run_show(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct db *db = database_open(option_get(options, "db"), &err);
    struct db_result *current =
        db != NULL && policy_ensure(db, &err) ? db_query(db, SQL_POLICY_CURRENT, 0, NULL, &err) : NULL;
    struct output *output = current == NULL ? NULL : output_open(options, &err);
    if (output != NULL) {
        print_policy(output_file(output), current);
        print_settings(output_file(output));
    }
    db_result_destroy(current);
    db_close(db);
    return output != NULL && output_close(output, true, &err) ? 0 : command_fail(&err);
}

static int run_use(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    if (argument_count(options) != 1) {
        error_set(&err, ERROR_USAGE, "one file is expected: certsweep policy use FILE");
        return command_fail(&err);
    }
    struct policy *policy = policy_load(argument_at(options, 0), &err);
    struct db *db = policy == NULL ? NULL : database_open(option_get(options, "db"), &err);
    bool ok = db != NULL && policy_use(db, policy, &err);
    if (ok)
        clean_text_print(stdout, "policy %s is in use\nNext: certsweep reconcile\n", policy_name(policy));
    db_close(db);
    policy_destroy(policy);
    return ok ? 0 : command_fail(&err);
}

static const char *const use_examples[] = {
    "certsweep policy show -o agency.ini", "begin with the policy in use",
    "certsweep policy use agency.ini", "and put your own in its place",
    NULL,
};

const struct command command_policy[] = {
    {"policy list", "", "list the policies that were ever used", NULL, NULL, NULL, run_list},
    {"policy show", "", "print the policy in use, and every setting", NULL, NULL, NULL, run_show},
    {"policy use", "FILE", "judge by this policy from now on",
     "An ini file: [policy] with settings, [own ca: NAME] and [approved ca: NAME] with patterns over the attributes of issuer "
     "and subject (issuer = O=Sectigo Limited) and dates of issue (from, until), [trust store: NAME] with kind = public or "
     "private and file = FILE.pem for roots beside the system's; platform and from_version say whose they are, issued_until and "
     "sct_until (dates) that what was issued later is not trusted there.",
     NULL, use_examples, run_use},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
