/* The first screen: one sentence in words, by when and whose, the three worst, how much is known. */
#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define OWNERS_SHOWN 24         /* rows of the first table; the other owners are summed in one line */

enum { DUE_OWNER, DUE_OVERDUE, DUE_WEEK, DUE_LATER = 6, DUE_ALL, DUE_COLUMNS };

/* "One certificate has expired, two subjects are past their last safe day, six must be handled within a week." Then what is
 * managed; what was not judged is never shown as zero. */
static void print_lead(struct document *document, long long overdue, long long week, long long all)
{
    FILE *out = document->out;
    long long certificates = document_count(document, "certificates"), expired = document_count(document, "expired");
    long long unmanaged = document_count(document, "unmanaged"), unjudged = document_count(document, "unjudged");
    fputs("<p class=\"lead\">", out);
    if (certificates == 0) {
        fputs("No certificate is served here as far as is known, so nothing can be said of any.</p>\n", out);
        return;
    }
    if (expired > 0)
        html_print(out, "$t $r expired and $r still served. ", html_count_word(expired, 1), html_many(expired, "certificate has", "certificates have"),
                   html_many(expired, "is", "are"));
    long long more = overdue - document_count(document, "expired_overdue");         /* each is told once */
    if (more > 0)
        html_print(out, "$t $r$r overdue$r", html_count_word(more, 1), overdue > more ? "more " : "", html_many(more, "thing is", "things are"),
                   week > 0 ? ", and " : ". ");
    if (week > 0)
        html_print(out, "$t must be handled within a week. ", html_count_word(week, more <= 0));
    if (overdue + week == 0)
        html_print(out, all == 0 ? "Nothing needs action. " : "Nothing is due within a week. ");
    if (unjudged == certificates)
        html_print(out, "Whether the $n $r found $r managed was not judged: no list of managed certificates was imported.", certificates,
                   html_many(certificates, "certificate", "certificates"), html_many(certificates, "is", "are"));
    else if (unjudged > 0)
        html_print(out, "Of the $n $r found, $t $r in no managed source, and $t could not be judged.", certificates,
                   html_many(certificates, "certificate", "certificates"),
                   html_count_word(unmanaged, 0), html_many(unmanaged, "stands", "stand"), html_count_word(unjudged, 0));
    else
        html_print(out, "Of the $n $r found, $t $r in no managed source.", certificates, html_many(certificates, "certificate", "certificates"),
                   html_count_word(unmanaged, 0), html_many(unmanaged, "stands", "stand"));
    fputs("</p>\n", out);
}

static void print_due_cells(FILE *out, const long long counts[DUE_COLUMNS])
{
    if (counts[DUE_OVERDUE] > 0)
        html_print(out, "<td class=\"n\"><b class=\"bad\">▲ $n</b></td>", counts[DUE_OVERDUE]);
    else
        page_number_cell(out, 0);
    for (int i = DUE_WEEK; i < DUE_COLUMNS; i++)
        page_number_cell(out, counts[i]);
    fputs("</tr>\n", out);
}

static void print_due(struct document *document, const struct db_result *rows, const long long sums[DUE_COLUMNS])
{
    FILE *out = document->out;
    long long others[DUE_COLUMNS] = {0};
    page_table(out, "tight", "What needs action, by the last safe day", false);
    fputs("<thead><tr><th scope=\"col\">Owner</th><th scope=\"col\" class=\"n\">Over&shy;due</th><th scope=\"col\" class=\"n\">7<br>days</th>"
          "<th scope=\"col\" class=\"n\">30<br>days</th><th scope=\"col\" class=\"n\">60<br>days</th><th scope=\"col\" class=\"n\">90<br>days</th>"
          "<th scope=\"col\" class=\"n\">Later</th><th scope=\"col\" class=\"n\">All</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < db_rows(rows); i++) {
        long long counts[DUE_COLUMNS];
        for (int c = DUE_OVERDUE; c < DUE_COLUMNS; c++)
            counts[c] = db_int(rows, i, (size_t)c);
        if (i < OWNERS_SHOWN) {
            const char *owner = db_value(rows, i, DUE_OWNER);
            html_print(out, "<tr><th scope=\"row\"><a href=\"#$t\">$t</a></th>", document_owner_id(owner), document_owner_name(owner));
            print_due_cells(out, counts);
        }
        for (int c = DUE_OVERDUE; c < DUE_COLUMNS && i >= OWNERS_SHOWN; c++)
            others[c] += counts[c];
    }
    if (db_rows(rows) > OWNERS_SHOWN) {
        html_print(out, "<tr><th scope=\"row\"><a href=\"#action\">$n $r</a></th>", (long long)(db_rows(rows) - OWNERS_SHOWN),
                   html_many((long long)(db_rows(rows) - OWNERS_SHOWN), "other", "others"));
        print_due_cells(out, others);
    }
    if (db_rows(rows) == 0)
        fputs("<tr><th scope=\"row\" colspan=\"8\" class=\"z\">Nothing that was judged needs action.</th></tr>\n", out);
    fputs("</tbody>\n", out);
    if (db_rows(rows) > 1) {
        fputs("<tfoot><tr><th scope=\"row\">All owners</th>", out);
        print_due_cells(out, sums);
        fputs("</tfoot>\n", out);
    }
    fputs("</table>\n", out);
}

static bool print_worst(struct document *document, struct error *err)
{
    const char *params[] = {"3"};
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_WORST, 1, params, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0)
        html_print(out, "<h3 id=\"worst\">$r</h3>\n<ol class=\"worst\">\n",
                   db_rows(rows) == 3 ? "The three worst" : "The worst");
    for (size_t i = 0; i < db_rows(rows); i++) {
        const char *severity = db_value(rows, i, 0);
        long long days = db_int(rows, i, 6);
        fputs("<li>", out);
        page_severity(out, severity);
        html_print(out, " <a href=\"#$t\">$b</a><br>$t", db_value(rows, i, 2), document_short(db_value(rows, i, 1)), db_value(rows, i, 3));
        if (db_value(rows, i, 4) != NULL)
            html_print(out, " <span class=\"soft\">($t)</span>", document_short(db_value(rows, i, 4)));
        html_print(out, days < 0 ? ". Overdue, $t.</li>\n" : ". $t.</li>\n", document_owner_name(db_value(rows, i, 5)));
    }
    if (db_rows(rows) > 0)
        fputs("</ol>\n", out);
    db_result_destroy(rows);
    return true;
}

/* How much is known, and what happened at the places. It names what was not asked before any good news. */
static bool print_known(struct document *document, struct error *err)
{
    FILE *out = document->out;
    const char *params[] = {document->options->site};
    struct db_result *asked = document_ask(document, SQL_DOCUMENT_ASKED, 1, params, err);
    struct db_result *events = asked == NULL ? NULL : document_ask(document, SQL_DOCUMENT_EVENTS, 1, params, err);
    if (events != NULL) {
        long long sum = db_int(asked, 0, 0), answered = db_int(asked, 0, 1), untested = db_int(asked, 0, 2);
        fputs("<p class=\"soft after small\">", out);
        if (sum > 0) {
            html_print(out, "Of $n $r asked by the latest scans, $n answered (", sum, html_many(sum, "place", "places"), answered);
            fprintf(out, "%.1f %%). ", 100.0 * (double)answered / (double)sum);
        }
        if (untested > 0)
            html_print(out, "$t $r not asked what else $r: that is untested, not good. ", html_count_word(untested, 1),
                       html_many(untested, "place was", "places were"), html_many(untested, "it accepts", "they accept"));
        html_print(out, "In the last 28 days: $n $r new, $n with another certificate, $n gone. See <a href=\"#coverage\">coverage</a>.</p>\n",
                   (long long)db_int(events, 0, 0), html_many(db_int(events, 0, 0), "place", "places"), (long long)db_int(events, 0, 1), (long long)db_int(events, 0, 2));
    }
    bool ok = events != NULL;
    db_result_destroy(asked);
    db_result_destroy(events);
    return ok;
}

bool discovery_summary(struct document *document, struct error *err)
{
    FILE *out = document->out;
    long long sums[DUE_COLUMNS] = {0};
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_DUE, 0, NULL, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < db_rows(rows); i++)
        for (int c = DUE_OVERDUE; c < DUE_COLUMNS; c++)
            sums[c] += db_int(rows, i, (size_t)c);
    page_section(out, "summary", "Summary", false);
    print_lead(document, sums[DUE_OVERDUE], sums[DUE_WEEK], sums[DUE_ALL]);
    fputs("<div class=\"first\">\n<div>\n", out);
    print_due(document, rows, sums);
    fputs("</div>\n<div>\n", out);
    db_result_destroy(rows);
    bool ok = print_worst(document, err);
    fputs("</div>\n</div>\n", out);
    ok = ok && print_known(document, err);
    page_section_end(out);
    return ok;
}
