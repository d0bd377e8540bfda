#include "inventory/store/database.h"
#include "inventory/store/rights.h"
#include "inventory/verdicts/rules/rules.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/clean_text.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <stdlib.h>
#include <string.h>

static int run_list(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    bool may_store = false;
    bool ok = db != NULL && rights_ask(db, "rule", &may_store, &err) && (!may_store || rules_store(db, &err))     /* who only reads sees those stored last */
              && result_table_print(options, db, SQL_RULES_LIST, 0, NULL, "no rules", &err);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static void print_head(FILE *out, const struct rule *rule, const char *key, const char *heading)
{
    char *text = rule_head(rule, key);
    clean_text_print(out, "%-10s %s\n", heading, text == NULL ? "" : text);
    free(text);
}

/* Prints the rule in words, then its statement, so that a user who doubts a verdict can read what decided it. */
static void print_rule(FILE *out, const struct rule *rule)
{
    char *title = rule_head(rule, "title");
    clean_text_print(out, "%s  %s\n\n", rule->id, title);
    free(title);
    print_head(out, rule, "version", "version");
    print_head(out, rule, "severity", "severity");
    print_head(out, rule, "source", "source");
    print_head(out, rule, "next step", "next step");
    const char *statement = strstr(rule->sql, "\nINSERT INTO");
    clean_text_print(out, "\nHow it is judged (SQL over facts):\n%s", statement == NULL ? rule->sql : statement);
}

static int run_explain(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    const struct rule *rule = argument_count(options) == 1 ? rule_find(argument_at(options, 0)) : NULL;
    if (argument_count(options) != 1)
        error_set(&err, ERROR_USAGE, "one rule is expected: certsweep rules explain ID");
    else if (rule == NULL)
        error_set(&err, ERROR_USAGE, "no rule %s; certsweep rules list names them", argument_at(options, 0));
    struct output *output = rule == NULL ? NULL : output_open(options, &err);
    if (output != NULL)
        print_rule(output_file(output), rule);
    return output != NULL && output_close(output, true, &err) ? 0 : command_fail(&err);
}

static const char *const explain_examples[] = {
    "certsweep rules explain K02", "what makes a key weak, where that is written, and what its owner does next",
    NULL,
};

const struct command command_rules[] = {
    {"rules list", "", "list the policy rules and how many hits each has", NULL, NULL, NULL, run_list},
    {"rules explain", "ID", "say what a rule judges, by which source, and what to do",
     "Prints title, version, severity, source and next step of the rule, and the SQL that decides it.",
     NULL, explain_examples, run_explain},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
