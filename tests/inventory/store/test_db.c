/* db.c and the schema, against a real server. */
#include "inventory/store/schema.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdlib.h>
#include <string.h>

static struct db *db_of(void **state)
{
    return ((struct test_cluster *)*state)->db;
}

static void a_password_in_the_dsn_is_refused(void **state)
{
    (void)state;
    static const char *const dsns[] = {"host=127.0.0.1 password=secret1", "postgresql://me:secret1@127.0.0.1/x",
                                       "postgresql://127.0.0.1/x?password=secret1",
                                       "host=127.0.0.1 sslpassword=secret1"};
    for (size_t i = 0; i < sizeof dsns / sizeof dsns[0]; i++) {
        struct error err = {0};
        assert_null(db_open(dsns[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, "PGPASSFILE"));
        assert_null(strstr(err.text, "secret1"));
    }
}

static void a_dsn_that_cannot_be_read_is_refused_without_showing_it(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(db_open("postgresql://me:secret1@[::1/x", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(strstr(err.text, "secret1"));
    assert_null(db_open("host=/nonexistent-folder dbname=x user=y", &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
}

/* libpq's lines and tabs are one line of words. */
static void a_refused_connection_is_told_in_one_line(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(db_open("host=127.0.0.1 port=1 dbname=x", &err));
    assert_non_null(strstr(err.text, "onnection refused Is the server running on that host"));
    assert_null(strpbrk(err.text, "\n\t"));
    assert_null(strstr(err.text, "\\x09"));
}

static void any_bytes_survive_copy_as_text_that_postgresql_takes(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    assert_true(db_exec(db, "CREATE TEMP TABLE t (a text, b bytea, c timestamptz, d bigint, e boolean)", &err));
    struct db_copy *copy = db_copy_begin(db, "COPY t FROM STDIN", &err);
    assert_non_null(copy);
    db_copy_text_len(copy, "a\0b\\c\td\ne\xff\xc3\xa4\x1b", 13);
    db_copy_bytes(copy, (const uint8_t *)"\0\xff", 2);
    db_copy_time(copy, INT64_C(1769860800123456));
    db_copy_int(copy, INT64_MIN);
    db_copy_bool(copy, true);
    assert_true(db_copy_row(copy, &err));
    db_copy_text(copy, NULL);
    db_copy_bytes(copy, NULL, 0);
    db_copy_time(copy, INT64_MIN);
    db_copy_int(copy, 0);
    db_copy_bool(copy, false);
    assert_true(db_copy_row(copy, &err));
    assert_true(db_copy_end(copy, &err));
    char *rows = test_rows(db, "SELECT * FROM t");
    assert_string_equal(rows, "a\\x00b\\c\td\ne\\xff\xc3\xa4\\x1b|\\x00ff|2026-01-31 12:00:00.123456+00|"
                              "-9223372036854775808|t\n|\\x||0|f\n");
    free(rows);
}

static void times_out_of_bounds_are_clamped_not_refused(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    assert_true(db_exec(db, "CREATE TEMP TABLE times (c timestamptz)", &err));
    struct db_copy *copy = db_copy_begin(db, "COPY times FROM STDIN", &err);
    db_copy_time(copy, INT64_MIN + 1);
    assert_true(db_copy_row(copy, &err));
    db_copy_time(copy, INT64_MAX);
    assert_true(db_copy_row(copy, &err));
    assert_true(db_copy_end(copy, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM times"), 2);
}

static void a_copy_given_up_leaves_nothing_and_the_connection_goes_on(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    assert_true(db_exec(db, "CREATE TEMP TABLE u (a text)", &err));
    struct db_copy *copy = db_copy_begin(db, "COPY u FROM STDIN", &err);
    db_copy_text(copy, "x");
    assert_true(db_copy_row(copy, &err));
    db_copy_abort(copy);
    assert_int_equal(test_number(db, "SELECT count(*) FROM u"), 0);
}

static void a_commit_of_a_failed_transaction_is_an_error(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_false(db_exec(db, "SELECT 1/0", &err));
    assert_non_null(strstr(err.text, "division by zero"));
    assert_false(db_commit(db, &err));
}

static bool count_to_three(void *context, const struct db_result *row)
{
    int *seen = context;
    assert_int_equal(db_int(row, 0, 0), ++*seen);
    return *seen < 3;
}

static void a_stream_can_be_stopped_and_the_connection_goes_on(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    int seen = 0;
    assert_true(db_stream(db, "SELECT generate_series(1, 1000000)", 0, NULL, count_to_three, &seen, &err));
    assert_int_equal(seen, 3);
    assert_int_equal(test_number(db, "SELECT 7"), 7);
}

static void the_schema_is_applied_once_and_a_newer_one_is_refused(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    assert_true(schema_apply(db, &err));
    assert_true(db_exec(db, "INSERT INTO schema_file VALUES (9999, 'future', 'x')", &err));
    assert_false(schema_apply(db, &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_non_null(strstr(err.text, "newer than this certsweep"));
    assert_true(db_exec(db, "DELETE FROM schema_file WHERE number = 9999", &err));
    assert_true(schema_apply(db, &err));
}

static void months_have_partitions_and_odd_times_have_none(void **state)
{
    struct db *db = db_of(state);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_true(db_exec(db,
                        "SELECT observation_month_make(d) FROM unnest(ARRAY[now()::date, (now() - interval '1 month')::date, "
                        "'1970-01-01', '2106-01-01', now()::date]) d",
                        &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'observation'::regclass"), 3);
    assert_true(db_exec(db,
                        "INSERT INTO observation (time, endpoint, scan, sct_count, dns_us, connect_us, handshake_us, "
                        "connections, method, role, variant, outcome, name_source, protocol) "
                        "SELECT t, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 'tls' FROM unnest(ARRAY[now(), "
                        "now() - interval '1 month', '1970-01-01']::timestamptz[]) t",
                        &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM observation_early"), 1);
    db_rollback(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_in_the_dsn_is_refused),
        cmocka_unit_test(a_dsn_that_cannot_be_read_is_refused_without_showing_it),
        cmocka_unit_test(a_refused_connection_is_told_in_one_line),
        cmocka_unit_test(any_bytes_survive_copy_as_text_that_postgresql_takes),
        cmocka_unit_test(times_out_of_bounds_are_clamped_not_refused),
        cmocka_unit_test(a_copy_given_up_leaves_nothing_and_the_connection_goes_on),
        cmocka_unit_test(a_commit_of_a_failed_transaction_is_an_error),
        cmocka_unit_test(a_stream_can_be_stopped_and_the_connection_goes_on),
        cmocka_unit_test(the_schema_is_applied_once_and_a_newer_one_is_refused),
        cmocka_unit_test(months_have_partitions_and_odd_times_have_none),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
