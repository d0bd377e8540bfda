/* From handshakes to rows: an hour is one row, whatever its count; a client's chain keeps its peer. */
#include "tests/cmocka_all.h"

#include "probes/base/probe.h"
#include "scanner/run/follow_up_memory.h"
#include "scanner/passive/follow_ups.h"
#include "scanner/passive/sightings.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR_US 3600000000LL

static char folder[] = "/tmp/certsweep-sightings-XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static struct bundle_writer *make_bundle(void)
{
    struct bundle_head head = {.kind = BUNDLE_CAPTURE, .scan_id = "00000000-0000-4000-8000-000000000000",
                               .site = "default", .plan = "{}", .space = "", .known_names = "", .shard_count = 1};
    struct error err = {0};
    snprintf(path, sizeof path, "%s/x.bundle", folder);
    unlink(path);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    assert_non_null(writer);
    return writer;
}

static long long ask(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    long long value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static const uint8_t list_bytes[] = {0, 0, 16, 0, 0, 5, '0', '1', '2', '3', '4', 0, 0, 5, 'a', 'b', 'c', 'd', 'e'};
static const struct der chain[2] = {{list_bytes + 6, 5}, {list_bytes + 14, 5}};

static struct handshake make_handshake(void)
{
    struct handshake handshake = {.time_us = 1700000000000000, .role = ROLE_SERVER, .outcome = OUTCOME_CERTIFICATE,
                                  .detail = "", .transport = TRANSPORT_TCP, .server_port = 443, .client_port = 5,
                                  .server_name = "a.example", .protocol = "tls", .tls_version = 0x0303,
                                  .cipher_suite = 47, .group = -1, .alpn = "", .chain = chain, .chain_count = 2,
                                  .chain_bytes = list_bytes, .chain_bytes_len = sizeof list_bytes};
    address_parse("10.0.0.2", &handshake.server);
    address_parse("10.0.0.1", &handshake.client);
    return handshake;
}

static void finish(struct sightings *sightings, struct bundle_writer *writer)
{
    struct error err = {0};
    assert_true(sightings_flush(sightings, &err));
    sightings_destroy(sightings);
    assert_true(bundle_seal(writer, &err));
}

static void a_chain_seen_a_million_times_in_an_hour_is_one_row(void **state)
{
    struct sightings_options options = {.writer = make_bundle(), .lines_fd = -1};
    struct sightings *sightings = sightings_create(&options);
    struct handshake handshake = make_handshake();
    int64_t hour = handshake.time_us / HOUR_US * HOUR_US;
    (void)state;
    for (unsigned i = 0; i < 1000000; i++) {
        handshake.time_us = hour + (int64_t)i * 3000;
        sightings_add(sightings, &handshake);
    }
    handshake.time_us = hour + HOUR_US;         /* the next one is another row */
    sightings_add(sightings, &handshake);
    finish(sightings, options.writer);
    assert_int_equal(ask("SELECT count(*) FROM sighting"), 2);
    assert_int_equal(ask("SELECT count FROM sighting ORDER BY hour_us LIMIT 1"), 1000000);
    assert_int_equal(ask("SELECT last_us - first_us FROM sighting ORDER BY hour_us LIMIT 1"), 999999LL * 3000);
    assert_int_equal(ask("SELECT count(*) FROM certificate"), 2);
    assert_int_equal(ask("SELECT count(*) FROM chain"), 1);
    unlink(path);
}

static void live_sightings_are_on_disk_at_once(void **state)
{
    struct sightings_options options = {.writer = make_bundle(), .first_at_once = true, .lines_fd = -1};
    struct sightings *sightings = sightings_create(&options);
    struct handshake handshake = make_handshake();
    struct error err = {0};
    (void)state;
    sightings_add(sightings, &handshake);
    handshake.time_us += 5;
    sightings_add(sightings, &handshake);
    assert_true(bundle_commit(options.writer, &err));
    assert_int_equal(ask("SELECT sum(count) FROM sighting"), 1);
    finish(sightings, options.writer);
    assert_int_equal(ask("SELECT sum(count) FROM sighting"), 2);
    unlink(path);
}

static void what_differs_is_a_row_of_its_own_and_a_client_keeps_its_peer(void **state)
{
    struct sightings_options options = {.writer = make_bundle(), .lines_fd = -1};
    struct sightings *sightings = sightings_create(&options);
    struct handshake handshake = make_handshake();
    (void)state;
    sightings_add(sightings, &handshake);
    handshake.role = ROLE_CLIENT;
    sightings_add(sightings, &handshake);
    address_parse("10.0.0.3", &handshake.client);
    sightings_add(sightings, &handshake);
    handshake.server_name = "b.example";
    sightings_add(sightings, &handshake);
    handshake.time_us = -5;                     /* forged times are times */
    sightings_add(sightings, &handshake);
    handshake.time_us = 4294967295LL * 1000000;
    sightings_add(sightings, &handshake);
    finish(sightings, options.writer);
    assert_int_equal(ask("SELECT count(*) FROM sighting"), 6);
    assert_int_equal(ask("SELECT count(*) FROM sighting WHERE peer IS NOT NULL"), 5);
    assert_int_equal(ask("SELECT hour_us FROM sighting WHERE first_us = -5"), -HOUR_US);
    unlink(path);
}

static void full_tables_are_written_and_begin_anew(void **state)
{
    struct sightings_options options = {.writer = make_bundle(), .lines_fd = -1};
    struct sightings *sightings = sightings_create(&options);
    struct handshake handshake = make_handshake();
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        handshake.server_port = (uint16_t)(i % 50000 + 1);
        sightings_add(sightings, &handshake);
    }
    finish(sightings, options.writer);
    assert_int_equal(ask("SELECT sum(count) FROM sighting"), 100000);
    assert_int_equal(ask("SELECT sum(count) FROM sighting s JOIN chain c ON c.id = s.chain"), 100000);
    assert_int_equal(ask("SELECT count(*) FROM chain"), 1);
    assert_int_equal(ask("SELECT count(*) FROM chain_certificate"), 2);
    unlink(path);
}

static void hidden_endpoints_are_candidates_once_in_their_time(void **state)
{
    struct follow_ups *follow_ups = follow_ups_create(FOLLOW_UP_TTL_US, "an-id");
    struct handshake handshake = make_handshake();
    struct follow_up candidate;
    char line[512], target[512];
    (void)state;
    assert_false(follow_ups_add(follow_ups, &handshake, line));         /* its chain was seen */
    handshake.chain_count = 0;
    handshake.outcome = OUTCOME_HIDDEN;
    handshake.detail = "tls13";
    assert_true(follow_ups_add(follow_ups, &handshake, line));
    assert_string_equal(line, "tcp\t10.0.0.2\t443\ta.example\ttls\ttls13\tan-id\n");
    assert_true(follow_up_parse(line, &candidate));
    assert_true(follow_up_target(&candidate, target));
    assert_string_equal(target, "a.example@10.0.0.2:443");
    assert_string_equal(candidate.capture, "an-id");
    assert_false(follow_ups_add(follow_ups, &handshake, line));
    handshake.server_name = "bad name\n10.9.9.9";                        /* a name that is none is not carried */
    assert_true(follow_ups_add(follow_ups, &handshake, line));
    assert_string_equal(line, "tcp\t10.0.0.2\t443\t-\ttls\ttls13\tan-id\n");
    handshake.server_name = "a.example";
    handshake.time_us += FOLLOW_UP_TTL_US;
    assert_true(follow_ups_add(follow_ups, &handshake, line));
    address_parse("2001:db8::1", &handshake.server);
    handshake.server_name = "";
    assert_true(follow_ups_add(follow_ups, &handshake, line));
    assert_true(follow_up_parse(line, &candidate));
    assert_true(follow_up_target(&candidate, target));
    assert_string_equal(target, "[2001:db8::1]:443");
    follow_ups_destroy(follow_ups);
}

static const char *probe_of(const char *protocol, enum transport transport)
{
    const struct follow_up candidate = {.protocol = protocol, .transport = transport};
    const struct probe *probe = follow_up_probe(&candidate);
    return probe == NULL ? "" : probe->name;
}

static void a_candidate_is_asked_in_its_dialect_or_not_at_all(void **state)
{
    (void)state;
    assert_string_equal(probe_of("smtp", TRANSPORT_TCP), "smtp");
    assert_string_equal(probe_of("tls", TRANSPORT_TCP), "tls");
    assert_string_equal(probe_of("lmtp", TRANSPORT_TCP), "lmtp");
    assert_string_equal(probe_of("xmpp-server", TRANSPORT_TCP), "xmpp-server");
    assert_string_equal(probe_of("quic", TRANSPORT_UDP), "tls");
    assert_string_equal(probe_of("dtls", TRANSPORT_UDP), "");
    assert_string_equal(probe_of("socks5", TRANSPORT_TCP), "");        /* the address is the proxy's */
    assert_string_equal(probe_of("http_connect", TRANSPORT_TCP), "");
    assert_string_equal(probe_of("starttls", TRANSPORT_TCP), "");
}

static struct follow_up_memory *open_memory(int64_t now_us)
{
    struct error err = {0};
    snprintf(path, sizeof path, "%s/asked", folder);
    struct follow_up_memory *memory = follow_up_memory_open(path, now_us, FOLLOW_UP_TTL_US, &err);
    assert_non_null(memory);
    return memory;
}

static void what_was_asked_is_remembered_for_a_day(void **state)
{
    const int64_t now = 1800000000000000;
    struct error err = {0};
    (void)state;
    struct follow_up_memory *memory = open_memory(now);
    assert_true(follow_up_memory_add(memory, "a"));
    assert_true(follow_up_memory_add(memory, "b"));
    assert_false(follow_up_memory_add(memory, "a"));
    follow_up_memory_forget(memory, "b");
    follow_up_memory_forget(memory, "never");
    assert_true(follow_up_memory_close(memory, &err));
    memory = open_memory(now + FOLLOW_UP_TTL_US - 1);
    assert_false(follow_up_memory_add(memory, "a"));
    assert_true(follow_up_memory_add(memory, "b"));
    assert_true(follow_up_memory_close(memory, &err));
    memory = open_memory(now + FOLLOW_UP_TTL_US);
    assert_true(follow_up_memory_add(memory, "a"));
    assert_false(follow_up_memory_add(memory, "b"));
    assert_true(follow_up_memory_close(memory, &err));
    memory = open_memory(now - 1);              /* the clock was ahead: those times mean nothing */
    assert_true(follow_up_memory_add(memory, "a"));
    assert_true(follow_up_memory_close(memory, &err));
    unlink(path);
}

static void a_memory_that_is_damaged_is_read_as_far_as_it_makes_sense(void **state)
{
    struct error err = {0};
    (void)state;
    snprintf(path, sizeof path, "%s/asked", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("garbage\n\n12\n\tx\n999999999999999999999\ty\n1800000000000000\tz", file);
    fclose(file);
    struct follow_up_memory *memory = open_memory(1800000000000000);
    assert_true(follow_up_memory_add(memory, "x"));
    assert_true(follow_up_memory_add(memory, "y"));
    assert_false(follow_up_memory_add(memory, "z"));
    assert_true(follow_up_memory_close(memory, &err));
    unlink(path);
}

static void a_staple_is_kept_once_an_hour_with_its_sighting(void **state)
{
    static const uint8_t first[] = {0x30, 0x03, 0x0a, 0x01, 0x00}, second[] = {0x30, 0x03, 0x0a, 0x01, 0x06};
    struct sightings_options options = {.writer = make_bundle(), .first_at_once = true, .lines_fd = -1};
    struct sightings *sightings = sightings_create(&options);
    struct handshake handshake = make_handshake();
    (void)state;
    sightings_add(sightings, &handshake);               /* a hello that asked for none */
    handshake.ocsp_staple = first;
    handshake.ocsp_staple_len = sizeof first;
    handshake.sct_count = 2;
    sightings_add(sightings, &handshake);
    handshake.ocsp_staple = second;
    handshake.ocsp_staple_len = sizeof second;
    sightings_add(sightings, &handshake);
    handshake.server_port = 8443;                       /* elsewhere the second is the first */
    sightings_add(sightings, &handshake);
    finish(sightings, options.writer);
    assert_int_equal(ask("SELECT count(*) FROM staple"), 2);
    assert_int_equal(ask("SELECT count(*) FROM sighting s JOIN staple t ON t.id = s.staple JOIN endpoint e "
                         "ON e.id = s.endpoint WHERE e.port = 443 AND t.der = x'30030a0100'"), 1);
    assert_int_equal(ask("SELECT count(*) FROM sighting s JOIN staple t ON t.id = s.staple JOIN endpoint e "
                         "ON e.id = s.endpoint WHERE e.port = 8443 AND t.der = x'30030a0106'"), 1);
    assert_int_equal(ask("SELECT max(sct_count) FROM sighting"), 2);
    unlink(path);
}

static void staples_stay_within_the_memory(void **state)
{
    struct sightings_options options = {.writer = make_bundle(), .lines_fd = -1};
    struct sightings *sightings = sightings_create(&options);
    struct handshake handshake = make_handshake();
    uint8_t *staple = calloc(1, 1u << 20);
    (void)state;
    handshake.ocsp_staple = staple;
    handshake.ocsp_staple_len = 1u << 20;
    for (unsigned i = 0; i < 40; i++) {                 /* 40 MiB of them, 16 may be held */
        staple[0] = (uint8_t)i;
        handshake.server_port = (uint16_t)(i + 1);
        sightings_add(sightings, &handshake);
    }
    assert_in_range(sightings_counts(sightings)->rows, 15, 39);
    finish(sightings, options.writer);
    assert_int_equal(ask("SELECT count(DISTINCT staple) FROM sighting"), 40);
    free(staple);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_seen_a_million_times_in_an_hour_is_one_row),
        cmocka_unit_test(live_sightings_are_on_disk_at_once),
        cmocka_unit_test(what_differs_is_a_row_of_its_own_and_a_client_keeps_its_peer),
        cmocka_unit_test(full_tables_are_written_and_begin_anew),
        cmocka_unit_test(a_staple_is_kept_once_an_hour_with_its_sighting),
        cmocka_unit_test(staples_stay_within_the_memory),
        cmocka_unit_test(hidden_endpoints_are_candidates_once_in_their_time),
        cmocka_unit_test(a_candidate_is_asked_in_its_dialect_or_not_at_all),
        cmocka_unit_test(what_was_asked_is_remembered_for_a_day),
        cmocka_unit_test(a_memory_that_is_damaged_is_read_as_far_as_it_makes_sense),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
