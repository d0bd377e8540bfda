#include "reports/document/letter.h"

#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "reports/document/letter_steps.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_IN_FULL 12        /* more are told in tables, which repeat nothing */
#define CERTIFICATES_SHOWN "400"

static bool is_of_nobody(const struct document *document)
{
    return document->options->owner == NULL || document->options->owner[0] == '\0';
}

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

/* What no server shows: where it is instead. */
static void print_unserved(FILE *out, const struct letter *letter)
{
    long long unserved = letter->unserved, filed = letter->filed, recorded = unserved - filed;
    if (unserved == letter->certificates && unserved == 1)
        html_print(out, " It $r, and is served nowhere.", filed > 0 ? "lies in a file" : "is recorded");
    else if (unserved == letter->certificates && (filed == 0 || recorded == 0))
        html_print(out, " They $r, and are served nowhere.", filed > 0 ? "lie in files" : "are recorded");
    else if (filed > 0 && recorded > 0)
        html_print(out, " $r $r in files, $r $r recorded alone; no server shows these.", html_count_word(filed, 1), filed == 1 ? "lies" : "lie",
                   html_count_word(recorded, 0), recorded == 1 ? "is" : "are");
    else
        html_print(out, " $r of them $r, and $r served nowhere.", html_count_word(unserved, 1),
                   filed == 0 ? unserved == 1 ? "is recorded" : "are recorded" : unserved == 1 ? "lies in a file" : "lie in files", unserved == 1 ? "is" : "are");
}

/* Of whom nothing is asked reads that they were not forgotten, and when something will be. */
static void print_holding(FILE *out, const struct letter *letter, bool is_of_nobody)
{
    long long all = letter->certificates;
    if (all == 0)
        return;
    html_print(out, is_of_nobody ? "<p>There $r $r $r" : "<p>You have$r $r $r", !is_of_nobody ? "" : all == 1 ? "is" : "are", html_count_word(all, 0),
               html_many(all, "certificate", "certificates"));
    if (letter->unserved < all)
        html_print(out, ", at $r $r", html_count_word(letter->places, 0), html_many(letter->places, "place", "places"));
    fputs(".", out);
    if (letter->unserved > 0)
        print_unserved(out, letter);
    if (letter->ended > 0 && all == 1)
        html_print(out, " It has ended, on $d.", letter->ended_on);
    else if (letter->ended > 0)
        html_print(out, " $r of them $r ended, $ron $d.", letter->ended == all ? "All" : html_count_word(letter->ended, 1), letter->ended == 1 ? "has" : "have",
                   letter->ended == 1 ? "" : "the last ", letter->ended_on);
    if (letter->next_end != NULL && all == 1)
        html_print(out, " It ends on $d.", letter->next_end);
    else if (letter->next_end != NULL)
        html_print(out, " The $r to end is $b, on $d.", letter->ended > 0 ? "next" : "first", document_short(letter->next_name), letter->next_end);
    fputs(is_of_nobody ? "</p>\n" : " Before something ends, or when a rule asks for a step, you are told by which day.</p>\n", out);
}

static void print_counts(FILE *out, const struct due *due, const struct letter *letter, bool is_of_nobody)
{
    if (is_of_nobody)
        html_print(out, " $t of these certificates and servers $r work.", html_count_word(due->all, 1), due->all == 1 ? "needs" : "need");
    else if (due->all == 1 && letter->certificates == 1)
        fputs("Your certificate needs work.", out);
    else
        html_print(out, "$t of your certificates and servers $r work.", html_count_word(due->all, 1), due->all == 1 ? "needs" : "need");
    if (due->all == 1 && due->overdue + due->week > 0) {
        fputs(due->overdue > 0 ? " It is past the day." : " It is due within a week.", out);
        return;
    }
    if (due->overdue > 0)
        html_print(out, " $t $r past the day.", html_count_word(due->overdue, 1), due->overdue == 1 ? "is" : "are");
    if (due->week > 0)
        html_print(out, " $t $r due within a week.", html_count_word(due->week, 1), due->week == 1 ? "is" : "are");
}

/* Only those that hold something. */
static void print_beside(FILE *out, const struct due *due, const struct letter *letter)
{
    if (!letter->has_calendar && !letter->has_findings)
        return;
    fputs("<p>", out);
    if (letter->has_calendar)
        html_print(out, due->overdue > 0 ? "The calendar file <code>$t.ics</code> beside this letter holds the same days, and what is overdue on the day of this letter$r"
                        : due->all > 0 ? "The calendar file <code>$t.ics</code> beside this letter holds the same days$r"
                                     : "The calendar file <code>$t.ics</code> beside this letter takes back the days that an earlier one held$r",
                   letter->stem, !letter->has_findings ? "." : due->overdue > 0 ? "; " : ", and ");
    if (letter->has_findings)
        html_print(out, "<code>$t.csv</code>$r $r.", letter->stem, letter->has_calendar ? "" : " beside this letter holds",
                   due->all > 0 ? "all findings" : "what was found, for information");
    fputs("</p>\n", out);
}

static void print_lead(struct document *document, const struct due *due, const struct letter *letter)
{
    FILE *out = document->out;
    bool of_nobody = is_of_nobody(document);
    page_section(out, "summary", of_nobody ? "Find their owners" : "What we ask of you", false);
    fputs("<p class=\"lead\">", out);
    if (of_nobody)
        fputs("These have no owner: find who runs them.", out);
    if (due->all > 0)
        print_counts(out, due, letter, of_nobody);
    else if (!of_nobody)
        fputs("Nothing of yours needs work as far as is known.", out);
    fputs("</p>\n", out);
    if (of_nobody)
        fputs("<p>This page is for the sender, and goes to nobody else. Name each owner in the rule book (<code>certsweep owners import FILE</code>), or in the record in the "
              "CA's account: then the certificate stands in that owner's letter.</p>\n", out);
    else if (due->all > 0)
        page_paragraph(out, "Do the steps below by the day shown. A later scan sees the change and closes the line; you need not report it.");
    if (due->all == 0)
        print_holding(out, letter, of_nobody);
    print_beside(out, due, letter);
    page_section_end(out);
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
               "<dt>It must stay as it is</dt><dd>Ask for an exception with a reason and an end. It excuses that a certificate is in no list, "
               "not what is wrong with it.$r</dd>\n",
               has_steps ? "; the day then holds for the new owner" : "", has_steps ? " Until it is accepted, the day above holds." : "");
    if (title->answer_to != NULL)
        html_print(out, "<dt>Answer to</dt><dd>$t$r$t. Nobody asks you for a private key: do not send one.</dd>\n", title->answer_to,
                   title->reference == NULL ? "" : ", with the reference ", title->reference);
    else
        fputs("<dt>Answer to</dt><dd>The sender of this letter. Nobody asks you for a private key: do not send one.</dd>\n", out);
    fputs("</dl>\n", out);
    page_section_end(out);
}

enum { LIST_NAME, LIST_RECORD, LIST_ISSUER, LIST_NOT_AFTER, LIST_DAYS, LIST_PLACES, LIST_KEY, LIST_FIRST_SEEN, LIST_SHA256, LIST_COUNT,
      LIST_FILES, LIST_ALSO, LIST_RECORDED_AT, LIST_REPLACED };

/* Where it is, and who else has it. */
static void print_whereabouts(FILE *out, const struct db_result *rows, size_t row)
{
    const char *places = db_value(rows, row, LIST_PLACES), *files = db_value(rows, row, LIST_FILES), *also = db_value(rows, row, LIST_ALSO);
    if (db_value(rows, row, LIST_RECORDED_AT) != NULL)
        html_print(out, "<dt>Recorded at</dt><dd>$t, and not seen there</dd>", db_value(rows, row, LIST_RECORDED_AT));
    else if (db_value(rows, row, LIST_REPLACED) != NULL)
        html_print(out, "<dt>Places</dt><dd>none: $t</dd>", db_value(rows, row, LIST_REPLACED));
    else if (places != NULL || files == NULL)
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
    page_section(out, "all", is_of_nobody(document) ? "All certificates without an owner" : "All your certificates", false);
    html_print(out, "<p>$n as of $d, by the day they end.</p>\n", all, document_fact(document, "as_of_day"));
    page_table(out, "list", "All certificates of this owner", true);
    fputs("<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Record</th><th scope=\"col\">Issued by</th>"
          "<th scope=\"col\">Valid until</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < db_rows(rows); i++) {
        html_print(out, "<tr><th scope=\"row\"><details><summary>$b</summary><dl>", document_short(db_value(rows, i, LIST_NAME)));
        print_whereabouts(out, rows, i);
        if (db_value(rows, i, LIST_SHA256) != NULL)
            html_print(out, "<dt>Key</dt><dd>$t</dd><dt>First seen</dt><dd>$d</dd><dt>SHA-256</dt><dd><code>$t</code></dd>",
                       db_value(rows, i, LIST_KEY), db_value(rows, i, LIST_FIRST_SEEN), db_value(rows, i, LIST_SHA256));
        else
            fputs("<dt>Seen</dt><dd>by no scan: only its record is known</dd>", out);
        html_print(out, "</dl></details></th><td>$t</td><td>$t</td><td class=\"d\" data-v=\"$t\">$d$r</td></tr>\n",
                   db_value(rows, i, LIST_RECORD), db_value(rows, i, LIST_ISSUER),
                   db_value(rows, i, LIST_NOT_AFTER), db_value(rows, i, LIST_NOT_AFTER), db_int(rows, i, LIST_DAYS) < 0 ? "<br><span class=\"soft\">ended</span>" : "");
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
    const char *owner = document_owner_name(document->options->owner);
    char *to = xasprintf("%s%s%s", owner, contacts == NULL || contacts[0] == '\0' ? "" : ": ", contacts == NULL ? "" : contacts);
    char *foot = xasprintf("%s%s%s", owner, title->classification == NULL ? "" : " · ", title->classification == NULL ? "" : title->classification);
    char *policy = document_policy(document), *owner_rules = document_owner_rules(document);
    char *days = document_days(document);
    const struct page_fact facts[] = {
        {"To", is_of_nobody(document) ? NULL : to},
        {"From", title->author},
        {"As of", html_day_full(document_fact(document, "as_of_day"))},
        {"Days", days},
        {"Judged", letter->judged},
        {"Policy", policy},
        {"Owner rules", owner_rules},
        {"Reference", title->reference},
        {"Written by", document->options->written_by},
    };
    const struct page page = {.title = is_of_nobody(document) ? "Certificates without an owner"
                              : "Your certificates: what to do, and by when", .kind = "letter", .organization = title->organization,
                              .classification = title->classification, .foot = foot, .facts = facts, .fact_count = sizeof facts / sizeof facts[0]};
    struct due due;
    document->out = out;
    page_begin(out, &page);
    bool ok = count_due(document, &due, err);
    if (ok)
        print_lead(document, &due, letter);
    ok = ok && letter_steps_print(document, letter, is_of_nobody(document), due.all > STEPS_IN_FULL || is_of_nobody(document), err);
    if (ok && !is_of_nobody(document))
        print_answers(document, due.all > 0);
    ok = ok && print_all(document, letter->stem, err);
    page_end(out, &page);
    free(to);
    free(foot);
    free(policy);
    free(owner_rules);
    free(days);
    return ok;
}
