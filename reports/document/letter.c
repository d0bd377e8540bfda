#include "reports/document/letter.h"

#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_SHOWN "80"        /* the list beside the letter has the others */
#define CERTIFICATES_SHOWN "400"

enum { STEP_NUMBER, STEP_COUNT, STEP_NAME, STEP_SEVERITY, STEP_ACT_BY, STEP_DAYS, STEP_PLACES, STEP_ISSUER, STEP_NOT_AFTER, STEP_RULE,
       STEP_TITLE, STEP_BECAUSE, STEP_NEXT, STEP_SOURCE, STEP_RULE_ACT_BY };

/* How many subjects are overdue, and due within a week. */
struct due {
    long long overdue, week, all;
};

static bool count_due(struct document *document, struct due *due, struct error *err)
{
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_DUE, 0, NULL, err);
    if (rows == NULL)
        return false;
    *due = (struct due){0};
    if (db_rows(rows) > 0)              /* the first row has all */
        *due = (struct due){db_int(rows, 0, 1), db_int(rows, 0, 2), db_int(rows, 0, 7)};
    db_result_destroy(rows);
    return true;
}

static void print_lead(struct document *document, const struct due *due, const char *stem)
{
    FILE *out = document->out;
    page_section(out, "summary", "What we ask of you", false);
    if (due->all == 0) {
        fputs("<p class=\"lead\">Nothing of yours needs work as far as is known.</p>\n", out);
    } else {
        html_print(out, "<p class=\"lead\">$t of your certificates and servers $r work.", html_count_word(due->all, 1), due->all == 1 ? "needs" : "need");
        if (due->overdue > 0)
            html_print(out, " $t $r past the day.", html_count_word(due->overdue, 1), due->overdue == 1 ? "is" : "are");
        if (due->week > 0)
            html_print(out, " $t $r due within a week.", html_count_word(due->week, 1), due->week == 1 ? "is" : "are");
        fputs("</p>\n", out);
        page_paragraph(out, "Do the steps below by the day shown. A later scan sees the change and closes the line; you need not report it.");
    }
    if (stem != NULL)
        html_print(out, "<p>The calendar file <code>$t.ics</code> beside this letter holds the same days, and <code>$t.csv</code> all findings.</p>\n",
                   stem, stem);
    page_section_end(out);
}

static void print_step_rule(FILE *out, const struct db_result *rows, size_t row)
{
    const char *act_by = db_value(rows, row, STEP_RULE_ACT_BY), *not_after = db_value(rows, row, STEP_NOT_AFTER);
    html_print(out, "<li>$t", db_value(rows, row, STEP_TITLE));
    if (db_value(rows, row, STEP_BECAUSE) != NULL)
        html_print(out, " ($t)", db_value(rows, row, STEP_BECAUSE));
    html_print(out, ". <b>$t</b>", db_value(rows, row, STEP_NEXT));
    if (strcmp(act_by, db_value(rows, row, STEP_ACT_BY)) != 0 && (not_after == NULL || strcmp(act_by, not_after) < 0))    /* else it has ended by then */
        html_print(out, " By $d.", act_by);
    html_print(out, " <span class=\"soft\">$t; $t.</span></li>\n", db_value(rows, row, STEP_RULE), db_value(rows, row, STEP_SOURCE));
}

/* Returns the index of the row after the step's rows. */
static size_t print_step(FILE *out, const struct db_result *rows, size_t row)
{
    const char *number = db_value(rows, row, STEP_NUMBER);
    long long days = db_int(rows, row, STEP_DAYS);
    html_print(out, "<section class=\"step\" id=\"step-$t\">\n<h3>$t. $b <small>", number, number, document_short(db_value(rows, row, STEP_NAME)));
    page_severity(out, db_value(rows, row, STEP_SEVERITY));
    html_print(out, "</small></h3>\n<p class=\"when$r\">By $d", days < 0 ? " late" : "", db_value(rows, row, STEP_ACT_BY));
    if (days < 0)
        html_print(out, ", $n $r late", -days, days == -1 ? "day" : "days");
    fputs("</p>\n<ul>\n", out);
    size_t first = row;
    for (; row < db_rows(rows) && strcmp(db_value(rows, row, STEP_NUMBER), number) == 0; row++)
        print_step_rule(out, rows, row);
    fputs("</ul>\n<p class=\"soft\">", out);
    if (db_value(rows, first, STEP_PLACES) != NULL)
        html_print(out, "Served at $t. ", db_value(rows, first, STEP_PLACES));
    if (db_value(rows, first, STEP_ISSUER) != NULL)
        html_print(out, "Issued by $t. ", db_value(rows, first, STEP_ISSUER));
    if (db_value(rows, first, STEP_NOT_AFTER) != NULL)
        html_print(out, "$r $d.", "Valid until", db_value(rows, first, STEP_NOT_AFTER));
    fputs("</p>\n</section>\n", out);
    return row;
}

static bool print_steps(struct document *document, const char *stem, struct error *err)
{
    const char *params[] = {STEPS_SHOWN};
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_STEPS, 1, params, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0) {
        page_section(out, "steps", "Your steps, first day first", false);
        for (size_t row = 0; row < db_rows(rows);)
            row = print_step(out, rows, row);
        long long more = db_int(rows, 0, STEP_COUNT) - db_int(rows, db_rows(rows) - 1, STEP_NUMBER);
        if (more > 0)
            html_print(out, "<p class=\"more\">$n more $r in $t$r.</p>\n", more, html_many(more, "step stands", "steps stand"), stem == NULL ? "the list of findings" : stem,
                       stem == NULL ? "" : ".csv");
        page_section_end(out);
    }
    db_result_destroy(rows);
    return true;
}

static void print_answers(struct document *document)
{
    const struct document_title *title = &document->options->title;
    FILE *out = document->out;
    page_section(out, "notmine", "If a certificate is not yours, or may stay", true);
    fputs("<dl class=\"gloss\">\n"
          "<dt>It is not ours</dt><dd>Answer with its name, and with who runs the server if you know it. We change the rule that gave it to "
          "you; the day then holds for the new owner.</dd>\n"
          "<dt>The server is gone</dt><dd>Answer with the day of its end. The next scan confirms it.</dd>\n"
          "<dt>It must stay as it is</dt><dd>Ask for an exception with a reason and an end. Until it is accepted, the day above holds.</dd>\n", out);
    if (title->answer_to != NULL)
        html_print(out, "<dt>Answer to</dt><dd>$t$r$t. Nobody asks you for a private key: do not send one.</dd>\n", title->answer_to,
                   title->reference == NULL ? "" : ", with the reference ", title->reference);
    else
        fputs("<dt>Answer to</dt><dd>The sender of this letter. Nobody asks you for a private key: do not send one.</dd>\n", out);
    fputs("</dl>\n", out);
    page_section_end(out);
}

enum { LIST_NAME, LIST_RECORD, LIST_ISSUER, LIST_NOT_AFTER, LIST_DAYS, LIST_PLACES, LIST_KEY, LIST_FIRST_SEEN, LIST_SHA256, LIST_COUNT };

static bool print_all(struct document *document, const char *stem, struct error *err)
{
    const char *params[] = {CERTIFICATES_SHOWN};
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_CERTIFICATES_LIST, 1, params, err);
    if (rows == NULL)
        return false;
    long long all = db_rows(rows) == 0 ? 0 : db_int(rows, 0, LIST_COUNT);
    page_section(out, "all", "All your certificates", false);
    html_print(out, "<p>$n as of $d, by the day they end.</p>\n", all, document_fact(document, "as_of_day"));
    page_table(out, "list", "All certificates of this owner", true);
    fputs("<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Record</th><th scope=\"col\">Issued by</th>"
          "<th scope=\"col\">Valid until</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < db_rows(rows); i++)
        html_print(out, "<tr><th scope=\"row\"><details><summary>$b</summary><dl><dt>Places</dt><dd>$t</dd><dt>Key</dt><dd>$t</dd>"
                        "<dt>First seen</dt><dd>$d</dd><dt>SHA-256</dt><dd><code>$t</code></dd></dl></details></th><td>$t</td><td>$t</td>"
                        "<td class=\"d\" data-v=\"$t\">$d</td></tr>\n",
                   document_short(db_value(rows, i, LIST_NAME)), db_value(rows, i, LIST_PLACES), db_value(rows, i, LIST_KEY), db_value(rows, i, LIST_FIRST_SEEN),
                   db_value(rows, i, LIST_SHA256), db_value(rows, i, LIST_RECORD), db_value(rows, i, LIST_ISSUER),
                   db_value(rows, i, LIST_NOT_AFTER), db_value(rows, i, LIST_NOT_AFTER));
    page_table_end(out);
    if (all > (long long)db_rows(rows))
        html_print(out, "<p class=\"more\">$n more $r in $t$r.</p>\n", all - (long long)db_rows(rows), html_many(all - (long long)db_rows(rows), "stands", "stand"),
                   stem == NULL ? "the list of certificates" : stem, stem == NULL ? "" : "-certificates.csv");
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}

bool letter_write(struct document *document, const char *contacts, const char *stem, FILE *out, struct error *err)
{
    const struct document_title *title = &document->options->title;
    const char *owner = document_owner_name(document->options->owner), *policy = document_fact(document, "policy");
    char *to = xasprintf("%s%s%s", owner, contacts == NULL || contacts[0] == '\0' ? "" : ": ", contacts == NULL ? "" : contacts);
    char *foot = xasprintf("%s%s%s", owner, title->classification == NULL ? "" : " · ", title->classification == NULL ? "" : title->classification);
    char *by = xasprintf("%s, policy %s", document->options->written_by, policy[0] == '\0' ? "built-in" : policy);
    const struct page_fact facts[] = {
        {"To", to},
        {"From", title->author},
        {"As of", html_day_full(document_fact(document, "as_of_day"))},
        {"Reference", title->reference},
        {"Written by", by},
    };
    const struct page page = {.title = "Your certificates: what to do, and by when", .kind = "letter", .organization = title->organization,
                              .classification = title->classification, .foot = foot, .facts = facts, .fact_count = sizeof facts / sizeof facts[0]};
    struct due due;
    document->out = out;
    page_begin(out, &page);
    bool ok = count_due(document, &due, err);
    if (ok)
        print_lead(document, &due, stem);
    ok = ok && print_steps(document, stem, err);
    if (ok)
        print_answers(document);
    ok = ok && print_all(document, stem, err);
    page_end(out, &page);
    free(to);
    free(foot);
    free(by);
    return ok;
}
