/* The first screen: one sentence in words, by when and whose, the three worst, how much is known. */
#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/document/policy_matter.h"
#include "reports/due_table.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define OWNERS_SHOWN    24      /* rows of the first table; the other owners are summed in one line */
#define OWNERS_ON_PAPER 12      /* of them on paper */

enum { DUE_OWNER, DUE_OVERDUE, DUE_WEEK, DUE_LATER = 6, DUE_ALL, DUE_COLUMNS = DUE_TABLE_COLUMNS_ALL };

/* Between one kind and what follows of these. */
static const char *next_of(long long one, long long other, long long third)
{
    int kinds = (one > 0) + (other > 0) + (third > 0);
    return kinds == 0 ? "" : kinds == 1 ? ", and " : ", ";
}

/* What these are, each once, by the numbers of the screen and of the summary for renewals: the numbers add up to those before the colon. What is said
 * already, since all are such, is 0. */
static void print_due_kinds(struct document *document, long long late, long long soon, long long renew, long long others)
{
    FILE *out = document->out;
    fprintf(out, ": ");
    if (late > 0)
        html_print(out, "$t $r past the last safe day to renew$r", html_count_word(late, 0), html_many(late, "certificate is", "certificates are"),
                   next_of(soon, renew, others));
    if (soon > 0)
        html_print(out, "$t $r be renewed within a week$r", html_count_word(soon, 0),
                   late > 0 ? "must" : html_many(soon, "certificate must", "certificates must"), next_of(renew, others, 0));
    if (renew > 0)
        html_print(out, "$t that $r served nowhere must be renewed$r", html_count_word(renew, 0), html_many(renew, "is", "are"), next_of(others, 0, 0));
    if (others > 0)
        html_print(out, "$t $r something else", html_count_word(others, 0), html_many(others, "needs", "need"));
    fputs(". ", out);
}

/* more: overdue, and not told yet. */
static void print_due_words(struct document *document, long long more, long long week, bool is_more)
{
    FILE *out = document->out;
    long long late = document_count(document, "renew_overdue"), soon = document_count(document, "renew_week");
    long long renew = document_count(document, "renew_others");
    bool is_all_late = more > 0 && late == more, is_all_soon = week > 0 && soon == week && late == more;
    if (more + week == 0)
        return;
    if (is_all_late)
        html_print(out, "$t $r$r past the last safe day to renew$r", html_count_word(more, 1), is_more ? "more " : "",
                   html_many(more, "certificate is", "certificates are"), week > 0 ? ", and " : "");
    else if (more > 0)
        html_print(out, "$t $r$r overdue$r", html_count_word(more, 1), is_more ? "more " : "", html_many(more, "thing is", "things are"),
                   week > 0 ? ", and " : "");
    if (week > 0)
        html_print(out, "$t must be $r within a week", html_count_word(week, more <= 0), is_all_soon ? "renewed" : "handled");
    if (is_all_late || late + soon == 0 || is_all_soon)
        late = 0;
    if (is_all_soon || late + soon + renew == 0)
        fputs(". ", out);
    else
        print_due_kinds(document, late, soon, renew, (is_all_late ? 0 : more) + week - late - soon - renew);
}

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
    print_due_words(document, more, week, overdue > more);
    if (overdue + week == 0)
        html_print(out, all == 0 ? "Nothing needs action. " : "Nothing is due within a week. ");
    if (unjudged == certificates)
        html_print(out, "Whether the $n $r found $r managed was not judged: no list of managed certificates was imported.", certificates,
                   html_many(certificates, "certificate", "certificates"), html_many(certificates, "is", "are"));
    else if (unjudged > 0)
        html_print(out, "Of the $n $r found, $t $r in no managed source, and $t could not be judged.", certificates,
                   html_many(certificates, "certificate", "certificates"),
                   html_count_word(unmanaged, 0), html_many(unmanaged, "stands", "stand"), html_count_word(unjudged, 0));
    else if (unmanaged == 0)
        html_print(out, certificates == 1 ? "The one certificate found is managed, or accepted or ignored." : "All $n certificates found are managed, or accepted or ignored.",
                   certificates);
    else
        html_print(out, "Of the $n $r found, $t $r in no managed source.", certificates, html_many(certificates, "certificate", "certificates"),
                   html_count_word(unmanaged, 0), html_many(unmanaged, "stands", "stand"));
    fputs("</p>\n", out);
}

static void print_due_cells(FILE *out, const long long counts[DUE_COLUMNS])
{
    for (size_t i = DUE_OVERDUE; i < DUE_COLUMNS; i++)
        if (i == DUE_OVERDUE && counts[i] > 0)
            html_print(out, "<td class=\"n\" data-label=\"$t\"><b class=\"bad\">▲ $n</b></td>", due_table_label(i), counts[i]);
        else
            page_labelled_cell(out, due_table_label(i), counts[i]);
    fputs("</tr>\n", out);
}

static void add_counts(const struct db_result *rows, size_t row, long long counts[DUE_COLUMNS])
{
    for (int c = DUE_OVERDUE; c < DUE_COLUMNS; c++)
        counts[c] += db_int(rows, row, (size_t)c);
}

/* Owners from row `from` on, in one line; medium: "only-print", "only-screen" or NULL. */
static void print_others(FILE *out, const struct db_result *rows, size_t from, const char *medium)
{
    long long others[DUE_COLUMNS] = {0}, count = (long long)(db_rows(rows) - from);
    for (size_t i = from; i < db_rows(rows); i++)
        add_counts(rows, i, others);
    html_print(out, "<tr$r$r$r><th scope=\"row\"><a href=\"#action\">$n more $r</a></th>", medium == NULL ? "" : " class=\"", medium == NULL ? "" : medium,
               medium == NULL ? "" : "\"", count, html_many(count, "owner", "owners"));
    print_due_cells(out, others);
}

/* What the table leaves out, and where that stands. */
static void print_due_more(struct document *document, bool is_cut)
{
    char *summary = document_command(document, "summary", NULL, NULL), *ownership = document_command(document, "ownership", NULL, NULL);
    html_print(document->out, "<p class=\"more\">Certificates and servers with a finding that has a day to act by, and what must be renewed "
                              "within 30 days, or before the last of the other days of its owner; also what is recorded and not "
                              "seen served. The letters to the owners have the same numbers. All <a href=\"#renewals\">renewals of the next "
                              "90 days</a>, by owner, have the numbers of <code>$t</code>.", summary);
    if (is_cut)
        html_print(document->out, " All owners: <code>$t</code>; what each must renew: <code>$t --format csv</code>.", ownership, summary);
    fputs("</p>\n", document->out);
    free(summary);
    free(ownership);
}

/* rows: all owners, then each. On paper the first owners alone, so that the table leaves room for what follows on its page. */
static void print_due(struct document *document, const struct db_result *rows)
{
    FILE *out = document->out;
    size_t owners = db_rows(rows) == 0 ? 0 : db_rows(rows) - 1, paper = owners > OWNERS_ON_PAPER + 1 ? OWNERS_ON_PAPER : owners;
    long long sums[DUE_COLUMNS] = {0}, counted[DUE_COLUMNS] = {0};
    due_table_head(out, "What needs action, by its first day", DUE_COLUMNS);
    for (size_t i = 1; i <= owners; i++) {
        long long counts[DUE_COLUMNS] = {0};
        add_counts(rows, i, counts);
        counted[DUE_ALL] += counts[DUE_ALL];
        if (i > OWNERS_SHOWN)
            continue;
        const char *owner = db_value(rows, i, DUE_OWNER);
        html_print(out, "<tr$r><th scope=\"row\"$r><a href=\"#$t\">$t</a></th>", i > paper ? " class=\"only-screen\"" : "",
                   html_has_long_word(document_owner_name(owner)) ? " class=\"long\"" : "", document_owner_id(owner), document_owner_name(owner));
        print_due_cells(out, counts);
    }
    if (owners > OWNERS_SHOWN)
        print_others(out, rows, OWNERS_SHOWN + 1, "only-screen");
    if (owners > paper)
        print_others(out, rows, paper + 1, "only-print");
    if (owners == 0)
        fputs("<tr><th scope=\"row\" colspan=\"8\" class=\"z\">Nothing that was judged needs action.</th></tr>\n", out);
    fputs("</tbody>\n", out);
    if (owners > 1) {
        fputs("<tfoot><tr><th scope=\"row\">All owners</th>", out);
        add_counts(rows, 0, sums);
        print_due_cells(out, sums);
        fputs("</tfoot>\n", out);
    }
    fputs("</table>\n", out);
    if (counted[DUE_ALL] > sums[DUE_ALL] && owners > 1)
        due_table_different(out, sums[DUE_ALL]);
    if (owners > 0)
        print_due_more(document, owners > paper);
}

enum { WORST_SEVERITY, WORST_NAME, WORST_RULE, WORST_TITLE, WORST_BECAUSE, WORST_OWNER, WORST_DAYS, WORST_ACT_BY, WORST_OTHERS };

/* One of the worst: what, how many more are like it, why, whose, and by when. */
static void print_bad(FILE *out, const struct db_result *rows, size_t row)
{
    long long days = db_int(rows, row, WORST_DAYS), others = db_int(rows, row, WORST_OTHERS);
    fputs("<li>", out);
    page_severity(out, db_value(rows, row, WORST_SEVERITY));
    html_print(out, " <a href=\"#$t\">$b</a>", db_value(rows, row, WORST_RULE), document_short(db_value(rows, row, WORST_NAME)));
    if (others > 0)
        html_print(out, " and $n $r with the same finding", others, html_many(others, "other", "others"));
    html_print(out, "<br>$t", db_value(rows, row, WORST_TITLE));
    if (db_value(rows, row, WORST_BECAUSE) != NULL)
        html_print(out, " <span class=\"soft\">($t)</span>", document_short(db_value(rows, row, WORST_BECAUSE)));
    html_print(out, " · $t, ", document_owner_name(db_value(rows, row, WORST_OWNER)));
    if (days < 0)
        html_print(out, "$n $r late.</li>\n", -days, html_many(-days, "day", "days"));
    else
        html_print(out, "by $d.</li>\n", db_value(rows, row, WORST_ACT_BY));
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
    for (size_t i = 0; i < db_rows(rows); i++)
        print_bad(out, rows, i);
    if (db_rows(rows) > 0)
        fputs("</ol>\n", out);
    db_result_destroy(rows);
    return true;
}

/* Nothing can have happened where nobody looked. */
static void print_happened(struct document *document, const struct db_result *events)
{
    if (atoll(document_fact(document, "quiet_days")) > 28)
        html_print(document->out, "Nothing was scanned in the last 28 days: the latest run is of $d, and what has changed since is not known. ",
                   document_fact(document, "last_day"));
    else
        html_print(document->out, "In the last 28 days: $n $r new, $n with another certificate, $n gone. ", (long long)db_int(events, 0, 0),
                   html_many(db_int(events, 0, 0), "place", "places"), (long long)db_int(events, 0, 1), (long long)db_int(events, 0, 2));
}

/* How much is known, and what happened at the places. It names what was not asked before any good news. */
static bool print_known(struct document *document, struct error *err)
{
    FILE *out = document->out;
    const char *params[] = {document->options->site};
    struct document_asked sum;
    struct db_result *events = document_asked(document, &sum, err) ? document_ask(document, SQL_DOCUMENT_EVENTS, 1, params, err) : NULL;
    if (events != NULL) {
        fputs("<p class=\"soft after small\">", out);
        if (sum.asked > 0) {
            if (sum.is_repeated)
                html_print(out, "The latest scans asked $n $r, some places more than once, and $n were answered (", sum.asked,
                           html_many(sum.asked, "time", "times"), sum.answered);
            else
                html_print(out, document->options->owner == NULL ? "Of $n $r asked by the latest scans, $n answered ("
                           : "Of all $n $r asked by the latest scans, whoever's they are, $n answered (",
                           sum.asked, html_many(sum.asked, "place", "places"), sum.answered);
            fprintf(out, "%.1f %%). ", 100.0 * (double)sum.answered / (double)sum.asked);
        }
        if (sum.untested > 0)
            html_print(out, "$t $r not asked what else $r: that is untested, not good. ", html_count_word(sum.untested, 1),
                       html_many(sum.untested, "place was", "places were"), html_many(sum.untested, "it accepts", "they accept"));
        print_happened(document, events);
        fputs("See <a href=\"#coverage\">coverage</a>.</p>\n", out);
    }
    bool ok = events != NULL;
    db_result_destroy(events);
    return ok;
}

bool discovery_summary(struct document *document, struct error *err)
{
    FILE *out = document->out;
    long long all[DUE_COLUMNS] = {0};
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_DUE, 0, NULL, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0)
        add_counts(rows, 0, all);
    page_section(out, "summary", "Summary", false);
    print_lead(document, all[DUE_OVERDUE], all[DUE_WEEK], all[DUE_ALL]);
    fputs("<div class=\"first\">\n<div>\n", out);
    print_due(document, rows);
    bool ok = policy_matter_print(document, out, err);
    fputs("</div>\n<div>\n", out);
    db_result_destroy(rows);
    ok = ok && print_worst(document, err);
    fputs("</div>\n</div>\n", out);
    ok = ok && print_known(document, err);
    page_section_end(out);
    return ok;
}
