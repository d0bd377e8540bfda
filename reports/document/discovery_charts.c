/* What is managed, when certificates end, what is in use, and the trend: charts, each with its numbers beside it. */
#include "inventory/store/db.h"
#include "probes/base/counted.h"
#include "reports/chart.h"
#include "reports/document/discovery.h"
#include "reports/due_table.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define OWNERS_SHOWN 40         /* bars; the other owners are summed in one line */
#define COLUMNS_MAX 16

/* Owner, managed, unmanaged, not judged, all. If none of an owner's certificates was judged, the numbers are unknown, not 0. */
static void print_owner(FILE *out, const char *name, const long long counts[CHART_PARTS], long long highest)
{
    long long all = counts[CHART_MANAGED] + counts[CHART_UNMANAGED] + counts[CHART_UNKNOWN];
    html_print(out, "<tr><th scope=\"row\">$t</th><td class=\"w\">", name);
    chart_bar(out, name, counts, highest);
    fputs("</td>", out);
    for (enum chart_part part = CHART_MANAGED; part <= CHART_UNMANAGED; part++)
        if (counts[CHART_UNKNOWN] == all)
            fputs("<td class=\"n z\">not judged</td>", out);
        else
            page_labelled_cell(out, part == CHART_MANAGED ? "Managed" : "Unmanaged", counts[part]);
    page_labelled_cell(out, "Not judged", counts[CHART_UNKNOWN]);
    page_labelled_cell(out, "All", all);
    fputs("</tr>\n", out);
}

static void print_owner_sum(FILE *out, const long long sums[CHART_PARTS])
{
    long long all = sums[CHART_MANAGED] + sums[CHART_UNMANAGED] + sums[CHART_UNKNOWN];
    fputs("<tfoot><tr><th scope=\"row\">All owners</th><td></td>", out);
    if (sums[CHART_UNKNOWN] == all)
        fputs("<td class=\"n\">not judged</td><td class=\"n\">not judged</td>", out);
    else
        html_print(out, "<td class=\"n\" data-label=\"Managed\">$n</td><td class=\"n\" data-label=\"Unmanaged\">$n</td>", sums[CHART_MANAGED], sums[CHART_UNMANAGED]);
    html_print(out, "<td class=\"n\" data-label=\"Not judged\">$n</td><td class=\"n\" data-label=\"All\">$n</td></tr></tfoot>\n", sums[CHART_UNKNOWN], all);
}

/* rows: all owners, then each. */
static void print_owners(FILE *out, const struct db_result *rows)
{
    long long sums[CHART_PARTS], others[CHART_PARTS] = {0}, highest = 0;
    for (size_t part = 0; part < CHART_PARTS; part++)
        sums[part] = db_int(rows, 0, part + 1);
    for (size_t i = 1; i < db_rows(rows); i++) {
        highest = db_int(rows, i, 4) > highest ? db_int(rows, i, 4) : highest;
        for (size_t part = 0; part < CHART_PARTS; part++)
            others[part] += i > OWNERS_SHOWN ? db_int(rows, i, part + 1) : 0;
    }
    page_table(out, "tight pieces", "Certificates of each owner: managed, unmanaged, not judged", true);
    fputs("<thead><tr><th scope=\"col\">Owner</th><th scope=\"col\"><span class=\"hid\">Share as a bar</span></th>"
          "<th scope=\"col\" class=\"n\">Managed</th><th scope=\"col\" class=\"n\">Unman&shy;aged</th>"
          "<th scope=\"col\" class=\"n\">Not judged</th><th scope=\"col\" class=\"n\">All</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 1; i < db_rows(rows) && i <= OWNERS_SHOWN; i++)
        print_owner(out, document_owner_name(db_value(rows, i, 0)),
                    (const long long[]){db_int(rows, i, 1), db_int(rows, i, 2), db_int(rows, i, 3)}, highest);
    if (db_rows(rows) > OWNERS_SHOWN + 1) {
        char name[40];
        snprintf(name, sizeof name, "%s", COUNTED(db_rows(rows) - 1 - OWNERS_SHOWN, "other"));
        print_owner(out, name, others, highest);
    }
    fputs("</tbody>\n", out);
    print_owner_sum(out, sums);
    fputs("</table>\n", out);
}

bool discovery_managed(struct document *document, struct error *err)
{
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_OWNERS, 0, NULL, err);
    if (rows == NULL)
        return false;
    page_section(out, "managed", "Managed or not, by owner", db_rows(rows) <= 21);
    if (strcmp(document_fact(document, "sources"), "0") == 0)
        page_paragraph(out, "Managed: the certificate stands in a CA account or export that was imported. None was imported yet, so "
                            "nothing could be judged as managed or unmanaged.");
    else
        page_paragraph(out, "Managed: the certificate stands in a CA account or export that was imported, or was accepted or ignored by a decision. "
                            "What could not be judged is counted apart, never as managed and never as none.");
    if (db_rows(rows) > 0) {
        chart_legend(out);
        print_owners(out, rows);
        if (db_int(rows, 0, 5) > 0)
            html_print(out, "<p class=\"more\">A certificate of several owners counts at each of them; together $n different ones, of which $n $r several owners.</p>\n",
                       db_int(rows, 0, 4), db_int(rows, 0, 5), html_many(db_int(rows, 0, 5), "has", "have"));
    } else {
        page_paragraph(out, "No certificate is served here as far as is known.");
    }
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}

enum { EXPIRY_KIND, EXPIRY_LABEL, EXPIRY_BELOW, EXPIRY_PERIOD, EXPIRY_MANAGED };

static size_t columns_of(const struct db_result *rows, const char *kind, struct chart_column columns[COLUMNS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < db_rows(rows) && count < COLUMNS_MAX; i++)
        if (strcmp(db_value(rows, i, EXPIRY_KIND), kind) == 0) {
            struct chart_column *column = &columns[count++];
            *column = (struct chart_column){.label = db_value(rows, i, EXPIRY_LABEL), .below = db_value(rows, i, EXPIRY_BELOW),
                                            .period = db_value(rows, i, EXPIRY_PERIOD)};
            for (size_t part = 0; part < CHART_PARTS; part++)
                column->counts[part] = db_int(rows, i, EXPIRY_MANAGED + part);
        }
    return count;
}

static void print_expiry(FILE *out, const struct db_result *rows)
{
    struct chart_column columns[COLUMNS_MAX];
    long long highest = 1;
    for (size_t i = 0; i < db_rows(rows); i++) {
        long long sum = db_int(rows, i, EXPIRY_MANAGED) + db_int(rows, i, EXPIRY_MANAGED + 1) + db_int(rows, i, EXPIRY_MANAGED + 2);
        highest = sum > highest ? sum : highest;
    }
    chart_legend(out);
    fputs("<div class=\"pair\">\n<figure>\n<h3>By week, from the Monday shown</h3>\n", out);
    size_t count = columns_of(rows, "week", columns);
    chart_columns(out, "wk", "Certificates that end, by week", columns, count, highest);
    fputs("</figure>\n<figure>\n<h3>Then by month</h3>\n", out);
    count = columns_of(rows, "month", columns);
    chart_columns(out, "mo", "Certificates that end, by month", columns, count, highest);
    fputs("</figure>\n</div>\n", out);
}

/* Nothing to draw. */
static bool print_nothing(struct document *document, const char *id, const char *title)
{
    page_section(document->out, id, title, false);
    page_paragraph(document->out, "No certificate is served here as far as is known.");
    page_section_end(document->out);
    return true;
}

/* What must be renewed by when and whose, up to 90 days: the table of the summary, with its numbers, as what needs action has of renewals
 * only those of this week. */
static bool print_renewals(struct document *document, struct error *err)
{
    json_t *filter = json_object();
    if (document->options->site != NULL)
        json_object_set_new(filter, "site", json_string(document->options->site));
    if (document->options->owner != NULL)
        json_object_set_new(filter, "owner", json_string(document->options->owner));
    char *text = json_dumps(filter, JSON_COMPACT);
    struct db_result *rows = due_table_read(document->db, text, err);
    if (rows != NULL) {
        fputs("<div id=\"renewals\" class=\"after\">\n", document->out);
        due_table_print_html(document->out, rows);
        fputs("</div>\n", document->out);
    }
    bool ok = rows != NULL;
    db_result_destroy(rows);
    free(text);
    json_decref(filter);
    return ok;
}

bool discovery_expiry(struct document *document, struct error *err)
{
    FILE *out = document->out;
    if (document_count(document, "certificates") == 0)
        return print_nothing(document, "expiry", "Expiry");
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_EXPIRY, 0, NULL, err);
    if (rows == NULL)
        return false;
    long long expired = document_count(document, "expired");
    page_section(out, "expiry", "Expiry", true);
    html_print(out, "<p>$t $r expired, $t $r within 13 weeks, $t later. Each has a last day to ask for its renewal.</p>\n",
               html_count_word(expired, 1), expired == 1 ? "has" : "have", html_count_word(document_count(document, "soon"), 0),
               document_count(document, "soon") == 1 ? "ends" : "end", html_count_word(document_count(document, "later"), 0));
    print_expiry(out, rows);
    db_result_destroy(rows);
    bool ok = print_renewals(document, err);
    page_section_end(out);
    return ok;
}

/* Here the parts of a bar mean good, fault and unknown. */
static enum chart_part part_of(const char *kind)
{
    return strcmp(kind, "good") == 0 ? CHART_MANAGED : strcmp(kind, "fault") == 0 ? CHART_UNMANAGED : CHART_UNKNOWN;
}

static void print_mix_row(FILE *out, const struct db_result *rows, size_t row, long long highest)
{
    const char *label = db_value(rows, row, 1), *kind = db_value(rows, row, 3);
    long long counts[CHART_PARTS] = {0};
    counts[part_of(kind)] = db_int(rows, row, 2);
    html_print(out, "<tr><th scope=\"row\">$b$r</th><td class=\"w\">", label,
               strcmp(kind, "fault") == 0 ? "<span class=\"hid\"> (to be changed or explained)</span>" : "");
    fputs("<svg class=\"bar\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", out);
    chart_bar_parts(out, counts, highest);
    fputs("</svg></td>", out);
    page_number_cell(out, db_int(rows, row, 2));
    fputs("</tr>\n", out);
}

static void print_mix_chart(FILE *out, const struct db_result *rows, const char *chart, const char *title, const char *unit)
{
    long long highest = 0;
    size_t shown = 0;
    for (size_t i = 0; i < db_rows(rows); i++)
        if (strcmp(db_value(rows, i, 0), chart) == 0 && db_int(rows, i, 2) > highest)
            highest = db_int(rows, i, 2);
    html_print(out, "<div>\n<table class=\"tight\">\n<caption>$t <span class=\"soft\">($t)</span></caption>\n<thead class=\"hid\"><tr>"
                    "<th scope=\"col\">Kind</th><th scope=\"col\">Share as a bar</th><th scope=\"col\">Count</th></tr></thead>\n<tbody>\n",
               title, unit);
    for (size_t i = 0; i < db_rows(rows); i++)
        if (strcmp(db_value(rows, i, 0), chart) == 0) {
            print_mix_row(out, rows, i, highest);
            shown++;
        }
    if (shown == 0)
        fputs("<tr><th scope=\"row\" colspan=\"3\" class=\"z\">none known</th></tr>\n", out);
    fputs("</tbody>\n</table>\n</div>\n", out);
}

bool discovery_mix(struct document *document, struct error *err)
{
    FILE *out = document->out;
    if (document_count(document, "certificates") == 0)
        return print_nothing(document, "mix", "What is in use");
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_MIX, 0, NULL, err);
    if (rows == NULL)
        return false;
    page_section(out, "mix", "What is in use", false);
    html_print(out, "<p>$n $r at $n $r. Blue marks what is to be changed or explained; a hollow bar is what was not "
                    "judged or not tested.</p>\n<div class=\"multi\">\n",
               document_count(document, "certificates"), html_many(document_count(document, "certificates"), "certificate", "certificates"),
               document_count(document, "places"), html_many(document_count(document, "places"), "place", "places"));
    print_mix_chart(out, rows, "issuer", "Issuers", "certificates");
    print_mix_chart(out, rows, "key", "Key types", "certificates");
    print_mix_chart(out, rows, "version", "Oldest TLS version spoken", "places");
    print_mix_chart(out, rows, "quantum", "Post-quantum key exchange", "places");
    fputs("</div>\n", out);
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}

static void print_trend(FILE *out, const struct db_result *rows)
{
    html_print(out, "<p>The whole inventory as judged on $d, and as judged last.</p>\n", db_value(rows, 0, 0));
    page_table(out, "tight", "Then and now", true);
    html_print(out, "<thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"n\">$d</th><th scope=\"col\" class=\"n\">Now</th>"
                    "<th scope=\"col\" class=\"n\">Change</th></tr></thead>\n<tbody>\n", db_value(rows, 0, 0));
    for (size_t i = 0; i < db_rows(rows); i++) {
        long long was = db_int(rows, i, 2), now = db_int(rows, i, 3);
        html_print(out, "<tr><th scope=\"row\">$t</th>", db_value(rows, i, 1));
        page_number_cell(out, was);
        page_number_cell(out, now);
        html_print(out, now == was ? "<td class=\"n z\">none</td></tr>\n" : "<td class=\"n\">$r$n</td></tr>\n", now > was ? "+" : "−",
                   now > was ? now - was : was - now);
    }
    page_table_end(out);
}

/* For the whole inventory only: the counts of earlier runs are not kept by owner or site. */
bool discovery_trend(struct document *document, struct error *err)
{
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_TREND, 0, NULL, err);
    if (rows == NULL)
        return false;
    page_section(out, "trend", "Trend", true);
    if (document->options->site != NULL || document->options->owner != NULL)
        page_paragraph(out, "Told by the document of the whole inventory only.");
    else if (db_rows(rows) == 0)
        page_paragraph(out, "This is the first day that was judged; there is nothing yet to compare it with.");
    else
        print_trend(out, rows);
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}
