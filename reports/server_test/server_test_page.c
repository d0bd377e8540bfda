/* The server test as a page of its own: for administrators, who want to improve the letter, and auditors, who want
 * the fact behind each line. */
#include "reports/server_test/server_test_report.h"

#include "probes/base/clock.h"
#include "reports/page.h"
#include "reports/server_test/server_test_sections.h"

void server_test_html(FILE *out, const struct server_judgement *judgement, const struct server_test_origin *origin,
                      const struct server_test_past *past)
{
    char address[ADDRESS_TEXT_SIZE], place[ADDRESS_TEXT_SIZE + 16], title[SERVER_NAME_SIZE + 20], time[CLOCK_TEXT_SIZE], when[40],
        depth[60], foot[SERVER_NAME_SIZE + 160];
    const struct server_facts *facts = judgement->facts;
    bool is_6 = facts->endpoint.address.len == 16;
    address_format(&facts->endpoint.address, address);
    clock_format_us(facts->began_us, time);
    snprintf(place, sizeof place, "%s%s%s:%u", is_6 ? "[" : "", address, is_6 ? "]" : "", facts->endpoint.port);
    snprintf(title, sizeof title, "Server test: %s", facts->endpoint.server_name[0] == '\0' ? place : facts->endpoint.server_name);
    snprintf(when, sizeof when, "%.10s, %.8s UTC", time, time + 11);
    snprintf(depth, sizeof depth, "deep, %u connections, nothing intrusive", facts->connections);
    snprintf(foot, sizeof foot, "%s, %s; tested %.31s", title, place, when);
    struct page_fact page_facts[10] = {{"Endpoint", place}, {"Protocol", facts->protocol}, {"Tested", when}, {"Depth", depth}};
    size_t count = 4;
    if (origin->site != NULL)
        page_facts[count++] = (struct page_fact){"Site", origin->site};
    if (origin->asked_by != NULL)
        page_facts[count++] = (struct page_fact){"Asked by", origin->asked_by};
    if (origin->owner != NULL)
        page_facts[count++] = (struct page_fact){"Owner", origin->owner};
    page_facts[count++] = (struct page_fact){"Grading", "SSL Labs guide 2009r"};
    page_facts[count++] = (struct page_fact){"Written by", origin->written_by};
    struct page_link links[SERVER_TEST_LINKS_MAX];
    struct page page = {.title = title, .kind = "doc", .foot = foot, .facts = page_facts, .fact_count = count,
                        .links = links, .link_count = server_test_links(judgement, past, links)};
    page_begin(out, &page);
    server_test_sections(out, judgement, past);
    page_end(out, &page);
}
