#include "inventory/server_test/kept/kept_tests.h"

#include "inventory/certificate/cert.h"
#include "inventory_server_test_kept_sql.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TESTS_AT_ONCE 100       /* their certificates are in memory together */

enum list_column {
    LIST_ENDPOINT, LIST_SITE, LIST_ADDRESS, LIST_ZONE, LIST_PORT, LIST_TRANSPORT, LIST_NAME, LIST_TIME, LIST_SCAN, LIST_PLAN, LIST_OWNER,
    LIST_CONNECTIONS, LIST_CLOCK, LIST_HELLOS, LIST_BEFORE, LIST_BEFORE_CONNECTIONS, LIST_PROTOCOL, LIST_OUTCOME,
};

/* One page of tests. `facts` has the tests first, then the test before each, if there is one. */
struct page {
    struct db *db;
    struct error *err;
    struct db_result *list;
    size_t count, asked;            /* tests; tests and those before */
    struct server_facts facts[2 * TESTS_AT_ONCE];
    size_t before_of[TESTS_AT_ONCE];        /* index of facts; 0: none */
    char *endpoints, *times;        /* arrays, side by side, as `facts` */
};

/* ---- arrays of numbers, as parameters ---- */

static void add_number(struct byte_buffer *text, const char *number)
{
    byte_buffer_append(text, byte_buffer_len(text) == 0 ? "{" : ",", 1);
    byte_buffer_append(text, number, strlen(number));
}

static char *take_array(struct byte_buffer *text)
{
    byte_buffer_append(text, byte_buffer_len(text) == 0 ? "{}" : "}", byte_buffer_len(text) == 0 ? 3 : 2);
    char *array = xmemdup(text->bytes, byte_buffer_len(text));
    byte_buffer_clear(text);
    return array;
}

/* ---- the page ---- */

static void fill_head(struct page *page, size_t row, struct server_facts *facts, enum list_column time, enum list_column connections)
{
    const struct db_result *list = page->list;
    address_parse(db_value(list, row, LIST_ADDRESS), &facts->endpoint.address);
    facts->endpoint.port = (uint16_t)db_int(list, row, LIST_PORT);
    facts->endpoint.transport = (enum transport)db_int(list, row, LIST_TRANSPORT);
    snprintf(facts->endpoint.zone, sizeof facts->endpoint.zone, "%s", db_value(list, row, LIST_ZONE));
    snprintf(facts->endpoint.server_name, sizeof facts->endpoint.server_name, "%s", db_value(list, row, LIST_NAME));
    snprintf(facts->protocol, sizeof facts->protocol, "%s", db_value(list, row, LIST_PROTOCOL));
    facts->outcome = (enum outcome)db_int(list, row, LIST_OUTCOME);
    facts->began_us = db_int(list, row, time);
    facts->connections = (unsigned)db_int(list, row, connections);
}

/* "01 1 combined - 101 2903 tls13" as the items that a bundle has. */
static void add_hellos(struct server_facts *facts, const char *lines)
{
    char *copy = xstrdup(lines), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char item[40], *number = strsep(&line, " "), *connections = line == NULL ? NULL : strsep(&line, " ");
        if (connections == NULL || line == NULL)
            continue;
        snprintf(item, sizeof item, "hello:%.20s", number);
        server_facts_add(facts, item, connections, line);
    }
    free(copy);
}

static bool list_page(struct page *page, const struct kept_filter *filter, size_t behind)
{
    char offset[24], limit[24], endpoint[24];
    snprintf(offset, sizeof offset, "%zu", behind);
    snprintf(limit, sizeof limit, "%d", TESTS_AT_ONCE);
    snprintf(endpoint, sizeof endpoint, "%" PRId64, filter->endpoint);
    const char *params[] = {filter->site, filter->argument, offset, limit, filter->endpoint == 0 ? NULL : endpoint, filter->narrowed};
    page->list = db_query(page->db, SQL_KEPT_TESTS_LIST, 6, params, page->err);
    if (page->list == NULL)
        return false;
    struct byte_buffer endpoints, times;
    byte_buffer_init(&endpoints, 0);
    byte_buffer_init(&times, 0);
    page->count = page->asked = db_rows(page->list);
    for (size_t row = 0; row < page->count; row++) {
        fill_head(page, row, &page->facts[row], LIST_TIME, LIST_CONNECTIONS);
        add_number(&endpoints, db_value(page->list, row, LIST_ENDPOINT));
        add_number(&times, db_value(page->list, row, LIST_TIME));
    }
    for (size_t row = 0; row < page->count; row++) {
        if (db_value(page->list, row, LIST_BEFORE) == NULL)
            continue;
        page->before_of[row] = page->asked;
        fill_head(page, row, &page->facts[page->asked++], LIST_BEFORE, LIST_BEFORE_CONNECTIONS);
        add_number(&endpoints, db_value(page->list, row, LIST_ENDPOINT));
        add_number(&times, db_value(page->list, row, LIST_BEFORE));
    }
    page->endpoints = take_array(&endpoints);
    page->times = take_array(&times);
    return true;
}

/* ---- what was answered ---- */

static bool add_items(struct page *page)
{
    const char *params[] = {page->endpoints, page->times};
    struct db_result *items = db_query(page->db, SQL_KEPT_TESTS_ITEMS, 2, params, page->err);
    for (size_t row = 0; items != NULL && row < db_rows(items); row++) {
        size_t at = (size_t)db_int(items, row, 0) - 1;
        if (at < page->asked)
            server_facts_add(&page->facts[at], db_value(items, row, 1), db_value(items, row, 2), db_value(items, row, 3));
    }
    db_result_destroy(items);
    for (size_t i = 0; items != NULL && i < page->count; i++) {
        const char *clock = db_value(page->list, i, LIST_CLOCK);
        if (clock[0] != '\0')
            server_facts_add(&page->facts[i], "clock", clock, "");
        add_hellos(&page->facts[i], db_value(page->list, i, LIST_HELLOS));
    }
    return items != NULL;
}

static struct server_chain *add_chain(struct server_facts *facts, const struct db_result *rows, size_t row)
{
    facts->chains = xreallocarray(facts->chains, facts->chain_count + 1, sizeof *facts->chains);
    struct server_chain *chain = &facts->chains[facts->chain_count++];
    *chain = (struct server_chain){
        .variant = (enum variant)db_binary_number(rows, row, 1),
        .tls_version = (uint16_t)db_binary_number(rows, row, 2),
        .cipher_suite = (int32_t)db_binary_number(rows, row, 3),
        .group = (int32_t)db_binary_number(rows, row, 4),
        .key_proven = db_is_null(rows, row, 5) ? KEY_PROVEN_UNKNOWN : db_binary_number(rows, row, 5) != 0 ? KEY_PROVEN_TRUE : KEY_PROVEN_FALSE,
        .sct_count = (uint32_t)db_binary_number(rows, row, 6)};
    size_t len;
    const uint8_t *staple = db_is_null(rows, row, 7) ? NULL : db_binary_value(rows, row, 7, &len);
    if (staple != NULL)
        server_staple_read(staple, len, &chain->staple);
    facts->outcome = OUTCOME_CERTIFICATE;
    return chain;
}

/* Rows of a chain follow one another, its leaf first. */
static bool add_chains(struct page *page)
{
    const char *params[] = {page->endpoints, page->times};
    struct db_result *rows = db_query_binary(page->db, SQL_KEPT_TESTS_CHAINS, 2, params, page->err);
    struct server_chain *chain = NULL;
    for (size_t row = 0; rows != NULL && row < db_rows(rows); row++) {
        size_t at = (size_t)db_binary_number(rows, row, 0) - 1, len;
        if (at >= page->asked)
            continue;
        if (chain == NULL || db_binary_number(rows, row, 8) == 0)
            chain = add_chain(&page->facts[at], rows, row);
        const uint8_t *der = db_binary_value(rows, row, 9, &len);
        chain->certs = xreallocarray(chain->certs, chain->count + 1, sizeof(struct cert *));
        chain->certs[chain->count++] = cert_parse(der, len);
    }
    db_result_destroy(rows);
    return rows != NULL;
}

static bool add_known(struct page *page)
{
    static const char *const items[] = {"known:sslv2_key", "known:protocols", "known:same_key", "known:key", "known:revocation"};
    const char *params[] = {page->endpoints};
    struct db_result *rows = db_query(page->db, SQL_KEPT_TESTS_KNOWN, 1, params, page->err);
    for (size_t row = 0; rows != NULL && row < db_rows(rows); row++)
        for (size_t i = 0; i < page->count; i++)
            if (db_int(rows, row, 0) == db_int(page->list, i, LIST_ENDPOINT))
                for (size_t k = 0; k < sizeof items / sizeof items[0]; k++)
                    server_facts_add(&page->facts[i], items[k], db_value(rows, row, 1 + 2 * k), db_value(rows, row, 2 + 2 * k));
    db_result_destroy(rows);
    return rows != NULL;
}

/* Rows of an endpoint follow one another. */
static bool add_policy(struct page *page)
{
    const char *params[] = {page->endpoints};
    struct db_result *rows = db_query(page->db, SQL_KEPT_TESTS_POLICY, 1, params, page->err);
    for (size_t row = 0; rows != NULL && row < db_rows(rows); row++)
        for (size_t i = 0; i < page->count; i++) {
            char item[40];
            if (db_int(rows, row, 0) != db_int(page->list, i, LIST_ENDPOINT))
                continue;
            if (strcmp(server_value(&page->facts[i], "known:policy"), "untested") == 0)
                server_facts_add(&page->facts[i], "known:policy", db_value(rows, row, 1), db_value(rows, row, 2));
            snprintf(item, sizeof item, "breaks:%.30s", db_value(rows, row, 3) == NULL ? "" : db_value(rows, row, 3));
            if (db_value(rows, row, 3) != NULL)
                server_facts_add(&page->facts[i], item, "accepted", db_value(rows, row, 4));
        }
    db_result_destroy(rows);
    return rows != NULL;
}

/* ---- giving them out ---- */

static bool tell(const struct page *page, size_t row, bool (*on_test)(void *, const struct kept_test *), void *context)
{
    struct kept_test test = {.endpoint = db_int(page->list, row, LIST_ENDPOINT),
                             .site = db_value(page->list, row, LIST_SITE),
                             .scan = db_value(page->list, row, LIST_SCAN),
                             .plan = db_value(page->list, row, LIST_PLAN),
                             .owner = db_value(page->list, row, LIST_OWNER),
                             .facts = page->facts[row],
                             .has_before = page->before_of[row] != 0,
                             .before = page->facts[page->before_of[row]]};
    return on_test(context, &test);
}

static void page_clear(struct page *page)
{
    for (size_t i = 0; i < page->asked; i++)
        server_facts_clear(&page->facts[i]);
    db_result_destroy(page->list);
    free(page->endpoints);
    free(page->times);
    free(page);
}

/* *more: there may be another page. */
static bool each_of_page(struct db *db, const struct kept_filter *filter, size_t behind, bool (*on_test)(void *, const struct kept_test *),
                         void *context, bool *more, struct error *err)
{
    struct page *page = xcalloc(1, sizeof *page);
    page->db = db;
    page->err = err;
    bool ok = list_page(page, filter, behind) && add_items(page) && add_chains(page) && add_known(page) && add_policy(page);
    *more = ok && page->count == TESTS_AT_ONCE;
    for (size_t row = 0; ok && row < page->count; row++)
        if (!tell(page, row, on_test, context)) {
            *more = false;
            break;
        }
    page_clear(page);
    return ok;
}

bool kept_tests_each(struct db *db, const struct kept_filter *filter, bool (*on_test)(void *context, const struct kept_test *test),
                     void *context, struct error *err)
{
    bool ok = true, more = true;
    for (size_t behind = 0; ok && more; behind += TESTS_AT_ONCE)
        ok = each_of_page(db, filter, behind, on_test, context, &more, err);
    return ok;
}
