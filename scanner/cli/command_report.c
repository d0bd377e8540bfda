#include "inventory/policy/policy_packs.h"
#include "inventory/store/database.h"
#include "inventory/store/named_subject.h"
#include "inventory/store/site.h"
#include "inventory/verdicts/as_of.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/suggest.h"
#include "reports/next_command.h"
#include "reports/render.h"
#include "reports/report_columns.h"
#include "reports/report_filter.h"
#include "reports/report_schema.h"
#include "reports/screen.h"
#include "reports/subject_page.h"
#include "scanner/cli/command.h"
#include "scanner/cli/man.h"
#include "scanner/cli/report_document.h"
#include "scanner/cli/report_endpoint.h"
#include "scanner/cli/report_options_check.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool unknown_report(const char *name, struct error *err)
{
    char list[512] = "";
    struct suggest near = suggest_start(name);
    size_t used = 0;
    for (size_t i = 0; reports_all[i] != NULL && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s, ", reports_all[i]->name);
        suggest_offer(&near, reports_all[i]->name);
    }
    suggest_offer(&near, "discovery");
    suggest_offer(&near, "columns");
    return error_set(err, ERROR_USAGE, "no report \"%s\"%s there are %sdiscovery and columns", name, SUGGESTED_AMID(&near), list);
}

/* What is to be said of the list as a whole. */
static bool tell_note(const struct report *report, const struct report_options *what, struct db *db, FILE *notes, struct error *err)
{
    char *note = report_note(report, what, db, err);
    if (note != NULL && note[0] != '\0')
        fprintf(notes, "%s\n", note);
    free(note);
    return note != NULL;
}

static bool tell_next(const struct report *report, const struct report_options *what, bool is_empty, struct db *db, FILE *out, struct error *err)
{
    char *next = report_next(report, what, is_empty, db, err);
    if (next == NULL)
        return false;
    next_command_write(next, out);
    free(next);
    return true;
}

/* What is to be judged before anything else is done: rows may not be there, or no longer be true. */
static bool is_to_judge(const struct report_state *state)
{
    return state->as_of[0] == '\0' || state->before[0] != '\0' || state->waiting > 0 || state->is_old;
}

/* The moment of the data, and what has come since. */
static void tell_moment(const struct report_state *state, bool is_table, FILE *notes)
{
    const char *next = is_table ? "" : " Next: certsweep reconcile";         /* a table's Next is its last line */
    bool is_waiting = state->before[0] != '\0' || state->waiting > 0;
    if (state->as_of[0] == '\0')
        fprintf(notes, "%sNothing was judged yet.%s\n", is_table ? "\n" : "", next);
    else
        fprintf(notes, "%sJudged as of %s%s%s\n", is_table ? "\n" : "", state->as_of,
                is_waiting || !state->is_old ? "." : ", more than a day ago.", is_waiting || !state->is_old ? "" : next);
    if (state->as_of[0] != '\0' && state->before[0] != '\0')
        fprintf(notes, "Judged before %s.%s\n", state->before, next);
    else if (state->as_of[0] != '\0' && state->waiting > 0)
        fprintf(notes, "Not judged yet: %s since then.%s\n", COUNTED(state->waiting, "change"), next);
}

/* Tables end with one command, the one to run first. Formats for programs have only rows; the date of the data and what could not be
 * judged go to standard error. */
static bool tell_rest(const struct report *report, const struct report_options *what, const struct report_state *state, struct db *db, size_t rows,
                      const struct renderer *renderer, FILE *out, struct error *err)
{
    bool is_table = renderer == &render_table;
    FILE *notes = is_table ? out : stderr;
    const char *reason = report_unjudged_reason(report, state), *next = reason == NULL ? NULL : strstr(reason, " Next: ");
    if (reason != NULL)
        fprintf(notes, "Not judged: %s, since %.*s\n", COUNTED(state->unjudged, "certificate"),
                is_table && next != NULL ? (int)(next - reason) : (int)strlen(reason), reason);
    else if (is_table && rows == 0)
        fprintf(out, "%s\n", report_none(report, what, state));
    if (!tell_note(report, what, db, notes, err))
        return false;
    tell_moment(state, is_table, notes);
    if (!is_table)
        return true;
    if (!is_to_judge(state) && next == NULL)
        return tell_next(report, what, rows == 0, db, out, err);
    fprintf(out, "%s\n", is_to_judge(state) ? "Next: certsweep reconcile" : next + 1);
    return true;
}

static const struct renderer *find_renderer(const struct options *options, const char *otherwise, struct error *err)
{
    const char *format = option_get_or(options, "format", otherwise);
    const struct renderer *renderer = report_page_is_pdf(options) ? &render_html : renderer_find(format);
    if (renderer == NULL)
        error_set(err, ERROR_USAGE, "--format %s: expected one of %s", format, renderer_names());
    return renderer;
}

/* What matters, in words, and by when and whose, above the numbers. */
static bool write_words(struct db *db, const struct report *report, const struct report_options *what, FILE *out, struct error *err)
{
    bool is_narrowed = strcmp(what->filter, "{}") != 0 && (what->site == NULL || strchr(what->filter, ',') != NULL);
    char *lead = is_narrowed ? report_lead(report, what, db, err) : NULL;
    if (lead != NULL)
        clean_text_print(out, "%s\n", lead);
    bool ok = (is_narrowed ? lead != NULL : screen_print_lines(db, what->site, out, err)) && fputc('\n', out) != EOF && screen_print_due(db, what->filter, out, err);
    free(lead);
    return ok;
}

static bool write_report_rows(const struct report *report, const struct report_options *what, struct db *db, const struct renderer *renderer,
                              FILE *out, size_t *rows, struct error *err)
{
    bool is_endpoint = strcmp(report->name, "endpoint") == 0, is_subject = is_endpoint || strcmp(report->name, "certificate") == 0;
    bool is_rearranged = what->group != NULL || what->sort != NULL || what->limit != 0 || what->after != NULL;         /* then it is a list like any other */
    if (is_endpoint && (renderer == &render_html || renderer == &render_json) && !is_rearranged)
        return (renderer == &render_html ? report_endpoint_html : report_endpoint_json)(report, what, db, what->argument, out, rows, err);
    if (is_subject && renderer == &render_html && !is_rearranged)
        return subject_page_write(report, what, db, NULL, out, rows, err);
    return report_write(report, what, db, renderer, out, rows, err);
}

/* What is asked for: of a place as reports print it, "branch 10.1.2.3:443 (www.example)", the address and port; yours. Its site and server name
 * narrow the filter. An IPv4-mapped IPv6 address is the IPv4 one. All else stays as it is: eight pairs of digits are an IPv6 address and a serial
 * number. */
static char *argument_of(const char *text, struct report_filter *filter, struct error *err)
{
    struct named_subject subject = {0};
    named_subject_parse(text, &subject);
    char *place = subject.site == NULL && subject.name == NULL && !subject.is_mapped ? NULL : named_subject_place(&subject);
    if (place == NULL) {
        place = xstrdup(text);
    } else if (!report_filter_set(filter, "site", subject.site, err) || !report_filter_set(filter, "name", subject.name, err)) {
        free(place);
        place = NULL;
    }
    named_subject_clear(&subject);
    return place;
}

static void begin_text(const struct renderer *renderer, const struct options *options, FILE *out)
{
    if (renderer == &render_csv && option_given(options, "bom"))
        fputs("\xef\xbb\xbf", out);
}

static bool write_rows(const struct report *report, const struct report_options *what, struct db *db,
                       const struct options *options, struct error *err)
{
    const struct renderer *renderer = find_renderer(options, "table", err);
    struct report_page *page = renderer == NULL ? NULL : report_page_open(options, err);
    if (page == NULL)
        return false;
    size_t rows = 0;
    FILE *out = report_page_file(page);
    begin_text(renderer, options, out);
    bool has_words = renderer == &render_table && strcmp(report->name, "summary") == 0 && what->group == NULL;
    const struct report_head head = report_head_of(options);
    struct report_options listed = *what;
    listed.head = renderer == &render_html ? &head : NULL;
    listed.is_brief = has_words;
    struct report_state state;
    bool ok = report_snapshot_begin(db, err) && report_state_get(report, what, db, &state, err);
    listed.state = &state;
    ok = ok && (!has_words || write_words(db, report, what, out, err)) &&
         write_report_rows(report, &listed, db, renderer, out, &rows, err) &&
         tell_rest(report, what, &state, db, rows, renderer, out, err);
    report_snapshot_end(db);
    return report_page_close(page, ok, err) && ok;
}

static bool write_book(const struct report_options *what, struct db *db, const struct options *options, struct error *err)
{
    struct output *output = output_open(options, err);
    if (output == NULL)
        return false;
    bool ok = report_snapshot_begin(db, err) && report_book_write(what, db, output_file(output), err);
    report_snapshot_end(db);
    return output_close(output, ok, err) && ok;
}

/* The dictionary of all columns; needs no database. */
static bool write_columns(const struct options *options, struct error *err)
{
    const char *report = argument_count(options) > 1 ? argument_at(options, 1) : NULL;
    bool is_schema = strcmp(option_get_or(options, "format", "table"), "schema") == 0;
    const struct renderer *renderer = is_schema ? NULL : find_renderer(options, "table", err);
    if (report != NULL && report_find(report) == NULL)
        return unknown_report(report, err);
    if (is_schema && report == NULL)
        return error_set(err, ERROR_USAGE, "of which report? certsweep report columns NAME --format schema");
    struct output *output = renderer == NULL && !is_schema ? NULL : output_open(options, err);
    if (output == NULL)
        return false;
    if (is_schema) {
        report_schema_write(report_find(report), output_file(output));
    } else {
        begin_text(renderer, options, output_file(output));
        report_columns_write(report, renderer, output_file(output));
    }
    return output_close(output, true, err);
}

static const char *const own_filters[] = {"since", "pack", "ours", "older", "host", "path", "served", "record", "issuer-class",
                                          "status", "deployment", "unconfirmed", "decision", NULL};
static const char *const flag_filters[] = {"ours", "served", "unconfirmed", NULL};        /* which take no value */
static const char *const list_options[] = {"group", "sort", "limit", "after", NULL};

static bool is_in(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* report NULL: the document, or all lists as one workbook. */
static bool is_book(const struct options *options)
{
    return strcmp(option_get_or(options, "format", "html"), "xlsx") == 0 && !option_given(options, "split") && !option_given(options, "evidence");
}

/* Ignoring an option silently would mislead. */
static bool refuse(const struct report *report, const char *option, struct error *err)
{
    if (report == NULL)
        return error_set(err, ERROR_USAGE, "--%s: the document describes a site or an owner whole (--site, --owner); --%s narrows lists, as "
                                           "certsweep report findings, and the workbook (--format xlsx)", option, option);
    return error_set(err, ERROR_USAGE, "--%s narrows no row of report %s%s%s", option, report->name, report->why == NULL ? "" : ": ",
                     report->why == NULL ? "" : report->why);
}

static bool read_filters(const struct report *report, const struct options *options, const char *const *names, struct report_filter *filter,
                         struct error *err)
{
    for (; *names != NULL; names++) {
        const char *value = !option_given(options, *names) ? NULL : is_in(flag_filters, *names) ? "yes" : option_get(options, *names);
        bool is_of_document = report == NULL && !is_book(options) && strcmp(*names, "owner") != 0;
        if (value != NULL && (is_of_document || !report_understands(report, *names)))
            return refuse(report, *names, err);
        const char *why = value == NULL ? NULL : report_refusal(report, *names, value);
        if (!report_filter_set(filter, *names, value, err))         /* that it is no value at all goes first */
            return false;
        if (why != NULL)
            return error_set(err, ERROR_USAGE, "--%s %s leaves no row of report %s: %s", *names, value, report->name, why);
    }
    return true;
}

/* The document has no rows to sort, group or cut; of the workbook's sheets each has other columns. */
static bool list_options_check(const struct report *report, const struct options *options, struct error *err)
{
    for (size_t i = 0; report == NULL && list_options[i] != NULL; i++)
        if (option_given(options, list_options[i]) && !(is_book(options) && strcmp(list_options[i], "limit") == 0))
            return refuse(report, list_options[i], err);
    return true;
}

/* Judges as of that day, for this session alone: what the report then reads are the tables of that day. */
static bool as_of_judge(const char *as_of, struct db *db, struct error *err)
{
    struct reconcile_options day = {0};
    if (as_of == NULL)
        return true;
    return as_of_read(db, as_of, &day.as_of_us, err) && reconcile_run(db, &day, NULL, err) && next_command_as_of(db, as_of, err);
}

/* argument NULL: none was given. */
static bool argument_check(const struct report *report, const char *argument, struct error *err)
{
    if (report != NULL && argument == NULL && report->argument != NULL)
        return error_set(err, ERROR_USAGE, "report %s: which? certsweep report %s %s", report->name, report->name, report->argument);
    if (argument != NULL && (report == NULL || report->argument == NULL))
        return error_set(err, ERROR_USAGE, "one report at a time, and \"%s\" is a second", argument);
    return true;
}

/* What is the same for `report` and for `find`; after is the cursor of the page before, or NULL. */
static bool write_with(const struct report *report, struct report_filter *filter, const char *argument, const char *after,
                       const struct options *options, struct error *err)
{
    const char *as_of = option_get(options, "as-of");
    long long limit = 0;
    const char *site = option_get(options, "site");
    struct db *db = NULL;
    if (argument != NULL && argument[strspn(argument, " \t")] == '\0')
        return error_set(err, ERROR_USAGE, "report %s: which? What is asked for is empty", report->name);
    bool ok = report_filter_set(filter, "site", site, err) && report_filter_set(filter, "argument", argument, err) &&
        option_number(options, "limit", 0, 1000000000, &limit, err) &&
              (db = database_open_made(option_get(options, "db"), err)) != NULL && site_check(db, site, err) &&
              as_of_judge(as_of, db, err) && report_filter_check(filter, db, policy_packs_offer, err);
    if (ok) {
        struct report_options what = {.site = site, .limit = (size_t)limit, .filter = report_filter_text(filter), .argument = argument,
                                      .sort = option_get(options, "sort"), .after = after, .group = option_get(options, "group"), .is_replay = as_of != NULL};
        ok = report == NULL && is_book(options) ? write_book(&what, db, options, err)
             : report == NULL ? report_document_write(options, db, err)
                              : write_rows(report, &what, db, options, err);
    }
    db_close(db);
    return ok;
}

static bool write_report(const char *name, const struct options *options, struct error *err)
{
    const struct report *report = report_find(name);
    const char *argument = argument_count(options) > 1 ? argument_at(options, 1) : NULL;
    struct report_filter *filter = report_filter_create();
    char *asked = NULL;
    bool ok = argument_check(report, argument, err) && list_options_check(report, options, err) &&
              (argument == NULL || (asked = argument_of(argument, filter, err)) != NULL) &&
              read_filters(report, options, report_shared_filters, filter, err) && read_filters(report, options, own_filters, filter, err) &&
              write_with(report, filter, asked, option_get(options, "after"), options, err);
    report_filter_destroy(filter);
    free(asked);
    return ok;
}

static int run_report(const struct command *command, struct options *options)
{
    struct error err = {0};
    const char *name = argument_count(options) == 0 ? "summary" : argument_at(options, 0);
    setlocale(LC_CTYPE, "C.UTF-8");     /* widths of names on the terminal */
    if (strcmp(name, "columns") == 0)
        return report_options_check(name, command, options, &err) && write_columns(options, &err) ? 0 : command_fail(&err);
    if (report_find(name) == NULL && strcmp(name, "discovery") != 0)
        unknown_report(name, &err);
    else if (!report_options_check(name, command, options, &err))
        return command_fail(&err);
    else if (argument_count(options) > 2)
        error_set(&err, ERROR_USAGE, "one report at a time, and \"%s\" is one word too many", argument_at(options, 2));
    else if (write_report(name, options, &err))
        return 0;
    return command_fail(&err);
}

static int run_find(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct report_filter *filter = report_filter_create();
    bool ok = argument_count(options) == 1 || error_set(&err, ERROR_USAGE, "certsweep find ANYTHING: one hash, serial number, name, "
                                                                           "address, issuer or owner");
    ok = ok && report_options_check("find", command, options, &err);
    setlocale(LC_CTYPE, "C.UTF-8");
    char *asked = ok ? argument_of(argument_at(options, 0), filter, &err) : NULL;
    ok = asked != NULL && read_filters(report_find("find"), options, report_shared_filters, filter, &err) &&
         write_with(report_find("find"), filter, asked, NULL, options, &err);
    report_filter_destroy(filter);
    free(asked);
    return ok ? 0 : command_fail(&err);
}

/* What narrows any report, and find. */
#define REPORT_FILTER_OPTIONS \
    {"as-of", 0, "DATE", "As it was at the end of that day, past or future, in the policy's zone (of today: now), or at a moment as '2027-01-31 12:00', as known " \
                         "now: what was served, recorded, decided and ruled then. Nothing that is kept changes. Of the future, time and deadlines alone differ.", false, false}, \
    {"owner", 0, "NAME", "Only what this owner is responsible for; none: what has no owner; =none: an owner of that name.", false, false}, \
    {"issuer", 0, "TEXT", "Only certificates whose issuer's name holds this text.", false, false}, \
    {"network", 0, "NET", "Only places in this network, as 10.0.0.0/8, and what they serve.", false, false}, \
    {"port", 0, "N", "Only places at this port, and what they serve.", false, false}, \
    {"name", 0, "NAME", "Only certificates for this name, and places that were asked for it; with * and ? as in *.example.", false, false}, \
    {"rule", 0, "ID,...", "Only what these rules found (certsweep rules list).", false, false}, \
    {"severity", 0, "WORD,...", "Only findings of these severities: critical, high, medium, low, info.", false, false}, \
    {"kind", 0, "KIND", "Only certificates for this use: server, client, smime, code_signing, ocsp, time_stamping, ca, unknown.", false, false}, \
    {"source", 0, "NAME", "Only certificates that this managed source records.", false, false}, \
    {"within", 0, "DAYS", "Only certificates that end within so many days, and have not ended.", false, false}, \
    {"due", 0, "DAYS", "Only certificates that are served and whose last safe day, so long before their end as a renewal takes, is within so many days, as 30; in " \
                       "a span of days, as 8-30; or overdue: it has passed.", false, false}

static const struct option_spec report_options[] = {
    REPORT_FILTER_OPTIONS,
    {"ours", 0, NULL, "certificates: only those that are managed, or from an own CA.", false, false},
    {"served", 0, NULL, "certificates, unmanaged: only those that an endpoint serves now, not what is only recorded or lies in files.", false, false},
    {"record", 0, "WORD", "certificates: only these: managed, unmanaged, accepted, ignored, \"not judged\".", false, false},
    {"issuer-class", 0, "WORD", "certificates: only from such issuers: own, approved, foreign, private, self-signed, unknown, \"not judged\".", false, false},
    {"status", 0, "WORD", "certificates, expiring: only these: ok, \"renewal due\", expiring, expired, \"not yet\", \"too long\", "
                          "unknown. recorded: in place of records in force that are not where they should be, expired: those that have ended "
                          "and of which no certificate is known (report expired lists the others), replaced: those that were replaced.", false, false},
    {"deployment", 0, "WORD", "endpoints: only where a certificate is served so: \"as recorded\", \"other known\", \"unknown here\", \"not located\", "
                              "\"superseded but served\", \"revoked but served\", \"not judged\".", false, false},
    {"unconfirmed", 0, NULL, "endpoints: those that only captures or imports have shown and nobody has seen for too long, which no count holds.", false, false},
    {"decision", 0, "KIND", "exceptions: only decisions of this kind: accept, ignore, adopt, link, mute.", false, false},
    {"since", 0, "DATE", "changes: since this day, as 2026-01-31; last: since the run before the last one, which is the default.", false, false},
    {"host", 0, "NAME", "files: only of this host, or of all below *.NAME.", false, false},
    {"path", 0, "PREFIX", "files: only this file, or all below this folder.", false, false},
    {"older", 0, "DAYS", "coverage: only what was last asked so many days ago or longer: the latest run of each site and plan.", false, false},
    {"pack", 0, "NAME", "compliance: only the clauses of this pack, which must be in force.", false, false},
    {"group", 0, "COLUMN", "How many rows have each value of this column, in place of the rows.", false, false},
    {"sort", 0, "COLUMN", "Sort by this column; -COLUMN downwards (as --sort=-days_left). Default: what ends first in certificates, expiring "
                          "and expired; the gravest rule first, rule by rule, in findings and weak; the gravest first, then what ends first, "
                          "in unmanaged; by record, then by end, in foreign; by address in endpoints; by host and path in files; the latest "
                          "first in coverage.", false, false},
    {"limit", 0, "N", "Rows printed at most; the rest is counted. Default: all.", false, false},
    {"after", 0, "CURSOR", "Go on behind the page that ended with this cursor, which JSON has as next and a table in its last line: certificates, endpoints, " \
                           "files, findings, weak, unmanaged, foreign, expiring, expired. Take the same filters; not with --sort or --group.", false, false},
    {"bom", 0, NULL, "csv: begin with a byte order mark, without which some spreadsheets read names as Latin-1.", false, false},
    REPORT_HEAD_OPTIONS,
    REPORT_DOCUMENT_OPTIONS,
    {NULL, 0, NULL, NULL, false, false},
};

const struct man_terms report_terms = {.command = "report", .heading = "COLUMNS", .get = report_column_at};

static const struct option_spec find_options[] = {
    REPORT_FILTER_OPTIONS,
    {"group", 0, "COLUMN", "How many rows have each value of this column, in place of the rows.", false, false},
    {"sort", 0, "COLUMN", "Sort by this column; -COLUMN downwards.", false, false},
    {"limit", 0, "N", "Rows printed at most. Default: all.", false, false},
    {"bom", 0, NULL, "csv: begin with a byte order mark.", false, false},
    REPORT_HEAD_OPTIONS,
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const find_examples[] = {
    "certsweep find 3fe1c09b", "the certificate, or key, whose SHA-256 begins so (at least four digits)",
    "certsweep find '*.parks.example'", "names; an address, a serial number, an issuer or an owner as well",
    NULL,
};

static const char *const examples[] = {
    "certsweep report", "what matters now",
    "certsweep report findings --owner 'Web team' --severity critical,high", "what one team must do first",
    "certsweep report unmanaged --format csv -o unmanaged.csv", "rows for a spreadsheet",
    "certsweep report certificates --limit 1000 --format json", "page by page: the next one by --after and what this one has as next",
    "certsweep report certificates --group issuer", "how many each CA has issued",
    "certsweep report endpoints --rule P03 --format targets | certsweep scan -", "ask again what accepts old versions",
    "certsweep report discovery -o report.html", "the document, for people; --format pdf -o report.pdf to print it",
    "certsweep report discovery -o november/", "the same with its full lists beside it, as CSV and a workbook",
    "certsweep report discovery --split owner -o letters", "a letter and a calendar for each owner",
    "certsweep report discovery --evidence 2026-11 --sign-cert me.pem --sign-key me.key", "what an auditor can verify",
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
     "  recorded      managed, and not seen where the record says\n"
     "  files         what lies in files: certificates, keys and their configuration, with their owners\n"
     "  renewals      how many renewals a year each owner faces, now and at 398, 200, 100, 47 days\n"
     "  exceptions    what was accepted, ignored, adopted, linked, muted: by whom, why, until when\n"
     "  changes       what came, was renewed, replaced, moved, went or came back\n"
     "  ownership     who is responsible for how much, and what has no owner\n"
     "  certificate ANY  all of one certificate: by hash, serial number or name\n"
     "  server-tests  the last server test of each endpoint: letter, why, versions, suites, weaknesses, changes (PCI DSS 12.3.3)\n"
     "  endpoint ANY  all of one place: by address, address:port or name\n"
     "  find ANYTHING what there is of a hash, serial number, name, address, issuer or owner\n"
     "  coverage      what was asked, by which run, and how it ended\n"
     "  compliance    how each clause of the policy in force stands, with counts; --pack NAME: of one of its packs\n"
     "  discovery     one HTML page of what needs action; -o FOLDER/ with all lists beside it as CSV and\n"
     "                one workbook; with --format xlsx the workbook alone. --split owner -o FOLDER writes a letter,\n"
     "                lists and a calendar for each owner; a folder without index.html is unfinished, as where a\n"
     "                run was broken off: the next one mends it\n"
     "  columns [NAME]  what each column means; with --format schema the JSON Schema of a report\n\n"
     "Filters narrow any list and can be combined; what a filter names must exist. A table ends with the moment that its verdicts "
     "are of and what could not be judged; JSON holds the same in as_of, not_judged, reason and waiting, CSV in a last row that "
     "begins with #. A list cut by --limit tells its cursor, in a table's last line, in JSON as next (null: it is the last page), in JSON lines in a line "
     "behind the rows: --after CURSOR goes on there. --format: table, csv, json, jsonl (a row a line), xlsx (a workbook), targets (places as "
     "certsweep scan reads them), html. Times "
     "are RFC 3339 in UTC. The same facts give the same bytes.",
     report_options, examples, run_report},
    {"find", "ANYTHING", "find a certificate, place, issuer, owner or record by whatever names it",
     "Takes the beginning of a SHA-256 (of a certificate or of its key), a SHA-1, a serial number in hexadecimal or decimal, a name "
     "(with * and ?), an address with or without a port, part of an issuer's or an owner's name. Each line names the command that shows "
     "all of it.",
     find_options, find_examples, run_find},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
