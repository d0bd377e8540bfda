/* schema.h: the schema of its own, roles that may not do everything, and views and functions that are replaced. */
#include "inventory/load/loader.h"
#include "inventory/store/schema.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/bundle/bundle_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdlib.h>
#include <string.h>

static struct db *open_as(const struct test_cluster *cluster, const char *role)
{
    struct error err = {0};
    const char *dsn = test_cluster_dsn(cluster), *user = strstr(dsn, "user=");
    assert_non_null(user);
    char *other = xasprintf("%.*suser=%s", (int)(user - dsn), dsn, role);
    struct db *db = db_open(other, &err);
    free(other);
    if (db == NULL || !schema_apply(db, &err))
        fail_msg("%s: %s", role, err.text);
    return db;
}

static void refused(struct db *db, const char *sql)
{
    struct error err = {0};
    if (db_exec(db, sql, &err))
        fail_msg("%s: was allowed", sql);
    if (strstr(err.text, "permission denied") == NULL && strstr(err.text, "must be owner") == NULL &&
        strstr(err.text, "only who loads may") == NULL)
        fail_msg("%s: %s", sql, err.text);
}

static void nothing_lies_outside_of_the_schema(void **state)
{
    struct test_cluster *cluster = *state;
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), 0);
    assert_true(test_number(cluster->db, "SELECT count(*) FROM pg_class WHERE relnamespace = 'certsweep'::regnamespace AND relkind = 'r'") > 50);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM pg_proc p WHERE prosecdef AND pronamespace = 'certsweep'::regnamespace "
                                              "AND NOT 'search_path=certsweep, pg_temp' = ANY (proconfig)"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM pg_settings WHERE name = 'TimeZone' AND setting = 'UTC'"), 1);
}

static void a_reader_reads_and_changes_nothing(void **state)
{
    struct db *db = open_as(*state, "certsweep_reader");
    static const char *const views[] = {"read_certificate", "read_place", "read_finding", "read_scan", "certificate", "verdict"};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        char *sql = xasprintf("SELECT count(*) FROM %s", views[i]);
        assert_int_equal(test_number(db, sql), 0);
        free(sql);
    }
    refused(db, "INSERT INTO site (name) VALUES ('x')");
    refused(db, "UPDATE scan SET plan = ''");
    refused(db, "DELETE FROM certificate");
    refused(db, "TRUNCATE certificate");
    refused(db, "CREATE TABLE x (y integer)");
    refused(db, "CREATE TABLE public.x (y integer)");
    refused(db, "DROP VIEW read_scan");
    refused(db, "SELECT nextval('place_id')");
    refused(db, "SELECT indexes_put_aside('load', '{event_time}', 'endpoint', 5000)");
    db_close(db);
}

/* Judging writes, that of another day too: a report of that day (--as-of) says which role it needs. */
static void a_reader_is_told_who_may_judge(void **state)
{
    struct db *db = open_as(*state, "certsweep_reader");
    static const struct reconcile_options as_of = {.as_of_us = 1800000000000000};
    static const struct reconcile_options *const days[] = {NULL, &as_of};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct error err = {0};
        assert_false(reconcile_run(db, days[i], NULL, &err));
        assert_non_null(strstr(err.text, "role certsweep_reader only reads"));
        assert_non_null(strstr(err.text, "connect as certsweep_loader"));
    }
    db_close(db);
}

static void a_loader_loads_and_judges_and_makes_no_table(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = open_as(cluster, "certsweep_loader");
    struct error err = {0};
    char *folder = fixture_folder_create(), *path = fixture_path(folder, "a.bundle");
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "ports 443\n10.0.0.0-10.0.0.255\n", 256);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    struct fixture_chain chain;
    fixture_chain_init(&chain, 1, 2);
    struct observation o = fixture_observation(1, &chain);
    o.position = UINT64_MAX;
    if (writer == NULL || !bundle_add_observation(writer, &o, &err) || !bundle_seal(writer, &err) ||
        !loader_load(db, path, NULL, &err) || !reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT count(*) FROM read_place"), 1);
    static const struct reconcile_options as_of = {.as_of_us = 1800000000000000};
    if (!reconcile_run(db, &as_of, NULL, &err))
        fail_msg("%s", err.text);
    refused(db, "TRUNCATE observation");
    refused(db, "DROP TABLE observation");
    refused(db, "ALTER TABLE certificate ADD x integer");
    refused(db, "CREATE TABLE x (y integer)");
    refused(db, "CREATE FUNCTION x() RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    refused(db, "DELETE FROM schema_file");
    refused(db, "INSERT INTO index_aside VALUES ('x', 'load', 'CREATE TABLE x (y integer)')");       /* what is run as the schema's owner */
    refused(db, "UPDATE index_aside SET definition = 'CREATE TABLE x (y integer)'");
    assert_true(db_exec(db, "CREATE TEMP VIEW mine AS SELECT 1", &err));
    refused(db, "SELECT indexes_put_aside('load', '{event_time}', 'pg_temp.mine', 5000)");
    if (!db_exec(db, "SELECT indexes_put_aside('load', '{event_time}', 'endpoint', 5000)", &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT count(*) FROM index_aside"), 1);
    if (!db_exec(db, "SELECT indexes_put_back('load')", &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT count(*) FROM pg_indexes WHERE indexname = 'event_time'"), 1);
    refused(db, "SET ROLE certsweep");
    db_close(db);
    unlink(path);
    fixture_folder_destroy(folder);
    free(path);
}

/* Every command opens the database: one that finds the schema as it should be waits for no other. */
static void a_whole_schema_is_opened_without_its_lock(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct db *db = open_as(cluster, "certsweep_reader");
    if (!db_exec(cluster->db, "SELECT pg_advisory_lock(4849283741)", &err) || !db_exec(db, "SET lock_timeout = '2s'", &err) || !schema_apply(db, &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT CASE WHEN current_setting('server_version_num')::int >= 140000 "
                                         "THEN (current_setting('client_connection_check_interval', true) <> '2s')::int ELSE 0 END"), 0);
    assert_true(db_exec(cluster->db, "SELECT pg_advisory_unlock(4849283741)", &err));
    db_close(db);
}

/* Another version of the file had another view, and something of its own. */
static void another_version_of_a_view_is_replaced(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    if (!db_exec(cluster->db, "DROP VIEW read_scan; CREATE VIEW read_scan AS SELECT 1 AS one; CREATE VIEW read_other AS SELECT one FROM read_scan; "
                              "INSERT INTO schema_object (file, kind, identity) VALUES (110, 'VIEW', 'certsweep.read_other'); "
                              "UPDATE schema_file SET sha256 = 'other' WHERE number IN (95, 110)", &err) ||
        !schema_apply(cluster->db, &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(cluster->db, "SELECT count(scan_id) - count(*) FROM read_scan"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM pg_class WHERE relname = 'read_other'"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM schema_file WHERE sha256 = 'other'"), 0);
    struct db *reader = open_as(cluster, "certsweep_reader");           /* whose rights are as before */
    assert_true(test_number(reader, "SELECT count(*) FROM read_scan") >= 0);
    db_close(reader);
    /* A file of tables is never replaced. */
    if (!db_exec(cluster->db, "UPDATE schema_file SET sha256 = 'other' WHERE number = 5", &err))
        fail_msg("%s", err.text);
    assert_false(schema_apply(cluster->db, &err));
    assert_non_null(strstr(err.text, "0005_observations"));
}

/* Whoever adds a file of views alone adds it to code_files, too: they depend on each other, and are dropped and made in order. */
static void each_file_of_views_is_replaced(void **state)
{
    struct test_cluster *cluster = *state;
    static const char *const numbers[] = {"85", "86", "90", "92", "95", "96", "97", "110", "111", "114", "129", "160"};
    struct error err = {0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!db_exec_params(cluster->db, "UPDATE schema_file SET sha256 = 'other' WHERE number = $1::integer", 1, &numbers[i], &err) ||
            !schema_apply(cluster->db, &err))
            fail_msg("file %s: %s", numbers[i], err.text);
    }
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM schema_file WHERE sha256 = 'other'"), 0);
}

/* An index that a killed run has left out may be one that another version of its file makes otherwise, or makes no more. */
static void an_index_left_out_is_what_its_file_makes(void **state)
{
    struct test_cluster *cluster = *state;
    static const char indexes[] = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'certsweep' ORDER BY 1";
    struct error err = {0};
    char *before = test_rows(cluster->db, indexes);
    if (!db_exec(cluster->db, "SELECT indexes_put_aside('judgement', '{certificate_now_owner, certificate_now_name}', 'certificate_now', 5000); "
                              "UPDATE schema_file SET sha256 = 'other' WHERE number = 96", &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM index_aside"), 2);
    if (!schema_apply(cluster->db, &err) || !db_exec(cluster->db, "SELECT indexes_put_back('judgement')", &err))
        fail_msg("%s", err.text);
    char *after = test_rows(cluster->db, indexes);
    assert_string_equal(after, before);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM index_aside"), 0);
    free(before);
    free(after);
}

static void each_column_that_others_read_is_explained(void **state)
{
    struct test_cluster *cluster = *state;
    char *bare = test_rows(cluster->db, "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
                                        "WHERE c.relkind = 'v' AND c.relname LIKE 'read\\_%' AND col_description(c.oid, a.attnum) IS NULL");
    assert_string_equal(bare, "");
    free(bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_lies_outside_of_the_schema),
        cmocka_unit_test(a_reader_reads_and_changes_nothing),
        cmocka_unit_test(a_reader_is_told_who_may_judge),
        cmocka_unit_test(a_loader_loads_and_judges_and_makes_no_table),
        cmocka_unit_test(each_file_of_views_is_replaced),
        cmocka_unit_test(an_index_left_out_is_what_its_file_makes),
        cmocka_unit_test(each_column_that_others_read_is_explained),
        cmocka_unit_test(a_whole_schema_is_opened_without_its_lock),
        cmocka_unit_test(another_version_of_a_view_is_replaced),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
