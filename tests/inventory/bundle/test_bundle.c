/* The bundle's writer: what a scan hands over is in the file, once, and stays through a kill. */
#include "inventory/bundle/bundle_birth.h"
#include "inventory/bundle/bundle_files.h"
#include "inventory/bundle/bundle_reader.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/bundle/bundle_fixture.h"

#include <openssl/sha.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_folder(void **state)
{
    *state = fixture_folder_create();
    return 0;
}

static int remove_folder(void **state)
{
    fixture_folder_destroy(*state);
    *state = NULL;
    return 0;
}

static struct bundle_writer *create(const char *path)
{
    struct error err = {0};
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "10.0.0.0/24", 256);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    if (writer == NULL)
        fail_msg("%s", err.text);
    return writer;
}

static int64_t number(const char *path, const char *sql)
{
    sqlite3 *sqlite;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(sqlite));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(sqlite);
    return value;
}

static void a_chain_seen_often_is_stored_once(void **state)
{
    char *path = fixture_path(*state, "a.bundle");
    struct bundle_writer *writer = create(path);
    struct fixture_chain a, b;
    fixture_chain_init(&a, 1, 3);
    fixture_chain_init(&b, 2, 3);
    b.ders[2] = a.ders[2];                  /* the same root */
    for (unsigned i = 0; i < 2500; i++) {
        struct observation o = fixture_observation(i, i % 2 == 0 ? &a : &b);
        assert_true(bundle_add_observation(writer, &o, NULL));
        size_t count;
        const uint8_t(*hashes)[32] = bundle_last_chain(writer, &count);
        uint8_t expected[32];
        SHA256(o.chain[1].bytes, o.chain[1].len, expected);
        assert_int_equal(count, 3);
        assert_memory_equal(hashes[1], expected, 32);
    }
    assert_true(bundle_seal(writer, NULL));
    assert_int_equal(number(path, "SELECT count(*) FROM observation"), 2500);
    assert_int_equal(number(path, "SELECT count(*) FROM chain"), 2);
    assert_int_equal(number(path, "SELECT count(*) FROM certificate"), 5);
    assert_int_equal(number(path, "SELECT count(*) FROM chain_certificate"), 6);
    free(path);
}

static void chains_that_differ_in_one_early_byte_are_two(void **state)
{
    char *path = fixture_path(*state, "two.bundle");
    struct bundle_writer *writer = create(path);
    struct fixture_chain a, b;
    fixture_chain_init(&a, 1, 2);
    fixture_chain_init(&b, 1, 2);
    b.bytes[0][4] ^= 1;                     /* same length, same tail: the cache's key is the same */
    for (unsigned i = 0; i < 10; i++) {
        struct observation o = fixture_observation(i, i % 2 == 0 ? &a : &b);
        assert_true(bundle_add_observation(writer, &o, NULL));
    }
    assert_true(bundle_seal(writer, NULL));
    assert_int_equal(number(path, "SELECT count(*) FROM chain"), 2);
    assert_int_equal(number(path, "SELECT count(*) FROM certificate"), 3);
    assert_int_equal(number(path, "SELECT count(DISTINCT chain) FROM observation WHERE endpoint <> 0"), 2);
    free(path);
}

/* What nobody keeps does not wait for the disk, and is read like any other. */
static void a_passing_bundle_is_whole(void **state)
{
    char *path = fixture_path(*state, "passing.bundle");
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "10.0.0.0/24", 256);
    struct error err = {0};
    head.is_passing = true;
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    assert_non_null(writer);
    assert_true(bundle_mark_made(writer, &err));
    bundle_close(writer);
    writer = bundle_reopen(path, &err);
    assert_non_null(writer);
    struct fixture_chain chain;
    fixture_chain_init(&chain, 1, 2);
    struct observation seen = fixture_observation(1, &chain);
    assert_true(bundle_spare_syncs(writer, &err) && bundle_add_observation(writer, &seen, &err) && bundle_seal(writer, &err));
    assert_int_equal(number(path, "SELECT count(*) FROM certificate"), 2);
    free(path);
}

static void an_existing_file_is_never_overwritten(void **state)
{
    char *path = fixture_path(*state, "there.bundle");
    struct bundle_writer *writer = create(path);
    struct error err = {0};
    assert_true(bundle_mark_made(writer, &err));
    bundle_close(writer);
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "10.0.0.0/24", 256);
    assert_null(bundle_create(path, &head, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "exists already"));
    free(path);
}

/* A child writes, commits, writes on and is killed; what was committed is there, and the bundle goes on. */
static void a_killed_writer_loses_only_what_was_not_committed(void **state)
{
    char *path = fixture_path(*state, "killed.bundle");
    pid_t child = fork();
    if (child == 0) {
        struct bundle_writer *writer = create(path);
        struct fixture_chain chain;
        fixture_chain_init(&chain, 1, 2);
        for (unsigned i = 0; i < 300; i++) {
            struct observation o = fixture_observation(i, &chain);
            bundle_add_observation(writer, &o, NULL);
        }
        uint8_t outcomes[256];
        memset(outcomes, OUTCOME_REFUSED, sizeof outcomes);
        struct block_result block = {.block = 0, .count = 256, .outcomes = outcomes};
        bundle_finish_block(writer, &block, NULL);
        bundle_commit(writer, NULL);
        for (unsigned i = 0; i < 50; i++) {
            struct observation o = fixture_observation(i, &chain);
            bundle_add_observation(writer, &o, NULL);
        }
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));

    struct error err = {0};
    struct bundle_writer *writer = bundle_reopen(path, &err);
    if (writer == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(bundle_head(writer)->space, "10.0.0.0/24");
    assert_true(bundle_block_is_finished(writer, 0));
    assert_false(bundle_block_is_finished(writer, 1));
    assert_false(bundle_name_is_finished(writer, 1));
    struct fixture_chain chain;
    fixture_chain_init(&chain, 1, 2);
    struct observation o = fixture_observation(400, &chain);
    assert_true(bundle_add_observation(writer, &o, NULL));
    assert_true(bundle_seal(writer, NULL));
    assert_int_equal(number(path, "SELECT count(*) FROM observation"), 301);
    assert_int_equal(number(path, "SELECT count(*) FROM certificate"), 2);
    assert_int_equal(number(path, "SELECT count(*) FROM seal"), 1);
    free(path);
}

static void on_address(void *context, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE], *list = context;
    address_format(address, text);
    strcat(strcat(list, text), " ");
}

/* What a scan has learnt of its hosts is known again when it is resumed. */
static void hosts_of_a_posture_item_are_listed_once(void **state)
{
    static const struct {
        const char *address, *item;
        uint16_t port;
    } rows[] = {{"10.0.0.1", "sessions_at_once", 443}, {"10.0.0.1", "sessions_at_once", 8443}, {"10.0.0.2", "tls10", 443},
                {"2001:db8::1", "sessions_at_once", 443}};
    char list[256] = "", *path = fixture_path(*state, "posture.bundle");
    struct bundle_writer *writer = create(path);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct posture_fact fact = {.endpoint = {.transport = TRANSPORT_TCP, .port = rows[i].port}, .time_us = FIXTURE_TIME,
                                    .item = rows[i].item, .value = "1", .detail = ""};
        assert_true(address_parse(rows[i].address, &fact.endpoint.address));
        assert_true(bundle_add_posture(writer, &fact, NULL));
    }
    bundle_close(writer);
    writer = bundle_reopen(path, NULL);
    assert_true(bundle_each_posture_address(writer, "sessions_at_once", on_address, list, NULL));
    assert_non_null(strstr(list, "10.0.0.1 "));
    assert_non_null(strstr(list, "2001:db8::1 "));
    assert_int_equal(strlen(list), strlen("10.0.0.1 2001:db8::1 "));
    bundle_close(writer);
    free(path);
}

static void a_sealed_bundle_is_one_file_and_takes_no_more(void **state)
{
    char *path = fixture_path(*state, "sealed.bundle");
    assert_true(bundle_seal(create(path), NULL));
    char *wal = xasprintf("%s-wal", path), *shm = xasprintf("%s-shm", path);
    assert_int_not_equal(access(wal, F_OK), 0);
    assert_int_not_equal(access(shm, F_OK), 0);
    struct error err = {0};
    assert_null(bundle_reopen(path, &err));
    assert_non_null(strstr(err.text, "sealed"));
    free(wal);
    free(shm);
    free(path);
}

static void an_open_bundle_without_its_wal_is_refused_unless_its_owner_knows(void **state)
{
    char *path = fixture_path(*state, "lost.bundle");
    bundle_close(create(path));
    char *wal = xasprintf("%s-wal", path);
    assert_int_equal(unlink(wal), 0);
    struct error err = {0};
    assert_null(bundle_reopen(path, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_false(bundle_seal_file(path, false, &err));
    free(wal);
    free(path);
}

static void what_is_no_bundle_is_refused(void **state)
{
    char *path = fixture_path(*state, "other");
    struct error err = {0};
    assert_null(bundle_reopen(path, &err));
    assert_int_equal(err.kind, ERROR_IO);
    FILE *file = fopen(path, "w");
    fputs("certainly no SQLite file, but long enough to be looked at closely by anyone who opens it", file);
    fclose(file);
    assert_null(bundle_reopen(path, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    free(path);
}

/* What a kill can leave on its way through bundle_create(), and whatever comes of it before it is marked. */
static void what_a_kill_leaves_at_birth_is_overwritten(void **state)
{
    char *path = fixture_path(*state, "half.bundle"), *wal = xasprintf("%s-wal", path);
    for (int stage = 0; stage < 6; stage++) {
        struct error err = {0};
        struct bundle_head head = fixture_head(BUNDLE_SCAN, "10.0.0.0/24", 256);
        sqlite3 *sqlite = NULL;
        if (stage == 0)
            fclose(fopen(path, "w"));
        if (stage == 1 || stage == 2) {         /* a file header, with our number or before it */
            assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
            assert_int_equal(sqlite3_exec(sqlite, stage == 1 ? "PRAGMA user_version=3" : "PRAGMA application_id=1129535312",
                                          NULL, NULL, NULL), SQLITE_OK);
            assert_int_equal(sqlite3_exec(sqlite, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
            sqlite3_close(sqlite);
        }
        if (stage >= 3) {                       /* the tables; with names; without the -wal */
            struct bundle_writer *writer = create(path);
            if (stage >= 4)
                assert_true(bundle_add_target_line(writer, 1, "a.example", &err));
            bundle_close(writer);
            if (stage == 5)
                unlink(wal);
        }
        assert_true(bundle_is_half_made(path));
        assert_null(bundle_reopen(path, &err));
        assert_non_null(strstr(err.text, "killed while it was, and nothing was asked yet"));
        struct bundle_writer *writer = bundle_create(path, &head, &err);
        if (writer == NULL)
            fail_msg("stage %d: %s", stage, err.text);
        assert_int_equal(number(path, "SELECT count(*) FROM target_line"), 0);
        bundle_close(writer);
        unlink(path);
        unlink(wal);
    }
    free(wal);
    free(path);
}

/* Somebody's own files are not ours to overwrite, however small. */
static void what_is_not_half_a_bundle_stays(void **state)
{
    char *path = fixture_path(*state, "own");
    struct error err = {0};
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "10.0.0.0/24", 256);
    for (int kind = 0; kind < 4; kind++) {
        sqlite3 *sqlite = NULL;
        if (kind == 0) {
            FILE *file = fopen(path, "w");
            fputs("SQLite format 3", file);
            fclose(file);
        } else if (kind <= 2) {
            assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
            assert_int_equal(sqlite3_exec(sqlite, kind == 1 ? "CREATE TABLE t (a)" : "PRAGMA application_id=7; VACUUM", NULL,
                                          NULL, NULL), SQLITE_OK);
            sqlite3_close(sqlite);
        } else {                                /* a bundle that was killed after it had found something */
            struct bundle_writer *writer = create(path);
            struct fixture_chain chain;
            fixture_chain_init(&chain, 1, 2);
            struct observation o = fixture_observation(1, &chain);
            assert_true(bundle_add_observation(writer, &o, NULL));
            bundle_close(writer);
        }
        assert_false(bundle_is_half_made(path));
        assert_null(bundle_create(path, &head, &err));
        assert_non_null(strstr(err.text, "exists already"));
        assert_int_equal(access(path, F_OK), 0);
        unlink(path);
    }
    free(path);
}

/* Killed anywhere on its way: what is left is either whole, to be gone on with, or may be overwritten. */
static void a_birth_that_is_killed_anywhere_leaves_no_wreck(void **state)
{
    char *path = fixture_path(*state, "born.bundle");
    for (unsigned i = 0; i < 60; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct bundle_writer *writer = create(path);
            for (uint64_t line = 1; line <= 2000; line++)
                bundle_add_target_line(writer, line, "some.name.example", NULL);
            bundle_mark_made(writer, NULL);
            bundle_close(writer);
            _exit(0);
        }
        int status;
        usleep(i * 300);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        struct error err = {0};
        struct bundle_head head = fixture_head(BUNDLE_SCAN, "10.0.0.0/24", 256);
        struct bundle_writer *writer = access(path, F_OK) == 0 ? bundle_reopen(path, &err) : NULL;
        if (writer != NULL)
            assert_int_equal(number(path, "SELECT count(*) FROM target_line"), 2000);
        else if ((writer = bundle_create(path, &head, &err)) == NULL)
            fail_msg("%s", err.text);
        assert_true(bundle_mark_made(writer, NULL) && bundle_seal(writer, NULL));
        unlink(path);
    }
    free(path);
}

/* As a worker gets it: by its descriptors, which may be written. What looks at it first leaves the -wal alone. */
static void a_bundle_that_is_lent_keeps_its_wal(void **state)
{
    char *path = fixture_path(*state, "lent.bundle"), *wal = xasprintf("%s-wal", path);
    struct error err = {0};
    struct bundle_writer *writer = create(path);
    assert_true(bundle_mark_made(writer, &err));
    bundle_close(writer);
    pid_t child = fork();
    if (child == 0) {
        int fds[BUNDLE_FILE_COUNT];
        if (!bundle_files_open(path, fds))
            _exit(1);
        bundle_files_lend(path, fds);
        writer = bundle_reopen(path, &err);
        if (writer == NULL || access(wal, F_OK) != 0)
            _exit(2);
        bool ok = bundle_add_counter(writer, "lent", 1, &err) && bundle_commit(writer, &err);
        bundle_close(writer);
        _exit(ok && access(wal, F_OK) == 0 ? 0 : 3);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    writer = bundle_reopen(path, &err);
    assert_non_null(writer);
    assert_true(bundle_seal(writer, &err));
    assert_int_equal(number(path, "SELECT count(*) FROM counter WHERE name = 'lent'"), 1);
    free(wal);
    free(path);
}

static void a_bundle_has_one_writer(void **state)
{
    char *path = fixture_path(*state, "one.bundle");
    struct error err = {0};
    struct bundle_writer *writer = create(path);
    assert_true(bundle_mark_made(writer, &err));
    assert_null(bundle_reopen(path, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, "another certsweep is writing it"));
    assert_false(bundle_seal_file(path, false, &err));
    struct bundle_reader *reader = bundle_reader_open(path, &err);    /* a reader is no writer, and does not end the lock */
    assert_non_null(reader);
    bundle_reader_close(reader);
    pid_t child = fork();
    if (child == 0)
        _exit(bundle_reopen(path, NULL) != NULL);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    bundle_close(writer);
    writer = bundle_reopen(path, &err);
    assert_non_null(writer);
    assert_true(bundle_seal(writer, &err));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_seen_often_is_stored_once),
        cmocka_unit_test(chains_that_differ_in_one_early_byte_are_two),
        cmocka_unit_test(an_existing_file_is_never_overwritten),
        cmocka_unit_test(a_passing_bundle_is_whole),
        cmocka_unit_test(a_killed_writer_loses_only_what_was_not_committed),
        cmocka_unit_test(hosts_of_a_posture_item_are_listed_once),
        cmocka_unit_test(a_sealed_bundle_is_one_file_and_takes_no_more),
        cmocka_unit_test(an_open_bundle_without_its_wal_is_refused_unless_its_owner_knows),
        cmocka_unit_test(what_is_no_bundle_is_refused),
        cmocka_unit_test(what_a_kill_leaves_at_birth_is_overwritten),
        cmocka_unit_test(what_is_not_half_a_bundle_stays),
        cmocka_unit_test(a_birth_that_is_killed_anywhere_leaves_no_wreck),
        cmocka_unit_test(a_bundle_that_is_lent_keeps_its_wal),
        cmocka_unit_test(a_bundle_has_one_writer),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
