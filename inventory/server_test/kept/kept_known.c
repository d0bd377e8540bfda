#include "inventory/server_test/kept/kept_known.h"

#include "inventory/server_test/kept/kept_tests.h"

#include <stdio.h>
#include <string.h>

static bool on_test(void *context, const struct kept_test *test)
{
    struct server_facts *facts = context;
    if (!server_facts_are_of(facts, &test->facts.endpoint))
        return true;
    for (size_t i = 0; i < test->facts.item_count; i++) {
        const struct server_item *item = &test->facts.items[i];
        if (strncmp(item->item, "known:", 6) == 0 || strncmp(item->item, "breaks:", 7) == 0)
            server_facts_add(facts, item->item, item->value, item->detail);
    }
    return false;
}

bool kept_known_add(struct db *db, const char *site, struct server_facts *facts, struct error *err)
{
    char address[ADDRESS_TEXT_SIZE], place[ADDRESS_TEXT_SIZE + 16];
    bool is_6 = facts->endpoint.address.len == 16;
    address_format(&facts->endpoint.address, address);
    snprintf(place, sizeof place, "%s%s%s:%u", is_6 ? "[" : "", address, is_6 ? "]" : "", facts->endpoint.port);
    return kept_tests_each(db, &(struct kept_filter){.site = site, .argument = place}, on_test, facts, err);
}
