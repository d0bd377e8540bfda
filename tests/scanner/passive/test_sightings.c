/* From handshakes to rows: an hour is one row, whatever its count; a client's chain keeps its peer. */
#include "tests/cmocka_all.h"

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
    assert_int_equal(ask("SELECT count(*) FROM chain"), 1);
    unlink(path);
}

static void hidden_endpoints_are_candidates_once_in_their_time(void **state)
{
    struct follow_ups *follow_ups = follow_ups_create(FOLLOW_UP_TTL_US);
    struct handshake handshake = make_handshake();
    struct follow_up candidate;
    char line[512], target[512];
    (void)state;
    assert_false(follow_ups_add(follow_ups, &handshake, line));         /* its chain was seen */
    handshake.chain_count = 0;
    handshake.outcome = OUTCOME_HIDDEN;
    handshake.detail = "tls13";
    assert_true(follow_ups_add(follow_ups, &handshake, line));
    assert_string_equal(line, "tcp\t10.0.0.2\t443\ta.example\ttls\ttls13\n");
    assert_true(follow_up_parse(line, &candidate));
    assert_true(follow_up_target(&candidate, target));
    assert_string_equal(target, "a.example@10.0.0.2:443");
    assert_false(follow_ups_add(follow_ups, &handshake, line));
    handshake.server_name = "bad name\n10.9.9.9";                        /* a name that is none is not carried */
    assert_true(follow_ups_add(follow_ups, &handshake, line));
    assert_string_equal(line, "tcp\t10.0.0.2\t443\t-\ttls\ttls13\n");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_seen_a_million_times_in_an_hour_is_one_row),
        cmocka_unit_test(live_sightings_are_on_disk_at_once),
        cmocka_unit_test(what_differs_is_a_row_of_its_own_and_a_client_keeps_its_peer),
        cmocka_unit_test(full_tables_are_written_and_begin_anew),
        cmocka_unit_test(hidden_endpoints_are_candidates_once_in_their_time),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
