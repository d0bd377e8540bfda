#include "reports/subject_page.h"

#include "probes/base/memory.h"
#include "reports/html.h"
#include "reports/moment_text.h"
#include "reports/render.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT, SECTION, ITEM, VALUE, TIME, FACTS };

struct fact {
    char *values[FACTS];        /* NULL: none */
};

/* What the report gives, collected: as.report comes first, so that begin() finds the rest behind it. */
struct collected {
    struct report report;
    struct fact *facts;
    size_t count;
    char as_of[40];
    const struct report_head *head;     /* NULL: none */
};

static void *collect_begin(const struct report *report, FILE *out)
{
    (void)out;
    return (void *)(uintptr_t)report;
}

static void collect_row(void *state, const char *const *values)
{
    struct collected *all = state;
    if ((all->count & (all->count - 1)) == 0)           /* 0, 1, 2, 4 ...: full */
        all->facts = xreallocarray(all->facts, all->count == 0 ? 1 : 2 * all->count, sizeof *all->facts);
    for (size_t i = 0; i < FACTS; i++)
        all->facts[all->count].values[i] = values[i] == NULL ? NULL : xstrdup(values[i]);
    all->count++;
}

static void collect_end(void *state, const struct render_end *end)
{
    struct collected *all = state;
    if (end != NULL && end->as_of != NULL)
        snprintf(all->as_of, sizeof all->as_of, "%s", end->as_of);
}

static const struct renderer collect = {.name = "collect", .begin = collect_begin, .row = collect_row, .end = collect_end};

static void collected_clear(struct collected *all)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < FACTS; k++)
            free(all->facts[i].values[k]);
    free(all->facts);
}

/* ---- parts: the rows of one section of one subject ---- */

struct rows {
    const struct fact *facts;
    size_t count;
};

static bool same(const struct fact *a, const struct fact *b, size_t upto)
{
    for (size_t i = 0; i <= upto; i++)
        if (strcmp(a->values[i], b->values[i]) != 0)
            return false;
    return true;
}

static struct rows subject_at(const struct collected *all, size_t begin)
{
    struct rows rows = {.facts = all->facts + begin};
    while (begin + rows.count < all->count && same(rows.facts, &rows.facts[rows.count], SUBJECT))
        rows.count++;
    return rows;
}

static struct rows section_of(struct rows subject, const char *name)
{
    struct rows rows = {.facts = subject.facts};
    size_t at = 0;
    while (at < subject.count && strcmp(subject.facts[at].values[SECTION], name) != 0)
        at++;
    rows.facts += at;
    while (at + rows.count < subject.count && strcmp(rows.facts[rows.count].values[SECTION], name) == 0)
        rows.count++;
    return rows;
}

/* The value of an item, "" if there is none. */
static const char *value_of(struct rows subject, const char *section, const char *item)
{
    struct rows rows = section_of(subject, section);
    for (size_t i = 0; i < rows.count; i++)
        if (strcmp(rows.facts[i].values[ITEM], item) == 0)
            return rows.facts[i].values[VALUE];
    return "";
}

/* ---- tables ---- */

/* "2026-11-30T12:00:00Z", the value of a fact that has only a time. */
static bool is_moment(const struct fact *fact)
{
    return fact->values[TIME] != NULL && fact->values[VALUE] != NULL && strncmp(fact->values[VALUE], fact->values[TIME], 10) == 0 &&
           strlen(fact->values[VALUE]) == 20 && fact->values[VALUE][19] == 'Z';
}

static void print_time(FILE *out, const char *time)
{
    if (time == NULL)
        fputs("<td class=\"d\"></td>", out);
    else
        html_print(out, "<td class=\"d\" data-v=\"$t\">$d</td>", time, time);
}

static void print_heads(FILE *out, const char *const heads[4])
{
    fputs("<thead><tr>", out);
    for (size_t i = 0; i < 4 && heads[i] != NULL; i++)
        html_print(out, "<th scope=\"col\">$t</th>", heads[i]);
    fputs("</tr></thead>\n<tbody>\n", out);
}

/* Severity, rule, what and what to do, since when. The value begins with the severity's word. */
static void print_finding(FILE *out, const struct fact *fact)
{
    const char *value = fact->values[VALUE];
    size_t word = strcspn(value, ":");
    char *severity = xstrndup(value, word);
    fputs("<tr><th scope=\"row\">", out);
    page_severity(out, severity);
    html_print(out, "</th><td>$t</td><td>", fact->values[ITEM]);
    moment_html(out, value[word] == ':' ? value + word + 1 + (value[word + 1] == ' ') : value, html_text);
    fputs("</td>", out);
    print_time(out, fact->values[TIME]);
    fputs("</tr>\n", out);
    free(severity);
}

/* Our own words as a heading. */
static void print_item(FILE *out, const char *item)
{
    fputs("<tr><th scope=\"row\">", out);
    if (islower((unsigned char)item[0]))
        fputc(toupper((unsigned char)*item++), out);
    html_print(out, "$t</th><td>", item);
}

static void print_fact(FILE *out, const struct fact *fact)
{
    const char *value = fact->values[VALUE];
    if (strcmp(fact->values[ITEM], "next step") == 0)           /* shown in the summary */
        return;
    print_item(out, fact->values[ITEM]);
    if (is_moment(fact))
        html_print(out, "$d, $t UTC", value, (char[6]){value[11], value[12], ':', value[14], value[15]});
    else if (strspn(value, "0123456789abcdef") == strlen(value) && strlen(value) >= 40)
        html_print(out, "<code>$t</code>", value);
    else
        moment_html(out, value, html_name);
    if (fact->values[TIME] != NULL && !is_moment(fact))
        html_print(out, strcmp(fact->values[SECTION], "judged") == 0 ? " <span class=\"soft\">since $d</span>" : " <span class=\"soft\">$d</span>",
                   fact->values[TIME]);
    fputs("</td></tr>\n", out);
}

static void print_named(FILE *out, const struct fact *fact)
{
    html_print(out, "<tr><th scope=\"row\">$b</th><td>$b</td>", fact->values[ITEM], is_moment(fact) ? "" : fact->values[VALUE]);
    print_time(out, fact->values[TIME]);
    fputs("</tr>\n", out);
}

/* The day first: history is read by day. */
static void print_event(FILE *out, const struct fact *fact)
{
    if (fact->values[TIME] == NULL)
        fputs("<tr><th scope=\"row\"></th>", out);
    else
        html_print(out, "<tr><th scope=\"row\" class=\"d\" data-v=\"$t\">$d</th>", fact->values[TIME], fact->values[TIME]);
    html_print(out, "<td>$t</td><td>$b</td></tr>\n", fact->values[ITEM], fact->values[VALUE]);
}

static const struct part {
    const char *section, *id, *title, *heads[4];
    void (*print)(FILE *out, const struct fact *fact);
    const char *kind;           /* class of the table */
} parts[] = {
    {"findings", "findings", "Findings", {"Severity", "Rule", "What, and what to do", "Since"}, print_finding, "fact found"},
    {"certificates", "certificates", "Certificates shown", {"Name", "What is known", "Valid until"}, print_named, "fact"},
    {"judged", "judged", "What was judged", {"What", "Verdict"}, print_fact, "fact pairs"},
    {"certificate", "certificate", "Certificate", {"What", "Value"}, print_fact, "fact pairs"},
    {"now", "now", "Last answer", {"What", "Value"}, print_fact, "fact pairs"},
    {"accepts", "accepts", "What else it accepts", {"What", "Answer", "Asked"}, print_named, "fact"},
    {"places", "places", "Where it is served", {"Place", "How", "Last seen"}, print_named, "fact"},
    {"expected here", "expected", "Expected here", {"Record", "What it says", "Since"}, print_named, "fact"},
    {"sent with it", "chain", "Sent with it", {"Position", "Certificate", "Valid until"}, print_named, "fact"},
    {"trusted by", "trust", "Trusted by", {"Store", "How", "Path until"}, print_named, "fact"},
    {"same key", "key", "The same key", {"SHA-256", "Certificate", "Valid until"}, print_named, "fact"},
    {"history", "history", "History", {"Since", "What", "Detail"}, print_event, "fact"},
};
#define PARTS (sizeof parts / sizeof parts[0])
#define EXTRA_BEHIND 1          /* the additions of another room follow this part */

static void print_part(FILE *out, const struct part *part, struct rows rows, const char *suffix)
{
    if (rows.count == 0)
        return;
    html_print(out, "<section id=\"$t$t\"$r>\n<h2>$t</h2>\n", part->id, suffix, rows.count <= 12 ? " class=\"whole\"" : "", part->title);
    page_table(out, part->kind, part->title, true);
    print_heads(out, part->heads);
    for (size_t i = 0; i < rows.count; i++)
        part->print(out, &rows.facts[i]);
    page_table_end(out);
    page_section_end(out);
}

/* ---- the first sentence ---- */

static void print_findings_count(FILE *out, struct rows subject)
{
    struct rows findings = section_of(subject, "findings");
    if (findings.count == 0) {
        fputs(" No rule found anything.", out);
        return;
    }
    const char *worst = findings.facts[0].values[VALUE];
    char word[16];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(worst, ":"), worst);
    html_print(out, " $t $r found something, the gravest of them $t.", html_count_word((long long)findings.count, 1), findings.count == 1 ? "rule" : "rules",
               word);
}

static void print_certificate_lead(FILE *out, struct rows subject)
{
    const char *left = value_of(subject, "certificate", "days left"), *until = value_of(subject, "certificate", "valid until");
    long long days = atoll(left), places = (long long)section_of(subject, "places").count;
    fputs("<p class=\"lead\">", out);
    if (left[0] == '\0')
        fputs("When it ends cannot be read", out);
    else if (days < 0)
        html_print(out, "It ended $n $r ago, on $d", -days, days == -1 ? "day" : "days", until);
    else
        html_print(out, "It ends in $n $r, on $d", days, days == 1 ? "day" : "days", until);
    if (places == 0)
        fputs(", and is served nowhere as far as is known.", out);
    else
        html_print(out, ", and is served at $t $r.", html_count_word(places, 0), places == 1 ? "place" : "places");
    print_findings_count(out, subject);
    fputs("</p>\n", out);
    const char *next = value_of(subject, "judged", "next step");
    if (next[0] != '\0')
        html_print(out, "<p><b>Next:</b> $t</p>\n", next);
}

static void print_endpoint_lead(FILE *out, struct rows subject)
{
    struct rows shown = section_of(subject, "certificates");
    const char *gone = value_of(subject, "now", "gone");
    fputs("<p class=\"lead\">", out);
    if (gone[0] != '\0')
        fputs("It answers, and shows no certificate any more.", out);
    else if (shown.count == 0)
        fputs("It shows no certificate as far as is known.", out);
    else if (shown.count == 1)
        html_print(out, "It shows one certificate, $t, valid until $d.", shown.facts[0].values[ITEM], shown.facts[0].values[TIME]);
    else
        html_print(out, "It shows $t certificates.", html_count_word((long long)shown.count, 0));
    print_findings_count(out, subject);
    fputs("</p>\n", out);
}

static void print_summary(FILE *out, const struct report *report, struct rows subject, const char *suffix, const char *title)
{
    html_print(out, "<section id=\"summary$t\">\n<h2>$b</h2>\n", suffix, title);
    if (strcmp(report->name, "certificate") == 0)
        print_certificate_lead(out, subject);
    else
        print_endpoint_lead(out, subject);
    page_section_end(out);
}

/* ---- the page ---- */

#define SUBJECT_FACTS 9

static void set_head(struct page *page, const struct report_head *head)
{
    page->organization = head == NULL ? NULL : head->organization;
    page->classification = head == NULL ? NULL : head->classification;
}

static size_t head_facts(const struct collected *all, struct page_fact *facts)
{
    facts[0] = (struct page_fact){"Judged as of", all->as_of[0] == '\0' ? NULL : html_day_text(all->as_of)};
    if (all->head == NULL)
        return 1;
    facts[1] = (struct page_fact){"Author", all->head->author};
    facts[2] = (struct page_fact){"Reference", all->head->reference};
    facts[3] = (struct page_fact){"Written by", all->head->written_by};
    return 4;
}

static size_t facts_of(const struct report *report, const struct collected *all, struct rows subject, struct page_fact facts[SUBJECT_FACTS])
{
    size_t count = 0;
    if (strcmp(report->name, "certificate") == 0) {
        facts[count++] = (struct page_fact){"Issued by", value_of(subject, "certificate", "issuer")};
        facts[count++] = (struct page_fact){"Owner", value_of(subject, "judged", "owner")};
        facts[count++] = (struct page_fact){"Contacts", value_of(subject, "judged", "contacts")};
        facts[count++] = (struct page_fact){"Record", value_of(subject, "judged", "record")};
        facts[count++] = (struct page_fact){"Status", value_of(subject, "judged", "status")};
    } else {
        const char *transport = strrchr(subject.facts[0].values[SUBJECT], ' ');
        facts[count++] = (struct page_fact){"Transport", transport == NULL ? NULL : transport + 1};
        facts[count++] = (struct page_fact){"Protocol", value_of(subject, "now", "protocol")};
        facts[count++] = (struct page_fact){"Version", value_of(subject, "now", "version")};
        facts[count++] = (struct page_fact){"Cipher suite", value_of(subject, "now", "cipher suite")};
        facts[count++] = (struct page_fact){"Owner", value_of(subject, "now", "owner")};
    }
    return count + head_facts(all, facts + count);
}

static size_t links_of(struct rows subject, const struct subject_extra *extra, struct page_link links[PARTS + 1 + SUBJECT_LINKS_MAX])
{
    size_t count = 0;
    links[count++] = (struct page_link){"summary", "Summary", -1};
    for (size_t i = 0; i < PARTS; i++) {
        struct rows rows = section_of(subject, parts[i].section);
        if (rows.count > 0)
            links[count++] = (struct page_link){parts[i].id, parts[i].title, parts[i].print == print_fact ? -1 : (long long)rows.count};
        if (i == EXTRA_BEHIND && extra != NULL)
            count += extra->links(extra->context, links + count);
    }
    return count;
}

/* "kiosk.example  3fe1..." begins with the certificate's name; an endpoint's title ends in its transport, which is
 * shown elsewhere. */
static char *title_of(const struct report *report, struct rows subject)
{
    bool is_certificate = strcmp(report->name, "certificate") == 0;
    const char *title = subject.facts[0].values[SUBJECT], *behind = is_certificate ? strstr(title, "  ") : strrchr(title, ' ');
    return xasprintf("%s %.*s", is_certificate ? "Certificate" : "Endpoint", behind != NULL ? (int)(behind - title) : (int)strlen(title), title);
}

static void write_one(FILE *out, const struct report *report, const struct collected *all, const struct subject_extra *extra)
{
    struct rows subject = subject_at(all, 0);
    struct page_fact facts[SUBJECT_FACTS];
    struct page_link links[PARTS + 1 + SUBJECT_LINKS_MAX];
    char *title = title_of(report, subject);
    struct page page = {.title = title, .kind = "doc", .foot = title, .facts = facts, .fact_count = facts_of(report, all, subject, facts),
                        .links = links, .link_count = links_of(subject, extra, links)};
    set_head(&page, all->head);
    page_begin(out, &page);
    print_summary(out, report, subject, "", "Summary");
    for (size_t i = 0; i < PARTS; i++) {
        print_part(out, &parts[i], section_of(subject, parts[i].section), "");
        if (i == EXTRA_BEHIND && extra != NULL)
            extra->sections(extra->context, out);
    }
    page_end(out, &page);
    free(title);
}

/* With several subjects, each has its sentence and its parts in turn. */
static void write_several(FILE *out, const struct report *report, const struct collected *all, size_t subjects)
{
    struct page_link *links = xcalloc(subjects, sizeof *links);
    char (*ids)[32] = xcalloc(subjects, sizeof *ids), **titles = xcalloc(subjects, sizeof *titles);
    size_t at = 0;
    for (size_t i = 0; i < subjects; i++) {
        struct rows subject = subject_at(all, at);
        titles[i] = title_of(report, subject);
        snprintf(ids[i], sizeof ids[i], "summary-%zu", i + 1);
        links[i] = (struct page_link){ids[i], strchr(titles[i], ' ') + 1, -1};         /* without "Certificate " */
        at += subject.count;
    }
    struct page_fact facts[SUBJECT_FACTS];
    struct page page = {.title = report->title, .kind = "doc", .foot = report->title, .links = links, .link_count = subjects,
                        .facts = facts, .fact_count = head_facts(all, facts)};
    set_head(&page, all->head);
    page_begin(out, &page);
    at = 0;
    for (size_t i = 0; i < subjects; i++) {
        struct rows subject = subject_at(all, at);
        print_summary(out, report, subject, ids[i] + strlen("summary"), titles[i]);
        for (size_t part = 0; part < PARTS; part++)
            print_part(out, &parts[part], section_of(subject, parts[part].section), ids[i] + strlen("summary"));
        at += subject.count;
        free(titles[i]);
    }
    page_end(out, &page);
    free(titles);
    free(ids);
    free(links);
}

bool subject_page_write(const struct report *report, const struct report_options *options, struct db *db, const struct subject_extra *extra,
                        FILE *out, size_t *rows, struct error *err)
{
    struct collected all = {.report = *report};
    struct report_options plain = *options;
    plain.head = NULL;          /* the page has its own */
    bool ok = report_write(&all.report, &plain, db, &collect, out, rows, err);
    all.head = options->head;
    size_t subjects = 0;
    for (size_t at = 0; ok && at < all.count; subjects++)
        at += subject_at(&all, at).count;
    if (ok && subjects == 0) {
        struct page_fact facts[SUBJECT_FACTS];
        struct page page = {.title = report->title, .kind = "single", .foot = report->title, .facts = facts, .fact_count = head_facts(&all, facts)};
        struct report_state state;
        set_head(&page, options->head);
        ok = report_state_get(report, options, db, &state, err);
        page_begin(out, &page);
        page_paragraph(out, ok ? report_none(report, options, &state) : "");
        page_end(out, &page);
    } else if (ok && subjects == 1) {
        write_one(out, report, &all, extra);
    } else if (ok) {
        write_several(out, report, &all, subjects);
    }
    collected_clear(&all);
    return ok;
}
