#include "reports/document/letter.h"

#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_SHOWN "80"        /* the list beside the letter has the others */
#define STEPS_IN_FULL 12        /* more are told in tables, which repeat nothing */
#define CERTIFICATES_SHOWN "400"

enum { STEP_NUMBER, STEP_COUNT, STEP_NAME, STEP_SEVERITY, STEP_ACT_BY, STEP_DAYS, STEP_PLACES, STEP_ISSUER, STEP_NOT_AFTER, STEP_RULE,
       STEP_TITLE, STEP_BECAUSE, STEP_NEXT, STEP_SOURCE, STEP_RULE_ACT_BY, STEP_FILES, STEP_ALSO, STEP_CONTACTS, STEP_RULE_NEXT, STEP_GROUP };

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
    if (letter->next_end != NULL && all == 1)
        html_print(out, " It ends on $d.", letter->next_end);
    else if (letter->next_end != NULL)
        html_print(out, " The first to end is $b, on $d.", document_short(letter->next_name), letter->next_end);
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
        html_print(out, due->all > 0 ? "The calendar file <code>$t.ics</code> beside this letter holds the same days$r"
                                     : "The calendar file <code>$t.ics</code> beside this letter takes back the days that an earlier one held$r",
                   letter->stem, letter->has_findings ? ", and " : ".");
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

static bool is_day(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    while (form[i] != '\0' && (form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == '-'))
        i++;
    return form[i] == '\0';
}

/* What is to be done, with its days as the letter has them: the lists write them as programs read them. */
static void print_next(FILE *out, const char *text)
{
    char *words = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&words, &len);
    if (to == NULL)
        abort();
    for (const char *at = text; *at != '\0';)
        if ((at == text || at[-1] == ' ') && is_day(at)) {
            fprintf(to, "%s", html_day_text((const char[]){at[0], at[1], at[2], at[3], '-', at[5], at[6], '-', at[8], at[9], '\0'}));
            at += 10;
        } else {
            fputc(*at++, to);
        }
    fclose(to);
    html_text(out, words);
    free(words);
}

static bool is_same_step(const struct db_result *rows, size_t row, size_t other)
{
    return other < db_rows(rows) && strcmp(db_value(rows, row, STEP_NUMBER), db_value(rows, other, STEP_NUMBER)) == 0 &&
           strcmp(db_value(rows, row, STEP_NEXT), db_value(rows, other, STEP_NEXT)) == 0;
}

/* What rules say, then once what they ask for alike. Returns the index of the row after these. */
static size_t print_step_rules(FILE *out, const struct db_result *rows, size_t row)
{
    const char *act_by = db_value(rows, row, STEP_RULE_ACT_BY), *not_after = db_value(rows, row, STEP_NOT_AFTER);
    size_t first = row, end = row;
    fputs("<li>", out);
    for (; is_same_step(rows, first, end); end++) {
        const char *because = db_value(rows, end, STEP_BECAUSE);
        html_print(out, "$r$t", end > first ? "; " : "", db_value(rows, end, STEP_TITLE));
        if (because != NULL && (end == first || db_value(rows, first, STEP_BECAUSE) == NULL || strcmp(because, db_value(rows, first, STEP_BECAUSE)) != 0))
            html_print(out, " ($t)", because);
    }
    fputs(". <b>", out);
    print_next(out, db_value(rows, first, STEP_NEXT));
    fputs("</b>", out);
    if (strcmp(act_by, db_value(rows, first, STEP_ACT_BY)) != 0 && (not_after == NULL || strcmp(act_by, not_after) < 0))    /* else it has ended by then */
        html_print(out, " By $d.", act_by);
    fputs(" <span class=\"soft\">", out);
    for (row = first; row < end; row++)
        html_print(out, "$r$t; $t.", row > first ? " " : "", db_value(rows, row, STEP_RULE), db_value(rows, row, STEP_SOURCE));
    fputs("</span></li>\n", out);
    return end;
}

/* Returns the index of the row after the step's rows. */
static size_t print_step(FILE *out, const struct db_result *rows, size_t row, bool has_contacts)
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
    while (row < db_rows(rows) && strcmp(db_value(rows, row, STEP_NUMBER), number) == 0)
        row = print_step_rules(out, rows, row);
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
    if (has_contacts && db_value(rows, first, STEP_CONTACTS) != NULL && db_value(rows, first, STEP_CONTACTS)[0] != '\0')
        html_print(out, "<p class=\"soft\">Contact: $t.</p>\n", db_value(rows, first, STEP_CONTACTS));
    fputs("</section>\n", out);
    return row;
}

static bool is_of_step(const struct db_result *rows, size_t row, size_t first, size_t column)
{
    return row < db_rows(rows) && strcmp(db_value(rows, row, column), db_value(rows, first, column)) == 0;
}

/* The rules of a group, each text once. That nobody owns it is said above. */
static void print_group_rules(FILE *out, const struct db_result *rows, size_t first, bool of_nobody)
{
    fputs("<ul>\n", out);
    for (size_t row = first; is_of_step(rows, row, first, STEP_NUMBER); row++) {
        const char *text = db_value(rows, row, STEP_RULE_NEXT);
        bool is_said = of_nobody && strcmp(db_value(rows, row, STEP_RULE), "R07") == 0;
        for (size_t before = first; before < row; before++)
            is_said |= strcmp(db_value(rows, before, STEP_RULE_NEXT), text) == 0;
        html_print(out, "<li>$t. ", db_value(rows, row, STEP_TITLE));
        if (!is_said)
            html_print(out, "<b>$t</b> ", text);
        html_print(out, "<span class=\"soft\">$t; $t.</span></li>\n", db_value(rows, row, STEP_RULE), db_value(rows, row, STEP_SOURCE));
    }
    fputs("</ul>\n", out);
}

/* What its record knows better than the rule, and where it is, too. Returns the index of the row after the step's rows. */
static size_t print_line(FILE *out, const struct db_result *rows, size_t row)
{
    size_t first = row;
    const char *own = NULL, *places = db_value(rows, first, STEP_PLACES), *files = db_value(rows, first, STEP_FILES), *also = db_value(rows, first, STEP_ALSO);
    for (; is_of_step(rows, row, first, STEP_NUMBER); row++)
        if (strcmp(db_value(rows, row, STEP_NEXT), db_value(rows, row, STEP_RULE_NEXT)) != 0)
            own = db_value(rows, row, STEP_NEXT);
    html_print(out, "<tr id=\"step-$t\"><th scope=\"row\">$b", db_value(rows, first, STEP_NUMBER), document_short(db_value(rows, first, STEP_NAME)));
    if (own != NULL) {
        fputs("<br><span>", out);
        print_next(out, own);
        fputs("</span>", out);
    }
    html_print(out, "</th><td>$t$r$t", places == NULL ? "" : places, places != NULL && files != NULL ? "; " : "", files == NULL ? "" : files);
    if (also != NULL)
        html_print(out, "<br><span class=\"soft\">Also at: $t</span>", also);
    fputs("</td>", out);
    page_day_cell(out, db_value(rows, first, STEP_ACT_BY), db_value(rows, first, STEP_DAYS));
    fputs("</tr>\n", out);
    return row;
}

/* Many steps: a table for all that the same rules are about. Returns the index of the row after the group's rows. */
static size_t print_group(FILE *out, const struct db_result *rows, size_t row, bool of_nobody)
{
    size_t first = row;
    fputs("<section class=\"step\">\n<h3>", out);
    for (size_t rule = first; is_of_step(rows, rule, first, STEP_NUMBER); rule++)
        html_print(out, "$r$t", rule > first ? "; " : "", db_value(rows, rule, STEP_TITLE));
    fputs(" <small>", out);
    page_severity(out, db_value(rows, first, STEP_SEVERITY));
    fputs("</small></h3>\n", out);
    print_group_rules(out, rows, first, of_nobody);
    page_table(out, "list", db_value(rows, first, STEP_TITLE), true);
    fputs("<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Served at, or lies in</th><th scope=\"col\">By</th></tr></thead>\n<tbody>\n", out);
    while (is_of_step(rows, row, first, STEP_GROUP))
        row = print_line(out, rows, row);
    page_table_end(out);
    fputs("</section>\n", out);
    return row;
}

static bool print_steps(struct document *document, const struct letter *letter, bool is_grouped, struct error *err)
{
    const char *params[] = {STEPS_SHOWN, is_grouped ? "t" : "f"};
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_STEPS, 2, params, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0) {
        bool of_nobody = is_of_nobody(document), has_contacts = letter->contacts != NULL && strstr(letter->contacts, ", ") != NULL;
        long long shown = 0;
        page_section(out, "steps", of_nobody ? "What they need, first day first" : "Your steps, first day first", false);
        for (size_t row = 0; row < db_rows(rows); row++)
            shown = db_int(rows, row, STEP_NUMBER) > shown ? db_int(rows, row, STEP_NUMBER) : shown;
        for (size_t row = 0; row < db_rows(rows);)
            row = is_grouped ? print_group(out, rows, row, of_nobody) : print_step(out, rows, row, has_contacts);
        long long more = db_int(rows, 0, STEP_COUNT) - shown;
        if (more > 0)
            html_print(out, "<p class=\"more\">$n more $r in $t.csv.</p>\n", more, html_many(more, "step stands", "steps stand"), letter->stem);
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
    page_section(out, "all", is_of_nobody(document) ? "All certificates without an owner" : "All your certificates", false);
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
        {"To", is_of_nobody(document) ? NULL : to},
        {"From", title->author},
        {"As of", html_day_full(document_fact(document, "as_of_day"))},
        {"Judged", letter->judged},
        {"Reference", title->reference},
        {"Written by", by},
    };
    const struct page page = {.title = is_of_nobody(document) ? "Certificates without an owner" : "Your certificates: what to do, and by when", .kind = "letter", .organization = title->organization,
                              .classification = title->classification, .foot = foot, .facts = facts, .fact_count = sizeof facts / sizeof facts[0]};
    struct due due;
    document->out = out;
    page_begin(out, &page);
    bool ok = count_due(document, &due, err);
    if (ok)
        print_lead(document, &due, letter);
    ok = ok && print_steps(document, letter, due.all > STEPS_IN_FULL || is_of_nobody(document), err);
    if (ok && !is_of_nobody(document))
        print_answers(document, due.all > 0);
    ok = ok && print_all(document, letter->stem, err);
    page_end(out, &page);
    free(to);
    free(foot);
    free(by);
    return ok;
}
