#include "inventory/store/database.h"
#include "inventory/policy/policy.h"
#include "inventory/policy/policy_merge.h"
#include "inventory/policy/policy_packs.h"
#include "inventory/verdicts/rules/rules.h"
#include "inventory_policy_sql.h"
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "reports/render.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Packs are there before an inventory is. */
static const struct report pack_report = {
    .name = "list",
    .columns = {{"name", "name", COLUMN_TEXT, false, false}, {"state", "state", COLUMN_TEXT, false, false}, {"title", "title", COLUMN_TEXT, false, false},
                {"source", "source", COLUMN_TEXT, false, false}, {"version", "version", COLUMN_TEXT, false, false}, {"loaded_at", "loaded_at", COLUMN_TEXT, false, false}},
};

static int list_packs(struct options *options)
{
    struct error err = {0};
    const struct renderer *renderer = result_renderer(options, &err);
    struct output *output = renderer == NULL ? NULL : output_open(options, &err);
    if (output == NULL)
        return command_fail(&err);
    void *state = renderer->begin(&pack_report, output_file(output));
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++) {
        struct policy *policy = policy_parse(pack->name, pack->text, NULL);
        if (policy == NULL)
            continue;               /* a test reads them all */
        renderer->row(state, (const char *[]){pack->name, "pack", policy_title(policy), policy_source(policy), NULL, NULL});
        policy_destroy(policy);
    }
    renderer->end(state, NULL);
    log_info("there is no inventory yet, and no policy in use: certsweep scan TARGET makes it, as do policy use, load and managed import");
    return output_close(output, true, &err) ? 0 : command_fail(&err);
}

static int run_list(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    if (database_is_missing(option_get(options, "db")))
        return list_packs(options);
    struct db *db = database_open(option_get(options, "db"), &err);
    char *packs = policy_packs_document();
    const char *params[] = {packs};
    bool ok = db != NULL && policy_ensure(db, &err) && result_table_print(options, db, SQL_POLICY_LIST, 1, params, "no policy", &err);
    free(packs);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static void print_settings(FILE *out)
{
    fputs("\n; Settings, with what holds where a file leaves them out:\n", out);
    for (const struct policy_setting_spec *spec = policy_settings; spec->name != NULL; spec++)
        fprintf(out, ";   %s = %s\n;       %s\n", spec->name, spec->value, spec->help);
    fputs("\n; Not judged by any rule:\n", out);
    for (const char *const *gap = rules_unjudged; *gap != NULL; gap++)
        fprintf(out, ";   %s\n", *gap);
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

/* As it ships: no database is asked. */
static int show_text(const char *text, struct options *options)
{
    struct error err = {0};
    struct output *output = output_open(options, &err);
    if (output != NULL) {
        fputs(text, output_file(output));
        print_settings(output_file(output));
    }
    return output != NULL && output_close(output, true, &err) ? 0 : command_fail(&err);
}

/* What an inventory begins with. */
static int show_builtin(struct options *options)
{
    struct policy *policy = policy_builtin();
    char *text = xasprintf("; policy %s, built in: there is no inventory yet, and it will judge the first by this one\n%s", policy_name(policy), policy_text(policy));
    int code = show_text(text, options);
    free(text);
    policy_destroy(policy);
    return code;
}

/* Prints the file in use as it was given, then the settings that it does not have. */
static int run_show(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    const struct policy_pack *pack = argument_count(options) == 1 ? policy_pack_find(argument_at(options, 0)) : NULL;
    if (argument_count(options) > 1 || (argument_count(options) == 1 && pack == NULL)) {
        struct suggest near = policy_pack_near(argument_at(options, 0));
        error_set(&err, ERROR_USAGE, "%s: no pack has this name%s certsweep policy list names them", argument_at(options, 0), SUGGESTED_AMID(&near));
        return command_fail(&err);
    }
    if (pack != NULL)
        return show_text(pack->text, options);
    if (database_is_missing(option_get(options, "db")))
        return show_builtin(options);
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

/* All that the command line names as one policy; what contradicts in them goes to conflicts. */
static struct policy *policies_read(const struct options *options, struct policy_conflicts *conflicts, struct error *err)
{
    size_t count = argument_count(options), read = 0;
    struct policy **policies = xcalloc(count, sizeof *policies), *merged = NULL;
    while (read < count && (policies[read] = policy_find(argument_at(options, read), err)) != NULL)
        read++;
    if (read == count)
        merged = policy_merge((const struct policy *const *)policies, count, conflicts);
    for (size_t i = 0; i < read; i++)
        policy_destroy(policies[i]);
    free(policies);
    return merged;
}

static void print_conflicts(const struct policy_conflicts *conflicts)
{
    for (size_t i = 0; i < conflicts->count; i++) {
        const struct policy_conflict *conflict = &conflicts->items[i];
        clean_text_print(stdout, "conflict: %s (%s; %s): %s holds\n", conflict->setting, conflict->first, conflict->second,
                         conflict->taken[0] == '\0' ? "nothing" : conflict->taken);
    }
}

/* A CA that matches nothing is a mistake in the file or not in use. It is reported at once, since nothing else would show it. */
static bool print_ca_matches(struct db *db, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_POLICY_CA_MATCHES, 0, NULL, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < db_rows(rows); i++) {
        const char *kind = db_value(rows, i, 0), *name = db_value(rows, i, 1), *certificates = db_value(rows, i, 3),
                   *each = db_value(rows, i, 4);
        if (strcmp(certificates, "0") == 0)
            clean_text_print(stdout, "%s CA %s: no certificate is known yet to match it with\n", kind, name);
        else if (each != NULL)
            clean_text_print(stdout, "%s CA %s matches none of %s (%s)\n", kind, name, COUNTED(atoll(certificates), "certificate"), each);
        else
            clean_text_print(stdout, "%s CA %s matches %s of %s\n", kind, name, db_value(rows, i, 2), COUNTED(atoll(certificates), "certificate"));
    }
    db_result_destroy(rows);
    return true;
}

static int run_use(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    if (argument_count(options) == 0) {
        error_set(&err, ERROR_USAGE, "packs or files are expected: certsweep policy use PACK|FILE...");
        return command_fail(&err);
    }
    struct policy_conflicts conflicts = {0};
    struct policy *policy = policies_read(options, &conflicts, &err);
    struct db *db = policy == NULL ? NULL : database_open(option_get(options, "db"), &err);
    bool ok = db != NULL && policy_use(db, policy, &err);
    if (ok) {
        print_conflicts(&conflicts);
        ok = print_ca_matches(db, &err);
    }
    if (ok)
        clean_text_print(stdout, "policy %s is in use\nNext: certsweep reconcile\n", policy_name(policy));
    db_close(db);
    policy_destroy(policy);
    policy_conflicts_clear(&conflicts);
    return ok ? 0 : command_fail(&err);
}

static const char *const use_examples[] = {
    "certsweep policy show -o agency.ini", "begin with the policy in use",
    "certsweep policy use agency.ini", "and put your own in its place",
    "certsweep policy use california-cdt-delegated pci-dss-4 agency.ini", "two packs and what is your own, as one policy",
    NULL,
};

const struct command command_policy[] = {
    {"policy list", "", "list the packs, and the policies that were ever used", NULL, NULL, NULL, run_list},
    {"policy show", "[PACK]", "print the policy in use, or a pack, and every setting", NULL, NULL, NULL, run_show},
    {"policy use", "PACK|FILE...", "judge by this policy from now on",
     "The next reconcile judges everything by it; verdicts, and the days by which something must be done, are those of the policy before "
     "until then. Packs are policies that ship (policy list). Of several, all CAs, stores and clauses hold; where settings contradict each other the "
     "stricter one holds, else that of the last one, and each such conflict is reported. A file is an ini file: [policy] with settings, [own "
     "ca: NAME] and [approved ca: NAME] with patterns over the attributes of issuer "
     "and subject (issuer = O=Sectigo Limited, or a whole name in any order and spelling) and dates of issue (from, until), [trust store: NAME] with kind = public or "
     "private and file = FILE.pem for roots beside the system's; platform and from_version say whose they are, issued_until and "
     "sct_until (dates) that what was issued later is not trusted there.",
     NULL, use_examples, run_use},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
