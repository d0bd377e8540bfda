#include "inventory/store/database.h"
#include "inventory/store/site.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "reports/next_command.h"
#include "reports/render.h"
#include "reports/report_columns.h"
#include "reports/report_filter.h"
#include "scanner/cli/command.h"
#include "scanner/cli/report_document.h"

#include <locale.h>
#include <string.h>

static bool unknown_report(const char *name, struct error *err)
{
    char list[512] = "";
    size_t used = 0;
    for (size_t i = 0; reports_all[i] != NULL && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s, ", reports_all[i]->name);
    return error_set(err, ERROR_USAGE, "no report \"%s\"; there are %sdiscovery and columns", name, list);
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
        fprintf(told, "Not judged: %lld certificates, since %s\n", state.unjudged, report_unjudged_reason(report, &state));
    else if (is_table && rows == 0)
        fprintf(out, "%s\n", report_none(report, &state));
    if (state.as_of[0] == '\0')
        fprintf(told, "%sNothing was judged yet. Next: certsweep reconcile\n", is_table ? "\n" : "");
    else
        fprintf(told, "%sJudged as of %s%s\n", is_table ? "\n" : "", state.as_of,
                state.waiting > 0 ? "." : state.is_old ? ", more than a day ago. Next: certsweep reconcile" : ".");
    if (state.as_of[0] != '\0' && state.waiting > 0)
        fprintf(told, "Not judged yet: %lld changes since then. Next: certsweep reconcile\n", state.waiting);
    if (!is_table)
        return true;
    if (report->next == NULL)
        return next_command_print(db, what->site, out, err);
    fprintf(out, "Next: %s%s%s\n", report->next, what->site == NULL ? "" : " --site ", what->site == NULL ? "" : what->site);
    return true;
}

static const struct renderer *find_renderer(const struct options *options, const char *otherwise, struct error *err)
{
    const char *format = option_get_or(options, "format", otherwise);
    const struct renderer *renderer = renderer_find(format);
    if (renderer == NULL)
        error_set(err, ERROR_USAGE, "--format %s: expected one of %s", format, renderer_names());
    return renderer;
}

static bool write_rows(const struct report *report, const struct report_options *what, struct db *db,
                       const struct options *options, struct error *err)
{
    const struct renderer *renderer = find_renderer(options, "table", err);
    struct output *output = renderer == NULL ? NULL : output_open(options, err);
    if (output == NULL)
        return false;
    size_t rows = 0;
    if (option_given(options, "bom") && renderer == &render_csv)
        fputs("\xef\xbb\xbf", output_file(output));
    bool ok = report_snapshot_begin(db, err) && report_write(report, what, db, renderer, output_file(output), &rows, err) &&
              tell_rest(report, what, db, rows, renderer, output_file(output), err);
    report_snapshot_end(db);
    return output_close(output, ok, ok ? err : NULL) && ok;
}

/* The dictionary of all columns; needs no database. */
static bool write_columns(const struct options *options, struct error *err)
{
    const struct renderer *renderer = find_renderer(options, "table", err);
    struct output *output = renderer == NULL ? NULL : output_open(options, err);
    if (output == NULL)
        return false;
    report_columns_write(argument_count(options) > 1 ? argument_at(options, 1) : NULL, renderer, output_file(output));
    return output_close(output, true, err);
}

static const char *const filters[] = {"owner", "issuer", "network", "port", "name", "rule", "severity", "kind", "source", "within"};

/* A filter that a report does not know would be left out without a word, so it is refused. */
static bool read_filter(const struct report *report, const struct options *options, struct report_filter *filter, struct error *err)
{
    const char *argument = argument_count(options) > 1 ? argument_at(options, 1) : NULL;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        const char *value = option_get(options, filters[i]);
        if (value != NULL && report != NULL && report->no_filter)
            return error_set(err, ERROR_USAGE, "--%s narrows no row of report %s", filters[i], report->name);
        if (!report_filter_set(filter, filters[i], value, err))
            return false;
    }
    if (report != NULL && (argument == NULL) != (report->argument == NULL))
        return argument == NULL ? error_set(err, ERROR_USAGE, "certsweep report %s %s: what about?", report->name, report->argument)
                                : error_set(err, ERROR_USAGE, "one report at a time, and \"%s\" is a second", argument);
    return report_filter_set(filter, "argument", argument, err) &&
           report_filter_set(filter, "site", option_get(options, "site"), err) &&
           report_filter_set(filter, "since", option_get(options, "since"), err) &&
           report_filter_set(filter, "pack", option_get(options, "pack"), err) &&
           report_filter_set(filter, "ours", option_given(options, "ours") ? "yes" : NULL, err);
}

/* Judges as of that day, for this session alone: what the report then reads are the tables of that day. */
static bool as_of_judge(const struct options *options, struct db *db, struct error *err)
{
    const char *as_of = option_get(options, "as-of");
    struct reconcile_options day = {0};
    if (as_of == NULL)
        return true;
    if (!clock_parse_us(as_of, &day.as_of_us))
        return error_set(err, ERROR_USAGE, "--as-of %s: expected a date, as 2027-01-31", as_of);
    return reconcile_run(db, &day, NULL, err);
}

static bool write_report(const struct report *report, const struct options *options, struct error *err)
{
    long long limit = 0;
    struct report_filter *filter = report_filter_create();
    struct db *db = NULL;
    bool ok = option_number(options, "limit", 0, 1000000000, &limit, err) && read_filter(report, options, filter, err) &&
              (db = database_open(option_get(options, "db"), err)) != NULL && site_check(db, option_get(options, "site"), err) &&
              as_of_judge(options, db, err) && report_filter_check(filter, db, err);
    if (ok) {
        struct report_options what = {.site = option_get(options, "site"), .limit = (size_t)limit,
                                      .filter = report_filter_text(filter), .sort = option_get(options, "sort"),
                                      .group = option_get(options, "group")};
        ok = report == NULL ? report_document_write(options, db, err) : write_rows(report, &what, db, options, err);
    }
    db_close(db);
    report_filter_destroy(filter);
    return ok;
}

static int run_report(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    const char *name = argument_count(options) == 0 ? "summary" : argument_at(options, 0);
    const struct report *report = report_find(name);
    setlocale(LC_CTYPE, "C.UTF-8");     /* widths of names on the terminal */
    if (strcmp(name, "columns") == 0)
        return write_columns(options, &err) ? 0 : command_fail(&err);
    if (report == NULL && strcmp(name, "discovery") != 0)
        unknown_report(name, &err);
    else if (argument_count(options) > 2)
        error_set(&err, ERROR_USAGE, "one report at a time, and \"%s\" is one word too many", argument_at(options, 2));
    else if (write_report(report, options, &err))
        return 0;
    return command_fail(&err);
}

static const struct option_spec report_options[] = {
    {"as-of", 0, "DATE", "As it was on that day, past or future, as known now: what was served, recorded, decided and ruled then. Nothing that is "
                         "kept changes. Of the future, time and deadlines alone differ.", false, false},
    {"owner", 0, "NAME", "Only what this owner is responsible for; none: what nobody is.", false, false},
    {"issuer", 0, "TEXT", "Only certificates whose issuer's name holds this text.", false, false},
    {"network", 0, "NET", "Only places in this network, as 10.0.0.0/8, and what they serve.", false, false},
    {"port", 0, "N", "Only places at this port, and what they serve.", false, false},
    {"name", 0, "NAME", "Only certificates for this name, and places that were asked for it; with * and ? as in *.example.", false, false},
    {"rule", 0, "ID,...", "Only what these rules found (certsweep rules list).", false, false},
    {"severity", 0, "WORD,...", "Only findings of these severities: critical, high, medium, low, info.", false, false},
    {"kind", 0, "KIND", "Only certificates for this use: server, client, smime, code_signing, ocsp, time_stamping, ca, unknown.", false, false},
    {"source", 0, "NAME", "Only certificates that this managed source records.", false, false},
    {"within", 0, "DAYS", "Only certificates that end within so many days, and have not ended.", false, false},
    {"ours", 0, NULL, "certificates: only those that are managed, or from an own CA.", false, false},
    {"since", 0, "DATE", "changes: since this day, as 2026-01-31; last: since the run before the last one, which is the default.", false, false},
    {"pack", 0, "NAME", "compliance: by the clauses of this policy pack. Default: the policy in force.", false, false},
    {"group", 0, "COLUMN", "How many rows have each value of this column, in place of the rows.", false, false},
    {"sort", 0, "COLUMN", "Sort by this column; -COLUMN downwards (as --sort=-days_left). Default: most urgent first.", false, false},
    {"limit", 0, "N", "Rows printed at most; the rest is counted. Default: all.", false, false},
    {"bom", 0, NULL, "csv: begin with a byte order mark, without which some spreadsheets read names as Latin-1.", false, false},
    REPORT_DOCUMENT_OPTIONS,
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep report", "what matters now",
    "certsweep report findings --owner 'Web team' --severity critical,high", "what one team must do first",
    "certsweep report unmanaged --format csv -o unmanaged.csv", "rows for a spreadsheet",
    "certsweep report certificates --group issuer", "how many each CA has issued",
    "certsweep report endpoints --rule P03 --format targets | certsweep scan -", "ask again what accepts old versions",
    "certsweep report discovery -o report.html", "one page of everything, for people",
    NULL,
};

const struct command command_report[] = {
    {"report", "[NAME [ARGUMENT]]", "print a report on what was found",
     "Without a name: summary. The reports:\n\n"
     "  summary       the inventory in numbers; each line names the report that lists its rows\n"
     "  findings      everything that a rule found, rule by rule, with what to do\n"
     "  certificates  every certificate, served or recorded, with all that is known (PCI DSS 4.2.1.1)\n"
     "  endpoints     every place that shows one, with version and suite (PCI DSS 12.3.3)\n"
     "  unmanaged     served, and in no managed source\n"
     "  foreign       from a public CA that is neither own nor approved\n"
     "  expiring      renewal is due, and the last day to ask for it\n"
     "  expired       ended\n"
     "  revoked       revoked by its CA, those still served first\n"
     "  weak          weak keys, signatures, versions, suites\n"
     "  exceptions    what was decided: accepted, ignored, adopted, linked, muted\n"
     "  changes       what is new, changed, moved, returned, gone\n"
     "  ownership     who is responsible for what\n"
     "  coverage      what was asked, by which run, and how it ended\n"
     "  discovery     one HTML page of what needs action\n"
     "  columns       what each column of each report means\n\n"
     "Filters narrow any list and can be combined; what a filter names must exist. A table ends with the moment that its verdicts "
     "are of and what could not be judged; JSON holds the same in as_of, not_judged, reason and waiting, CSV in a last row that "
     "begins with #. --format: table, csv, json, jsonl (a row a line), targets (places as certsweep scan reads them), html. Times "
     "are RFC 3339 in UTC. The same facts give the same bytes.",
     report_options, examples, run_report},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
