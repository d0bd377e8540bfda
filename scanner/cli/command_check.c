/* certsweep check: the monitoring plug-in. Its exit codes are a plug-in's: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
#include "inventory/policy/policy_packs.h"
#include "inventory/store/database.h"
#include "inventory/store/site.h"
#include "probes/base/clean_text.h"
#include "reports/check.h"
#include "reports/report_filter.h"
#include "scanner/cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const filters[] = {"site", "owner", "issuer", "network", "port", "name", "source"};

static bool read_filters(const struct options *options, struct report_filter *filter, struct error *err)
{
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        if (!report_filter_set(filter, filters[i], option_get(options, filters[i]), err))
            return false;
    return argument_count(options) == 0 || error_set(err, ERROR_USAGE, "no argument is expected: an endpoint is --network ADDRESS --port N");
}

static bool check(const struct options *options, struct report_filter *filter, enum check_state *state, struct error *err)
{
    struct check_options what = {.critical_days = 7, .warning_days = 30, .max_age_hours = 26};
    struct db *db = NULL;
    bool ok = read_filters(options, filter, err) && option_number(options, "critical", 0, 100000, &what.critical_days, err) &&
              option_number(options, "warning", 0, 100000, &what.warning_days, err) &&
              option_number(options, "max-age", 1, 100000, &what.max_age_hours, err) &&
              (db = database_open_made(option_get(options, "db"), err)) != NULL && site_check(db, option_get(options, "site"), err) &&
              report_filter_check(filter, db, policy_packs_offer, err);
    what.filter = report_filter_text(filter);
    ok = ok && check_print(db, &what, stdout, state, err);
    db_close(db);
    return ok;
}

/* They are of the whole inventory and of each site: a narrowed or another threshold is for the query that reads them. */
static bool metrics_options_check(const struct command *command, const struct options *options, struct error *err)
{
    for (const struct option_spec *row = command->options; row->name != NULL; row++)
        if (option_typed(options, row->name))
            return error_set(err, ERROR_USAGE, "--%s: --format prometheus writes every number of the inventory, of all sites and of each", row->name);
    if (option_typed(options, "site"))
        return error_set(err, ERROR_USAGE, "--site: --format prometheus writes the numbers of all sites, and of each");
    return true;
}

/* For a scrape, or a file that node_exporter collects: results as those of any other command. */
static int write_metrics(const struct options *options)
{
    struct error err = {0};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    struct output *output = db == NULL ? NULL : output_open(options, &err);
    bool ok = output != NULL;
    if (ok) {
        ok = check_metrics_print(db, output_file(output), &err);
        ok = output_close(output, ok, &err) && ok;
    }
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

/* Behind a bar a monitoring system reads numbers, and only the first line is the state's. */
static void print_unknown(const char *why)
{
    char *line = clean_text(why);
    for (char *at = line; (at = strpbrk(at, "|\n")) != NULL; at++)
        *at = ' ';
    printf("CERTSWEEP UNKNOWN - %s\n", line);
    free(line);
}

static int run(const struct command *command, struct options *options)
{
    struct error err = {0};
    bool is_metrics = strcmp(option_get_or(options, "format", ""), "prometheus") == 0;
    if (is_metrics)
        return metrics_options_check(command, options, &err) ? write_metrics(options) : command_fail(&err);
    enum check_state state = CHECK_UNKNOWN;
    if (option_typed(options, "format")) {
        print_unknown("--format: a check prints one line for a monitoring system; prometheus is the only other format");
        return CHECK_UNKNOWN;
    }
    struct report_filter *filter = report_filter_create();
    if (!check(options, filter, &state, &err))
        print_unknown(err.text);        /* a plug-in speaks on standard output */
    report_filter_destroy(filter);
    return fflush(stdout) == 0 ? (int)state : CHECK_UNKNOWN;      /* a code without its line tells nobody why */
}

static const struct option_spec check_options[] = {
    {"critical", 0, "DAYS", "CRITICAL where a served certificate ends within so many days. Default: 7.", false, false},
    {"warning", 0, "DAYS", "WARNING where one ends within so many days, at least those of --critical. Default: 30.", false, false},
    {"max-age", 0, "HOURS", "UNKNOWN where nothing was judged for so long. Default: 26.", false, false},
    {"owner", 0, "NAME", "Only what this owner is responsible for; none: what has no owner; =none: an owner of that name.", false, false},
    {"issuer", 0, "TEXT", "Only certificates whose issuer's name holds this text.", false, false},
    {"network", 0, "NET", "Only places in this network, or at this address.", false, false},
    {"port", 0, "N", "Only places at this port.", false, false},
    {"name", 0, "NAME", "Only certificates for this name; with * and ? as in *.example.", false, false},
    {"source", 0, "NAME", "Only certificates that this managed source records.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep check", "the whole inventory",
    "certsweep check --owner 'Web team' --warning 45", "one team's service, with its own lead time",
    "certsweep check --network 10.1.2.3 --port 443", "one endpoint",
    "certsweep check --format prometheus -o certsweep.prom", "every number, for Prometheus",
    NULL,
};

const struct command command_check[] = {
    {"check", "", "tell a monitoring system the state of the inventory",
     "One line and performance data after the monitoring plug-in guidelines, for Icinga, Nagios and others. Both count certificates that are "
     "served (\"served now\" of report summary, whose rows of time and ends count what is managed and served nowhere, too), and findings of "
     "all but those about what is over and served nowhere, which need nothing; the screen (certsweep alone) counts these, "
     "too, and says how many they are. "
     "CRITICAL: a served certificate "
     "has ended or ends within --critical days, or there is a critical finding. WARNING: one ends within --warning days, is in no "
     "managed source, there is a high finding, or the policy, the owner rules or the first managed source in use came after the last "
     "reconcile. UNKNOWN: nothing was judged for --max-age hours, no certificate is served where the filters look (but what is over there, "
     "and served nowhere, is OK: nothing is in force), or the "
     "database cannot be asked. The exit code is 0 for OK, 1 for WARNING, 2 for CRITICAL, 3 for UNKNOWN, whatever other commands' codes mean. "
     "--format prometheus writes every number of the inventory instead, "
     "of all sites and of each: of served and managed certificates together, of served ones alone where a label says served; deployment counts places. certsweep_outdated "
     "is 1 where verdicts are older than the policy, owner rules or first managed source in use.",
     check_options, examples, run},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
