#include "reports/evidence/evidence.h"

#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "probes/base/operator_name.h"
#include "probes/base/user_file.h"
#include "reports/document/discovery.h"
#include "reports/document/lists.h"
#include "reports/evidence/seal.h"
#include "reports/evidence/sums.h"
#include "reports/render.h"
#include "reports_evidence_sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

struct writing {
    const struct evidence_options *options;
    struct document document;
    struct folder *folder;
};

static bool end_file(struct writing *writing, bool ok, struct error *err)
{
    return folder_end(writing->folder, ok, err) && ok;
}

/* ---- the document and the lists ---- */

static bool write_document(struct writing *writing, struct error *err)
{
    FILE *out = folder_begin(writing->folder, "discovery.html", err);
    return out != NULL && end_file(writing, discovery_write_filled(&writing->document, out, err), err);
}

struct rows {
    const struct report *report;
    void *state;                /* of render_csv */
};

static bool on_row(void *context, const struct db_result *row)
{
    struct rows *rows = context;
    const char *values[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < report_column_count(rows->report); i++)
        values[i] = db_value(row, 0, i);
    render_csv.row(rows->state, values);
    return true;
}

/* Rows by which was judged: nothing is to be said of what is not judged yet, as behind the rows of a report. */
static bool write_rows(struct writing *writing, const struct report *report, struct error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s.csv", report->name);
    FILE *out = folder_begin(writing->folder, name, err);
    if (out == NULL)
        return false;
    struct rows rows = {.report = report, .state = render_csv.begin(report, out)};
    bool ok = db_stream(writing->document.db, report->sql, 0, NULL, on_row, &rows, err);
    render_csv.end(rows.state, NULL);
    return end_file(writing, ok, err);
}

static bool write_lists(struct writing *writing, struct error *err)
{
    static const struct renderer *const renderers[] = {&render_csv, &render_json, NULL};
    return lists_write(&writing->options->document, writing->document.db, renderers, writing->folder, err);
}

/* ---- the data behind it ---- */

static const struct report rules_in_force = {
    .name = "rules",
    .title = "Rules",
    .sql = SQL_EVIDENCE_RULES,
    .columns = {{.key = "id", .heading = "Rule"}, {.key = "version", .heading = "Version", .kind = COLUMN_NUMBER},
                {.key = "title", .heading = "Title"}, {.key = "severity", .heading = "Severity", .kind = COLUMN_SEVERITY},
                {.key = "source", .heading = "Source"}, {.key = "next_step", .heading = "Next step", .kind = COLUMN_PROSE}},
};

static const struct report owner_rules_judged = {
    .name = "owners",
    .title = "Owner rules",
    .sql = SQL_EVIDENCE_OWNERS,
    .columns = {{.key = "line", .heading = "Line", .kind = COLUMN_NUMBER}, {.key = "site", .heading = "Site"}, {.key = "prefix", .heading = "Prefix"},
                {.key = "name_suffix", .heading = "Name suffix"}, {.key = "issuer", .heading = "Issuer"}, {.key = "host", .heading = "Host"},
                {.key = "path", .heading = "Path"}, {.key = "owner", .heading = "Owner"},
                {.key = "contacts", .heading = "Contacts", .kind = COLUMN_LIST},
                {.key = "manager", .heading = "Manager", .kind = COLUMN_LIST}, {.key = "environment", .heading = "Environment"},
                {.key = "text", .heading = "Text"}},
};

/* One text, as the database has it; no file where there is none. */
static bool write_text(struct writing *writing, const char *name, const char *sql, struct error *err)
{
    const char *params[] = {writing->options->document.site};
    struct db_result *row = db_query(writing->document.db, sql, 1, params, err);
    if (row == NULL)
        return false;
    bool ok = true;
    if (db_rows(row) > 0 && db_value(row, 0, 0) != NULL) {
        FILE *out = folder_begin(writing->folder, name, err);
        ok = out != NULL;
        if (ok) {
            fprintf(out, "%s\n", db_value(row, 0, 0));
            ok = end_file(writing, true, err);
        }
    }
    db_result_destroy(row);
    return ok;
}

/* Columns: SHA-256, name, DER in base64 with PostgreSQL's lines of 76. */
static bool on_certificate(void *context, const struct db_result *row)
{
    FILE *out = context;
    fprintf(out, "# sha256 %s\n-----BEGIN CERTIFICATE-----\n", db_value(row, 0, 0));
    size_t column = 0;
    for (const char *at = db_value(row, 0, 1); *at != '\0'; at++)
        if (*at != '\n') {              /* RFC 7468: lines of 64 */
            fputc(*at, out);
            if (++column % 64 == 0)
                fputc('\n', out);
        }
    fputs(column % 64 == 0 ? "-----END CERTIFICATE-----\n" : "\n-----END CERTIFICATE-----\n", out);
    return true;
}

static bool write_certificates(struct writing *writing, struct error *err)
{
    FILE *out = folder_begin(writing->folder, "findings.pem", err);
    return out != NULL && end_file(writing, db_stream(writing->document.db, SQL_EVIDENCE_CERTIFICATES, 0, NULL, on_certificate, out, err), err);
}

/* ---- who, where, when ---- */

/* The kernel clock's estimated error. The keeper of root must not ask: adjtimex() both reads and sets the clock, and the seccomp
 * filter kills a process that calls it. The error is then left out. */
static void set_clock(json_t *object)
{
    struct timex clock = {0};
    int state = user_file_starter() >= 0 ? -1 : adjtimex(&clock);
    double unit = (clock.status & STA_NANO) != 0 ? 1e6 : 1e3;
    json_object_set_new(object, "synchronized", state < 0 ? json_null() : json_boolean(state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0));
    json_object_set_new(object, "offset_ms", state < 0 ? json_null() : json_real((double)clock.offset / unit));
    json_object_set_new(object, "max_error_ms", state < 0 ? json_null() : json_real((double)clock.maxerror / 1e3));
}

/* RFC 3339, to the second, as in the lists beside it, of PostgreSQL's text in UTC; NULL where nothing was judged. */
static char *as_of_text(const char *moment)
{
    return strlen(moment) < 19 ? NULL : xasprintf("%.10sT%.8sZ", moment, moment + 11);
}

static json_t *described(struct writing *writing)
{
    const struct document_title *title = &writing->options->document.title;
    char *as_of = as_of_text(document_fact(&writing->document, "as_of"));
    const char *const texts[][2] = {{"organization", title->organization}, {"author", title->author}, {"classification", title->classification},
                                    {"reference", title->reference}, {"site", writing->options->document.site},
                                    {"as_of", as_of}, {"policy", document_fact(&writing->document, "policy")},
                                    {"certsweep", writing->options->version}, {"operator", operator_name()}};
    static const char *const counts[] = {"certificates", "unmanaged", "unjudged", "expired", "places", "findings", "rules"};
    json_t *object = json_object(), *clock = json_object();
    struct utsname host;
    char now[32];
    time_t seconds = time(NULL);
    struct tm tm;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_object_set_new(object, texts[i][0], texts[i][1] == NULL ? json_null() : json_string(texts[i][1]));
    free(as_of);
    json_object_set_new(object, "written_at", json_string(now));
    if (uname(&host) == 0) {
        json_object_set_new(object, "host", json_string(host.nodename));
        json_object_set_new(object, "system", json_sprintf("%s %s %s", host.sysname, host.release, host.machine));
    }
    set_clock(clock);
    json_object_set_new(object, "clock", clock);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_object_set_new(object, counts[i], json_integer(document_count(&writing->document, counts[i])));
    return object;
}

/* What was asked and not answered, or not asked completely: the part that this evidence does not cover. */
static bool set_coverage(struct writing *writing, json_t *object, struct error *err)
{
    const char *params[] = {writing->options->document.site};
    struct document_asked sum;
    if (!document_asked(&writing->document, &sum, err))
        return false;
    json_object_set_new(object, "asked", json_integer(sum.asked));
    json_object_set_new(object, "answered", json_integer(sum.answered));
    json_object_set_new(object, "asked_overlaps", json_boolean(sum.is_repeated));         /* then places may count more than once */
    json_object_set_new(object, "places_untested", json_integer(sum.untested));
    struct db_result *row = db_query(writing->document.db, SQL_EVIDENCE_COVERAGE, 1, params, err);
    if (row == NULL)
        return false;
    for (size_t i = 0; i < db_columns(row); i++)
        json_object_set_new(object, db_column_name(row, i),
                            db_value(row, 0, i) == NULL ? json_null() : i < 2 ? json_integer(db_int(row, 0, i)) : json_string(db_value(row, 0, i)));
    db_result_destroy(row);
    return true;
}

/* Whether the verdicts are older than what is in use, and how much is not judged yet: else a policy beside them would seem theirs. */
static bool set_state(struct writing *writing, json_t *object, struct error *err)
{
    const struct document_options *document = &writing->options->document;
    struct report_state state;
    if (!report_state_get(NULL, &(struct report_options){.site = document->site, .is_replay = document->is_replay}, writing->document.db, &state, err))
        return false;
    json_object_set_new(object, "judged_before", state.before[0] == '\0' ? json_null() : json_string(state.before));
    json_object_set_new(object, "waiting", json_integer(state.waiting));
    return true;
}

static bool write_description(struct writing *writing, struct error *err)
{
    json_t *object = described(writing);
    bool ok = set_coverage(writing, object, err) && set_state(writing, object, err);
    FILE *out = ok ? folder_begin(writing->folder, "evidence.json", err) : NULL;
    if (out != NULL)
        ok = end_file(writing, json_dumpf(object, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF, err);
    json_decref(object);
    return ok && out != NULL;
}

/* ---- the seal ---- */

static char *sums_text(struct writing *writing, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    folder_list(writing->folder, out);
    fclose(out);
    return text;
}

/* Of the evidence that was in this folder before: they are of another list, or of a name that it had before. */
static bool remove_former(const struct writing *writing, struct error *err)
{
    static const char *const names[] = {SUMS_NAME ".p7s", SUMS_NAME ".tsq", SUMS_NAME ".tsr", "owners.txt"};
    bool ok = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && ok; i++)
        ok = folder_remove(writing->folder, names[i], err);
    return ok;
}

static bool write_seal(struct writing *writing, struct error *err)
{
    const struct evidence_options *options = writing->options;
    if (!remove_former(writing, err))
        return false;
    size_t len = 0;
    char *text = sums_text(writing, &len);
    FILE *out = folder_begin(writing->folder, SUMS_NAME, err);
    bool ok = out != NULL;
    if (ok) {
        fwrite(text, 1, len, out);
        ok = end_file(writing, true, err);
    }
    if (ok && options->key != NULL)
        ok = (out = folder_begin(writing->folder, SUMS_NAME ".p7s", err)) != NULL &&
             end_file(writing, seal_sign(text, len, options->certificate, options->key, out, err), err);
    if (ok)
        ok = (out = folder_begin(writing->folder, SUMS_NAME ".tsq", err)) != NULL && end_file(writing, seal_ask_time(text, len, out, err), err);
    free(text);
    return ok;
}

bool evidence_write(const struct evidence_options *options, struct db *db, struct folder *folder, struct error *err)
{
    struct writing writing = {.options = options, .folder = folder};
    if (!document_open(&writing.document, db, &options->document, err))
        return false;
    bool ok = document_fill(&writing.document, err) && write_document(&writing, err) && write_lists(&writing, err) &&
              write_rows(&writing, &rules_in_force, err) && write_rows(&writing, &owner_rules_judged, err) &&
              write_certificates(&writing, err) &&
              write_text(&writing, "policy.ini", SQL_EVIDENCE_POLICY, err) && write_text(&writing, "runs.json", SQL_EVIDENCE_RUNS, err) &&
              write_description(&writing, err) && write_seal(&writing, err);
    document_close(&writing.document);
    return ok;
}
