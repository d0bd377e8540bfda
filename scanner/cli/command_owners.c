#include "inventory/store/database.h"
#include "inventory/store/named_subject.h"
#include "inventory/store/site.h"
#include "inventory/owners/owner_match.h"
#include "inventory/owners/owner_rules.h"
#include "inventory_owners_sql.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"
#include "scanner/targets/host_name.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    log_warning("%s:%zu: %s", file, line, text);
}

#define NOTES_SHOWN 20              /* of rules without effect; the others are only counted */

static void on_note(void *context, const char *file, size_t line, const char *text)
{
    size_t *notes = context;
    if (++*notes <= NOTES_SHOWN)
        log_info("%s:%zu: %s", file, line, text);
}

static int run_import(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct owner_account account;
    size_t notes = 0;
    struct owner_fault_sink sink = {.fault = on_fault, .note = on_note, .context = &notes};
    const char *record = option_get_or(options, "record", "last");
    struct owner_import_options import = {.dry_run = option_given(options, "dry-run"), .catch_all = option_given(options, "catch-all"),
                                          .record_first = strcmp(record, "first") == 0};
    if (strcmp(record, "first") != 0 && strcmp(record, "last") != 0)
        error_set(&err, ERROR_USAGE, "--record %s: expected first or last", record);
    else if (argument_count(options) != 1)
        error_set(&err, ERROR_USAGE, "one file is expected: certsweep owners import FILE; its rules take the place of "
                                     "those in force");
    struct db *db = err.kind == ERROR_NONE ? database_open(option_get(options, "db"), &err) : NULL;
    bool ok = db != NULL && owner_rules_import(db, argument_at(options, 0), &import, &sink, &account, &err);
    db_close(db);
    if (!ok)
        return command_fail(&err);
    if (notes > NOTES_SHOWN)
        log_info("%s no effect", COUNTED_AS(notes - NOTES_SHOWN, "more rule has", "more rules have"));
    printf("%s%s%s%" PRId64 " %s in force (before: %" PRId64 "), %s not readable", import.dry_run ? "(dry run, nothing kept) " : "",
           account.profile == NULL ? "" : account.profile, account.profile == NULL ? "" : ": ", account.rules,
           account.rules == 1 ? "rule" : "rules", account.replaced, COUNTED(account.faults, "row"));
    if (account.contacts_refused > 0)
        printf("; the contacts of %s refused, the rest in force", COUNTED(account.contacts_refused, "row"));
    putchar('\n');
    if (!import.dry_run)
        puts("Next: certsweep reconcile");
    return account.faults + account.contacts_refused == 0 ? 0 : 5;
}

static int query(struct options *options, const char *sql, size_t count, const char *const *params, const char *none)
{
    struct error err = {0};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    bool ok = db != NULL && result_table_print(options, db, sql, count, params, none, &err);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static int run_list(const struct command *command, struct options *options)
{
    (void)command;
    return query(options, SQL_OWNER_RULES_LIST, 0, NULL, "no owner rules yet; next: certsweep owners import FILE");
}

/* A suffix of names counts, too, and a wildcard. "999.1.1.1" looks like an address and is none: no name ends in a number. */
static bool is_name(const char *text)
{
    char name[SERVER_NAME_SIZE];
    if (strncmp(text, "*.", 2) == 0 || text[0] == '.')
        text = strchr(text, '.') + 1;
    return host_name_of(text, name);
}

/* First what the last run found for what is known; for anything else what the rules say. */
static bool explain(struct options *options, struct db *db, const struct named_subject *subject, const char *site, struct error *err)
{
    const char *known[] = {subject->hash, subject->address, subject->port, subject->name, site, subject->host, subject->path};
    struct db_result *rows = db_query(db, SQL_OWNER_EXPLAIN_KNOWN, 7, known, err);
    if (rows == NULL)
        return false;
    bool is_known = db_rows(rows) > 0 && !option_given(options, "issuer");
    db_result_destroy(rows);
    if (is_known)
        return result_table_print(options, db, SQL_OWNER_EXPLAIN_KNOWN, 7, known, "", err);
    if (subject->hash != NULL)
        return error_set(err, ERROR_INPUT, "no certificate of the inventory has a hash that begins so: %s", subject->hash);
    if (subject->address == NULL && subject->host == NULL && !is_name(subject->name))
        return error_set(err, ERROR_USAGE, "\"%.80s\" is neither an address nor a name", subject->name);
    const struct owner_question question = {.site = site == NULL ? "default" : site, .address = subject->address,
                                            .name = subject->name, .issuer = option_get(options, "issuer"), .host = subject->host, .path = subject->path};
    return owner_ask(db, &question, 1, err) &&
           result_table_print(options, db, SQL_OWNER_EXPLAIN, 0, NULL, "no rule matches: it has no owner", err);
}

static int run_explain(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct named_subject subject = {0};
    bool is_all = option_given(options, "all");
    if ((argument_count(options) == 0) != is_all) {
        error_set(&err, ERROR_USAGE, "an address, place, name or hash is expected: certsweep owners explain 10.1.2.3; or --all");
        return command_fail(&err);
    }
    char *text = xstrdup(is_all ? "" : argument_at(options, 0));
    for (size_t i = 1; i < argument_count(options); i++) {      /* "branch 10.1.2.3:443 (name)" need not be quoted */
        char *longer = xasprintf("%s %s", text, argument_at(options, i));
        free(text);
        text = longer;
    }
    if (!is_all)
        named_subject_parse(text, &subject);
    const char *site = option_get(options, "site") != NULL ? option_get(options, "site") : subject.site;
    const char *all[] = {NULL, NULL, NULL, NULL, site, NULL, NULL};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    bool ok = db != NULL && (site == NULL || site_check(db, site, &err)) &&
              (is_all ? result_table_print(options, db, SQL_OWNER_EXPLAIN_KNOWN, 7, all, "nothing is known yet; next: certsweep scan TARGET", &err)
                      : explain(options, db, &subject, site, &err));
    db_close(db);
    named_subject_clear(&subject);
    free(text);
    return ok ? 0 : command_fail(&err);
}

static const struct option_spec import_options[] = {
    {"record", 0, "first|last", "Where the owner or department that a managed record names ranks: before all rules or after them (last, unless "
                                "this is given or a row of the file has the owner @record: then there).", false, false},
    {"catch-all", 0, NULL, "Accept rules after one without a condition, although it already matches everything.", false, false},
    {"dry-run", 'n', NULL, "Read everything, say what would be in force, keep nothing.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec explain_options[] = {
    {"issuer", 0, "NAME", "Ask the rules alone: a certificate of this issuer.", false, false},
    {"all", 'a', NULL, "Every certificate at every place and in every file, with its owner and why; --format csv for a table to keep.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const import_examples[] = {
    "certsweep owners import owners.csv", "take the file's rules in place of those in force",
    NULL,
};

const struct command command_owners[] = {
    {"owners import", "FILE", "import who is responsible for which places and names",
     "A CSV file with a heading: owner, and the conditions site, prefix (10.1.0.0/16 or a range), name suffix, issuer, and for what lies in "
     "files host (web1.example, *.example) and path (/srv/web: itself and all below); beside them contacts, manager (who is told what stays "
     "overdue) and environment. An empty condition does not matter. The first rule that matches wins; it is the "
     "evidence that verdicts show. A certificate belongs to the owners of its places, files among them. Exports of NetBox (prefixes), ServiceNow (CMDB) and Infoblox "
     "(networks) are known by their headings; there the smallest range comes first. Rules that can never match, are never reached or match nothing "
     "in the inventory are reported. Owners that differ only in case are one owner, in the spelling that stands first in the file; that is reported, too.",
     import_options, import_examples, run_import},
    {"owners list", "", "list the rules in their order", NULL, NULL, NULL, run_list},
    {"owners explain", "ADDRESS|PLACE|FILE|NAME|HASH", "say who owns a place, name or certificate, and why",
     "Takes what reports print: an address, a place as 10.1.2.3:443 (www.example) with or without its site, a file as web1:/etc/ssl/web.pem, "
     "a name, a certificate's hash. Of what is in "
     "the inventory it gives what the last run of reconcile found; for anything else what the rules say.", explain_options, NULL,
     run_explain},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
