/* bench_state SIZE NIGHTS FOLDER: what a state's network would leave behind. SIZE certificates, each at three endpoints, scanned
 * every night; one certificate in a hundred is another one each night, one endpoint in two hundred is a load balancer
 * between two. Written into FOLDER, in the time that the writing takes:
 *
 *     night-00.bundle ...    finished scans of 10.0.0.0 and on, ports 443 and 8443, in the order of their permutation
 *     again-00.bundle        another scan, half a day after the first: each endpoint gives the same answer
 *     part-NN.bundle         half a day after the last night NN: the first /16 alone, one certificate in a hundred is another
 *     managed.csv            SIZE / 5 records, three in five by SHA-256, half with a place, one in twenty of nothing there
 *     owners.csv             2,000 rules: prefixes, name suffixes, issuers
 *     cas.pem, policy.ini    roots as a managed source, the agency's own CA
 *
 * Host h of 2 * SIZE serves certificate h % SIZE on 443; the first SIZE hosts also on 8443, the others refuse it. */
#include "inventory/bundle/bundle.h"
#include "probes/base/memory.h"
#include "probes/base/permutation.h"
#include "probes/base/target_space.h"
#include "tests/bench/state_certs.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US      INT64_C(86400000000)
#define FIRST_US    INT64_C(1788220800000000)   /* 2026-09-01 */
#define OWNER_RULES 2000
#define ISSUES_MAX  62
#define PART_HOSTS  65536           /* a /16 */

struct state {
    unsigned size, nights;
    unsigned hosts;                 /* that are scanned, from 10.0.0.0 on */
    int64_t started_us;             /* of the scan that is written */
    const char *folder;
    struct state_certs *certs;
    uint8_t *issue;                 /* of each certificate, tonight */
};

static void check(bool ok, const struct error *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_state: %s\n", err->text);
    exit(1);
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 31) * 0x9e3779b97f4a7c15u;
    return (x ^ x >> 29) * 0xbf58476d1ce4e5b9u >> 20;
}

static FILE *file_open(const struct state *state, const char *name)
{
    char *path = xasprintf("%s/%s", state->folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    free(path);
    return file;
}

static void host_address(unsigned host, char text[20])
{
    snprintf(text, 20, "10.%u.%u.%u", host >> 16 & 255, host >> 8 & 255, host & 255);
}

/* ---- one night ---- */

static char *space_text(const struct state *state)
{
    char last[20];
    host_address(state->hosts - 1, last);
    return xasprintf("ports 443,8443\n10.0.0.0-%s\n", last);
}

static struct bundle_writer *night_open(const struct state *state, const char *name, unsigned night, const char *space)
{
    struct error err = {0};
    struct bundle_head head = {.kind = BUNDLE_SCAN, .site = "default", .plan = "{}", .known_names = "", .space = space,
                               .started_us = state->started_us, .permutation_key = {1, (uint8_t)night, (uint8_t)name[0]},
                               .space_size = 2ull * state->hosts, .shard_count = 1};
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8%03x-%012u", (unsigned)name[0], night);
    char *path = xasprintf("%s/%s-%02u.bundle", state->folder, name, night);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    check(writer != NULL, &err);
    free(path);
    return writer;
}

/* One certificate in a hundred is another one than last night. */
static void issues_advance(struct state *state, unsigned night)
{
    for (unsigned n = 0; n < state->size && night > 0; n++)
        if (mix((uint64_t)n * 1000 + night) % 100 == 0 && state->issue[n] < ISSUES_MAX)
            state->issue[n]++;
}

static bool is_balancer(unsigned host)
{
    return mix(host + 77u) % 200 == 0;
}

static void answer_add(const struct state *state, struct bundle_writer *writer, unsigned night, uint64_t position,
                       const struct target *target, unsigned host)
{
    struct error err = {0};
    unsigned number = host % state->size;
    if (is_balancer(host) && mix((uint64_t)host * 64 + night) % 2 != 0)
        number = (number + 1) % state->size;
    struct state_leaf leaf = state_certs_leaf(state->certs, number, state->issue[number]);
    struct der chain[2] = {{leaf.der, leaf.len}};
    chain[1].bytes = state_certs_ca(state->certs, leaf.ca, &chain[1].len);
    bool is_old = mix(host + 5u) % 10 == 0;
    struct observation o = {.time_us = state->started_us + (int64_t)position * 1000, .method = METHOD_ACTIVE,
                            .role = ROLE_SERVER, .variant = VARIANT_DEFAULT, .outcome = OUTCOME_CERTIFICATE, .protocol = "tls",
                            .tls_version = is_old ? 0x0303 : 0x0304, .cipher_suite = is_old ? 0xc02f : 0x1301, .group = 29,
                            .connections = 1, .position = position, .chain = chain, .chain_count = 2,
                            .connect_us = 900 + night, .handshake_us = 1200 + (uint32_t)(position & 255)};
    o.endpoint.transport = TRANSPORT_TCP;
    o.endpoint.address = target->address;
    o.endpoint.port = target->port;
    check(bundle_add_observation(writer, &o, &err), &err);
}

/* The answers of that night, as another scan (name) may have had them, too. */
static void night_write(struct state *state, const char *name, unsigned night)
{
    struct error err = {0};
    char *text = space_text(state);
    struct target_space *space = target_space_parse(text, &err);
    struct bundle_writer *writer = night_open(state, name, night, text);
    const struct bundle_head *head = bundle_head(writer);
    struct permutation permutation;
    permutation_init(&permutation, head->space_size, head->permutation_key);
    for (uint64_t block = 0; block * BLOCK_POSITIONS < head->space_size; block++) {
        uint8_t outcomes[BLOCK_POSITIONS];
        uint64_t first = block * BLOCK_POSITIONS, left = head->space_size - first;
        uint32_t count = left < BLOCK_POSITIONS ? (uint32_t)left : BLOCK_POSITIONS;
        for (uint32_t i = 0; i < count; i++) {
            struct target target;
            target_space_get(space, permutation_index(&permutation, first + i), &target);
            const uint8_t *bytes = target.address.bytes;
            unsigned host = (unsigned)bytes[1] << 16 | (unsigned)bytes[2] << 8 | bytes[3];
            bool serves = target.port == 443 || host < state->size;
            outcomes[i] = serves ? OUTCOME_CERTIFICATE : OUTCOME_REFUSED;
            if (serves)
                answer_add(state, writer, night, first + i, &target, host);
        }
        struct block_result result = {.block = block, .from_us = head->started_us + (int64_t)first * 1000,
                                      .to_us = head->started_us + (int64_t)(first + count) * 1000, .count = count, .outcomes = outcomes};
        check(bundle_finish_block(writer, &result, &err), &err);
    }
    check(bundle_seal(writer, &err), &err);
    target_space_destroy(space);
    free(text);
}

/* ---- what is known ---- */

static void managed_write(const struct state *state)
{
    FILE *out = file_open(state, "managed.csv");
    fputs("common name,serial number,issuer,sha256,location,owner\n", out);
    for (unsigned n = 0; n < state->size; n += 5) {
        char name[STATE_NAME_SIZE], serial[33], address[20], sha256[65] = "";
        unsigned kind = (unsigned)(mix(n) % 20);
        bool by_hash = kind < 12;
        state_certs_name(kind == 19 ? n + 1000000000u : n, name);
        state_certs_serial(kind == 19 ? n + 1000000000u : n, 0, serial);
        host_address(n, address);
        if (by_hash) {
            struct state_leaf leaf = state_certs_leaf(state->certs, n, 0);
            uint8_t hash[32];
            SHA256(leaf.der, leaf.len, hash);
            for (int i = 0; i < 32; i++)
                sprintf(sha256 + 2 * i, "%02x", hash[i]);
        }
        fprintf(out, "%s,%s,\"%s\",%s,%s%s,Department %u\n", name, by_hash ? "" : serial, by_hash ? "" : state_certs_issuer(n % STATE_CAS),
                sha256, kind % 2 == 0 ? address : "", kind % 2 == 0 ? ":443" : "", n % 97);
    }
    fclose(out);
}

static void owners_write(const struct state *state)
{
    FILE *out = file_open(state, "owners.csv");
    fputs("prefix,name suffix,issuer,owner\n", out);
    for (unsigned i = 0; i < OWNER_RULES; i++) {
        if (i % 2 == 0)
            fprintf(out, "10.%u.%u.0/20,,,Network %u\n", i / 2 / 16 & 255, i / 2 % 16 * 16, i / 2);
        else if (i % 20 != 19)
            fprintf(out, ",d%03u.example,,Department %u\n", i / 2 % 1000, i / 2);
        else
            fprintf(out, ",,\"%s\",PKI %u\n", state_certs_issuer(i / 20 % STATE_CAS), i / 20);
    }
    fclose(out);
}

static void policy_write(const struct state *state)
{
    FILE *out = file_open(state, "policy.ini");
    fputs("[policy]\nname = bench\n[own ca: Agency]\nissuer = O=Agency\n", out);
    fclose(out);
    out = file_open(state, "cas.pem");
    for (unsigned root = 0; root < STATE_ROOTS; root++) {
        char *pem = state_certs_root_pem(state->certs, root);
        fputs(pem, out);
        free(pem);
    }
    fclose(out);
}

int main(int argc, char **argv)
{
    struct state state = {.size = argc == 4 ? (unsigned)atoi(argv[1]) : 0, .nights = argc == 4 ? (unsigned)atoi(argv[2]) : 0};
    if (state.size < 10 || state.size > 8000000 || state.nights < 1 || state.nights > 60) {
        fprintf(stderr, "usage: bench_state SIZE NIGHTS FOLDER (SIZE 10 to 8,000,000, NIGHTS 1 to 60)\n");
        return 2;
    }
    state.folder = argv[3];
    bundle_one_thread();
    state.certs = state_certs_create(state.size);
    state.issue = xcalloc(state.size, 1);
    state.hosts = 2 * state.size;
    managed_write(&state);
    owners_write(&state);
    policy_write(&state);
    for (unsigned night = 0; night < state.nights; night++) {
        issues_advance(&state, night);
        state.started_us = FIRST_US + night * DAY_US;
        night_write(&state, "night", night);
        state.started_us += DAY_US / 2;
        if (night == 0)
            night_write(&state, "again", night);
    }
    issues_advance(&state, state.nights);
    state.hosts = state.hosts < PART_HOSTS ? state.hosts : PART_HOSTS;
    night_write(&state, "part", state.nights - 1);
    state_certs_destroy(state.certs);
    free(state.issue);
    return 0;
}
