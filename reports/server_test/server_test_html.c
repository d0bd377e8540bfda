/* The server test as a page: for administrators, who want to improve the letter, and auditors, who want the fact
 * behind each line. */
#include "reports/server_test/server_test_sections.h"
#include "reports/server_test/server_test_features.h"

#include "inventory/server_test/hellos.h"
#include "probes/base/clock.h"
#include "probes/tls/names.h"
#include "reports/html.h"
#include "reports/page.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- small parts ---- */

static void table_begin(FILE *out, const char *kind, const char *caption, bool is_shown, const char *const *headings)
{
    page_table(out, kind, caption, !is_shown);
    fputs("<thead><tr>", out);
    for (; *headings != NULL; headings++)
        html_print(out, "<th scope=\"col\">$t</th>", *headings);
    fputs("</tr></thead>\n<tbody>\n", out);
}

/* Its caption is for readers who cannot see the heading above it. */
static void table_head(FILE *out, const char *kind, const char *caption, const char *const *headings)
{
    table_begin(out, kind, caption, false, headings);
}

static void table_end(FILE *out)
{
    fputs("</tbody>\n", out);
    page_table_end(out);
}

/* An answer as mark and word; is_bad: an accepted one is a fault. */
static void answer_cell(FILE *out, const char *value, bool is_bad)
{
    if (strcmp(value, "accepted") == 0)
        html_print(out, "<td class=\"$r\">accepted</td>", is_bad ? "yes bad" : "yes");
    else if (strcmp(value, "refused") == 0)
        fputs("<td class=\"no\">refused</td>", out);
    else if (strcmp(value, "untested") == 0)
        fputs("<td class=\"unt\">untested</td>", out);
    else
        html_print(out, "<td>$t</td>", value);
}

/* The hellos that asked, by number: the proof of a line. */
struct proof {
    const struct server_facts *facts;
    size_t count;
    struct server_hello hellos[SERVER_HELLOS_MAX];
};

static void proof_cell(FILE *out, const struct proof *proof, const char *item)
{
    const struct server_hello *hello = item == NULL ? NULL : server_hello_of(proof->hellos, proof->count, item);
    if (hello == NULL)                  /* of the certificate, or not asked */
        fputs("<td class=\"n\">–</td>", out);
    else
        fprintf(out, "<td class=\"n\">h%u</td>", hello->number);
}

static void row(FILE *out, const struct proof *proof, const char *name, const char *item, bool is_bad)
{
    html_print(out, "<tr><th scope=\"row\">$t</th>", name);
    answer_cell(out, server_value(proof->facts, item), is_bad);
    html_print(out, "<td>$t</td>", server_detail(proof->facts, item));
    proof_cell(out, proof, item);
    fputs("</tr>\n", out);
}

/* ---- sections ---- */

/* The worst cap that is not about trust or name; NULL: none. */
static const char *reason_of(const struct grade *grade)
{
    for (size_t i = 0; i < grade->cap_count; i++)
        if (strcmp(grade->caps[i].letter, "T") != 0 && strcmp(grade->caps[i].letter, "M") != 0)
            return grade->caps[i].fact;
    return NULL;
}

static void caps_table(FILE *out, const struct grade *grade, const struct proof *proof)
{
    static const char *const heads[] = {"Fact", "Cap", "Hello", NULL};
    table_begin(out, "tight", "What caps the grade", true, heads);
    for (size_t i = 0; i < grade->cap_count; i++) {
        html_print(out, "<tr><th scope=\"row\">$t</th><td>$t</td>", grade->caps[i].fact, grade->caps[i].letter);
        proof_cell(out, proof, grade->caps[i].item);
        fputs("</tr>\n", out);
    }
    if (grade->cap_count == 0)
        fputs("<tr><th scope=\"row\">nothing</th><td>–</td><td class=\"n\">–</td></tr>\n", out);
    table_end(out);
}

/* Worst first: each with its fact, its day and the answer that ends it. */
static void steps_list(FILE *out, const struct server_judgement *judgement, const struct proof *proof)
{
    fputs("<h3 class=\"after\">What to do</h3>\n", out);
    if (judgement->step_count == 0) {
        page_paragraph(out, judgement->grade.untested[0] == '\0' ? "Nothing: no answer asks for a change."
                                                                 : "Nothing that was answered asks for a change.");
        return;
    }
    fputs("<ol class=\"worst\">\n", out);
    for (size_t i = 0; i < judgement->step_count; i++) {
        const struct server_step *step = &judgement->steps[i];
        const struct server_hello *hello = step->item == NULL ? NULL : server_hello_of(proof->hellos, proof->count, step->item);
        char until[sizeof step->until];
        memcpy(until, step->until, sizeof until);
        until[0] = (char)toupper((unsigned char)until[0]);
        fputs("<li>", out);
        page_severity(out, step->severity);
        html_print(out, " $t <span class=\"when\">$t.</span> <span class=\"soft\">$t", step->what, until, step->why);
        if (hello != NULL)
            fprintf(out, " (h%u)", hello->number);
        html_print(out, " Done when $t.</span></li>\n", step->done);
    }
    fputs("</ol>\n", out);
}

static void grade_section(FILE *out, const struct server_judgement *judgement, const struct proof *proof)
{
    const struct grade *grade = &judgement->grade;
    static const char *const score_heads[] = {"Part", "Score", "Weight", NULL};
    bool is_trust = strcmp(grade->letter, grade->letter_trusted) != 0;
    const char *reason = reason_of(grade);
    page_section(out, "grade", "Grade", true);
    html_print(out, "<div class=\"grade\">\n<b$r aria-hidden=\"true\">$r$t</b>\n<div>\n<p class=\"lead\">Grade $r$t, provisional$r$t.</p>\n",
               grade->is_cut ? " class=\"bound\"" : "", grade->is_cut ? "≤" : "", grade->letter_trusted, grade->is_cut ? "at best " : "",
                   grade->letter_trusted, reason == NULL ? "" : ": ", reason);
    if (is_trust)
        html_print(out, "<p>By public trust and name the letter is $t; $t is the letter when these are given.</p>\n", grade->letter,
                   grade->letter_trusted);
    fputs("<p>Provisional, because Heartbleed, CCS, Ticketbleed, ROBOT and padding oracles were not tested.</p>\n", out);
    if (grade->untested[0] != '\0')
        html_print(out, "<p>Not answered, so that the letter may be too good: $t.</p>\n", grade->untested);
    if (server_accepts(judgement->facts, "several"))
        html_print(out, "<p>The same hello is answered now so, now otherwise ($t): several servers stand here, or one that answers by "
                        "chance: the letter is the best that it may be, and what is said below may be of any.</p>\n", server_detail(judgement->facts, "several"));
    fputs("</div>\n</div>\n<div class=\"pair after\">\n<div>\n", out);
    caps_table(out, grade, proof);
    fputs("</div>\n<div>\n", out);
    table_begin(out, "tight", "How the score is made", true, score_heads);
    fprintf(out,
            "<tr><th scope=\"row\">Protocols, %s to %s</th><td class=\"n\">%.1f</td><td class=\"n\">30 %%</td></tr>\n"
            "<tr><th scope=\"row\">Key exchange, %u bits of RSA</th><td class=\"n\">%.1f</td><td class=\"n\">30 %%</td></tr>\n"
            "<tr><th scope=\"row\">Ciphers, %u to %u bits</th><td class=\"n\">%.1f</td><td class=\"n\">40 %%</td></tr>\n"
            "<tr><th scope=\"row\"><b>Together: %s without caps</b></th><td class=\"n\"><b>%.1f</b></td><td class=\"n\">100 %%</td></tr>\n",
            grade->best_version, grade->worst_version, grade->protocol, grade->key_bits, grade->key_exchange, grade->best_bits,
            grade->worst_bits, grade->cipher, grade->letter_of_score, grade->total);
    table_end(out);
    fputs("</div>\n</div>\n", out);
    steps_list(out, judgement, proof);
    page_section_end(out);
}

static bool policy_is_known(const struct server_judgement *judgement)
{
    return judgement->profile_count != 0 && strcmp(judgement->profiles[0].name, "policy") == 0;
}

/* What today's facts will mean on a later day. */
static void outlook_table(FILE *out, const struct server_judgement *judgement)
{
    static const char *const heads[] = {"From", "What", "By", NULL};
    if (judgement->outlook_count == 0)
        return;
    fputs("<h3 class=\"after\">What is announced</h3>\n", out);
    table_head(out, "fact profiles", "What is announced", heads);
    for (size_t i = 0; i < judgement->outlook_count; i++)
        html_print(out, "<tr><th scope=\"row\">$d</th><td>$t</td><td>$t</td></tr>\n", judgement->outlook[i].date, judgement->outlook[i].text,
                   judgement->outlook[i].source);
    table_end(out);
}

/* "X is accepted; Y is accepted" is too long for a page with many suites: "X, Y accepted". */
static void faults_cell(FILE *out, const struct profile_result *profile)
{
    static const char ending[] = " is accepted";
    const size_t tail = sizeof ending - 1;
    fputs("<td>", out);
    for (size_t f = 0; f < profile->fault_count; f++) {
        size_t len = strlen(profile->faults[f].text);
        const char *next = f + 1 < profile->fault_count ? profile->faults[f + 1].text : "";
        bool is_accepted = len > tail && strcmp(profile->faults[f].text + len - tail, ending) == 0;
        bool goes_on = is_accepted && strlen(next) > tail && strcmp(next + strlen(next) - tail, ending) == 0;
        char text[sizeof profile->faults[f].text];
        snprintf(text, sizeof text, "%.*s", (int)(is_accepted ? len - tail : len), profile->faults[f].text);
        html_print(out, "$t$r", text, goes_on ? ", " : is_accepted && *next != '\0' ? " accepted; " : is_accepted ? " accepted" : *next != '\0' ? "; " : "");
    }
    fputs("</td></tr>\n", out);
}

static void profiles_section(FILE *out, const struct server_judgement *judgement)
{
    static const char *const heads[] = {"Profile", "Result", "Because", NULL};
    page_section(out, "profiles", policy_is_known(judgement) ? "Profiles and the policy in use" : "Profiles", true);
    table_head(out, "fact profiles", "Profiles: pass or fail", heads);
    for (size_t i = 0; i < judgement->profile_count; i++) {
        const struct profile_result *profile = &judgement->profiles[i];
        html_print(out, "<tr><th scope=\"row\">$r$t</th><td class=\"$r\">$r", strcmp(profile->name, "policy") == 0 ? "Policy " : "",
                   profile->title, profile->failed != 0 ? "no" : profile->untested != 0 ? "unt" : "yes",
                   profile->failed != 0 ? "fails" : profile->untested != 0 ? "passes what was tested" : "passes");
        if (profile->failed != 0)
            fprintf(out, ", %u of %u", profile->failed, profile->clauses);
        fputs("</td>", out);
        faults_cell(out, profile);
    }
    table_end(out);
    outlook_table(out, judgement);
    page_section_end(out);
}

static void chain_table(FILE *out, const struct server_chain *chain)
{
    static const char *const heads[] = {"Subject", "Issued by", "Key", "Valid until", NULL};
    table_begin(out, "fact", "Chain as sent, leaf first", true, heads);
    for (size_t i = 0; i < chain->count; i++) {
        char until[CLOCK_TEXT_SIZE];
        const struct cert *cert = chain->certs[i];
        clock_format_us(cert->not_after * 1000000, until);
        html_print(out, "<tr><th scope=\"row\">$b</th><td>$b</td><td>$t $n$r$t</td><td class=\"d\">$d</td></tr>\n", cert->subject,
                   cert->issuer, cert->key_algorithm, (long long)cert->key_bits, cert->signature_hash == NULL ? "" : ", ",
                   cert->signature_hash, until);
    }
    table_end(out);
}

/* The root by programme, over the years. */
static void outside_table(FILE *out, const struct server_judgement *judgement)
{
    static const char *const heads[] = {"Programme", "Result", "Since", "Because", NULL};
    static const char *const classes[] = {"no", "yes", "unt"}, *const words[] = {"not trusted", "trusted", "unknown"};
    if (judgement->outside_count == 0)
        return;
    fputs("<h3 class=\"after\">Root programmes</h3>\n", out);
    table_head(out, "fact even", "Trust by root programme", heads);
    for (size_t i = 0; i < judgement->outside_count; i++) {
        const struct outside_trust *trust = &judgement->outside[i];
        html_print(out, "<tr><th scope=\"row\">$t</th><td class=\"$r\">$r</td><td>$t</td><td>$t</td></tr>\n", trust->programme,
                   classes[trust->state], words[trust->state], trust->since, trust->because);
    }
    table_end(out);
}

static void certificate_section(FILE *out, const struct server_judgement *judgement)
{
    const struct server_chain *chain = server_usual_chain(judgement->facts);
    const struct chain_check *check = &judgement->chain;
    static const char *const trust_heads[] = {"Store", "Result", "Because", NULL};
    if (chain == NULL || chain->count == 0)
        return;
    page_section(out, "certificate", "Certificate and chain", false);
    chain_table(out, chain);
    const struct server_facts *facts = judgement->facts;
    bool is_same = strcmp(server_detail(facts, "sni_none"), "the same certificate") == 0 &&
                   strcmp(server_detail(facts, "sni_wrong"), "the same certificate") == 0;
    const char *validation = cert_validation(chain->certs[0]);
    html_print(out, "<p>The name $r. $r$t$r$r$r$r$r$r$r$rAn OCSP response is $r$r$r.</p>\n", check->name_matches ? "matches" : "does not match",
               validation == NULL ? "" : "Its subject's validation: ", validation == NULL ? "" : validation, validation == NULL ? "" : ". ",
               check->faults == 0 ? "Nothing of the chain is misordered or superfluous. " : "",
               check->faults & CHAIN_MISORDERED ? "The chain is misordered. " : "",
               check->faults & CHAIN_DUPLICATE ? "A certificate is sent twice. " : "",
               check->faults & CHAIN_EXTRA ? "Certificates are sent that do not belong to it. " : "",
               check->faults & CHAIN_ROOT_SENT ? "The root is sent too, which is harmless. " : "",
               check->faults & CHAIN_INCOMPLETE ? "The issuer's certificate is missing. " : "",
               is_same ? "The same certificate comes without a name and under a wrong one. " : "",
               chain->staple.status != NULL ? "stapled (" : "not stapled", chain->staple.status != NULL ? chain->staple.status : "",
               chain->staple.status != NULL ? ")" : "");
    page_section_end(out);
    page_section(out, "trust", "Trust, by store", true);
    table_head(out, "fact even", "Trust by store", trust_heads);
    for (size_t i = 0; i < check->trust_count; i++)
        html_print(out, "<tr><th scope=\"row\">$t</th><td class=\"$r\">$r</td><td>$t</td></tr>\n", check->trust[i].store,
                   check->trust[i].is_trusted ? "yes" : "no", check->trust[i].is_trusted ? "trusted" : "not trusted",
                   check->trust[i].reason);
    table_end(out);
    outside_table(out, judgement);
    page_section_end(out);
}

static void versions_section(FILE *out, const struct proof *proof)
{
    static const char *const heads[] = {"Version", "Answer", "Remark", "Hello", NULL};
    page_section(out, "versions", "Versions", true);
    table_head(out, "fact even", "Versions", heads);
    for (size_t i = SERVER_VERSIONS; i-- > 0;) {
        row(out, proof, server_versions[i].title, server_versions[i].item, i < 4 /* older than TLS 1.2 */);
    }
    table_end(out);
    page_section_end(out);
}

static const char *suite_remark(const struct tls_suite *suite, bool *is_bad)
{
    *is_bad = false;
    if (suite == NULL)
        return "";
    if (suite->enc == TLS_ENC_NULL || suite->is_export || suite->auth == TLS_AUTH_ANON || suite->bits < 112 ||
        suite->enc == TLS_ENC_RC4 || suite->enc == TLS_ENC_3DES_CBC) {
        *is_bad = true;
        return "insecure or weak";
    }
    if (!tls_suite_has_forward_secrecy(suite))
        return "no forward secrecy";
    return tls_suite_is_cbc(suite) ? "CBC" : "forward secrecy, AEAD";
}

/* "suite:TLSv1.2:NAME" or "group:...": version, name, remark. */
static void listed_rows(FILE *out, const struct proof *proof, const char *prefix, bool are_suites)
{
    size_t at = 0, len = strlen(prefix);
    const struct server_item *item;
    while ((item = server_items_next(proof->facts, prefix, &at)) != NULL) {
        char version[24];
        bool is_bad = false;
        const char *rest = item->item + len, *colon = strchr(rest, ':');
        const char *name = colon == NULL ? rest : colon + 1;
        snprintf(version, sizeof version, "%.*s", colon == NULL ? 0 : (int)(colon - rest), rest);
        const char *remark = are_suites ? suite_remark(tls_suite_parse(name), &is_bad) : "";
        html_print(out, "<tr><th scope=\"row\">$t</th><td class=\"$r\">$t</td><td>$t</td>", name, is_bad ? "yes bad" : "yes",
                   version, remark);
        proof_cell(out, proof, item->item);
        fputs("</tr>\n", out);
    }
}

static void suites_section(FILE *out, const struct proof *proof)
{
    static const char *const heads[] = {"Suite", "Version", "Remark", "Hello", NULL};
    static const char *const group_heads[] = {"Group", "Version", "Remark", "Hello", NULL};
    const char *preference = server_value(proof->facts, "suite_preference");
    page_section(out, "suites", "Suites and groups", false);
    page_paragraph(out, strcmp(preference, "server") == 0   ? "The server chooses by its own order."
                        : strcmp(preference, "client") == 0 ? "The server follows the client's order."
                                                            : "Whose order decides was not found out.");
    table_head(out, "fact even", "Suites that are accepted", heads);
    listed_rows(out, proof, "suite:", true);
    table_end(out);
    table_head(out, "fact even", "Groups that are accepted", group_heads);
    listed_rows(out, proof, "group:", false);
    table_end(out);
    page_section_end(out);
}

static void features_section(FILE *out, const struct proof *proof)
{
    size_t count;
    const struct server_test_feature *features = server_test_features(&count);
    static const char *const heads[] = {"Feature", "Answer", "Remark", "Hello", NULL};
    page_section(out, "features", "Features", false);
    table_head(out, "fact even", "Features", heads);
    for (size_t i = 0; i < count; i++)
        if (features[i].page_title != NULL)
            row(out, proof, features[i].page_title, features[i].item, features[i].is_bad);
    table_end(out);
    page_section_end(out);
}

static void weaknesses_section(FILE *out, const struct server_judgement *judgement)
{
    static const char *const classes[] = {"no", "sev medium", "sev critical", "unt", "unt"};
    static const char *const words[] = {"not possible", "potential", "yes", "untested", "not tested"};
    static const char *const heads[] = {"Weakness", "Verdict", "Because", NULL};
    page_section(out, "weaknesses", "Weaknesses that follow from these facts", false);
    table_head(out, "fact even", "Weaknesses", heads);
    for (size_t i = 0; i < judgement->weakness_count; i++) {
        const struct weakness *weakness = &judgement->weaknesses[i];
        html_print(out, "<tr><th scope=\"row\">$t</th><td class=\"$r\">$r</td><td>$t</td></tr>\n", weakness->name,
                   classes[weakness->state], words[weakness->state], weakness->because);
    }
    table_end(out);
    page_section_end(out);
}

static void clients_section(FILE *out, const struct server_judgement *judgement)
{
    static const char *const heads[] = {"Client", "Version", "Suite", "Group", NULL};
    if (!clients_are_simulated(judgement->clients, judgement->client_count))
        return;
    page_section(out, "clients", "Which clients connect", false);
    page_paragraph(out, "Computed from the answers above, for hellos that were recorded from these builds, or that their makers document. "
                        "Trust in the root is taken as given.");
    table_head(out, "fact", "Clients", heads);
    for (size_t i = 0; i < judgement->client_count; i++) {
        const struct client_result *result = &judgement->clients[i];
        html_print(out, "<tr><th scope=\"row\">$t, $t</th>", result->client->name, result->client->year);
        if (result->connects)
            html_print(out, "<td>$t</td><td>$t</td><td>$t</td></tr>\n", tls_version_name(result->version), result->suite,
                       result->group == NULL ? "–" : result->group);
        else
            html_print(out, "<td class=\"$r\">$r</td><td>$t</td><td class=\"z\">–</td></tr>\n", result->is_known ? "no" : "unt",
                       result->is_known ? "no connection" : "untested", result->why_not);
    }
    table_end(out);
    page_section_end(out);
}

/* An item as people read it: "TLS 1.0", "TLS_RSA_WITH_AES_128_CBC_SHA (TLSv1.2)". */
static void change_name(char *text, size_t size, const char *what)
{
    for (size_t i = 0; i < SERVER_VERSIONS; i++)
        if (strcmp(server_versions[i].item, what) == 0) {
            snprintf(text, size, "%s", server_versions[i].title);
            return;
        }
    const char *version = strchr(what, ':'), *name = version == NULL ? NULL : strchr(version + 1, ':');
    if (name != NULL)
        snprintf(text, size, "%s (%.*s)", name + 1, (int)(name - version - 1), version + 1);
    else
        snprintf(text, size, "%s", version == NULL ? what : version + 1);
    for (char *at = text; name == NULL && *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
}

static void changes_section(FILE *out, const struct server_test_past *past)
{
    static const char *const heads[] = {"What", "Before", "Now", NULL};
    char title[64];
    if (past == NULL)
        return;
    snprintf(title, sizeof title, "Changes since %s", html_day_text(past->time));
    page_section(out, "changes", title, true);
    if (past->count == 0)
        page_paragraph(out, "Nothing: every answer is the one before.");
    if (past->count != 0) {
        table_head(out, "tight", title, heads);
        for (size_t i = 0; i < past->count; i++) {
            char name[128];
            change_name(name, sizeof name, past->changes[i].what);
            html_print(out, "<tr><th scope=\"row\">$t</th>", name);
            answer_cell(out, past->changes[i].before, false);
            answer_cell(out, past->changes[i].after, false);
            fputs("</tr>\n", out);
        }
        table_end(out);
    }
    page_section_end(out);
}

/* "05:14:02.031": the time of day. */
static void clock_text(char text[24], int64_t us)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_us(us, time);
    snprintf(text, 24, "%.12s", time + 11);
}

static void hellos_section(FILE *out, const struct proof *proof)
{
    static const char *const heads[] = {"Hello", "What it offered", "Connections", "Sent, UTC", NULL};
    if (proof->count == 0)
        return;
    page_section(out, "hellos", "How it was asked", false);
    page_paragraph(out, "Every answer above names the hello that asked for it; each answer came in the time given here.");
    table_head(out, "fact", "Hellos sent", heads);
    for (size_t i = 0; i < proof->count; i++) {
        const struct server_hello *hello = &proof->hellos[i];
        char from[24], to[24];
        clock_text(from, proof->facts->began_us + hello->from_us);
        clock_text(to, proof->facts->began_us + hello->to_us);
        html_print(out, "<tr><th scope=\"row\">h$n</th><td>$t$r$t</td><td class=\"n\">$n</td><td class=\"n\">$r to $r</td></tr>\n",
                   (long long)hello->number, hello->version, hello->version[0] == '\0' ? "" : ": ", server_hello_words(hello),
                   (long long)hello->connections, from, to);
    }
    table_end(out);
    page_section_end(out);
}

size_t server_test_links(const struct server_judgement *judgement, const struct server_test_past *past,
                         struct page_link links[SERVER_TEST_LINKS_MAX])
{
    static const struct page_link all[] = {
        {"grade", "Grade", -1}, {"profiles", "Profiles", -1}, {"certificate", "Certificate", -1}, {"trust", "Trust", -1},
        {"versions", "Versions", -1}, {"suites", "Suites and groups", -1}, {"features", "Features", -1},
        {"weaknesses", "Weaknesses", -1}, {"clients", "Clients", -1}, {"changes", "Changes", -1}, {"hellos", "How it was asked", -1},
    };
    size_t count = 0, hello = 0;
    const struct server_chain *chain = server_usual_chain(judgement->facts);
    bool has_chain = chain != NULL && chain->count != 0, has_clients = clients_are_simulated(judgement->clients, judgement->client_count),
         has_hellos = server_items_next(judgement->facts, "hello:", &hello) != NULL;
    for (size_t i = 0; judgement->grade.is_known && i < sizeof all / sizeof all[0]; i++) {
        const char *id = all[i].id;
        if ((strcmp(id, "changes") == 0 && past == NULL) || (strcmp(id, "hellos") == 0 && !has_hellos) ||
            (strcmp(id, "clients") == 0 && !has_clients) || ((strcmp(id, "certificate") == 0 || strcmp(id, "trust") == 0) && !has_chain))
            continue;
        links[count++] = all[i];
    }
    return count;
}

static void no_letter(FILE *out, const struct server_facts *facts)
{
    if (facts->chain_count != 0 || facts->outcome == OUTCOME_CERTIFICATE)
        page_paragraph(out, "No letter: the certificate is known, but what the server accepts was not asked (certsweep test asks it).");
    else
        html_print(out, "<p>No letter: the server gave no answer to judge ($t$r$t).</p>\n", outcome_name(facts->outcome),
                   facts->detail[0] == '\0' ? "" : ": ", facts->detail);
}

void server_test_sections(FILE *out, const struct server_judgement *judgement, const struct server_test_past *past)
{
    struct proof proof = {.facts = judgement->facts};
    proof.count = server_hellos(judgement->facts, proof.hellos);
    if (!judgement->grade.is_known) {
        no_letter(out, judgement->facts);
        return;
    }
    grade_section(out, judgement, &proof);
    profiles_section(out, judgement);
    certificate_section(out, judgement);
    versions_section(out, &proof);
    suites_section(out, &proof);
    features_section(out, &proof);
    weaknesses_section(out, judgement);
    clients_section(out, judgement);
    changes_section(out, past);
    hellos_section(out, &proof);
}
