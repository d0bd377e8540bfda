/* bench_bundle COUNT FIRST SECOND: two bundles as two scans of COUNT addresses would leave them a day apart, each address
 * serving a certificate of its own from one CA, of which one in a hundred was renewed between them. What
 * tests/bench/load.sh carries into the database. */
#include "inventory/bundle/bundle.h"
#include "probes/base/memory.h"
#include "probes/base/target_space.h"
#include "tests/inventory/cert_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US     INT64_C(86400000000)
#define FIRST_US   INT64_C(1767225600000000)    /* 2026-01-01 */

static void check(bool ok, const struct error *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static struct bundle_writer *create(const char *path, unsigned count, unsigned day)
{
    struct error err = {0};
    struct bundle_head head = {.kind = BUNDLE_SCAN, .site = "default", .plan = "{}", .known_names = "",
                               .started_us = FIRST_US + day * DAY_US, .permutation_key = {1}, .space_size = count,
                               .shard_count = 1};
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012u", day);
    unsigned last = count - 1;
    char *space = xasprintf("ports 443\n10.0.0.0-10.%u.%u.%u\n", last >> 16 & 255, last >> 8 & 255, last & 255);
    head.space = space;
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    check(writer != NULL, &err);
    free(space);
    return writer;
}

static struct made_cert *leaf_make(const struct made_cert *ca, unsigned n, unsigned issue)
{
    char subject[80];
    snprintf(subject, sizeof subject, "O=Agency %u,CN=host-%u.agency-%u.example", n % 40, n, n % 40);
    struct cert_recipe recipe = {.subject = subject, .issuer = ca, .serial = n * 2L + issue + 10,
                                 .not_after = n % 3 == 0 ? "20270101000000Z" : "20271001000000Z"};
    return cert_make(&recipe);
}

static void add_answer(struct bundle_writer *writer, unsigned n, unsigned day, const struct der *chain)
{
    struct error err = {0};
    struct observation o = {.time_us = FIRST_US + day * DAY_US + n * INT64_C(1000), .method = METHOD_ACTIVE,
                            .role = ROLE_SERVER, .variant = VARIANT_DEFAULT, .outcome = OUTCOME_CERTIFICATE,
                            .protocol = "tls", .tls_version = 0x0304, .cipher_suite = 0x1301, .group = 29,
                            .connections = 1, .position = n, .chain = chain, .chain_count = 2};
    uint8_t address[] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    o.endpoint.transport = TRANSPORT_TCP;
    o.endpoint.address = address_from_bytes(address, 4);
    o.endpoint.port = 443;
    check(bundle_add_observation(writer, &o, &err), &err);
}

static void finish_blocks(struct bundle_writer *writer, unsigned count, unsigned day)
{
    struct error err = {0};
    uint8_t outcomes[BLOCK_POSITIONS];
    memset(outcomes, OUTCOME_CERTIFICATE, sizeof outcomes);
    for (unsigned block = 0; block * BLOCK_POSITIONS < count; block++) {
        struct block_result result = {.block = block, .from_us = FIRST_US + day * DAY_US,
                                      .to_us = FIRST_US + day * DAY_US + DAY_US / 2,
                                      .count = count - block * BLOCK_POSITIONS < BLOCK_POSITIONS ? count - block * BLOCK_POSITIONS : BLOCK_POSITIONS,
                                      .outcomes = outcomes};
        check(bundle_finish_block(writer, &result, &err), &err);
    }
}

static void add_leaf(struct bundle_writer *writer, unsigned n, unsigned day, const struct made_cert *leaf,
                     const struct made_cert *ca)
{
    struct der chain[] = {{leaf->der, leaf->len}, {ca->der, ca->len}};
    add_answer(writer, n, day, chain);
}

int main(int argc, char **argv)
{
    if (argc != 4 || atoi(argv[1]) < 1) {
        fprintf(stderr, "usage: bench_bundle COUNT FIRST SECOND\n");
        return 2;
    }
    unsigned count = (unsigned)atoi(argv[1]);
    struct error err = {0};
    struct bundle_writer *days[] = {create(argv[2], count, 0), create(argv[3], count, 1)};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Agency CA", .is_ca = 1, .serial = 7});
    for (unsigned n = 0; n < count; n++) {
        struct made_cert *leaf = leaf_make(ca, n, 0), *renewed = n % 100 == 99 ? leaf_make(ca, n, 1) : NULL;
        add_leaf(days[0], n, 0, leaf, ca);
        add_leaf(days[1], n, 1, renewed != NULL ? renewed : leaf, ca);
        cert_make_free(leaf);
        if (renewed != NULL)
            cert_make_free(renewed);
    }
    for (unsigned day = 0; day < 2; day++) {
        finish_blocks(days[day], count, day);
        check(bundle_seal(days[day], &err), &err);
    }
    cert_make_free(ca);
    return 0;
}
