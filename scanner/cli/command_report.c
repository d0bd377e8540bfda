#include "inventory/store/database.h"
#include "inventory/store/site.h"
#include "probes/base/log.h"
#include "reports/discovery.h"
#include "reports/next_command.h"
#include "reports/render.h"
#include "scanner/cli/command.h"

#include <locale.h>
#include <string.h>

static bool unknown_report(const char *name, struct error *err)
{
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; reports_all[i] != NULL && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s, ", reports_all[i]->name);
    return error_set(err, ERROR_USAGE, "no report \"%s\"; there are %sdiscovery", name, list);
}

static void tell_unjudged(const struct report *report, const struct report_state *state, FILE *out)
{
    if (report->needs == REPORT_NEEDS_MANAGED)
        fprintf(out, "Not judged: %lld certificates, since there is no managed source. Next: certsweep managed import --source "
                     "NAME FILE\n", state->unjudged);
    else
        fprintf(out, "Not judged: %lld certificates, since the policy names no own CA. Next: certsweep policy use FILE\n",
                state->unjudged);
}

/* Tables end with what to do next; formats for programs hold the rows alone, and the rest is told on standard error: as of
 * when it is, and what could not be judged, which is no zero. */
static bool tell_rest(const struct report *report, const struct report_options *what, struct db *db, size_t rows,
                      const struct renderer *renderer, FILE *out, struct error *err)
{
    struct report_state state;
    bool is_table = renderer == &render_table;
    FILE *told = is_table ? out : stderr;
    if (!report_state_get(report, what, db, &state, err))
        return false;
    if (state.unjudged > 0)
        tell_unjudged(report, &state, told);
    else if (is_table && rows == 0)
        fprintf(out, "%s\n", report_none(report, &state));
    if (state.as_of[0] == '\0')
        fprintf(told, "%sNothing was judged yet. Next: certsweep reconcile\n", is_table ? "\n" : "");
    else
        fprintf(told, "%sJudged as of %s%s\n", is_table ? "\n" : "", state.as_of,
                state.is_old ? ", more than a day ago. Next: certsweep reconcile" : ".");
    if (!is_table)
        return true;
    if (report->next == NULL)
        return next_command_print(db, what->site, out, err);
    fprintf(out, "Next: %s\n", report->next);
    return true;
}

static bool write_rows(const struct report *report, const struct report_options *what, struct db *db,
                       const struct options *options, struct error *err)
{
    const char *format = option_get_or(options, "format", "table");
    const struct renderer *renderer = renderer_find(format);
    if (renderer == NULL)
        return error_set(err, ERROR_USAGE, "--format %s: expected table, csv, json or, for report discovery, html", format);
    struct output *output = output_open(options, err);
    if (output == NULL)
        return false;
    size_t rows = 0;
    bool ok = report_snapshot_begin(db, err) && report_write(report, what, db, renderer, output_file(output), &rows, err) &&
              tell_rest(report, what, db, rows, renderer, output_file(output), err);
    report_snapshot_end(db);
    return output_close(output, ok, ok ? err : NULL) && ok;
}

static bool write_discovery(const struct report_options *what, struct db *db, const struct options *options,
                            struct error *err)
{
    const char *format = option_get_or(options, "format", "html");
    if (strcmp(format, "html") != 0)
        return error_set(err, ERROR_USAGE, "report discovery is an HTML page; for --format %s take a single report", format);
    struct output *output = output_open(options, err);
    if (output == NULL)
        return false;
    bool ok = discovery_write(what, db, output_file(output), err);
    ok = output_close(output, ok, ok ? err : NULL) && ok;
    if (ok && option_given(options, "output"))
        log_info("the report is in %s", option_get(options, "output"));
    return ok;
}

static int run_report(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    long long limit = 0;
    const char *name = argument_count(options) == 0 ? "summary" : argument_at(options, 0);
    const struct report *report = report_find(name);
    bool discovery = strcmp(name, "discovery") == 0;
    setlocale(LC_CTYPE, "C.UTF-8");     /* widths of names on the terminal */
    if (report == NULL && !discovery) {
        unknown_report(name, &err);
        return command_fail(&err);
    }
    if (argument_count(options) > 1) {
        error_set(&err, ERROR_USAGE, "one report at a time, and \"%s\" is a second", argument_at(options, 1));
        return command_fail(&err);
    }
    if (!option_number(options, "limit", 0, 1000000000, &limit, &err))
        return command_fail(&err);
    struct report_options what = {.site = option_get(options, "site"), .limit = (size_t)limit};
    struct db *db = database_open(option_get(options, "db"), &err);
    bool ok = db != NULL && site_check(db, what.site, &err) && (discovery ? write_discovery(&what, db, options, &err)
                                       : write_rows(report, &what, db, options, &err));
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static const struct option_spec report_options[] = {
    {"limit", 0, "N", "Rows printed at most; the rest is counted. Default: all.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep report", "the inventory in numbers",
    "certsweep report unmanaged --format csv -o unmanaged.csv", "rows for a spreadsheet",
    "certsweep report discovery -o report.html", "one page of everything, for people",
    NULL,
};

const struct command command_report[] = {
    {"report", "[NAME]", "print a report: summary, findings, unmanaged, foreign, expiring, weak, coverage, discovery",
     "Without a name: summary. discovery is a self-contained HTML page of all of them, which prints well. --site limits a "
     "report to one site. A table ends with the moment that its verdicts are of and what could not be judged; other formats "
     "tell these on standard error.",
     report_options, examples, run_report},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
