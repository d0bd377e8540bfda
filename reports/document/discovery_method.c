/* How the document was made, for readers who must rely on it: what was asked and what was answered, what is not known, what was
 * accepted and by whom, how it was judged, and what the words mean. */
#include "inventory/store/db.h"
#include "reports/document/discovery.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_document_sql.h"

#include <stdlib.h>
#include <string.h>

#define RUNS_SHOWN "24"

enum { RUN_DAY, RUN_SITE, RUN_KIND, RUN_TARGETS, RUN_STATE, RUN_ASKED, RUN_ANSWERED, RUN_REFUSED, RUN_SILENT, RUN_UNASKED, RUN_COUNT };

static void print_runs(FILE *out, const struct db_result *rows)
{
    fputs("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Coverage by run\">\n", out);
    page_table(out, "runs", "The latest runs", false);
    fputs("<thead><tr><th scope=\"col\">Run</th><th scope=\"col\">Site</th><th scope=\"col\">Targets</th><th scope=\"col\" class=\"n\">Asked</th>"
          "<th scope=\"col\" class=\"n\">Answered</th><th scope=\"col\" class=\"n\">Refused</th><th scope=\"col\" class=\"n\">Silent</th>"
          "<th scope=\"col\" class=\"n\">Not asked</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < db_rows(rows); i++) {
        html_print(out, "<tr><th scope=\"row\" class=\"d\">$d$r</th><td>$t</td><td>$t$r$t</td>", db_value(rows, i, RUN_DAY),
                   strcmp(db_value(rows, i, RUN_STATE), "finished") == 0 ? "" : ",<br>not finished", db_value(rows, i, RUN_SITE),
                   db_value(rows, i, RUN_KIND), db_value(rows, i, RUN_TARGETS)[0] == '\0' ? "" : " of ", db_value(rows, i, RUN_TARGETS));
        for (size_t c = RUN_ASKED; c <= RUN_UNASKED; c++)
            page_number_cell(out, db_int(rows, i, c));
        fputs("</tr>\n", out);
    }
    page_table_end(out);
    fputs("</div>\n", out);
}

static void print_more_runs(struct document *document, long long more)
{
    char *command = document_command(document, "coverage", NULL, NULL);
    html_print(document->out, "<p class=\"more\">$n earlier runs stand in the list of runs: <code>$t</code>.</p>\n", more, command);
    free(command);
}

static bool print_unknown(struct document *document, struct error *err)
{
    const char *params[] = {document->options->site};
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_UNKNOWN, 1, params, err);
    if (rows == NULL)
        return false;
    fputs("<section id=\"unknown\">\n<h3>What this document does not know</h3>\n<ul class=\"worst\">\n", out);
    for (size_t i = 0; i < db_rows(rows); i++)
        html_print(out, "<li>$t</li>\n", db_value(rows, i, 0));
    if (db_rows(rows) == 0)
        fputs("<li>Everything that was found was judged.</li>\n", out);
    fputs("</ul>\n</section>\n", out);
    db_result_destroy(rows);
    return true;
}

bool discovery_coverage(struct document *document, struct error *err)
{
    FILE *out = document->out;
    const char *params[] = {document->options->site, RUNS_SHOWN};
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_COVERAGE, 2, params, err);
    if (rows == NULL)
        return false;
    page_section(out, "coverage", "Coverage", false);
    page_paragraph(out, db_rows(rows) == 0 ? "No run was loaded yet: nothing was asked, and nothing is known."
                                           : "What was asked, and what came back. Silent is not the same as refused: a silent address may "
                                             "still hold a certificate. Not asked: excluded, outside the scope, or broken off.");
    if (db_rows(rows) > 0) {
        print_runs(out, rows);
        long long more = db_int(rows, 0, RUN_COUNT) - (long long)db_rows(rows);
        if (more > 0)
            print_more_runs(document, more);
    }
    db_result_destroy(rows);
    bool ok = print_unknown(document, err);
    page_section_end(out);
    return ok;
}

bool discovery_exceptions(struct document *document, struct error *err)
{
    FILE *out = document->out;
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_EXCEPTIONS, 0, NULL, err);
    if (rows == NULL)
        return false;
    page_section(out, "exceptions", "Exceptions", db_rows(rows) <= 12);
    page_paragraph(out, db_rows(rows) == 0 ? "Nothing is accepted, ignored or muted."
                                           : "Decided with a reason, until the day shown.");
    if (db_rows(rows) > 0) {
        page_table(out, "list", "Decisions in force", true);
        fputs("<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Decision</th><th scope=\"col\">Reason, and who decided</th>"
              "<th scope=\"col\">Until</th></tr></thead>\n<tbody>\n", out);
        for (size_t i = 0; i < db_rows(rows); i++)
            html_print(out, "<tr><th scope=\"row\">$b</th><td>$t</td><td>$t. $t, $d.</td><td class=\"d\">$d</td></tr>\n", document_short(db_value(rows, i, 0)),
                       db_value(rows, i, 1), db_value(rows, i, 2), db_value(rows, i, 3), db_value(rows, i, 4),
                       db_value(rows, i, 5) == NULL ? "no end" : db_value(rows, i, 5));
        page_table_end(out);
    }
    page_section_end(out);
    db_result_destroy(rows);
    return true;
}

bool discovery_method(struct document *document, struct error *err)
{
    (void)err;
    FILE *out = document->out;
    page_section(out, "method", "Method", true);
    page_paragraph(out, "Every target was asked by TLS handshakes of our own, or seen in captured traffic, without login and without sending "
                        "data; each server's chain was kept as it was sent. Names were asked with server name indication. The rules of the "
                        "policy were then applied to these facts, as of the moment in the head of this document. An owner is found by the "
                        "rules for owners: the first that matches the place or the name.");
    html_print(out, "<p>A finding that ends by itself is due on the last day to ask for a renewal, by the policy's working days. Any "
                    "other is due a fixed time after it was first found, by its severity, as the policy says. The same facts give the same "
                    "document. $r</p>\n",
               document->options->lists != NULL ? "The full lists stand beside it as CSV, and together as lists.xlsx."
                   : "The full lists are written by certsweep report NAME --format csv.");
    page_section_end(out);
    return true;
}

bool discovery_glossary(struct document *document, struct error *err)
{
    (void)err;
    static const char *const words[][2] = {
        {"Managed", "The certificate stands in a CA account, export or file that was imported. Unmanaged: it stands in none."},
        {"Not judged", "What a verdict would need was not there. It is never counted as zero, and never as good."},
        {"Not tested", "The question was not asked, or the answer broke off. It is never counted as good."},
        {"Last safe day", "The end of the certificate less the time that ordering and installing take. Overdue: this day has passed."},
        {"Own, foreign", "Own: issued by a CA that the policy names. Foreign: by a public CA that it does not name. A fact, and a fault only "
                         "where the policy says so."},
        {"Place", "One address, port and server name at one site."},
        {"Post-quantum key exchange", "A group such as X25519MLKEM768, which protects traffic that is recorded today against a later quantum computer."},
        {"SHA-256", "The fingerprint that identifies a certificate."},
        {"To handle", "Certificates and servers with a finding of any severity that has a day to act by, or that must be renewed soon (within "
                      "30 days, or before the last day that is listed for its owner), each once for each of its owners. Urgent, on the screen of "
                      "certsweep report, are fewer: certificates that have ended, end soon, or have a critical or high finding."},
    };
    FILE *out = document->out;
    page_section(out, "glossary", "Glossary", true);
    fputs("<dl class=\"gloss\">\n", out);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        html_print(out, "<dt>$t</dt><dd>$t</dd>\n", words[i][0], words[i][1]);
    fputs("</dl>\n", out);
    page_section_end(out);
    return true;
}
