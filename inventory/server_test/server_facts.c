#include "inventory/server_test/server_facts.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_AT_ONCE 1000

struct ders {
    size_t count;
    struct bundle_der *rows;        /* copies */
};

struct reading {
    struct bundle_reader *reader;
    struct server_test *test;
    struct error *err;
    int64_t last;                   /* row */
    size_t rows;                    /* of this batch */
    struct ders ders, staples;
    struct {
        size_t count;
        struct bundle_chain *rows;
    } chains;
};

/* ---- lookups ---- */

static const struct server_item *find(const struct server_facts *facts, const char *item)
{
    const uint32_t hash = (uint32_t)fast_hash(0, item, strlen(item));
    for (size_t i = 0; i < facts->item_count; i++)
        if (facts->items[i].hash == hash && strcmp(facts->items[i].item, item) == 0)
            return &facts->items[i];
    return NULL;
}

const char *server_value(const struct server_facts *facts, const char *item)
{
    const struct server_item *found = find(facts, item);
    return found == NULL ? "untested" : found->value;
}

const char *server_detail(const struct server_facts *facts, const char *item)
{
    const struct server_item *found = find(facts, item);
    return found == NULL ? "" : found->detail;
}

bool server_accepts(const struct server_facts *facts, const char *item)
{
    return strcmp(server_value(facts, item), "accepted") == 0;
}

bool server_refuses(const struct server_facts *facts, const char *item)
{
    return strcmp(server_value(facts, item), "refused") == 0;
}

const struct server_item *server_items_next(const struct server_facts *facts, const char *prefix, size_t *at)
{
    size_t len = strlen(prefix);
    while (*at < facts->item_count)
        if (strncmp(facts->items[(*at)++].item, prefix, len) == 0)
            return &facts->items[*at - 1];
    return NULL;
}

const struct tls_suite *server_suites_next(const struct server_facts *facts, size_t *at, uint16_t *version)
{
    const struct server_item *item;
    while ((item = server_items_next(facts, "suite:", at)) != NULL) {
        char name[16];
        const char *behind = item->item + strlen("suite:");
        const struct tls_suite *suite = tls_suite_parse(strrchr(item->item, ':') + 1);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(behind, ":"), behind);
        if (suite != NULL && tls_version_parse(name, version))
            return suite;
    }
    return NULL;
}

unsigned server_number(const struct server_facts *facts, const char *item)
{
    const char *value = server_value(facts, item);
    return value[0] >= '0' && value[0] <= '9' ? (unsigned)strtoul(value, NULL, 10) : 0;
}

const struct server_version server_versions[SERVER_VERSIONS] = {
    {"sslv2", "SSL 2.0"}, {"sslv3", "SSL 3.0"}, {"tls10", "TLS 1.0"},
    {"tls11", "TLS 1.1"}, {"tls12", "TLS 1.2"}, {"tls13", "TLS 1.3"},
};

const struct server_chain *server_usual_chain(const struct server_facts *facts)
{
    return facts->chain_count == 0 ? NULL : &facts->chains[0];
}

void server_facts_add(struct server_facts *facts, const char *item, const char *value, const char *detail)
{
    facts->items = xreallocarray(facts->items, facts->item_count + 1, sizeof *facts->items);
    facts->items[facts->item_count++] = (struct server_item){
        .hash = (uint32_t)fast_hash(0, item, strlen(item)), .item = xstrdup(item), .value = xstrdup(value), .detail = xstrdup(detail == NULL ? "" : detail)};
}

/* ---- the bundle ---- */

bool server_facts_are_of(const struct server_facts *facts, const struct endpoint *b)
{
    const struct endpoint *a = &facts->endpoint;
    return a->transport == b->transport && a->port == b->port && address_compare(&a->address, &b->address) == 0 &&
           strcmp(a->zone, b->zone) == 0 && strcmp(a->server_name, b->server_name) == 0;
}

static struct server_facts *facts_of(struct server_test *test, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < test->count; i++)
        if (server_facts_are_of(&test->servers[i], endpoint))
            return &test->servers[i];
    test->servers = xreallocarray(test->servers, test->count + 1, sizeof *test->servers);
    test->servers[test->count] = (struct server_facts){.endpoint = *endpoint};
    return &test->servers[test->count++];
}

static void note_row(struct reading *reading, int64_t row)
{
    reading->last = row;
    reading->rows++;
}

static void keep_der(struct ders *ders, const struct bundle_der *row)
{
    ders->rows = xreallocarray(ders->rows, ders->count + 1, sizeof *ders->rows);
    struct bundle_der *copy = &ders->rows[ders->count++];
    *copy = *row;
    copy->der.bytes = xmemdup(row->der.bytes, row->der.len);
}

static bool on_der(void *context, const struct bundle_der *row)
{
    struct reading *reading = context;
    note_row(reading, row->row);
    keep_der(&reading->ders, row);
    return true;
}

static bool on_staple(void *context, const struct bundle_der *row)
{
    struct reading *reading = context;
    note_row(reading, row->row);
    keep_der(&reading->staples, row);
    return true;
}

static bool on_chain(void *context, const struct bundle_chain *row)
{
    struct reading *reading = context;
    note_row(reading, row->row);
    reading->chains.rows = xreallocarray(reading->chains.rows, reading->chains.count + 1, sizeof *reading->chains.rows);
    struct bundle_chain *copy = &reading->chains.rows[reading->chains.count++];
    *copy = *row;
    copy->certificates = xmemdup(row->certificates, row->count * sizeof *row->certificates);
    return true;
}

static const struct bundle_der *der_of(const struct ders *ders, int64_t row)
{
    for (size_t i = 0; i < ders->count; i++)
        if (ders->rows[i].row == row)
            return &ders->rows[i];
    return NULL;
}

static void chain_fill(const struct reading *reading, int64_t row, struct server_chain *chain)
{
    for (size_t i = 0; i < reading->chains.count; i++) {
        const struct bundle_chain *found = &reading->chains.rows[i];
        if (found->row != row)
            continue;
        chain->certs = xcalloc(found->count + 1, sizeof *chain->certs);
        for (size_t c = 0; c < found->count; c++) {
            const struct bundle_der *der = der_of(&reading->ders, found->certificates[c]);
            if (der != NULL)
                chain->certs[chain->count++] = cert_parse(der->der.bytes, der->der.len);
        }
        return;
    }
}

/* The default variant comes first, whatever the bundle's order. */
static void add_chain(const struct reading *reading, const struct bundle_observation *row, struct server_facts *facts)
{
    facts->chains = xreallocarray(facts->chains, facts->chain_count + 1, sizeof *facts->chains);
    struct server_chain chain = {.variant = row->seen.variant,
                                 .tls_version = row->seen.tls_version,
                                 .cipher_suite = row->seen.cipher_suite,
                                 .group = row->seen.group,
                                 .key_proven = row->seen.key_proven,
                                 .sct_count = row->seen.sct_count};
    const struct bundle_der *staple = row->staple == 0 ? NULL : der_of(&reading->staples, row->staple);
    if (staple != NULL)
        server_staple_read(staple->der.bytes, staple->der.len, &chain.staple);
    chain_fill(reading, row->chain, &chain);
    size_t at = facts->chain_count++;
    if (chain.variant == VARIANT_DEFAULT && at != 0) {
        facts->chains[at] = facts->chains[0];
        at = 0;
    }
    facts->chains[at] = chain;
}

static bool on_observation(void *context, const struct bundle_observation *row)
{
    struct reading *reading = context;
    note_row(reading, row->row);
    struct server_facts *facts = facts_of(reading->test, &row->seen.endpoint);
    if (facts->began_us == 0 || row->seen.time_us < facts->began_us)
        facts->began_us = row->seen.time_us;
    facts->connections += row->seen.connections;
    if (facts->outcome == 0 || row->seen.outcome == OUTCOME_CERTIFICATE) {
        facts->outcome = row->seen.outcome;
        memcpy(facts->protocol, row->seen.protocol, sizeof facts->protocol);
        memcpy(facts->detail, row->seen.detail, sizeof facts->detail);
    }
    if (row->chain != 0)
        add_chain(reading, row, facts);
    return true;
}

static bool on_posture(void *context, const struct bundle_posture *row)
{
    struct reading *reading = context;
    note_row(reading, row->row);
    struct server_facts *facts = facts_of(reading->test, &row->fact.endpoint);
    if (strcmp(row->fact.item, "connections") == 0)
        facts->connections = (unsigned)strtoul(row->fact.value, NULL, 10);
    server_facts_add(facts, row->fact.item, row->fact.value, row->fact.detail);
    return true;
}

/* Places that answered are in the observations. */
static void count_silent(struct reading *reading, enum outcome outcome)
{
    if (outcome != 0 && outcome < OUTCOME_COUNT && !outcome_is_answer(outcome))
        reading->test->silent[outcome]++;
}

static bool on_block(void *context, const struct bundle_block *row)
{
    note_row(context, row->row);
    for (uint32_t i = 0; i < row->result.count; i++)
        count_silent(context, row->result.outcomes[i]);
    return true;
}

static bool on_name(void *context, const struct bundle_name *row)
{
    note_row(context, row->row);
    count_silent(context, row->result.outcome);
    return true;
}

static bool read_all(struct reading *reading)
{
    bool ok = true;
#define READ_ROWS(read, on_row)                                                                                      \
    for (reading->last = 0, reading->rows = ROWS_AT_ONCE; ok && reading->rows == ROWS_AT_ONCE;) {                     \
        reading->rows = 0;                                                                                            \
        ok = read(reading->reader, reading->last, ROWS_AT_ONCE, on_row, reading, reading->err);                      \
    }
    READ_ROWS(bundle_read_certificates, on_der)
    READ_ROWS(bundle_read_staples, on_staple)
    READ_ROWS(bundle_read_chains, on_chain)
    READ_ROWS(bundle_read_observations, on_observation)
    READ_ROWS(bundle_read_postures, on_posture)
    READ_ROWS(bundle_read_blocks, on_block)
    READ_ROWS(bundle_read_names, on_name)
#undef READ_ROWS
    return ok;
}

static void ders_clear(struct ders *ders)
{
    for (size_t i = 0; i < ders->count; i++)
        free((void *)ders->rows[i].der.bytes);
    free(ders->rows);
}

bool server_test_read(const char *bundle, struct server_test *test, struct error *err)
{
    *test = (struct server_test){0};
    struct reading reading = {.reader = bundle_reader_open(bundle, err), .test = test, .err = err};
    bool ok = reading.reader != NULL && read_all(&reading);
    ders_clear(&reading.ders);
    ders_clear(&reading.staples);
    for (size_t i = 0; i < reading.chains.count; i++)
        free((void *)reading.chains.rows[i].certificates);
    free(reading.chains.rows);
    bundle_reader_close(reading.reader);
    return ok;
}

void server_facts_clear(struct server_facts *facts)
{
    for (size_t i = 0; i < facts->item_count; i++) {
        free(facts->items[i].item);
        free(facts->items[i].value);
        free(facts->items[i].detail);
    }
    for (size_t i = 0; i < facts->chain_count; i++) {
        for (size_t c = 0; c < facts->chains[i].count; c++)
            cert_destroy(facts->chains[i].certs[c]);
        free(facts->chains[i].certs);
    }
    free(facts->items);
    free(facts->chains);
}

void server_test_clear(struct server_test *test)
{
    for (size_t i = 0; i < test->count; i++)
        server_facts_clear(&test->servers[i]);
    free(test->servers);
    *test = (struct server_test){0};
}
