/* The loader against a real database: exactly once, in any order, nothing half. */
#include "inventory/bundle/bundle_reader.h"
#include "inventory/load/loader.h"
#include "inventory/load/serving.h"
#include "inventory_store_sql.h"
#include "probes/base/memory.h"
#include "probes/base/permutation.h"
#include "probes/base/target_space.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/load/load_fixture.h"

#include <glob.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define HOSTS 4
#define DAY   INT64_C(86400000000)

/* ---- bundles by hand ---- */

/* What one scan of 10.0.0.0/24 saw of the hosts .1 to .4 on one day: the seed of each one's chain; 0 refused, -1 no
 * answer, -2 an answer that is no TLS, -3 two chains side by side. */
struct story {
    unsigned scan;              /* part of its id */
    const char *site;
    int day;
    int hosts[HOSTS];
    uint32_t shard, shard_count;        /* 0 of 0: all */
    bool is_capture;            /* sightings instead, no space */
    bool unsealed;
    const char *plan;           /* NULL: {} */
    bool staples;               /* answers carry OCSP responses */
    bool hidden;                /* sightings without their chains */
};

static const char space_small[] = "ports 443\n10.0.0.0-10.0.0.255\n";
static const char space_large[] = "ports 443-474\n10.0.0.0-10.0.0.255\n";     /* two blocks, for two shards */

static void check(bool ok, const struct error *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

static char *story_path(const struct story *story)
{
    return xasprintf("%s/%s-%u-%u.bundle", folder, story->site, story->scan, story->shard);
}

static struct observation answer_of(const struct story *story, unsigned host, const struct fixture_chain *chain)
{
    struct observation o = fixture_observation(host, chain);
    o.time_us = FIXTURE_TIME + story->day * DAY + host * INT64_C(1000000);
    o.outcome = chain == NULL ? OUTCOME_NOT_TLS : OUTCOME_CERTIFICATE;
    o.position = UINT64_MAX;
    return o;
}

static void seen_write(struct bundle_writer *writer, const struct story *story, unsigned host, int seed)
{
    struct error err = {0};
    struct fixture_chain chain;
    fixture_chain_init(&chain, (unsigned)abs(seed), 2);
    struct observation o = answer_of(story, host, seed == -2 || story->hidden ? NULL : &chain);
    const uint8_t staple[] = {0x30, 0x03, 0x0a, 0x01, (uint8_t)seed};
    if (story->staples) {
        o.ocsp_staple = staple;
        o.ocsp_staple_len = sizeof staple;
        o.sct_count = 3;
    }
    if (story->hidden)
        o.outcome = OUTCOME_HIDDEN;
    struct sighting sighting = {.hour_us = FIXTURE_TIME + story->day * DAY, .first_us = o.time_us,
                                .last_us = o.time_us + 1000, .count = 3, .seen = o};
    check(story->is_capture ? bundle_add_sighting(writer, &sighting, &err)
                            : bundle_add_observation(writer, &o, &err), &err);
}

/* The outcome of each position: what its host did on port 443; elsewhere no host answered. */
static void blocks_write(struct bundle_writer *writer, const struct story *story)
{
    struct error err = {0};
    const struct bundle_head *head = bundle_head(writer);
    struct target_space *space = target_space_parse(head->space, &err);
    check(space != NULL, &err);
    struct permutation permutation;
    permutation_init(&permutation, head->space_size, head->permutation_key);
    for (uint64_t block = head->shard; block * BLOCK_POSITIONS < head->space_size; block += head->shard_count) {
        uint8_t outcomes[BLOCK_POSITIONS];
        uint64_t left = head->space_size - block * BLOCK_POSITIONS;
        uint32_t count = left < BLOCK_POSITIONS ? (uint32_t)left : BLOCK_POSITIONS;
        for (uint32_t i = 0; i < count; i++) {
            struct target target;
            target_space_get(space, permutation_index(&permutation, block * BLOCK_POSITIONS + i), &target);
            unsigned host = target.address.bytes[3];
            int seed = target.port == 443 && host >= 1 && host <= HOSTS ? story->hosts[host - 1] : -1;
            outcomes[i] = seed == 0    ? OUTCOME_REFUSED
                          : seed == -1 ? OUTCOME_TIMEOUT_CONNECT
                          : seed == -2 ? OUTCOME_NOT_TLS
                                       : OUTCOME_CERTIFICATE;
        }
        struct block_result result = {.block = block, .from_us = FIXTURE_TIME + story->day * DAY,
                                      .to_us = FIXTURE_TIME + story->day * DAY + 60000000, .count = count,
                                      .outcomes = outcomes};
        check(bundle_finish_block(writer, &result, &err), &err);
    }
    target_space_destroy(space);
}

static void story_write(const struct story *story)
{
    struct error err = {0};
    bool large = story->shard_count == 2;
    struct bundle_head head = fixture_head(story->is_capture ? BUNDLE_CAPTURE : BUNDLE_SCAN,
                                           story->is_capture ? "" : large ? space_large : space_small,
                                           story->is_capture ? 0 : large ? 8192 : 256);
    snprintf(head.site, sizeof head.site, "%s", story->site);
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012u", story->scan);
    head.started_us = FIXTURE_TIME + story->day * DAY;
    if (story->plan != NULL)
        head.plan = story->plan;
    head.shard = story->shard;
    head.shard_count = large ? 2 : 1;
    char *path = story_path(story);
    unlink(path);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    check(writer != NULL, &err);
    for (unsigned host = 1; host <= HOSTS && story->shard == 0; host++) {
        int seed = story->hosts[host - 1];
        if (seed > 0 || seed == -2)
            seen_write(writer, story, host, seed);
        if (seed == -3) {
            seen_write(writer, story, host, 501);
            seen_write(writer, story, host, 502);
        }
    }
    if (!story->is_capture)
        blocks_write(writer, story);
    if (story->unsealed)
        bundle_close(writer);
    else
        check(bundle_seal(writer, &err), &err);
    free(path);
}

static struct loader_report story_load(const struct story *story)
{
    struct error err = {0};
    struct loader_report report;
    char *path = story_path(story);
    check(loader_load(cluster->db, path, &report, &err), &err);
    free(path);
    return report;
}

/* ---- what came out, in words that know no ids ---- */

static const char serving_sql[] =
    "SELECT st.name, e.address, s.variant, substr(c.sha256::text, 3, 8), s.from_at, s.to_at, s.closed_at, s.several, s.missed "
    "FROM serving s JOIN endpoint e ON e.id = s.endpoint JOIN site st ON st.id = e.site "
    "JOIN chain c ON c.id = s.chain ORDER BY 1, 2, 3, 5, 4";
static const char event_sql[] =
    "SELECT st.name, e.address, v.kind, v.time, v.variant, substr(b.sha256::text, 3, 8), substr(a.sha256::text, 3, 8) "
    "FROM event v JOIN endpoint e ON e.id = v.endpoint JOIN site st ON st.id = e.site "
    "LEFT JOIN chain b ON b.id = v.chain_before LEFT JOIN chain a ON a.id = v.chain_after ORDER BY 1, 2, 4, 3, 5, 6, 7";
static const char state_sql[] =
    "SELECT st.name, e.address, s.first_certificate_at, s.last_outcome, s.gone_at "
    "FROM endpoint_state s JOIN endpoint e ON e.id = s.endpoint JOIN site st ON st.id = e.site ORDER BY 1, 2";
static const char quiet_sql[] =
    "SELECT scan.scan_id, q.prefix, q.port, q.outcome, q.from_at, q.to_at, q.addresses FROM quiet q "
    "JOIN scan ON scan.id = q.scan ORDER BY 1, 2, 3, 4";
static const char facts_sql[] =
    /* an answer is a row or a bit */
    "SELECT (SELECT count(*) FROM (SELECT endpoint, variant, scan FROM observation UNION SELECT e.id, c.variant, c.scan "
    "FROM endpoint e JOIN confirmation c ON c.block = e.id >> 12 WHERE get_bit(c.bits, (e.id & 4095)::int) = 1) a), "
    "(SELECT count(*) FROM certificate), (SELECT count(*) FROM chain), "
    "(SELECT count(*) FROM endpoint), (SELECT sum(count) FROM scan_outcome), (SELECT sum(count) FROM sighting)";

static char *everything(void)
{
    char *parts[] = {test_rows(cluster->db, serving_sql), test_rows(cluster->db, event_sql),
                     test_rows(cluster->db, state_sql), test_rows(cluster->db, quiet_sql),
                     test_rows(cluster->db, facts_sql)};
    char *text = xasprintf("%s\n%s\n%s\n%s\n%s", parts[0], parts[1], parts[2], parts[3], parts[4]);
    for (size_t i = 0; i < 5; i++)
        free(parts[i]);
    return text;
}

static void events_are(const char *address, const char *expected)
{
    char *sql = xasprintf("SELECT string_agg(kind, ' ' ORDER BY time, kind) FROM event v JOIN endpoint e "
                          "ON e.id = v.endpoint WHERE e.address = '%s'", address);
    char *text = test_rows(cluster->db, sql);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, expected);
    free(text);
    free(sql);
}

static int empty(void **state)
{
    (void)state;
    test_cluster_empty(cluster);
    return 0;
}

/* ---- cases ---- */

static void a_scan_becomes_rows(void **state)
{
    (void)state;
    struct story story = {.scan = 1, .site = "a", .hosts = {11, 12, 0, -2}};
    story_write(&story);
    struct loader_report report = story_load(&story);
    assert_int_equal(report.observations, 3);
    assert_int_equal(report.blocks, 1);
    assert_true(report.finished);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate"), 4);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM serving"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT sum(count) FROM scan_outcome"), 256);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM quiet"), 2);       /* refused, and no answer */
    assert_int_equal(test_number(cluster->db, "SELECT bit_count(addresses) FROM quiet WHERE outcome = 12"), 252);
    assert_int_equal(test_number(cluster->db, "SELECT get_bit(addresses, 3) FROM quiet WHERE outcome = 10"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM recompute"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation_early"), 0);
}

static void a_bundle_loaded_twice_changes_nothing(void **state)
{
    (void)state;
    struct story story = {.scan = 1, .site = "a", .hosts = {11, 12, 0, -2}},
                 capture = {.scan = 2, .site = "a", .day = 1, .hosts = {11, 13, 14, 0}, .is_capture = true};
    story_write(&story);
    story_write(&capture);
    story_load(&story);
    story_load(&capture);
    char *once = everything();
    struct loader_report report = story_load(&story);
    assert_int_equal(report.observations + report.blocks, 0);
    story_load(&capture);
    char *twice = everything();
    assert_string_equal(once, twice);
    free(once);
    free(twice);
}

static void two_sites_with_the_same_addresses_never_meet(void **state)
{
    (void)state;
    struct story a = {.scan = 1, .site = "a", .hosts = {11, 12, -1, -1}},
                 b = {.scan = 2, .site = "b", .day = 1, .hosts = {21, 0, -1, -1}};
    story_write(&a);
    story_write(&b);
    story_load(&a);
    story_load(&b);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM endpoint"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM event WHERE kind <> 'new'"), 0);
    events_are("10.0.0.2", "new");          /* b's refusal says nothing of a's host */
}

static void gone_needs_an_answer_and_a_finished_scan(void **state)
{
    (void)state;
    struct story first = {.scan = 1, .site = "a", .hosts = {11, 12, 13, 14}},
                 silent = {.scan = 2, .site = "a", .day = 1, .hosts = {-1, -1, -1, -1}},
                 open = {.scan = 3, .site = "a", .day = 2, .hosts = {0, -2, 13, 14}, .unsealed = true},
                 whole = {.scan = 4, .site = "a", .day = 3, .hosts = {0, -2, -1, 15}},
                 again = {.scan = 5, .site = "a", .day = 4, .hosts = {11, 12, 13, 15}};
    story_write(&first);
    story_write(&silent);
    story_write(&open);
    story_write(&whole);
    story_write(&again);
    story_load(&first);
    story_load(&silent);
    story_load(&open);
    events_are("10.0.0.1", "new");
    events_are("10.0.0.2", "new");
    assert_true(story_load(&whole).finished);
    events_are("10.0.0.1", "new gone");
    events_are("10.0.0.2", "new gone");
    events_are("10.0.0.3", "new");          /* silence is no answer */
    events_are("10.0.0.4", "new changed");
    story_load(&again);
    events_are("10.0.0.1", "new gone returned");
}

static void a_certificate_that_comes_back_has_returned(void **state)
{
    (void)state;
    struct story stories[] = {{.scan = 1, .site = "a", .hosts = {11, 12, 13, 14}},
                              {.scan = 2, .site = "a", .day = 1, .hosts = {0, 0, -1, 24}},
                              {.scan = 3, .site = "a", .day = 2, .hosts = {11, -1, 13, 14}},
                              {.scan = 4, .site = "a", .day = 3, .hosts = {0, 22, 13, 14}}};
    for (size_t i = 0; i < 4; i++) {
        story_write(&stories[i]);
        story_load(&stories[i]);
    }
    events_are("10.0.0.1", "new gone returned gone");
    events_are("10.0.0.2", "new gone changed returned");
    events_are("10.0.0.3", "new");
    events_are("10.0.0.4", "new changed");         /* back within three scans: a load balancer, open side by side */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM endpoint_state WHERE gone_at IS NOT NULL"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM serving_current"), 4);
}

static void two_chains_in_one_scan_stand_side_by_side(void **state)
{
    (void)state;
    struct story stories[] = {{.scan = 1, .site = "a", .hosts = {-3, -1, -1, -1}},
                              {.scan = 2, .site = "a", .day = 1, .hosts = {-3, -1, -1, -1}}};
    for (size_t i = 0; i < 2; i++) {
        story_write(&stories[i]);
        story_load(&stories[i]);
    }
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM serving WHERE several AND closed_at IS NULL"), 2);
    events_are("10.0.0.1", "new");
}

/* Any order of loading gives the same intervals, events, states, quiet rows and counts. */
static void any_order_gives_the_same(void **state)
{
    (void)state;
    struct story stories[] = {
        {.scan = 1, .site = "a", .day = 0, .hosts = {11, 12, 13, -3}},
        {.scan = 2, .site = "a", .day = 1, .hosts = {0, 12, 23, -3}},
        {.scan = 3, .site = "a", .day = 2, .hosts = {11, -2, 23, 15}, .shard_count = 2},
        {.scan = 3, .site = "a", .day = 2, .hosts = {11, -2, 23, 15}, .shard = 1, .shard_count = 2},
        {.scan = 4, .site = "a", .day = 2, .hosts = {11, 12, 13, 14}, .is_capture = true},
        {.scan = 5, .site = "b", .day = 3, .hosts = {0, 12, 0, 0}},
        {.scan = 6, .site = "a", .day = 4, .hosts = {0, 0, -2, 11}},
    };
    enum { COUNT = sizeof stories / sizeof stories[0] };
    size_t order[COUNT];
    char *expected = NULL;
    srand(42);
    for (size_t i = 0; i < COUNT; i++) {
        story_write(&stories[i]);
        order[i] = i;
    }
    for (int round = 0; round < 10; round++) {
        test_cluster_empty(cluster);
        for (size_t i = 0; i < COUNT; i++)
            story_load(&stories[order[i]]);
        char *got = everything();
        if (expected == NULL)
            expected = got;
        else {
            assert_string_equal(got, expected);
            free(got);
        }
        for (size_t i = COUNT - 1; i > 0; i--) {
            size_t j = (size_t)rand() % (i + 1), swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
    }
    assert_non_null(strstr(expected, "gone"));
    assert_non_null(strstr(expected, "returned"));
    assert_non_null(strstr(expected, "changed"));
    free(expected);
}

/* One more capture, with a chain seen `count` times at host 1, in as many rows; and once at host 2 if `more`. */
static struct loader_report capture_load(unsigned run, uint64_t count, bool more)
{
    struct error err = {0};
    struct fixture_chain chain;
    struct loader_report report;
    fixture_chain_init(&chain, 1, 2);
    struct bundle_head head = fixture_head(BUNDLE_CAPTURE, "", 0);
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012u", run);
    char *path = xasprintf("%s/capture-%u.bundle", folder, run);
    unlink(path);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    struct sighting sighting = {.hour_us = FIXTURE_TIME, .first_us = FIXTURE_TIME, .last_us = FIXTURE_TIME};
    for (uint64_t row = 0; row < run; row++) {
        sighting.count = row == 0 ? count - (run - 1) : 1;
        sighting.seen = fixture_observation(1, &chain);
        assert_true(bundle_add_sighting(writer, &sighting, &err));
    }
    sighting.seen = fixture_observation(2, &chain);
    sighting.count = 1;
    assert_true(!more || bundle_add_sighting(writer, &sighting, &err));
    check(bundle_seal(writer, &err), &err);
    check(loader_load(cluster->db, path, &report, &err), &err);
    free(path);
    return report;
}

/* In however many rows it says so. */
static void a_capture_that_tells_what_another_told_is_skipped(void **state)
{
    (void)state;
    assert_false(capture_load(1, 10, false).skipped);
    assert_true(capture_load(2, 10, false).skipped);
    assert_true(capture_load(3, 10, false).skipped);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM sighting"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT sum(count) FROM sighting"), 10);
}

static void a_capture_that_tells_more_is_loaded(void **state)
{
    (void)state;
    assert_false(capture_load(1, 10, false).skipped);
    assert_false(capture_load(2, 10, true).skipped);
    assert_false(capture_load(3, 11, false).skipped);
    assert_int_equal(test_number(cluster->db, "SELECT sum(count) FROM sighting"), 32);
    assert_true(capture_load(4, 10, true).skipped);
}

/* What was pruned is not here any more, so the capture may come again. */
static void a_pruned_capture_skips_no_other(void **state)
{
    (void)state;
    struct error err = {0};
    const char *const before[] = {"2100-01-01"};
    assert_false(capture_load(1, 10, false).skipped);
    struct db_result *pruned = db_query(cluster->db, SQL_DB_PRUNE, 1, before, &err);
    check(pruned != NULL, &err);
    db_result_destroy(pruned);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM sighting"), 0);
    assert_false(capture_load(2, 10, false).skipped);
    assert_int_equal(test_number(cluster->db, "SELECT sum(count) FROM sighting"), 10);
}

/* An open bundle is loaded as far as it is written; the next load brings the rest. */
static void a_bundle_that_grows_is_carried_on(void **state)
{
    (void)state;
    struct error err = {0};
    struct story story = {.scan = 1, .site = "a", .hosts = {11, 12, -1, -1}, .unsealed = true};
    story_write(&story);
    assert_false(story_load(&story).finished);
    char *path = story_path(&story);
    struct bundle_writer *writer = bundle_reopen(path, &err);
    check(writer != NULL, &err);
    seen_write(writer, &story, 3, 13);
    check(bundle_seal(writer, &err), &err);
    struct loader_report report = story_load(&story);
    assert_int_equal(report.observations, 1);
    assert_true(report.finished);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation"), 3);
    free(path);
}

static void texts_that_no_database_takes_are_cleaned(void **state)
{
    (void)state;
    struct error err = {0};
    struct bundle_head head = fixture_head(BUNDLE_CAPTURE, "", 0);
    head.plan = "{\"x\":\"\xff\"}";
    char *path = xasprintf("%s/text.bundle", folder);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    struct observation o = fixture_observation(1, NULL);
    o.position = UINT64_MAX;
    memcpy(o.endpoint.server_name, "a\xff\x1b\\b", 6);
    memcpy(o.detail, "\xc3\x28", 3);
    o.time_us = INT64_MIN + 1;
    assert_true(bundle_add_observation(writer, &o, &err));
    o.time_us = INT64_MAX;
    assert_true(bundle_add_observation(writer, &o, &err));
    check(bundle_seal(writer, &err), &err);
    check(loader_load(cluster->db, path, NULL, &err), &err);
    char *rows = test_rows(cluster->db, "SELECT server_name FROM endpoint");
    assert_string_equal(rows, "a\\xff\\x1b\\b\n");
    assert_int_equal(test_number(cluster->db, "SELECT (SELECT count(*) FROM observation_early) + (SELECT count(*) FROM observation_ahead)"), 2);
    free(rows);
    free(path);
}

/* ---- forged bundles ---- */

static bool check_accepts(const char *path)
{
    struct bundle_reader *reader = bundle_reader_open(path, NULL);
    bool ok = reader != NULL && bundle_reader_check(reader, NULL, NULL);
    bundle_reader_close(reader);
    return ok;
}

static void forged_bundles_are_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *text;     /* what is done to it, what the error names */
    } cases[] = {
        {"UPDATE certificate SET der = x'3000' WHERE id = 1", "SHA-256"},
        {"UPDATE chain SET sha256 = zeroblob(32) WHERE id = 1", "SHA-256"},
        {"DELETE FROM chain_certificate WHERE position = 0", "chain"},
        {"DELETE FROM certificate WHERE id = 2", "not there"},
        {"UPDATE observation SET endpoint = 999", "endpoint is not there"},
        {"UPDATE observation SET chain = 999", "chain is not there"},
        {"UPDATE observation SET position = 256", "position"},
        {"UPDATE observation SET outcome = 99", "outcome"},
        {"UPDATE observation SET variant = 0", "variant"},
        {"UPDATE observation SET protocol = 'a' || char(0) || 'b'", "protocol"},
        {"UPDATE observation SET detail = hex(zeroblob(1000))", "detail"},
        {"UPDATE observation SET tls_version = 70000", "version"},
        {"UPDATE endpoint SET address = x'0a'", "address"},
        {"UPDATE endpoint SET address = x'0a0000000000'", "address"},
        {"UPDATE endpoint SET port = 65536", "port"},
        {"UPDATE endpoint SET transport = 1", "transport"},
        {"UPDATE block SET block = 7", "space"},
        {"UPDATE block SET count = 255", "count"},
        {"UPDATE block SET outcomes = x'01ff0fff'", "outcomes"},
        {"UPDATE block SET outcomes = zeroblob(1000000)", "outcomes"},
        {"UPDATE head SET space = 'nonsense'", "space"},
        {"UPDATE head SET space = 'ports 443' || char(10) || '10.0.0.0-10.0.0.7' || char(10)", "space"},
        {"UPDATE head SET scan_id = 'x'", "scan_id"},
        {"UPDATE head SET site = ''", "site"},
        {"UPDATE head SET shard = 5", "shard"},
        {"INSERT INTO head SELECT * FROM head", "more than one head"},
        {"DELETE FROM head", "no head"},
        {"CREATE TRIGGER t AFTER INSERT ON seal BEGIN DELETE FROM head; END", "tables"},
        {"CREATE VIEW v AS SELECT 1", "tables"},
        {"DROP TABLE counter", "tables"},
        {"ALTER TABLE counter ADD COLUMN x INTEGER", "tables"},
        {"PRAGMA user_version = 9", "format"},
        {"PRAGMA application_id = 9", "no bundle"},
        {"DELETE FROM seal", "never sealed"},
        /* What UNIQUE forbids, past its index. */
        {"PRAGMA writable_schema = ON; CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema; "
         "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_chain_1'; UPDATE sqlite_schema SET sql = replace(sql, ' UNIQUE', '') WHERE name = 'chain'; "
         "PRAGMA writable_schema = RESET; INSERT INTO chain SELECT 100, sha256 FROM chain WHERE id = 1; "
         "INSERT INTO chain_certificate SELECT 100, position, certificate FROM chain_certificate WHERE chain = 1; "
         "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'chain'; "
         "INSERT INTO sqlite_schema SELECT * FROM kept WHERE name IN ('chain', 'sqlite_autoindex_chain_1'); PRAGMA writable_schema = RESET", "twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct story story = {.scan = 1, .site = "a", .hosts = {11, 12, 0, -2}};
        story_write(&story);
        char *path = story_path(&story), *message = NULL;
        sqlite3 *sqlite;
        assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
        if (sqlite3_exec(sqlite, cases[i].sql, NULL, NULL, &message) != SQLITE_OK)
            fail_msg("%s: %s", cases[i].sql, message);
        sqlite3_close(sqlite);
        struct error err = {0};
        if (loader_load(cluster->db, path, NULL, &err))
            fail_msg("taken: %s", cases[i].sql);
        if (check_accepts(path))
            fail_msg("bundle check calls it good: %s", cases[i].sql);
        if (strstr(err.text, cases[i].text) == NULL)
            fail_msg("%s: %s", cases[i].sql, err.text);
        assert_int_equal(err.kind, ERROR_INPUT);
        free(path);
    }
    assert_int_equal(test_number(cluster->db, "SELECT (SELECT count(*) FROM scan) + (SELECT count(*) FROM certificate)"),
                     0);
}

static void a_scan_under_another_space_is_refused(void **state)
{
    (void)state;
    struct story story = {.scan = 1, .site = "a", .hosts = {11, 12, 0, -2}};
    story_write(&story);
    story_load(&story);
    struct error err = {0};
    struct story other = {.scan = 1, .site = "b", .hosts = {11, 12, 0, -2}};
    story_write(&other);
    char *path = story_path(&other);
    assert_false(loader_load(cluster->db, path, NULL, &err));
    assert_non_null(strstr(err.text, "another site"));
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM endpoint"), 4 - 1);
    free(path);
}

/* ---- kills ---- */

static char *large_bundle(unsigned rows)
{
    struct error err = {0};
    char *path = xasprintf("%s/large.bundle", folder);
    unlink(path);
    struct bundle_head head = fixture_head(BUNDLE_CAPTURE, "", 0);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    struct fixture_chain chains[8];
    for (unsigned i = 0; i < 8; i++)
        fixture_chain_init(&chains[i], i + 1, 3);
    for (unsigned i = 0; i < rows; i++) {
        struct observation o = fixture_observation(i % 30000, &chains[i / 5 % 8]);
        o.time_us = FIXTURE_TIME + i * INT64_C(1000000);
        o.position = UINT64_MAX;
        check(bundle_add_observation(writer, &o, &err), &err);
    }
    check(bundle_seal(writer, &err), &err);
    return path;
}

static void kill_while_loading(const char *path, bool database, unsigned wait_us)
{
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        struct db *db = db_open(test_cluster_dsn(cluster), &err);
        if (db != NULL)
            loader_load(db, path, NULL, &err);
        _exit(0);
    }
    usleep(wait_us);
    if (!database)
        kill(child, SIGKILL);
    else {
        char *pattern = xasprintf("%s/pg*/data/postmaster.pid", cluster->place.home), line[32] = "";
        glob_t found;
        assert_int_equal(glob(pattern, 0, NULL, &found), 0);        /* pg15, pg17 ... */
        FILE *file = fopen(found.gl_pathv[0], "r");
        assert_non_null(file);
        assert_non_null(fgets(line, sizeof line, file));
        fclose(file);
        globfree(&found);
        free(pattern);
        kill((pid_t)atol(line), SIGKILL);
    }
    waitpid(child, NULL, 0);
}

/* Once it is up again; a server that is just gone needs a moment until its last process has noticed. */
static void reconnect(void)
{
    struct error err = {0};
    db_close(cluster->db);
    cluster->db = NULL;
    for (int tries = 0; tries < 300 && cluster->db == NULL; tries++) {
        usleep(200000);
        struct cluster *again = cluster_acquire(&cluster->place, &err);
        if (again == NULL)
            continue;
        cluster->db = db_open(cluster_dsn(again), &err);
        cluster_release(cluster->cluster);
        cluster->cluster = again;
    }
    check(cluster->db != NULL, &err);
}

static void killed_in_the_middle_and_loaded_again_the_rows_are_the_same(void **state)
{
    (void)state;
    struct error err = {0};
    char *path = large_bundle(60000);
    check(loader_load(cluster->db, path, NULL, &err), &err);
    char *undisturbed = everything();
    test_cluster_empty(cluster);
    for (unsigned i = 1; i <= 4; i++)
        kill_while_loading(path, false, i * 150000);
    kill_while_loading(path, true, 400000);
    reconnect();
    check(loader_load(cluster->db, path, NULL, &err), &err);
    char *disturbed = everything();
    assert_string_equal(disturbed, undisturbed);
    free(undisturbed);
    free(disturbed);
    free(path);
}

static int64_t prune(const char *before)
{
    struct error err = {0};
    const char *const params[] = {before};
    struct db_result *pruned = db_query(cluster->db, SQL_DB_PRUNE, 1, params, &err);
    if (pruned == NULL)
        fail_msg("%s", err.text);
    int64_t rows = db_int(pruned, 0, 0);
    db_result_destroy(pruned);
    check(serving_recompute(cluster->db, NULL, &err), &err);
    return rows;
}

/* Two scans in January, one in February that finds host 1 as it was. */
static void a_month_goes_as_a_whole_and_what_is_confirmed_stays(void **state)
{
    (void)state;
    static const char months[] = "SELECT count(*) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = "
                                 "'observation'::regclass AND relname IN ('observation_2026_01', 'observation_2026_02')";
    struct story stories[] = {{.scan = 1, .site = "a", .hosts = {11, 12, 13, 0}}, {.scan = 2, .site = "a", .day = 3, .hosts = {11, 22, 13, 0}},
                              {.scan = 3, .site = "a", .day = 40, .hosts = {11, 32, -1, 0}}};
    for (size_t i = 0; i < 3; i++) {
        story_write(&stories[i]);
        story_load(&stories[i]);
    }
    assert_int_equal(test_number(cluster->db, months), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation"), 5);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM event v JOIN chain b ON b.id = v.chain_before JOIN chain a ON a.id = v.chain_after "
                                              "WHERE v.kind = 'changed' AND (v.leaf_before, v.leaf_after) = (b.leaf, a.leaf)"), 2);
    assert_int_equal(prune("2026-01-02"), 2);          /* quiet; hosts 1 and 3 are confirmed later, and of host 2 another answer came */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation"), 5);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM served_before"), 3);
    assert_true(prune("2026-02-01") > 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM served_before"), 4);       /* since when each was served is kept */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM served_before WHERE first_seen < '2026-01-02'"), 3);
    assert_int_equal(test_number(cluster->db, months), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM serving WHERE closed_at IS NULL"), 2);
    /* host 2 is not new in February: it had another certificate, which was renewed there */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM event WHERE kind = 'new' AND time >= '2026-02-01'"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM event WHERE kind = 'changed' AND time >= '2026-02-01'"), 1);
    assert_true(prune("2026-03-01") > 0);
    assert_int_equal(test_number(cluster->db, months), 0);
    assert_int_equal(test_number(cluster->db, "SELECT (SELECT count(*) FROM observation) + (SELECT count(*) FROM serving)"), 0);
}

static void staples_are_stored_with_what_carried_them(void **state)
{
    (void)state;
    struct story scan = {.scan = 1, .site = "a", .hosts = {11, 12, 0, 0}, .staples = true},
                 capture = {.scan = 2, .site = "a", .hosts = {11, 13, 0, 0}, .staples = true, .is_capture = true};
    story_write(&scan);
    story_write(&capture);
    story_load(&scan);
    story_load(&capture);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM staple"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation o JOIN staple t ON t.id = o.staple "
                                              "WHERE t.der IN ('\\x30030a010b', '\\x30030a010c') AND sct_count = 3"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM sighting s JOIN staple t ON t.id = s.staple "
                                              "WHERE t.der IN ('\\x30030a010b', '\\x30030a010d') AND sct_count = 3"), 2);
}

/* A scan on this day asked host 1 for two things that it may accept. */
static void posture_load(unsigned scan, int day, const char *tls10)
{
    static const char *const items[] = {"tls10", "rc4"};
    struct error err = {0};
    struct story story = {.scan = scan, .site = "a", .day = day};
    struct bundle_head head = fixture_head(BUNDLE_SCAN, space_small, 256);
    snprintf(head.site, sizeof head.site, "a");
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012u", scan);
    head.started_us = FIXTURE_TIME + day * DAY;
    char *path = story_path(&story);
    unlink(path);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    check(writer != NULL, &err);
    for (unsigned i = 0; i < 2; i++) {
        struct posture_fact fact = {.endpoint = fixture_observation(1, NULL).endpoint, .time_us = FIXTURE_TIME + day * DAY + i,
                                    .item = items[i], .value = i == 0 ? tls10 : "refused", .detail = ""};
        check(bundle_add_posture(writer, &fact, &err), &err);
    }
    check(bundle_seal(writer, &err), &err);
    free(path);
    story_load(&story);
}

static void what_is_accepted_as_before_is_no_row(void **state)
{
    static const char current[] = "SELECT item, value FROM posture_current ORDER BY 1";
    static const char *const stories[] = {"accepted", "accepted", "refused", "refused", "accepted", "accepted"};
    static const unsigned orders[][6] = {{0, 1, 3, 2, 5, 4}, {5, 4, 3, 2, 1, 0}, {0, 4, 1, 5, 2, 3}};
    static const unsigned counts[] = {4, 6};
    (void)state;
    posture_load(1, 0, "accepted");
    posture_load(2, 1, "accepted");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM posture"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM confirmation WHERE variant = 0"), 1);
    posture_load(3, 2, "refused");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM posture"), 4);
    for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)         /* in any order: the latest of so many scans holds */
        for (size_t order = 0; order < sizeof orders / sizeof *orders; order++) {
            test_cluster_empty(cluster);
            for (size_t i = 0; i < 6; i++)
                if (orders[order][i] < counts[n])
                    posture_load(orders[order][i] + 1, (int)orders[order][i], stories[orders[order][i]]);
            char *rows = test_rows(cluster->db, current), *expected = xasprintf("rc4|refused\ntls10|%s\n", stories[counts[n] - 1]);
            assert_string_equal(rows, expected);
            free(rows);
            free(expected);
        }
}

/* Scan 2 asked what was hidden in capture 1, and names a capture that was never loaded. */
static void answers_stand_beside_what_was_hidden(void **state)
{
    static const char plan[] = "{\"follow_up_of\":[\"01234567-89ab-4def-8123-000000000001\","
                               "\"01234567-89ab-4def-8123-000000000009\"]}";
    (void)state;
    struct story capture = {.scan = 1, .site = "a", .hosts = {11, 12, 0, 0}, .is_capture = true, .hidden = true},
                 asked = {.scan = 2, .site = "a", .hosts = {11, 0, 14, 0}, .plan = plan},
                 elsewhere = {.scan = 3, .site = "b", .hosts = {11, 0, 0, 0}, .plan = plan},
                 unasked = {.scan = 4, .site = "a", .hosts = {11, 0, 0, 0}};
    const struct story *const stories[] = {&asked, &capture, &elsewhere, &unasked};
    for (size_t i = 0; i < 4; i++) {
        story_write(stories[i]);
        story_load(stories[i]);
    }
    char *rows = test_rows(cluster->db, "SELECT e.address, a.seen_outcome, a.outcome, s.scan_id, a.chain IS NOT NULL "
                                        "FROM follow_up_answer a JOIN endpoint e ON e.id = a.seen_endpoint "
                                        "JOIN scan s ON s.id = a.scan");
    assert_string_equal(rows, "10.0.0.1|3|1|01234567-89ab-4def-8123-000000000002|t\n");
    free(rows);
}

static void a_plan_that_makes_no_sense_follows_nothing(void **state)
{
    static const char *const plans[] = {"", "[1", "7", "{\"follow_up_of\":7}", "{\"follow_up_of\":[7]}",
                                        "{\"follow_up_of\":[\"01234567-89ab-4def-8123-00000000000x\"]}",
                                        "{\"follow_up_of\":[\"\\u0000\"]}"};
    (void)state;
    for (unsigned i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct story story = {.scan = i + 1, .site = "a", .hosts = {11, 0, 0, 0}, .plan = plans[i]};
        story_write(&story);
        story_load(&story);
    }
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM scan"), 7);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM follow_up"), 0);
}

static void forged_times_make_no_partitions(void **state)
{
    static const int days[] = {-20454, 29240};         /* 1970 and 2106: what a clock that is wrong, or a liar, says */
    static const char partitions[] = "SELECT count(*) FROM pg_inherits";
    (void)state;
    int64_t before = test_number(cluster->db, partitions);
    for (unsigned i = 0; i < 4; i++) {
        struct story story = {.scan = i + 1, .site = "a", .day = days[i / 2], .hosts = {11, 0, 0, 0}, .is_capture = i % 2};
        story_write(&story);
        story_load(&story);
    }
    assert_int_equal(test_number(cluster->db, partitions), before);
    assert_int_equal(test_number(cluster->db, "SELECT (SELECT count(*) FROM observation_early) + (SELECT count(*) FROM observation_ahead)"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM sighting WHERE extract(year FROM hour) IN (1970, 2106)"),
                     2);
}

/* A first load drops indexes for a while; after a kill they are missing. */
static void indexes_that_a_killed_load_left_out_are_built_by_the_next(void **state)
{
    static const char indexes[] = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'certsweep' ORDER BY 1",
                      left_out[] = "SELECT count(*) FROM index_aside",
                      drop[] = "SELECT indexes_put_aside('load', '{event_time, answer_span_chain, endpoint_key, endpoint_pkey}', 'endpoint', 5000)";
    (void)state;
    struct error err = {0};
    struct story story = {.scan = 1, .site = "a", .hosts = {11, 12, 0, -2}};
    char *before = test_rows(cluster->db, indexes);
    check(db_exec(cluster->db, drop, &err), &err);
    assert_int_equal(test_number(cluster->db, left_out), 3);            /* never that of a constraint */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM pg_indexes WHERE indexname IN ('event_time', 'answer_now_chain_idx')"), 0);
    story_write(&story);
    story_load(&story);
    char *after = test_rows(cluster->db, indexes);
    assert_string_equal(after, before);
    assert_int_equal(test_number(cluster->db, left_out), 0);
    check(db_exec(cluster->db, "INSERT INTO endpoint (site, address, port, transport, server_name, zone, prefix) "
                               "SELECT 1, '10.1.0.0'::inet + n, 443, 6, '', '', address_prefix('10.1.0.0'::inet + n) FROM generate_series(1, 1250) n", &err), &err);
    check(db_exec(cluster->db, drop, &err), &err);      /* what comes is not most of all */
    assert_int_equal(test_number(cluster->db, left_out), 0);
    free(before);
    free(after);
}

/* Rows of answer_now are found by their place: a row that is not there any more, or another's, fails the load and changes nothing. (Each scan finds
 * other certificates: the row of the one before is updated, and deleted when it is closed for good.) */
static void a_row_that_is_not_where_it_was_fails_the_load(void **state)
{
    static const char *const writes[] = {"UPDATE", "DELETE"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct error err = {0}, none = {0};
        char *before = NULL, *lay = xasprintf("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
                                              "CREATE TRIGGER nothing BEFORE %s ON answer_now FOR EACH ROW EXECUTE FUNCTION nothing()", writes[i]);
        bool ok = true;
        test_cluster_empty(cluster);
        for (unsigned scan = 1; scan <= 6 && ok; scan++) {
            int seed = (int)scan * 10;
            struct story story = {.scan = scan, .site = "a", .day = (int)scan - 1, .hosts = {seed + 1, 12, seed + 3, scan == 2 ? -2 : seed + 4}};
            struct loader_report report;
            char *path = story_path(&story);
            free(before);
            before = test_rows(cluster->db, serving_sql);
            story_write(&story);
            ok = loader_load(cluster->db, path, &report, &err);
            if (scan == 1)
                check(db_exec(cluster->db, lay, &none), &none);
            free(path);
        }
        char *after = test_rows(cluster->db, serving_sql);
        check(db_exec(cluster->db, "DROP FUNCTION nothing CASCADE", &none), &none);
        if (ok || strstr(err.text, "answer_now: 0 of ") == NULL)
            fail_msg("%s taken away: %s", writes[i], ok ? "loaded" : err.text);
        if (strcmp(after, before) != 0)
            fail_msg("%s taken away, and yet\n%s\nbecame\n%s", writes[i], before, after);
        free(lay);
        free(before);
        free(after);
    }
}

/* ---- endpoints seen for the first time ---- */

/* All kinds of answers, each from another endpoint: whole, without a chain, with texts, over IPv6. */
static char *first_bundle(void)
{
    struct error err = {0};
    char *path = xasprintf("%s/first.bundle", folder);
    unlink(path);
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "", 0);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    static const uint8_t staple[] = {0x30, 0x03, 0x0a, 0x01, 0x00};
    struct fixture_chain chains[2];
    check(writer != NULL, &err);
    fixture_chain_init(&chains[0], 1, 2);
    fixture_chain_init(&chains[1], 2, 1);
    for (unsigned i = 0; i < 12; i++) {
        struct observation o = fixture_observation(12 - i, i % 3 == 2 ? NULL : &chains[i % 3]);
        o.position = UINT64_MAX;
        if (i == 1)
            o = (struct observation){.time_us = o.time_us, .method = METHOD_ACTIVE, .role = ROLE_SERVER, .variant = VARIANT_TLS12,
                                     .outcome = OUTCOME_NOT_TLS, .endpoint = o.endpoint, .protocol = "smtp", .detail = "220 \x01 hello",
                                     .cipher_suite = -1, .group = -1, .position = UINT64_MAX};
        if (i == 3) {
            o.endpoint.address = (struct address){.bytes = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, .len = 16};
            strcpy(o.endpoint.zone, "eth0");
            strcpy(o.endpoint.server_name, "www.example");
            strcpy(o.alpn, "h2");
            o.key_proven = KEY_PROVEN_FALSE;
            o.name_source = NAME_SOURCE_PTR;
            o.sct_count = 2;
            o.ocsp_staple = staple;
            o.ocsp_staple_len = sizeof staple;
        }
        check(bundle_add_observation(writer, &o, &err), &err);
    }
    struct observation client = fixture_observation(40, &chains[1]);       /* and one that is computed in any case */
    client.role = ROLE_CLIENT;
    client.position = UINT64_MAX;
    client.peer = (struct address){.bytes = {10, 9, 9, 9}, .len = 4};
    check(bundle_add_observation(writer, &client, &err), &err);
    check(bundle_seal(writer, &err), &err);
    return path;
}

static const char first_sql[] =
    "SELECT e.address, e.port, e.server_name, e.zone, e.transport, e.prefix, e.key, o.row, s.row, v.row, n.row "
    "FROM endpoint e "
    "LEFT JOIN (SELECT endpoint, to_jsonb(o) - '{endpoint,scan,chain,staple,digest}'::text[] || jsonb_build_object('chain', c.sha256, "
    "  'staple', t.sha256, 'digest', o.digest IS NULL) AS row "
    "  FROM observation o LEFT JOIN chain c ON c.id = o.chain LEFT JOIN staple t ON t.id = o.staple) o ON o.endpoint = e.id "
    "LEFT JOIN (SELECT endpoint, to_jsonb(a) - '{endpoint,scan,chain,digest}'::text[] || jsonb_build_object('chain', c.sha256, "
    "  'digest', a.digest IS NULL, 'scan', a.scan IN (SELECT id FROM scan)) AS row "
    "  FROM answer_span a LEFT JOIN chain c ON c.id = a.chain) s ON s.endpoint = e.id "
    "LEFT JOIN (SELECT endpoint, jsonb_build_array(kind, time, variant, chain_before, c.sha256) AS row "
    "  FROM event v LEFT JOIN chain c ON c.id = v.chain_after) v ON v.endpoint = e.id "
    "LEFT JOIN (SELECT endpoint, to_jsonb(n) - '{endpoint,chains,leafs}'::text[] || jsonb_build_object("
    "  'chains', ARRAY(SELECT sha256 FROM chain WHERE id = ANY (chains)), "
    "  'leafs', ARRAY(SELECT sha256 FROM certificate WHERE id = ANY (leafs)), 'dirty', endpoint IN (SELECT id FROM dirty WHERE kind = 2)) AS row "
    "  FROM endpoint_now n) n ON n.endpoint = e.id "
    "ORDER BY e.address, e.port, e.server_name";

/* Copied straight into the tables, their rows are those that are computed where later answers were loaded already. */
static void an_endpoint_seen_for_the_first_time_has_the_rows_of_any_other(void **state)
{
    (void)state;
    struct error err = {0};
    const char later[] = "INSERT INTO endpoint_block SELECT 1::bigint << 40, 0, '2100-01-01', '-infinity'";
    const char blocks[] = "SELECT max(latest_at), min(before_at) FROM endpoint_block WHERE block < 1::bigint << 40";
    char *path = first_bundle();
    check(loader_load(cluster->db, path, NULL, &err), &err);
    char *copied = test_rows(cluster->db, first_sql), *copied_blocks = test_rows(cluster->db, blocks);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM endpoint_now"), 13);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM event"), 7);
    assert_int_equal(test_number(cluster->db, "SELECT count(DISTINCT id) FROM endpoint"), 13);
    test_cluster_empty(cluster);
    check(db_exec(cluster->db, later, &err), &err);
    check(loader_load(cluster->db, path, NULL, &err), &err);
    char *computed = test_rows(cluster->db, first_sql), *computed_blocks = test_rows(cluster->db, blocks);
    assert_string_equal(copied, computed);
    assert_string_equal(copied_blocks, computed_blocks);
    free(copied);
    free(copied_blocks);
    free(computed);
    free(computed_blocks);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_scan_becomes_rows, empty),
        cmocka_unit_test_setup(an_endpoint_seen_for_the_first_time_has_the_rows_of_any_other, empty),
        cmocka_unit_test_setup(a_bundle_loaded_twice_changes_nothing, empty),
        cmocka_unit_test_setup(two_sites_with_the_same_addresses_never_meet, empty),
        cmocka_unit_test_setup(gone_needs_an_answer_and_a_finished_scan, empty),
        cmocka_unit_test_setup(a_certificate_that_comes_back_has_returned, empty),
        cmocka_unit_test_setup(two_chains_in_one_scan_stand_side_by_side, empty),
        cmocka_unit_test_setup(any_order_gives_the_same, empty),
        cmocka_unit_test_setup(a_capture_that_tells_what_another_told_is_skipped, empty),
        cmocka_unit_test_setup(a_capture_that_tells_more_is_loaded, empty),
        cmocka_unit_test_setup(a_pruned_capture_skips_no_other, empty),
        cmocka_unit_test_setup(a_bundle_that_grows_is_carried_on, empty),
        cmocka_unit_test_setup(texts_that_no_database_takes_are_cleaned, empty),
        cmocka_unit_test_setup(forged_bundles_are_refused_whole, empty),
        cmocka_unit_test_setup(a_scan_under_another_space_is_refused, empty),
        cmocka_unit_test_setup(forged_times_make_no_partitions, empty),
        cmocka_unit_test_setup(a_month_goes_as_a_whole_and_what_is_confirmed_stays, empty),
        cmocka_unit_test_setup(staples_are_stored_with_what_carried_them, empty),
        cmocka_unit_test_setup(what_is_accepted_as_before_is_no_row, empty),
        cmocka_unit_test_setup(answers_stand_beside_what_was_hidden, empty),
        cmocka_unit_test_setup(a_plan_that_makes_no_sense_follows_nothing, empty),
        cmocka_unit_test_setup(indexes_that_a_killed_load_left_out_are_built_by_the_next, empty),
        cmocka_unit_test_setup(a_row_that_is_not_where_it_was_fails_the_load, empty),
        cmocka_unit_test_setup(killed_in_the_middle_and_loaded_again_the_rows_are_the_same, empty),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
