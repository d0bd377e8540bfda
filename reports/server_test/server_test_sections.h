/* The server test's sections, for every page that has them: letter, profiles, certificate, trust, versions, suites, features,
 * weaknesses, clients, changes, hellos. */
#pragma once
#include "inventory/server_test/changes.h"
#include "inventory/server_test/judgement.h"
#include "reports/page.h"

#include <stdio.h>

struct server_test_past {               /* what differs from the test before */
    const char *time;                   /* RFC 3339, of that test */
    const struct server_change *changes;
    size_t count;
};

#define SERVER_TEST_LINKS_MAX 16

/* The entries of the contents, in the order of the sections. past NULL: there is no test before. */
size_t server_test_links(const struct server_judgement *judgement, const struct server_test_past *past,
                         struct page_link links[SERVER_TEST_LINKS_MAX]);

void server_test_sections(FILE *out, const struct server_judgement *judgement, const struct server_test_past *past);
