#include "reports/discovery.h"

#include "inventory/store/db.h"
#include "reports/page.h"
#include "reports/render.h"
#include "reports_sql.h"

#include <stdlib.h>

#define ROWS_OF_A_SECTION 500       /* a page stays one that people read; the rest is in the CSV */

static struct db_result *ask(struct db *db, const char *sql, const char *site, struct error *err)
{
    const char *params[] = {site};
    return db_query(db, sql, 1, params, err);
}

static bool write_head(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    struct db_result *facts = ask(db, SQL_DISCOVERY_FACTS, options->site, err);
    if (facts == NULL)
        return false;
    const struct page_fact lines[] = {
        {"Judged as of", db_value(facts, 0, 1)}, {"Written", db_value(facts, 0, 0)}, {"Sites", db_value(facts, 0, 2)},
        {"Runs", db_value(facts, 0, 3)},         {"Policy", db_value(facts, 0, 4)},  {"Managed sources", db_value(facts, 0, 5)},
    };
    page_begin(out, "Certificate discovery",
               "Every certificate that was found: which ones nobody manages, whose they are, and the last day to act.",
               lines, sizeof lines / sizeof lines[0]);
    db_result_destroy(facts);
    return true;
}

static bool write_cards(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    struct page_card cards[16];
    struct db_result *rows = ask(db, SQL_DISCOVERY_CARDS, options->site, err);
    if (rows == NULL)
        return false;
    size_t count = db_rows(rows) < 16 ? db_rows(rows) : 16;
    for (size_t i = 0; i < count; i++)
        cards[i] = (struct page_card){
            .number = db_value(rows, i, 0),
            .label = db_value(rows, i, 1),
            .severity = db_int(rows, i, 0) == 0 ? "" : db_value(rows, i, 2),
        };
    page_cards(out, cards, count);
    db_result_destroy(rows);
    return true;
}

static bool write_expiry(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    struct page_bar bars[16];
    struct db_result *rows = ask(db, SQL_DISCOVERY_EXPIRY, options->site, err);
    if (rows == NULL)
        return false;
    size_t count = db_rows(rows) < 16 ? db_rows(rows) : 16;
    for (size_t i = 0; i < count; i++)
        bars[i] = (struct page_bar){
            .label = db_value(rows, i, 0), .value = db_int(rows, i, 1), .kind = db_value(rows, i, 2)};
    page_section(out, "expiry", "When they end", "Certificates served now, by the month of their end.");
    page_bars(out, bars, count);
    db_result_destroy(rows);
    return true;
}

static bool write_section(const struct report *report, const struct report_options *options, struct db *db,
                          FILE *out, struct error *err)
{
    struct report_options limited = {.site = options->site, .limit = ROWS_OF_A_SECTION};
    size_t rows = 0;
    page_section(out, report->name, report->title, report->question);
    if (!report_write(report, &limited, db, &render_html_table, out, &rows, err))
        return false;
    struct report_state state;
    if (rows == 0 && !report_state_get(report, options, db, &state, err))
        return false;
    if (rows == 0)
        page_paragraph(out, "none", state.unjudged > 0 ? "Not judged: see what this report does not know."
                                                           : report_none(report, &state));
    return true;
}

static bool write_unjudged(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    struct db_result *rows = ask(db, SQL_DISCOVERY_UNJUDGED, options->site, err);
    if (rows == NULL)
        return false;
    page_section(out, "unknown", "What this report does not know",
                 "What was not asked, not judged or not finished is unknown, not good.");
    for (size_t i = 0; i < db_rows(rows); i++)
        page_paragraph(out, "none", db_value(rows, i, 0));
    if (db_rows(rows) == 0)
        page_paragraph(out, "none", "Everything that was found was judged.");
    db_result_destroy(rows);
    return true;
}

static bool write_page(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    static const char *const sections[] = {"unmanaged", "expiring", "findings", "foreign"};
    if (!write_head(options, db, out, err) || !write_cards(options, db, out, err) ||
        !write_expiry(options, db, out, err))
        return false;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        if (!write_section(report_find(sections[i]), options, db, out, err))
            return false;
    if (!write_unjudged(options, db, out, err) || !write_section(report_find("coverage"), options, db, out, err))
        return false;
    page_end(out, "Written by certsweep from its inventory. certsweep rules explain ID shows the rule behind a finding, its "
                  "source and its version; certsweep report NAME --format csv or json writes the same rows for programs.");
    return !ferror(out) || error_set(err, ERROR_IO, "the report cannot be written");
}

bool discovery_write(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    if (!report_snapshot_begin(db, err))
        return false;
    bool ok = write_page(options, db, out, err);
    report_snapshot_end(db);
    return ok;
}
