#include "inventory/store/database.h"
#include "inventory/store/site.h"
#include "inventory/owners/owner_rules.h"
#include "inventory_owners_sql.h"
#include "probes/base/address.h"
#include "probes/base/log.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <inttypes.h>

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    log_warning("%s:%zu: %s", file, line, text);
}

static int run_import(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct owner_account account;
    struct owner_fault_sink sink = {.fault = on_fault};
    bool dry_run = option_given(options, "dry-run");
    if (argument_count(options) != 1) {
        error_set(&err, ERROR_USAGE, "one file is expected: certsweep owners import FILE; its rules take the place of "
                                     "those in force");
        return command_fail(&err);
    }
    struct db *db = database_open(option_get(options, "db"), &err);
    bool ok = db != NULL && owner_rules_import(db, argument_at(options, 0), dry_run, &sink, &account, &err);
    db_close(db);
    if (!ok)
        return command_fail(&err);
    printf("%s%" PRId64 " rules in force (before: %" PRId64 "), %" PRId64 " rows not readable\n",
           dry_run ? "(dry run, nothing kept) " : "", account.rules, account.replaced, account.faults);
    if (!dry_run)
        puts("Next: certsweep reconcile");
    return account.faults == 0 ? 0 : 5;
}

static int query(struct options *options, const char *sql, size_t count, const char *const *params, const char *none)
{
    struct error err = {0};
    struct db *db = database_open(option_get(options, "db"), &err);
    bool ok = db != NULL && result_table_print(options, db, sql, count, params, none, &err);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static bool site_is_known(struct options *options, const char *site)
{
    struct error err = {0};
    struct db *db = option_given(options, "site") ? database_open(option_get(options, "db"), &err) : NULL;
    bool ok = !option_given(options, "site") || (db != NULL && site_check(db, site, &err));
    db_close(db);
    if (!ok)
        command_fail(&err);
    return ok;
}

static int run_list(const struct command *command, struct options *options)
{
    (void)command;
    return query(options, SQL_OWNER_RULES_LIST, 0, NULL, "no owner rules yet; next: certsweep owners import FILE");
}

static int run_explain(const struct command *command, struct options *options)
{
    (void)command;
    struct address address;
    if (argument_count(options) != 1) {
        struct error err = {0};
        error_set(&err, ERROR_USAGE, "one address or name is expected: certsweep owners explain 10.1.2.3");
        return command_fail(&err);
    }
    const char *what = argument_at(options, 0);
    bool is_address = address_parse(what, &address);
    const char *params[] = {option_get_or(options, "site", "default"), is_address ? what : NULL, is_address ? NULL : what,
                            option_get(options, "issuer")};
    if (!site_is_known(options, params[0]))
        return 2;
    return query(options, SQL_OWNER_EXPLAIN, 4, params, "no rule matches: it has no owner");
}

static const struct option_spec import_options[] = {
    {"dry-run", 'n', NULL, "Read everything, say what would be in force, keep nothing.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec explain_options[] = {
    {"issuer", 0, "NAME", "A certificate of this issuer.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const import_examples[] = {
    "certsweep owners import owners.csv", "take the file's rules in place of those in force",
    NULL,
};

const struct command command_owners[] = {
    {"owners import", "FILE", "tell certsweep who is responsible for which places and names",
     "A CSV file with a heading: owner, and the conditions site, prefix (10.1.0.0/16 or a range), name suffix, issuer; beside "
     "them contacts and environment. An empty condition does not matter. The first rule that matches wins; it is the "
     "evidence that verdicts show.",
     import_options, import_examples, run_import},
    {"owners list", "", "list the rules in their order", NULL, NULL, NULL, run_list},
    {"owners explain", "ADDRESS|NAME", "say who owns a place or name, and by which rule", NULL, explain_options, NULL,
     run_explain},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
