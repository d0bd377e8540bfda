/* What is wrong, rule by rule: title, clause and next step once, then where and whose; and the same by owner, each certificate or
 * server once, at its earliest day. A document holds some hundred lines; the lists beside it hold all. */
#include "inventory/store/db.h"
#include "reports/document/discovery.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define LINES_OF_A_PART 240     /* a part stays under 16 printed pages, whatever the length of its names */
#define LINES_WHOLE 12          /* up to here a table is kept on one page */

/* As many lines for each part as keep their sum below LINES_OF_A_PART, but at least a few. */
static long long lines_for(size_t parts)
{
    long long lines = parts == 0 ? LINES_OF_A_PART : LINES_OF_A_PART / (long long)parts;
    return lines < 5 ? 5 : lines;
}

/* Of one rule and of one owner; NULL: of all, or of the document's. */
static void print_more(struct document *document, long long more, const char *report, const char *rule, const char *owner)
{
    if (more <= 0)
        return;
    char *command = document->options->lists != NULL ? NULL : document_command(document, report, rule, owner);
    html_print(document->out, "<p class=\"more\">$n more $r in the full list: ", more, more == 1 ? "stands" : "stand");
    if (document->options->lists != NULL)
        html_print(document->out, "$t.csv, $t.</p>\n", report, document->options->lists);
    else
        html_print(document->out, "<code>$t --format csv</code>.</p>\n", command);
    free(command);
}

enum { ROW_RULE, ROW_NAME, ROW_OWNER, ROW_BECAUSE, ROW_ACT_BY, ROW_DAYS, ROW_ISSUER, ROW_PLACES, ROW_RECORD, ROW_KEY, ROW_NOT_AFTER,
       ROW_FIRST_SEEN, ROW_CONTACTS, ROW_SHA256, ROW_FINDINGS, ROW_SEVERITY };

static void print_detail(FILE *out, const char *label, const char *value)
{
    if (value != NULL && value[0] != '\0')
        html_print(out, "<dt>$t</dt><dd>$b</dd>", label, value);
}

/* What the lines of one rule have in common: said once above them. */
struct common {
    const char *severity;       /* of the heading; a line says where it has another */
    const char *because;        /* of all lines; NULL: they differ, or there is one line */
    bool has_column;            /* some line has something to say of its own */
};

static struct common find_common(const struct db_result *rows, size_t first, const char *id, const char *severity)
{
    struct common common = {severity, db_value(rows, first, ROW_BECAUSE), false};
    size_t row = first;
    for (; row < db_rows(rows) && strcmp(db_value(rows, row, ROW_RULE), id) == 0; row++) {
        const char *because = db_value(rows, row, ROW_BECAUSE);
        if (because == NULL || common.because == NULL || strcmp(because, common.because) != 0)
            common.because = NULL;
        common.has_column |= strcmp(db_value(rows, row, ROW_SEVERITY), severity) != 0 || db_int(rows, row, ROW_FINDINGS) > 1;
    }
    if (row - first < 2 || (common.because != NULL && common.because[0] == '\0'))
        common.because = NULL;
    common.has_column |= common.because == NULL;
    return common;
}

static void print_seen(FILE *out, const struct db_result *rows, size_t row, const struct common *common)
{
    const char *between = "";
    fputs("<td>", out);
    if (strcmp(db_value(rows, row, ROW_SEVERITY), common->severity) != 0) {
        page_severity(out, db_value(rows, row, ROW_SEVERITY));
        between = " ";
    }
    if (common->because == NULL) {
        html_print(out, "$r$t", between, document_short(db_value(rows, row, ROW_BECAUSE)));
        between = " ";
    }
    if (db_int(rows, row, ROW_FINDINGS) > 1)
        html_print(out, "$r<span class=\"soft\">(at $n places)</span>", between, (long long)db_int(rows, row, ROW_FINDINGS));
    fputs("</td>", out);
}

static void print_row(FILE *out, const struct db_result *rows, size_t row, const struct common *common)
{
    html_print(out, "<tr><th scope=\"row\"><details><summary>$b</summary><dl>", document_short(db_value(rows, row, ROW_NAME)));
    print_detail(out, "Issued by", db_value(rows, row, ROW_ISSUER));
    print_detail(out, "Places", db_value(rows, row, ROW_PLACES));
    print_detail(out, "Record", db_value(rows, row, ROW_RECORD));
    print_detail(out, "Key", db_value(rows, row, ROW_KEY));
    print_detail(out, "Valid until", html_day_text(db_value(rows, row, ROW_NOT_AFTER)));
    print_detail(out, "First seen", html_day_text(db_value(rows, row, ROW_FIRST_SEEN)));
    print_detail(out, "Contacts", db_value(rows, row, ROW_CONTACTS));
    if (db_value(rows, row, ROW_SHA256) != NULL)
        html_print(out, "<dt>SHA-256</dt><dd><code>$t</code></dd>", db_value(rows, row, ROW_SHA256));
    html_print(out, "</dl></details></th><td>$t</td>", document_owner_name(db_value(rows, row, ROW_OWNER)));
    if (common->has_column)
        print_seen(out, rows, row, common);
    page_day_cell(out, db_value(rows, row, ROW_ACT_BY), db_value(rows, row, ROW_DAYS));
    fputs("</tr>\n", out);
}

enum { RULE_ID, RULE_SEVERITY, RULE_TITLE, RULE_STEP, RULE_SOURCE, RULE_FINDINGS, RULE_SUBJECTS, RULE_OWNERS, RULE_WITH_DAY, RULE_SEVERITIES };

/* Else it is what no rule asks for: its id is the link's alone. */
static bool is_rule(const char *id)
{
    return strcmp(id, "renewal") != 0 && strcmp(id, "return") != 0;
}

static void print_rule(struct document *document, const struct db_result *rules, size_t rule, const struct db_result *rows, size_t *row)
{
    FILE *out = document->out;
    const char *id = db_value(rules, rule, RULE_ID);
    long long findings = db_int(rules, rule, RULE_FINDINGS), subjects = db_int(rules, rule, RULE_SUBJECTS);
    long long owners = db_int(rules, rule, RULE_OWNERS), shown = 0;
    html_print(out, "<section class=\"rule$r\" id=\"$t\">\n<h3>", subjects <= LINES_WHOLE ? " whole" : "", id);
    page_severity(out, db_value(rules, rule, RULE_SEVERITY));
    html_print(out, " $t <small>$t$r$n $r", db_value(rules, rule, RULE_TITLE), is_rule(id) ? id : "", is_rule(id) ? " · " : "", subjects,
               subjects == 1 ? "certificate or server" : "certificates or servers");
    if (findings != subjects)
        html_print(out, ", $n $r", findings, html_many(findings, "finding", "findings"));
    if (db_value(rules, rule, RULE_SEVERITIES) != NULL)
        html_print(out, ": $t", db_value(rules, rule, RULE_SEVERITIES));
    html_print(out, " · $n $r</small></h3>\n<p>$t <span class=\"soft\">Source: $t.</span></p>\n", owners, owners == 1 ? "owner" : "owners",
               db_value(rules, rule, RULE_STEP), db_value(rules, rule, RULE_SOURCE));
    struct common common = find_common(rows, *row, id, db_value(rules, rule, RULE_SEVERITY));
    if (common.because != NULL)
        html_print(out, "<p>Seen of each one listed here: $t.</p>\n", document_short(common.because));
    page_table(out, "list", db_value(rules, rule, RULE_TITLE), true);
    html_print(out, "<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Owner</th>$r<th scope=\"col\">Act by</th></tr></thead>\n<tbody>\n",
               common.has_column ? "<th scope=\"col\">Seen</th>" : "");
    for (; *row < db_rows(rows) && strcmp(db_value(rows, *row, ROW_RULE), id) == 0; (*row)++) {
        print_row(out, rows, *row, &common);
        shown += db_int(rows, *row, ROW_FINDINGS);
    }
    page_table_end(out);
    print_more(document, db_int(rules, rule, RULE_WITH_DAY) - shown,
               is_rule(id) ? "findings" : strcmp(id, "return") == 0 ? "recorded" : "certificates",
               is_rule(id) ? id : NULL, NULL);
    if (findings > db_int(rules, rule, RULE_WITH_DAY))
        html_print(out, "<p class=\"more\">$n $r no day: for information, of what is over or replaced, and served nowhere$r.</p>\n",
                   findings - db_int(rules, rule, RULE_WITH_DAY),
                   findings - db_int(rules, rule, RULE_WITH_DAY) == 1 ? "finding has" : "findings have",
                   strcmp(id, "H01") == 0 && document->has_policy_matter ? ", or <a href=\"#policy\">a matter of the policy</a>" : "");
    page_section_end(out);
}

static bool print_rules(struct document *document, const struct db_result *rules, struct error *err)
{
    char limit[24];
    snprintf(limit, sizeof limit, "%lld", lines_for(db_rows(rules)));
    const char *params[] = {limit};
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_RULE_ROWS, 1, params, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0, row = 0; i < db_rows(rules); i++)
        if (db_int(rules, i, RULE_WITH_DAY) > 0)
            print_rule(document, rules, i, rows, &row);
    db_result_destroy(rows);
    return true;
}

/* Rules that have only informational findings: one line each, since no day is set for them. */
static void print_information(struct document *document, const struct db_result *rules)
{
    FILE *out = document->out;
    bool begun = false;
    for (size_t i = 0; i < db_rows(rules); i++) {
        if (db_int(rules, i, RULE_WITH_DAY) > 0)
            continue;
        if (!begun) {
            html_print(out, "<section class=\"whole\" id=\"information\">\n<h3>For information</h3>\n<p class=\"small\">No day is set for "
                            "these$r. The list of findings has their places, and what each rule advises.</p>\n",
                       document->has_policy_matter ? ", or they are <a href=\"#policy\">a matter of the policy</a>" : "");
            page_table(out, "tight", "Findings for information", true);
            fputs("<thead><tr><th scope=\"col\">What</th><th scope=\"col\">Rule</th><th scope=\"col\" class=\"n\">Findings</th>"
                  "<th scope=\"col\" class=\"n\">Owners</th></tr></thead>\n<tbody>\n", out);
        }
        begun = true;
        html_print(out, "<tr id=\"$t\"><th scope=\"row\">$t</th><td>$t</td>", db_value(rules, i, RULE_ID), db_value(rules, i, RULE_TITLE),
                   db_value(rules, i, RULE_ID));
        page_number_cell(out, db_int(rules, i, RULE_FINDINGS));
        page_number_cell(out, db_int(rules, i, RULE_OWNERS));
        fputs("</tr>\n", out);
    }
    if (begun)
        fputs("</tbody>\n</table>\n</section>\n", out);
}

bool discovery_findings(struct document *document, struct error *err)
{
    FILE *out = document->out;
    struct db_result *rules = document_ask(document, SQL_DOCUMENT_RULES, 0, NULL, err);
    if (rules == NULL)
        return false;
    long long findings = document_count(document, "findings");
    page_section(out, "findings", "Findings by rule", false);
    if (findings == 0)
        page_paragraph(out, document_count(document, "certificates") == 0
                                ? "Nothing was found and judged yet, so nothing can be said."
                                : "No rule found anything in what was asked. What was not asked is not known: see coverage.");
    else
        html_print(out, "<p>$n $r of $n $r at $n $r: $t. "
                        "<span class=\"only-screen\">Each line opens to its evidence.</span> "
                        "<span class=\"only-print\">On paper the evidence is left out; the list of findings has it.</span></p>\n",
                   findings, findings == 1 ? "finding" : "findings", document_count(document, "rules"),
                   document_count(document, "rules") == 1 ? "rule" : "rules", document_count(document, "subjects"),
                   html_many(document_count(document, "subjects"), "certificate or server", "certificates or servers"),
                   db_value(document->counts, 0, db_columns(document->counts) - 1));
    page_tools(out);
    bool ok = print_rules(document, rules, err);
    print_information(document, rules);
    page_section_end(out);
    db_result_destroy(rules);
    return ok;
}

enum { ACTION_OWNER, ACTION_CONTACTS, ACTION_SUBJECTS, ACTION_NAME, ACTION_SEVERITY, ACTION_RULES, ACTION_ACT_BY, ACTION_DAYS };

/* "C05 Expired\nP03 TLS 1.0 or 1.1 is spoken", each with a link to its rule. */
static void print_rule_links(FILE *out, const char *rules)
{
    const char *between = "";
    for (const char *at = rules; *at != '\0';) {
        size_t len = strcspn(at, "\n"), id = strcspn(at, " ");
        char rule[16], title[160];
        snprintf(rule, sizeof rule, "%.*s", (int)id, at);
        snprintf(title, sizeof title, "%.*s", (int)(len > id ? len - id - 1 : 0), at + id + (len > id));
        if (!is_rule(rule))
            html_print(out, "$r<a href=\"#$t\">$t</a>", between, rule, title);
        else
            html_print(out, "$r<a href=\"#$t\">$t</a> $t", between, rule, rule, title);
        between = "; ";
        at += len + (at[len] == '\n');
    }
}

/* Returns the index of the row after the owner's rows. */
static size_t print_owner(struct document *document, const struct db_result *rows, size_t row)
{
    FILE *out = document->out;
    const char *owner = db_value(rows, row, ACTION_OWNER), *contacts = db_value(rows, row, ACTION_CONTACTS);
    long long subjects = db_int(rows, row, ACTION_SUBJECTS), shown = 0;
    html_print(out, "<section$r id=\"$t\">\n<h3>$t <small>$n to handle$r$t</small></h3>\n", subjects <= LINES_WHOLE ? " class=\"whole\"" : "",
               document_owner_id(owner), document_owner_name(owner), subjects, contacts == NULL || contacts[0] == '\0' ? "" : " · ", contacts);
    page_table(out, "list action", document_owner_name(owner), true);
    fputs("<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Severity</th><th scope=\"col\">Rules</th>"
          "<th scope=\"col\">Act by</th></tr></thead>\n<tbody>\n", out);
    for (; row < db_rows(rows) && strcmp(db_value(rows, row, ACTION_OWNER), owner) == 0; row++, shown++) {
        html_print(out, "<tr><th scope=\"row\">$b</th><td data-v=\"$t\">", document_short(db_value(rows, row, ACTION_NAME)),
                   strcmp(db_value(rows, row, ACTION_SEVERITY), "critical") == 0 ? "1" :
                   strcmp(db_value(rows, row, ACTION_SEVERITY), "high") == 0 ? "2" :
                   strcmp(db_value(rows, row, ACTION_SEVERITY), "medium") == 0 ? "3" : "4");
        page_severity(out, db_value(rows, row, ACTION_SEVERITY));
        fputs("</td><td>", out);
        print_rule_links(out, db_value(rows, row, ACTION_RULES));
        fputs("</td>", out);
        page_day_cell(out, db_value(rows, row, ACTION_ACT_BY), db_value(rows, row, ACTION_DAYS));
        fputs("</tr>\n", out);
    }
    page_table_end(out);
    print_more(document, subjects - shown, "findings", NULL, owner);
    page_section_end(out);
    return row;
}

bool discovery_action(struct document *document, struct error *err)
{
    FILE *out = document->out;
    char limit[24];
    struct db_result *owners = document_ask(document, SQL_DOCUMENT_DUE, 0, NULL, err);
    if (owners == NULL)
        return false;
    snprintf(limit, sizeof limit, "%lld", lines_for(db_rows(owners) == 0 ? 0 : db_rows(owners) - 1));      /* the first row has all */
    db_result_destroy(owners);
    const char *params[] = {limit};
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_ACTION, 1, params, err);
    if (rows == NULL)
        return false;
    page_section(out, "action", "What needs action, by owner", false);
    page_paragraph(out, db_rows(rows) == 0 ? "Nothing that was judged needs action."
                                           : "Each certificate or server once for each of its owners, at its earliest day. The rule says what to do.");
    for (size_t row = 0; row < db_rows(rows);)
        row = print_owner(document, rows, row);
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}
