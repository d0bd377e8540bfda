#include "reports/document/discovery.h"

#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "reports/html.h"
#include "reports/page.h"

#include <stdlib.h>
#include <string.h>

/* "November 2026": behind the day of the month. */
static const char *month_of(const char *day)
{
    const char *full = html_day_full(day), *space = strchr(full, ' ');
    return space == NULL ? full : space + 1;
}

/* The month that the document describes; without a run the day. */
static char *title_text(const struct document *document)
{
    const char *day = document_fact(document, "as_of_day");
    return xasprintf("Certificate discovery, %s", document_fact(document, "first_day")[0] == '\0' ? html_day_full(day) : month_of(day));
}

/* "30 November 2026, 23:59 UTC"; with the day of the policy's zone where it is another one, as days are counted there. */
static char *as_of_text(const struct document *document)
{
    const char *moment = document_fact(document, "as_of"), *day = document_fact(document, "as_of_day");
    char *text = xasprintf("%s, %.5s UTC", html_day_full(moment), strlen(moment) > 11 ? moment + 11 : "00:00");
    if (strncmp(moment, day, 10) == 0)
        return text;
    char *both = xasprintf("%s (%s in %s)", text, html_day_full(day), document_fact(document, "zone"));
    free(text);
    return both;
}

static char *period_text(const struct document *document)
{
    const char *first = document_fact(document, "first_day"), *last = document_fact(document, "last_day");
    const char *runs = document_fact(document, "runs");
    if (first[0] == '\0')
        return xstrdup("no run yet");
    const char *word = strcmp(runs, "1") == 0 ? "run" : "runs";
    if (strcmp(first, last) == 0)
        return xasprintf("%s, %s %s", html_day_full(first), runs, word);
    if (strncmp(first, last, 7) == 0)
        return xasprintf("%d to %s, %s %s", atoi(first + 8), html_day_full(last), runs, word);
    return xasprintf("%s to %s, %s %s", html_day_full(first), html_day_full(last), runs, word);
}

static char *scope_text(const struct document *document)
{
    const char *site = document->options->site, *sites = document_fact(document, "sites");
    long long places = document_count(document, "places");
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        abort();
    if (site != NULL)
        html_print(out, "site $r", site);
    else
        html_print(out, "$r $r", sites, strcmp(sites, "1") == 0 ? "site" : "sites");
    html_print(out, ", $n $r with a certificate", places, html_many(places, "place", "places"));
    fclose(out);
    return text;
}

static bool write_parts(struct document *document, struct error *err)
{
    static bool (*const parts[])(struct document *, struct error *) = {
        discovery_summary, discovery_managed,  discovery_expiry,     discovery_mix,    discovery_trend,    discovery_findings,
        discovery_action,  discovery_coverage, discovery_exceptions, discovery_method, discovery_glossary,
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!parts[i](document, err))
            return false;
    return true;                        /* write errors are reported by the function that closes the file, which has the reason */
}

bool discovery_write_filled(struct document *document, FILE *out, struct error *err)
{
    const struct document_title *title = &document->options->title;
    char *heading = title_text(document), *as_of = as_of_text(document);
    char *period = period_text(document), *scope = scope_text(document), *policy = document_policy_rules(document);
    char *owner_rules = document_owner_rules(document), *days = document_days(document);
    char *foot = xasprintf("%s%s%s%s%s", title->organization == NULL ? "" : title->organization, title->organization == NULL ? "" : " · ",
                           heading, title->classification == NULL ? "" : " · ", title->classification == NULL ? "" : title->classification);
    bool is_judged = strcmp(document_fact(document, "judged"), "0") != 0;
    const struct page_fact facts[] = {
        {"As of", is_judged ? as_of : "not judged yet"}, {"Days", days}, {"Period", period},
        {"Scope", scope},   {"Author", title->author},
        {"Owner", document->options->owner == NULL ? NULL : document_owner_name(document->options->owner)},
        {"Policy", policy}, {"Owner rules", owner_rules}, {"Reference", title->reference},
        {"Written by", document->options->written_by},
    };
    long long certificates = document_count(document, "certificates");
    const struct page_link links[] = {
        {"summary", "Summary", -1},
        {"managed", "Managed or not", certificates},
        {"expiry", "Expiry", certificates},
        {"mix", "What is in use", -1},
        {"trend", "Trend", -1},
        {"findings", "Findings by rule", document_count(document, "findings")},
        {"action", "Action by owner", -1},
        {"coverage", "Coverage", -1},
        {"exceptions", "Exceptions", -1},
        {"method", "Method", -1},
        {"glossary", "Glossary", -1},
    };
    const struct page page = {
        .title = heading, .kind = "doc", .organization = title->organization, .classification = title->classification, .foot = foot,
        .facts = facts, .fact_count = sizeof facts / sizeof facts[0], .links = links, .link_count = sizeof links / sizeof links[0],
    };
    document->out = out;
    page_begin(out, &page);
    bool ok = write_parts(document, err);
    page_end(out, &page);
    free(heading);
    free(as_of);
    free(period);
    free(scope);
    free(policy);
    free(owner_rules);
    free(days);
    free(foot);
    return ok;
}

bool discovery_write(const struct document_options *options, struct db *db, FILE *out, struct error *err)
{
    struct document document;
    if (!document_open(&document, db, options, err))
        return false;
    bool ok = document_fill(&document, err) && discovery_write_filled(&document, out, err);
    document_close(&document);
    return ok;
}
