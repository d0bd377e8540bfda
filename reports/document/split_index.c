#include "reports/document/split_index.h"

#include "reports/html.h"
#include "reports/page.h"

#include <stdlib.h>
#include <string.h>

long long split_line_count(const struct split_line *line, size_t field)
{
    return atoll(line->fields[field]);
}

int split_line_compare(const void *left, const void *right)
{
    static const size_t fields[] = {LINE_OVERDUE, LINE_WEEK, LINE_MONTH, LINE_TO_HANDLE};
    const struct split_line *a = left, *b = right;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (split_line_count(a, fields[i]) != split_line_count(b, fields[i]))
            return split_line_count(a, fields[i]) > split_line_count(b, fields[i]) ? -1 : 1;
    return strcmp(a->owner, b->owner);
}

/* As the document's table of what needs action has them. */
static void print_due_cells(FILE *out, long long overdue, long long week, long long month, long long all)
{
    if (overdue > 0)
        html_print(out, "<td class=\"n\" data-label=\"Overdue\"><b class=\"bad\">▲ $n</b></td>", overdue);
    else
        page_labelled_cell(out, "Overdue", 0);
    page_labelled_cell(out, "7 days", week);
    page_labelled_cell(out, "30 days", month);
    page_labelled_cell(out, "All", all);
}

static void print_index_counts(FILE *out, const struct split_line *line)
{
    long long certificates = split_line_count(line, LINE_CERTIFICATES);
    html_print(out, "<td class=\"n\" data-label=\"Certificates\" data-v=\"$t\">$n", line->fields[LINE_CERTIFICATES], certificates);
    if (split_line_count(line, LINE_UNSERVED) > 0)
        html_print(out, "<br><span class=\"soft\">$n not served</span>", split_line_count(line, LINE_UNSERVED));
    if (split_line_count(line, LINE_REPLACED) > 0)
        html_print(out, "<br><span class=\"soft\">$n of these replaced</span>", split_line_count(line, LINE_REPLACED));
    fputs("</td>", out);
    print_due_cells(out, split_line_count(line, LINE_OVERDUE), split_line_count(line, LINE_WEEK), split_line_count(line, LINE_MONTH),
                    split_line_count(line, LINE_TO_HANDLE));
}

static void print_index_row(FILE *out, const struct split_line *line)
{
    const char *severity = line->fields[LINE_SEVERITY];
    html_print(out, "<tr><th scope=\"row\"><a href=\"$t.html\">$t</a><br><span class=\"soft\">$b</span></th>",
               line->stem, document_owner_name(line->owner), line->owner[0] == '\0' ? "for the sender" : line->contacts[0] == '\0' ? "no contact" : line->contacts);
    print_index_counts(out, line);
    fputs("<td data-label=\"First step\">", out);
    if (severity != NULL) {
        page_severity(out, severity);
        html_print(out, " $b<br>$t", document_short(line->fields[LINE_NAME]), line->fields[LINE_TITLE]);
    } else {
        fputs("<span class=\"z\">nothing due</span>", out);
        if (line->fields[LINE_ENDED_ON] != NULL && split_line_count(line, LINE_CERTIFICATES) == 1)
            html_print(out, "<br><span class=\"soft\">ended $d</span>", line->fields[LINE_ENDED_ON]);
        else if (line->fields[LINE_ENDED_ON] != NULL)
            html_print(out, "<br><span class=\"soft\">$n ended, the last $d</span>", split_line_count(line, LINE_ENDED), line->fields[LINE_ENDED_ON]);
        if (line->fields[LINE_END] != NULL)
            html_print(out, "<br><span class=\"soft\">next end $d</span>", line->fields[LINE_END]);
    }
    fputs("</td>", out);
    page_labelled_day_cell(out, "Next day", line->fields[LINE_NEXT_DAY], line->fields[LINE_DAYS]);
    fputs("<td data-label=\"Files\">", out);
    if (split_line_count(line, LINE_FINDINGS) > 0)
        html_print(out, "<a href=\"$t.csv\">findings</a>, ", line->stem);
    html_print(out, "<a href=\"$t" SPLIT_LIST_ENDING ".csv\">certificates</a>", line->stem);
    if (line->has_calendar)
        html_print(out, ", <a href=\"$t.ics\">calendar</a>", line->stem);
    fputs("</td></tr>\n", out);
}

/* Each certificate and server once, whoever has it. */
static void print_all_owners(const struct split_index *index, FILE *out)
{
    fputs("</tbody>\n", out);
    if (index->count > 1) {
        fputs("<tfoot><tr><th scope=\"row\">All owners</th>", out);
        page_labelled_cell(out, "Certificates", index->certificates);
        print_due_cells(out, index->due.overdue, index->due.week, index->due.month, index->due.all);
        fputs("<td colspan=\"3\"></td></tr></tfoot>\n", out);
    }
    fputs("</table>\n", out);
}

static void print_former(const struct split_index *index, FILE *out)
{
    if (index->former_count == 0)
        return;
    fputs("<p>Without a letter now:</p>\n<ul>\n", out);
    for (size_t i = index->count; i < index->count + index->former_count; i++)
        html_print(out, "<li>$b: no longer an owner of anything; its <a href=\"$t.ics\">calendar</a> cancels what it held</li>\n",
                   document_owner_name(index->lines[i].owner), index->lines[i].stem);
    fputs("</ul>\n", out);
}

void split_index_print(const struct split_index *index, FILE *out)
{
    const struct document_title *title = &index->options->title;
    char *days = document_days(index->document), *policy = document_policy_rules(index->document);
    char *owner_rules = document_owner_rules(index->document);
    const struct page_fact facts[] = {{"As of", html_day_full(document_fact(index->document, "as_of_day"))},
                                      {"Days", days},
                                      {"Judged", index->judged},
                                      {"Policy", policy},
                                      {"Owner rules", owner_rules},
                                      {"From", title->author},
                                      {"Reference", title->reference},
                                      {"Written by", index->options->written_by}};
    const struct page page = {.title = "Letters to the owners", .kind = "single", .organization = title->organization,
                              .classification = title->classification, .foot = "Letters to the owners", .facts = facts,
                              .fact_count = sizeof facts / sizeof facts[0]};
    page_begin(out, &page);
    page_section(out, "owners", "Owners", false);
    page_paragraph(out, "One letter each, with only their own certificates in it. This index is for the sender. What needs action has the "
                        "numbers of the discovery document: certificates and servers by the first day of each.");
    html_print(out, "<p>Together $n different $r; one of several owners counts at each of them, and its letters name the others. Not served: recorded, or in a "
                    "file alone.</p>\n", index->certificates, html_many(index->certificates, "certificate", "certificates"));
    fwrite(index->matter, 1, index->matter_len, out);
    page_tools(out);
    page_table(out, "rows", "Owners and their letters", true);
    fputs("<thead><tr><th scope=\"col\">Owner</th><th scope=\"col\" class=\"n\">Certificates</th><th scope=\"col\" class=\"n\">Overdue</th>"
          "<th scope=\"col\" class=\"n\">7<br>days</th><th scope=\"col\" class=\"n\">30<br>days</th><th scope=\"col\" class=\"n\">All</th>"
          "<th scope=\"col\">First step</th><th scope=\"col\">Next day</th><th scope=\"col\">Files</th>"
          "</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < index->count; i++)
        print_index_row(out, &index->lines[i]);
    print_all_owners(index, out);
    print_former(index, out);
    if (index->options->is_replay)
        page_paragraph(out, "No calendars: these letters are as of another day, and a calendar is of today.");
    page_section_end(out);
    page_end(out, &page);
    free(days);
    free(policy);
    free(owner_rules);
}
