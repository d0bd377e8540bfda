/* Captures that others made, with what is in them (CERTSWEEP_SHARED/pcaps): every certificate with its endpoint, role
 * and position, and nothing else, also when the packets come in another order, twice, without acknowledgments, or one
 * way only. And every endpoint that hides its certificate is a candidate for the sweep, no other. */
#include "tests/cmocka_all.h"

#include "probes/base/memory.h"
#include "probes/tls/names.h"
#include "scanner/passive/follow_ups.h"
#include "scanner/passive/handshake/key_log.h"
#include "tests/scanner/passive/packet_list.h"
#include "tests/scanner/passive/rebuild.h"
#include "tests/scanner/passive/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS_MAX 32

#define ORDERS 10                   /* that packets are shuffled into; others each time */

static char folder[512];
static uint64_t seed_of_all;

struct row {
    char *line;
    char *column[COLUMNS_MAX];
    size_t count;
};

struct table {
    struct row *rows;
    size_t count;
};

static void split(struct row *row)
{
    for (char *at = row->line; row->count < COLUMNS_MAX; at++) {
        row->column[row->count++] = at;
        at = strchrnul(at, '\t');
        if (*at == '\0')
            break;
        *at = '\0';
    }
    while (row->count < COLUMNS_MAX)
        row->column[row->count++] = (char *)(uintptr_t)"";
}

static bool table_read(struct table *table, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    *table = (struct table){0};
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        table->rows = xreallocarray(table->rows, table->count + 1, sizeof *table->rows);
        struct row *row = &table->rows[table->count++];
        *row = (struct row){.line = xstrdup(line)};
        split(row);
    }
    free(line);
    fclose(file);
    return true;
}

static void table_clear(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->rows[i].line);
    free(table->rows);
}

static const char *get(const struct table *table, size_t row, const char *name)
{
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        if (strcmp(table->rows[0].column[i], name) == 0)
            return table->rows[row].column[i];
    return "";
}

/* role: NULL both. */
static void read_expected(const char *name, const char *role, struct lines *certificates)
{
    struct table table;
    char path[512];
    snprintf(path, sizeof path, "expected/%s.tsv", name);
    assert_true(table_read(&table, path));
    for (size_t i = 1; i < table.count; i++)
        if (role == NULL || strcmp(get(&table, i, "role"), role) == 0)
            lines_add(certificates, "%s %s %s %s %s", get(&table, i, "server_ip"),
                      get(&table, i, "server_port"), get(&table, i, "role"), get(&table, i, "chain_pos"),
                      get(&table, i, "cert_sha256"));
    lines_sort(certificates);
    table_clear(&table);
}

static bool has_session(const struct seen *seen, const struct table *table, size_t row)
{
    char text[512];
    size_t len = (size_t)snprintf(text, sizeof text, "%s %s %s %s [%s]", get(table, row, "client_ip"),
                                  get(table, row, "client_port"), get(table, row, "server_ip"),
                                  get(table, row, "server_port"), get(table, row, "sni"));
    for (size_t i = 0; i < seen->sessions.count; i++)
        if (strncmp(seen->sessions.text[i], text, len) == 0)
            return true;
    return false;
}

/* The sessions table names one session per flow; a flow with several handshakes is right where one of them is it. */
static size_t check_sessions(const char *name, const struct seen *seen)
{
    struct table table;
    char path[512], text[1024];
    size_t wrong = 0;
    snprintf(path, sizeof path, "expected/%s.sessions.tsv", name);
    if (!table_read(&table, path))
        return 0;
    for (size_t i = 1; i < table.count; i++) {
        if (get(&table, i, "server_ip")[0] == '\0')
            continue;
        uint16_t version = 0;
        const char *version_text = get(&table, i, "version"), *cipher = get(&table, i, "cipher");
        if (strcmp(version_text, "DTLSv0.9") == 0)
            version = 0x0100;
        else if (strncmp(version_text, "0x", 2) == 0)
            version = (uint16_t)strtoul(version_text, NULL, 16);
        else if (version_text[0] != '\0')
            assert_true(tls_version_parse(version_text, &version));
        snprintf(text, sizeof text, "%s %s %s %s [%s] 0x%04x %s", get(&table, i, "client_ip"),
                 get(&table, i, "client_port"), get(&table, i, "server_ip"), get(&table, i, "server_port"),
                 get(&table, i, "sni"), version, cipher);
        bool is_doubtful = version < 0x0300;       /* tshark did not see, or misread, the answer */
        if (is_doubtful ? !has_session(seen, &table, i) : !lines_hold(&seen->sessions, text)) {
            fprintf(stderr, "%s: session missing: %s\n", name, text);
            wrong++;
        }
        snprintf(text, sizeof text, "%s %s %s %s %s %s", get(&table, i, "client_ip"), get(&table, i, "client_port"),
                 get(&table, i, "server_ip"), get(&table, i, "server_port"), get(&table, i, "ja3"),
                 get(&table, i, "ja3s"));
        bool has_both = get(&table, i, "ja3")[0] != '\0' && get(&table, i, "ja3s")[0] != '\0';
        if (has_both && !lines_hold(&seen->fingerprints, text)) {
            fprintf(stderr, "%s: fingerprints missing: %s\n", name, text);
            wrong++;
        }
    }
    if (wrong != 0 && getenv("CERTSWEEP_TEST_VERBOSE") != NULL)
        for (size_t i = 0; i < seen->sessions.count; i++)
            fprintf(stderr, "    seen %s\n", seen->sessions.text[i]);
    table_clear(&table);
    return wrong;
}

enum change { UNCHANGED, SHUFFLED, DUPLICATED, WITHOUT_ACKS, ALL_CHANGES, ONE_WAY, SEGMENTED, RECORDED, BOTH };

/* Without what was sent to the servers of the expected certificates. */
static void keep_servers(struct packet_list *list, const char *name)
{
    struct table table;
    char path[512];
    struct layers *layers = layers_create();
    struct layer_cursor cursor;
    size_t kept = 0;
    snprintf(path, sizeof path, "expected/%s.tsv", name);
    assert_true(table_read(&table, path));
    for (size_t i = 0; i < list->count; i++) {
        struct packet packet = list->packets[i];
        enum layer layer = layers_walk(layers, &packet, &cursor);
        bool keep = true;
        if (layer == LAYER_TCP || layer == LAYER_UDP) {
            struct address to = address_from_bytes(cursor.destination, cursor.ip_len), server;
            for (size_t row = 1; row < table.count; row++)
                if (address_parse(get(&table, row, "server_ip"), &server) && address_compare(&to, &server) == 0 &&
                    atoi(get(&table, row, "server_port")) == cursor.destination_port)
                    keep = false;
        }
        if (keep)
            list->packets[kept++] = packet;
        else
            free((void *)(uintptr_t)packet.bytes);
    }
    list->count = kept;
    layers_destroy(layers);
    table_clear(&table);
}

/* For SEGMENTED and RECORDED seed is the size. */
static void change(struct packet_list *list, const char *name, enum change change, uint64_t seed)
{
    if (change == ONE_WAY)
        keep_servers(list, name);
    if (change >= SEGMENTED) {
        struct packet_list changed;
        rebuild(list, &changed, change == RECORDED ? 1448 : seed, change == SEGMENTED ? 0 : change == BOTH ? 5 : seed);
        packet_list_clear(list);
        *list = changed;
    }
    if (change == WITHOUT_ACKS || change == ALL_CHANGES)
        packet_list_drop_pure_acks(list);
    if (change == DUPLICATED || change == ALL_CHANGES)
        packet_list_duplicate(list, 10, seed);
    if (change == SHUFFLED || change == ALL_CHANGES)
        packet_list_shuffle(list, 64, seed);
}

/* What the tables do not list although it is there: they have OpenVPN over TCP only. */
static void expect_openvpn_over_udp(const char *name, struct lines *expected)
{
    static const char *const addresses[] = {"198.51.100.20 4444", "2001:db8:2::20 5555"};
    if (strcmp(name, "arkime__openvpn_synthetic.pcap") != 0)
        return;
    for (size_t i = 0; i < 2; i++)
        lines_add(expected, "%s server 0 cdbda2149c5925eaa961c1e9338ead719fb197be29c90520a7fa341285a45866", addresses[i]);
    lines_sort(expected);
}

static size_t check(const char *name, enum change how, uint64_t seed)
{
    char path[1024], title[600];
    struct packet_list list;
    struct seen seen = {0};
    struct lines expected = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(title, sizeof title, "%s (change %d, seed %llu)", name, how, (unsigned long long)seed);
    packet_list_read(&list, path);
    change(&list, name, how, seed);
    struct key_log *keys = list.secrets_len != 0 ? key_log_create() : NULL;
    if (keys != NULL)
        key_log_add(keys, list.secrets, list.secrets_len);
    struct listener_options options = {
        .on_handshake = seen_on_handshake, .context = &seen, .want_ja3 = how == UNCHANGED, .keys = keys};
    struct listener *listener = listener_create(&options);
    packet_list_feed(&list, listener);
    listener_destroy(listener);
    seen_sort(&seen);
    read_expected(name, how == ONE_WAY ? "server" : NULL, &expected);
    expect_openvpn_over_udp(name, &expected);
    size_t wrong = lines_diff(title, &expected, &seen.certificates);
    if (how == UNCHANGED)
        wrong += check_sessions(name, &seen);
    lines_clear(&expected);
    seen_clear(&seen);
    packet_list_clear(&list);
    key_log_destroy(keys);
    return wrong;
}

/* Not TLS (RDP's own certificates); TLS inside OpenVPN, where more is found here than the table knows, and over UDP only if
 * the reset that opens it comes first. */
static bool is_optional(const struct table *manifest, size_t row, bool changed)
{
    const char *features = get(manifest, row, "features"), *oracle = get(manifest, row, "oracle");
    return strcmp(oracle, "zeek") == 0 || strcmp(get(manifest, row, "file"), "ndpi__openvpn.pcap") == 0 ||
           (changed && (strstr(features, "openvpn") != NULL || strstr(get(manifest, row, "file"), "openvpn_") != NULL)) ||
           (changed && strstr(features, "certs-need-embedded-secrets") != NULL);
}

static void check_all(enum change how, uint64_t seed)
{
    struct table manifest;
    size_t wrong = 0, files = 0;
    if (!table_read(&manifest, "MANIFEST.tsv")) {
        fprintf(stderr, "SKIP: no captures in %s: set CERTSWEEP_SHARED\n", folder);
        skip();
    }
    const char *only = getenv("CERTSWEEP_TEST_ONLY");
    for (size_t i = 1; i < manifest.count; i++) {
        const char *name = get(&manifest, i, "file");
        if (is_optional(&manifest, i, how != UNCHANGED) || (only != NULL && strstr(name, only) == NULL))
            continue;
        if (how >= RECORDED && strstr(name, "openvpn") != NULL)
            continue;               /* other record sizes break the lengths of the packets around them */
        if (how >= SEGMENTED && strstr(name, "heuristic_tcp_ack_payload") != NULL)
            continue;               /* its streams begin in two versions, of which only one is rebuilt */
        size_t here = check(name, how, seed);
        wrong += here;
        files += here != 0;
    }
    if (wrong != 0)
        fprintf(stderr, "%zu differences in %zu files\n", wrong, files);
    table_clear(&manifest);
    assert_int_equal(wrong, 0);
}

static void every_certificate_and_no_other_is_found(void **state)
{
    (void)state;
    check_all(UNCHANGED, 0);
}

static void order_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < ORDERS; i++)
        check_all(SHUFFLED, seed_of_all + i);
}

static void duplicates_do_not_matter(void **state)
{
    (void)state;
    check_all(DUPLICATED, seed_of_all);
}

static void acknowledgments_do_not_matter(void **state)
{
    (void)state;
    check_all(WITHOUT_ACKS, 1);
}

static void all_of_it_at_once_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < ORDERS; i++)
        check_all(ALL_CHANGES, seed_of_all + i);
}

static void segment_size_does_not_matter(void **state)
{
    static const uint64_t sizes[] = {1, 7, 64, 300, 1460};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        check_all(SEGMENTED, sizes[i]);
}

static void record_size_does_not_matter(void **state)
{
    static const uint64_t sizes[] = {1, 2, 5, 100, 16384};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        check_all(RECORDED, sizes[i]);
}

static void one_direction_is_enough(void **state)
{
    (void)state;
    check_all(ONE_WAY, 0);
}

/* ---- JA4 ---- */

struct ja4_seen {
    uint16_t client_port;
    char ja4[37];
};

static void on_ja4(void *context, const struct handshake *handshake)
{
    struct ja4_seen *seen = context;
    if (handshake->client_port == seen->client_port)
        memcpy(seen->ja4, handshake->ja4, sizeof seen->ja4);
}

/* What FoxIO's own tools say of these captures (rust/ja4/src/snapshots of github.com/FoxIO-LLC/ja4). */
static void ja4_is_what_its_makers_say(void **state)
{
    static const struct {
        const char *file;
        uint16_t client_port;
        const char *ja4;
    } expected[] = {
        {"ja4__chrome-cloudflare-quic-with-secrets.pcapng", 57098, "t13d1516h2_8daaf6152771_e5627efa2ab1"},
        {"ja4__chrome-cloudflare-quic-with-secrets.pcapng", 50280, "q13d0310h3_55b375c5d22e_cd85d2d88918"},
        {"ja4__macos_tcp_flags.pcap", 61311, "t13d2613h2_2802a3db6c62_845d286b0d67"},
        {"ja4__latest.pcapng", 52937, "t12d190800_d83cc789557e_7af1ed941c26"},
        {"ja4__latest.pcapng", 52938, "t13d1516h2_8daaf6152771_9b887d9acb53"},
        {"ja4__tls-handshake.pcapng", 50122, "t13d1516h1_8daaf6152771_e5627efa2ab1"},
        {"ja4__tls-handshake.pcapng", 50123, "t13d151400_8daaf6152771_de4a06bb82e3"},
        {"ja4__tls-handshake.pcapng", 50153, "t13d1517h1_8daaf6152771_6cdcb247c39b"},
        {"arkime__https-connect.pcap", 54723, "t12i860500_e18388e7f3a3_a1e935682795"},
        {"arkime__tls-alpn-h2.pcap", 64034, "t12d4605h2_85626a9a5f7f_aaf95bb78ec9"},
        {"arkime__badcurveball.pcap", 55318, "t13d1615h2_46e7e9700bed_45f260be83e2"},
    };
    struct table manifest;
    (void)state;
    if (!table_read(&manifest, "MANIFEST.tsv"))
        skip();
    table_clear(&manifest);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char path[1024];
        struct packet_list list;
        struct ja4_seen seen = {.client_port = expected[i].client_port};
        snprintf(path, sizeof path, "%s/%s", folder, expected[i].file);
        packet_list_read(&list, path);
        packet_list_tell(&list, on_ja4, &seen);
        packet_list_clear(&list);
        assert_string_equal(seen.ja4, expected[i].ja4);
    }
}

/* ---- keys ---- */

static void count_decrypted(void *context, const struct handshake *handshake)
{
    *(size_t *)context += handshake->decrypted && handshake->chain_count != 0;
}

/* Chrome's, with their secrets in the file: one connection over TCP, one over QUIC. */
static void chains_that_keys_opened_are_told_as_such(void **state)
{
    char path[1024];
    struct packet_list list;
    size_t decrypted = 0;
    (void)state;
    snprintf(path, sizeof path, "%s/ja4__chrome-cloudflare-quic-with-secrets.pcapng", folder);
    if (access(path, R_OK) != 0)
        skip();
    packet_list_read(&list, path);
    struct key_log *keys = key_log_create();
    key_log_add(keys, list.secrets, list.secrets_len);
    struct listener_options options = {.on_handshake = count_decrypted, .context = &decrypted, .keys = keys};
    struct listener *listener = listener_create(&options);
    packet_list_feed(&list, listener);
    listener_destroy(listener);
    key_log_destroy(keys);
    packet_list_clear(&list);
    assert_int_equal(decrypted, 2);
}

/* ---- what is hidden ---- */

struct candidates {
    struct follow_ups *follow_ups;
    struct lines lines;
};

static void on_hidden(void *context, const struct handshake *handshake)
{
    struct candidates *candidates = context;
    char line[512];
    if (!follow_ups_add(candidates->follow_ups, handshake, line))
        return;
    struct follow_up candidate;
    char address[ADDRESS_TEXT_SIZE];
    assert_true(follow_up_parse(line, &candidate));
    address_format(&candidate.address, address);
    lines_add(&candidates->lines, "%s %s %u [%s]", transport_name(candidate.transport), address, candidate.port,
              candidate.server_name);
}

/* The sessions table's endpoints, each once; names that are none are not carried. */
static void read_hidden(const char *name, struct lines *hidden)
{
    struct table table;
    char path[512];
    snprintf(path, sizeof path, "expected/%s.sessions.tsv", name);
    assert_true(table_read(&table, path));
    for (size_t i = 1; i < table.count; i++) {
        char text[512];
        const char *sni = get(&table, i, "sni");
        struct address address;
        bool is_name = !address_parse(sni, &address) && strchr(sni, ':') == NULL;
        snprintf(text, sizeof text, "%s %s %s [%s]", get(&table, i, "transport"), get(&table, i, "server_ip"),
                 get(&table, i, "server_port"), is_name ? sni : "");
        lines_sort(hidden);
        if (!lines_hold(hidden, text))
            lines_add(hidden, "%s", text);
    }
    lines_sort(hidden);
    table_clear(&table);
}

static size_t check_candidates(const char *name)
{
    char path[1024];
    struct packet_list list;
    struct candidates candidates = {.follow_ups = follow_ups_create(FOLLOW_UP_TTL_US, "")};
    struct lines hidden = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    packet_list_read(&list, path);
    packet_list_tell(&list, on_hidden, &candidates);
    lines_sort(&candidates.lines);
    read_hidden(name, &hidden);
    size_t wrong = lines_diff(name, &hidden, &candidates.lines);
    lines_clear(&hidden);
    lines_clear(&candidates.lines);
    follow_ups_destroy(candidates.follow_ups);
    packet_list_clear(&list);
    return wrong;
}

static void every_hidden_endpoint_is_a_candidate_once(void **state)
{
    struct table manifest;
    size_t wrong = 0, files = 0;
    (void)state;
    if (!table_read(&manifest, "MANIFEST.tsv"))
        skip();
    for (size_t i = 1; i < manifest.count; i++)
        if (strcmp(get(&manifest, i, "kind"), "hello") == 0) {
            wrong += check_candidates(get(&manifest, i, "file"));
            files++;
        }
    table_clear(&manifest);
    assert_true(files != 0);
    assert_int_equal(wrong, 0);
}

static void small_segments_of_small_records_do_not_matter(void **state)
{
    (void)state;
    check_all(BOTH, 7);
}

/* "sha256,sha256" of one role, in order of position, out of lines "server port role position sha256"; one chain a file. */
static void chain_of(const struct seen *seen, const char *role, char *chain, size_t size)
{
    size_t len = 0;
    chain[0] = '\0';
    for (size_t i = 0; i < seen->certificates.count; i++) {
        char line_role[16], sha256[65];
        if (sscanf(seen->certificates.text[i], "%*s %*s %15s %*s %64s", line_role, sha256) == 2 &&
            strcmp(line_role, role) == 0 && len + 66 < size)
            len += (size_t)snprintf(chain + len, size - len, "%s%s", len == 0 ? "" : ",", sha256);
    }
}

static void trouble_that_users_had_is_read_right(void **state)
{
    struct table table;
    size_t wrong = 0;
    (void)state;
    if (!table_read(&table, "../cases/passive/expected.tsv")) {
        fprintf(stderr, "SKIP: no cases beside %s\n", folder);
        skip();
    }
    for (size_t i = 1; i < table.count; i++) {
        const char *name = get(&table, i, "file"), *expected = get(&table, i, "server_chain_sha256");
        if (strcmp(name, "gap_in_serverhello.pcap") == 0)
            expected = "";          /* the leaf's first bytes are in the gap */
        char path[1024], server[1024], client[1024];
        struct packet_list list;
        struct seen seen = {0};
        snprintf(path, sizeof path, "%s/../cases/passive/%s", folder, name);
        packet_list_read(&list, path);
        packet_list_tell(&list, seen_on_handshake, &seen);
        seen_sort(&seen);
        chain_of(&seen, "server", server, sizeof server);
        chain_of(&seen, "client", client, sizeof client);
        if (strcmp(server, expected) != 0 || strcmp(client, get(&table, i, "client_chain_sha256")) != 0) {
            fprintf(stderr, "%s: server %s, client %s\n", name, server, client);
            wrong++;
        }
        seen_clear(&seen);
        packet_list_clear(&list);
    }
    table_clear(&table);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const char *shared = getenv("CERTSWEEP_SHARED");
    snprintf(folder, sizeof folder, "%s/pcaps", shared != NULL ? shared : CERTSWEEP_SHARED);
    seed_of_all = test_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_certificate_and_no_other_is_found),
        cmocka_unit_test(ja4_is_what_its_makers_say),
        cmocka_unit_test(chains_that_keys_opened_are_told_as_such),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(duplicates_do_not_matter),
        cmocka_unit_test(acknowledgments_do_not_matter),
        cmocka_unit_test(all_of_it_at_once_does_not_matter),
        cmocka_unit_test(one_direction_is_enough),
        cmocka_unit_test(every_hidden_endpoint_is_a_candidate_once),
        cmocka_unit_test(segment_size_does_not_matter),
        cmocka_unit_test(record_size_does_not_matter),
        cmocka_unit_test(small_segments_of_small_records_do_not_matter),
        cmocka_unit_test(trouble_that_users_had_is_read_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
