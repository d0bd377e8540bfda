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
       STEP_TITLE, STEP_BECAUSE, STEP_NEXT, STEP_SOURCE, STEP_RULE_ACT_BY, STEP_FILES, STEP_ALSO };

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

/* Of whom nothing is asked reads that they were not forgotten, and when something will be. */
static void print_holding(FILE *out, const struct letter *letter)
{
    long long all = letter->certificates;
    if (all == 0)
        return;
    html_print(out, "<p>You have $r $r", html_count_word(all, 0), html_many(all, "certificate", "certificates"));
    if (letter->unserved < all)
        html_print(out, ", at $r $r", html_count_word(letter->places, 0), html_many(letter->places, "place", "places"));
    fputs(".", out);
    if (letter->unserved == all)
        fputs(all == 1 ? " It is recorded, or lies in a file, and is served nowhere." : " They are recorded, or lie in files, and are served nowhere.", out);
    else if (letter->unserved > 0)
        html_print(out, " $r of them $r recorded, or in a file, and served nowhere.", html_count_word(letter->unserved, 1), letter->unserved == 1 ? "is" : "are");
    if (letter->next_end != NULL && all == 1)
        html_print(out, " It ends on $d.", letter->next_end);
    else if (letter->next_end != NULL)
        html_print(out, " The first to end is $b, on $d.", document_short(letter->next_name), letter->next_end);
    fputs(" Before something ends, or when a rule asks for a step, you are told by which day.</p>\n", out);
}

static void print_lead(struct document *document, const struct due *due, const struct letter *letter)
{
    FILE *out = document->out;
    page_section(out, "summary", "What we ask of you", false);
    if (due->all == 0) {
        fputs("<p class=\"lead\">Nothing of yours needs work as far as is known.</p>\n", out);
        print_holding(out, letter);
    } else {
        html_print(out, "<p class=\"lead\">$t of your certificates and servers $r work.", html_count_word(due->all, 1), due->all == 1 ? "needs" : "need");
        if (due->overdue > 0)
            html_print(out, " $t $r past the day.", html_count_word(due->overdue, 1), due->overdue == 1 ? "is" : "are");
        if (due->week > 0)
            html_print(out, " $t $r due within a week.", html_count_word(due->week, 1), due->week == 1 ? "is" : "are");
        fputs("</p>\n", out);
        page_paragraph(out, "Do the steps below by the day shown. A later scan sees the change and closes the line; you need not report it.");
    }
    if (!letter->has_calendar)
        html_print(out, "<p><code>$t.csv</code> beside this letter holds all findings.</p>\n", letter->stem);
    else
        html_print(out, due->all == 0 ? "<p>The calendar file <code>$t.ics</code> beside this letter holds no day yet; <code>$t.csv</code> holds all findings.</p>\n"
                                      : "<p>The calendar file <code>$t.ics</code> beside this letter holds the same days, and <code>$t.csv</code> all findings.</p>\n",
                   letter->stem, letter->stem);
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
    if (db_value(rows, first, STEP_FILES) != NULL)
        html_print(out, "Lies in $t. ", db_value(rows, first, STEP_FILES));
    if (db_value(rows, first, STEP_ISSUER) != NULL)
        html_print(out, "Issued by $t. ", db_value(rows, first, STEP_ISSUER));
    if (db_value(rows, first, STEP_NOT_AFTER) != NULL)
        html_print(out, "$r $d.", "Valid until", db_value(rows, first, STEP_NOT_AFTER));
    fputs("</p>\n", out);
    if (db_value(rows, first, STEP_ALSO) != NULL)
        html_print(out, "<p class=\"soft\">Also at: $t. Agree with them on what changes.</p>\n", db_value(rows, first, STEP_ALSO));
    fputs("</section>\n", out);
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
            html_print(out, "<p class=\"more\">$n more $r in $t.csv.</p>\n", more, html_many(more, "step stands", "steps stand"), stem);
        page_section_end(out);
    }
    db_result_destroy(rows);
    return true;
}

static void print_answers(struct document *document, bool has_steps)
{
    const struct document_title *title = &document->options->title;
    FILE *out = document->out;
    page_section(out, "notmine", "If a certificate is not yours, or may stay", true);
    html_print(out,
               "<dl class=\"gloss\">\n"
               "<dt>It is not ours</dt><dd>Answer with its name, and with who runs the server if you know it. We change the rule that gave it to "
               "you$r.</dd>\n"
               "<dt>The server is gone</dt><dd>Answer with the day of its end. The next scan confirms it.</dd>\n"
               "<dt>It must stay as it is</dt><dd>Ask for an exception with a reason and an end.$r</dd>\n",
               has_steps ? "; the day then holds for the new owner" : "", has_steps ? " Until it is accepted, the day above holds." : "");
    if (title->answer_to != NULL)
        html_print(out, "<dt>Answer to</dt><dd>$t$r$t. Nobody asks you for a private key: do not send one.</dd>\n", title->answer_to,
                   title->reference == NULL ? "" : ", with the reference ", title->reference);
    else
        fputs("<dt>Answer to</dt><dd>The sender of this letter. Nobody asks you for a private key: do not send one.</dd>\n", out);
    fputs("</dl>\n", out);
    page_section_end(out);
}

enum { LIST_NAME, LIST_RECORD, LIST_ISSUER, LIST_NOT_AFTER, LIST_DAYS, LIST_PLACES, LIST_KEY, LIST_FIRST_SEEN, LIST_SHA256, LIST_COUNT, LIST_FILES, LIST_ALSO };

/* Where it is, and who else has it. */
static void print_whereabouts(FILE *out, const struct db_result *rows, size_t row)
{
    const char *places = db_value(rows, row, LIST_PLACES), *files = db_value(rows, row, LIST_FILES), *also = db_value(rows, row, LIST_ALSO);
    if (places != NULL || files == NULL)
        html_print(out, "<dt>Places</dt><dd>$t</dd>", places == NULL ? "none: recorded, and not seen served" : places);
    if (files != NULL)
        html_print(out, "<dt>Lies in</dt><dd>$t</dd>", files);
    if (also != NULL)
        html_print(out, "<dt>Also at</dt><dd>$t</dd>", also);
}

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
    for (size_t i = 0; i < db_rows(rows); i++) {
        html_print(out, "<tr><th scope=\"row\"><details><summary>$b</summary><dl>", document_short(db_value(rows, i, LIST_NAME)));
        print_whereabouts(out, rows, i);
        html_print(out, "<dt>Key</dt><dd>$t</dd><dt>First seen</dt><dd>$d</dd><dt>SHA-256</dt><dd><code>$t</code></dd></dl></details></th><td>$t</td><td>$t</td>"
                        "<td class=\"d\" data-v=\"$t\">$d</td></tr>\n",
                   db_value(rows, i, LIST_KEY), db_value(rows, i, LIST_FIRST_SEEN), db_value(rows, i, LIST_SHA256), db_value(rows, i, LIST_RECORD), db_value(rows, i, LIST_ISSUER),
                   db_value(rows, i, LIST_NOT_AFTER), db_value(rows, i, LIST_NOT_AFTER));
    }
    page_table_end(out);
    if (all > (long long)db_rows(rows))
        html_print(out, "<p class=\"more\">$n more $r in $t-certificates.csv.</p>\n", all - (long long)db_rows(rows),
                   html_many(all - (long long)db_rows(rows), "stands", "stand"), stem);
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}

bool letter_write(struct document *document, const struct letter *letter, FILE *out, struct error *err)
{
    const char *contacts = letter->contacts;
    const struct document_title *title = &document->options->title;
    const char *owner = document_owner_name(document->options->owner), *policy = document_fact(document, "policy");
    char *to = xasprintf("%s%s%s", owner, contacts == NULL || contacts[0] == '\0' ? "" : ": ", contacts == NULL ? "" : contacts);
    char *foot = xasprintf("%s%s%s", owner, title->classification == NULL ? "" : " · ", title->classification == NULL ? "" : title->classification);
    char *by = xasprintf("%s, policy %s", document->options->written_by, policy[0] == '\0' ? "built-in" : policy);
    const struct page_fact facts[] = {
        {"To", to},
        {"From", title->author},
        {"As of", html_day_full(document_fact(document, "as_of_day"))},
        {"Judged", letter->judged},
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
        print_lead(document, &due, letter);
    ok = ok && print_steps(document, letter->stem, err);
    if (ok)
        print_answers(document, due.all > 0);
    ok = ok && print_all(document, letter->stem, err);
    page_end(out, &page);
    free(to);
    free(foot);
    free(by);
    return ok;
}
