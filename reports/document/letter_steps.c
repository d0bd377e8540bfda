#include "reports/document/letter_steps.h"

#include "inventory/store/db.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_SHOWN "80"        /* the list beside the letter has the others */

enum { STEP_NUMBER, STEP_COUNT, STEP_NAME, STEP_SEVERITY, STEP_ACT_BY, STEP_DAYS, STEP_PLACES, STEP_ISSUER, STEP_NOT_AFTER, STEP_RULE,
       STEP_TITLE, STEP_BECAUSE, STEP_NEXT, STEP_SOURCE, STEP_RULE_ACT_BY, STEP_FILES, STEP_ALSO, STEP_CONTACTS, STEP_RULE_NEXT, STEP_GROUP,
       STEP_RANK, STEP_SHARED, STEP_RECORDED_AT };

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

static bool is_of_step(const struct db_result *rows, size_t row, size_t first, size_t column)
{
    return row < db_rows(rows) && strcmp(db_value(rows, row, column), db_value(rows, first, column)) == 0;
}

static bool is_same_step(const struct db_result *rows, size_t row, size_t first)
{
    return is_of_step(rows, row, first, STEP_NUMBER) && is_of_step(rows, row, first, STEP_NEXT);
}

/* Does the text say the day on which the certificate ends? The lists write days as programs read them. */
static bool says_end(const char *text, const char *not_after)
{
    return text != NULL && not_after != NULL && (strstr(text, not_after) != NULL || strstr(text, html_day_text(not_after)) != NULL);
}

/* Is it told by another day than the step itself? */
static bool has_own_day(const struct db_result *rows, size_t row)
{
    return strcmp(db_value(rows, row, STEP_RULE_ACT_BY), db_value(rows, row, STEP_ACT_BY)) != 0;
}

/* Have all that ask for the same one day? */
static bool is_of_one_day(const struct db_result *rows, size_t first)
{
    bool is_one = true;
    for (size_t row = first; is_same_step(rows, row, first); row++)
        is_one &= is_of_step(rows, row, first, STEP_RULE_ACT_BY);
    return is_one;
}

/* What rules say, then once what they ask for alike, and by when, where that is not the day of the step; the end of the certificate only once.
 * Returns the index of the row after these. */
static size_t print_step_rules(FILE *out, const struct db_result *rows, size_t row)
{
    const char *not_after = db_value(rows, row, STEP_NOT_AFTER), *next = db_value(rows, row, STEP_NEXT);
    bool is_one = is_of_one_day(rows, row);
    size_t first = row, end = row;
    fputs("<li>", out);
    for (; is_same_step(rows, end, first); end++) {
        const char *because = db_value(rows, end, STEP_BECAUSE);
        html_print(out, "$r$t", end > first ? "; " : "", db_value(rows, end, STEP_TITLE));
        if (because != NULL && !(strncmp(because, "end", 3) == 0 && says_end(next, not_after)) && (end == first ||
            db_value(rows, first, STEP_BECAUSE) == NULL || strcmp(because, db_value(rows, first, STEP_BECAUSE)) != 0))
            html_print(out, " ($t)", because);
        if (!is_one && has_own_day(rows, end))
            html_print(out, ", by $d", db_value(rows, end, STEP_RULE_ACT_BY));
    }
    fputs(". <b>", out);
    print_next(out, next);
    fputs("</b>", out);
    if (is_one && has_own_day(rows, first))
        html_print(out, " By $d.", db_value(rows, first, STEP_RULE_ACT_BY));
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
    bool is_end_said = false;
    for (size_t rule = first; is_of_step(rows, rule, first, STEP_NUMBER); rule++)
        is_end_said |= says_end(db_value(rows, rule, STEP_NEXT), db_value(rows, rule, STEP_NOT_AFTER)) ||
                       says_end(db_value(rows, rule, STEP_BECAUSE), db_value(rows, rule, STEP_NOT_AFTER));
    while (is_of_step(rows, row, first, STEP_NUMBER))
        row = print_step_rules(out, rows, row);
    fputs("</ul>\n<p class=\"soft\">", out);
    if (db_value(rows, first, STEP_PLACES) != NULL)
        html_print(out, "Served at $t. ", db_value(rows, first, STEP_PLACES));
    if (db_value(rows, first, STEP_FILES) != NULL)
        html_print(out, "Lies in $t. ", db_value(rows, first, STEP_FILES));
    if (db_value(rows, first, STEP_RECORDED_AT) != NULL)
        html_print(out, "Recorded at $t. ", db_value(rows, first, STEP_RECORDED_AT));
    if (db_value(rows, first, STEP_ISSUER) != NULL)
        html_print(out, "Issued by $t. ", db_value(rows, first, STEP_ISSUER));
    if (db_value(rows, first, STEP_NOT_AFTER) != NULL && !is_end_said)
        html_print(out, "Valid until $d.", db_value(rows, first, STEP_NOT_AFTER));
    fputs("</p>\n", out);
    if (db_value(rows, first, STEP_ALSO) != NULL)
        html_print(out, "<p class=\"soft\">Also at: $t. $r</p>\n", db_value(rows, first, STEP_ALSO),
                   db_value(rows, first, STEP_SHARED)[0] == 't' ? "Agree with them on what changes." : "Tell us whose that is, if you know.");
    if (has_contacts && db_value(rows, first, STEP_CONTACTS) != NULL && db_value(rows, first, STEP_CONTACTS)[0] != '\0')
        html_print(out, "<p class=\"soft\">Contact: $t.</p>\n", db_value(rows, first, STEP_CONTACTS));
    fputs("</section>\n", out);
    return row;
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
    if (places == NULL)
        places = db_value(rows, first, STEP_RECORDED_AT);
    for (; is_of_step(rows, row, first, STEP_NUMBER); row++)
        if (strcmp(db_value(rows, row, STEP_NEXT), db_value(rows, row, STEP_RULE_NEXT)) != 0)
            own = db_value(rows, row, STEP_NEXT);
    html_print(out, "<tr id=\"step-$t\"><th scope=\"row\">$b", db_value(rows, first, STEP_NUMBER), document_short(db_value(rows, first, STEP_NAME)));
    if (own != NULL) {
        fputs("<br><span>", out);
        print_next(out, own);
        fputs("</span>", out);
    }
    for (size_t rule = first; rule < row; rule++)
        if (has_own_day(rows, rule))
            html_print(out, "<br><span class=\"soft\">$t by $d</span>", db_value(rows, rule, STEP_RULE), db_value(rows, rule, STEP_RULE_ACT_BY));
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

bool letter_steps_print(struct document *document, const struct letter *letter, bool of_nobody, bool is_grouped, struct error *err)
{
    const char *params[] = {STEPS_SHOWN, is_grouped ? "t" : "f"};
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_STEPS, 2, params, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0) {
        bool has_contacts = letter->contacts != NULL && strstr(letter->contacts, ", ") != NULL;
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
