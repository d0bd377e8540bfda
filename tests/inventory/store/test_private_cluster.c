/* The private cluster's life: made, shared, stopped, crashed, pinned, refused. */
#include "inventory/store/child_process.h"
#include "inventory/store/cluster.h"
#include "inventory/store/db.h"
#include "inventory/store/schema.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/store/test_cluster.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cluster_place place;

static bool running(void)
{
    struct cluster_status status;
    assert_true(cluster_status(&place, &status, NULL));
    free(status.dsn);
    return status.running;
}

static char *data_path(const char *name)
{
    struct cluster_status status;
    assert_true(cluster_status(&place, &status, NULL));
    free(status.dsn);
    return xasprintf("%s/pg%d/data/%s", place.home, status.major, name);
}

static struct cluster *acquire(void)
{
    struct error err = {0};
    struct cluster *cluster = cluster_acquire(&place, &err);
    if (cluster == NULL)
        fail_msg("%s", err.text);
    return cluster;
}

static bool answers(const struct cluster *cluster)
{
    struct error err = {0};
    struct db *db = db_open(cluster_dsn(cluster), &err);
    if (db == NULL)
        print_error("%s\n", err.text);
    db_close(db);
    return db != NULL;
}

/* Two processes at once on an empty place: one makes it, both use it. */
static void two_that_start_at_once_share_one_server(void **state)
{
    (void)state;
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct error err = {0};
            struct cluster *cluster = cluster_acquire(&place, &err);
            struct db *db = cluster == NULL ? NULL : db_open(cluster_dsn(cluster), &err);
            bool ok = db != NULL && schema_apply(db, &err);
            if (!ok)
                fprintf(stderr, "%s\n", err.text);
            db_close(db);
            cluster_release(cluster);
            _exit(ok ? 0 : 1);
        }
    }
    for (int i = 0; i < 2; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_false(running());
}

static void it_stops_with_its_last_user(void **state)
{
    (void)state;
    struct cluster *first = acquire(), *second = acquire();
    cluster_release(first);
    assert_true(answers(second));
    cluster_release(second);
    assert_false(running());
}

static void a_user_that_was_killed_is_no_user(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        cluster_acquire(&place, NULL);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, NULL, 0);
    assert_true(running());
    struct cluster *cluster = acquire();
    cluster_release(cluster);
    assert_false(running());
}

static void pinned_it_outlives_its_users(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(cluster_pin(&place, &err));
    cluster_release(acquire());
    assert_true(running());
    struct cluster *user = acquire();
    assert_false(cluster_stop(&place, &err));       /* it is in use */
    assert_non_null(strstr(err.text, "in use"));
    cluster_release(user);
    assert_false(running());                        /* and it was unpinned */
    assert_true(cluster_stop(&place, &err));
}

/* Each command would ask every version's programs which they are. */
static void a_server_that_runs_is_used_without_its_programs(void **state)
{
    (void)state;
    struct error err = {0};
    if (!cluster_pin(&place, &err))
        fail_msg("%s", err.text);
    setenv("CERTSWEEP_PG_LIBRARIES", "/nonexistent", 1);
    struct cluster *cluster = cluster_acquire(&place, &err);
    unsetenv("CERTSWEEP_PG_LIBRARIES");
    if (cluster == NULL)
        fail_msg("%s", err.text);
    cluster_release(cluster);
    assert_true(cluster_stop(&place, &err));
}

/* The server dies; its pid file names a process that lives and is no server: this one. */
static void a_crash_with_a_stale_pid_file_is_recovered_from(void **state)
{
    (void)state;
    struct cluster *cluster = acquire();
    char *path = data_path("postmaster.pid"), line[32];
    FILE *file = fopen(path, "r");
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    kill((pid_t)atol(line), SIGKILL);
    for (int i = 0; i < 600 && running(); i++)
        usleep(50000);
    file = fopen(path, "r+");
    fprintf(file, "%-*ld", (int)strcspn(line, "\n"), (long)getpid());
    fclose(file);
    struct cluster *other = NULL;
    struct error err = {0};
    for (int i = 0; i < 600 && (other = cluster_acquire(&place, &err)) == NULL; i++)
        usleep(50000);                              /* until the orphaned backends have noticed too */
    if (other == NULL)
        fail_msg("%s", err.text);
    assert_true(answers(other));
    cluster_release(other);
    cluster_release(cluster);
    free(path);
    assert_false(running());
}

static void data_of_a_version_without_programs_says_what_to_install(void **state)
{
    (void)state;
    struct cluster_place old;
    struct error err = {0};
    assert_true(test_place_create(&old));
    char *folder = xasprintf("%s/pg9", old.home), *data = xasprintf("%s/pg9/data", old.home),
         *version = xasprintf("%s/pg9/data/PG_VERSION", old.home);
    assert_int_equal(mkdir(folder, 0700) | mkdir(data, 0700), 0);
    FILE *file = fopen(version, "w");
    fputs("9\n", file);
    fclose(file);
    assert_null(cluster_acquire(&old, &err));
    assert_non_null(strstr(err.text, "postgresql-9"));
    assert_non_null(strstr(err.text, "db upgrade"));
    free(folder);
    free(data);
    free(version);
    test_place_remove(&old);
}

static void without_server_programs_the_package_is_named(void **state)
{
    (void)state;
    struct cluster_place empty;
    struct error err = {0};
    assert_true(test_place_create(&empty));
    setenv("CERTSWEEP_PG_LIBRARIES", "/nonexistent", 1);
    assert_null(cluster_acquire(&empty, &err));
    unsetenv("CERTSWEEP_PG_LIBRARIES");
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_non_null(strstr(err.text, "install the package postgresql"));
    test_place_remove(&empty);
}

static void a_folder_of_somebody_else_is_refused(void **state)
{
    (void)state;
    struct cluster_place other;
    struct error err = {0};
    assert_true(test_place_create(&other));
    assert_int_equal(chmod(other.home, 0777), 0);
    assert_null(cluster_acquire(&other, &err));
    assert_non_null(strstr(err.text, "nobody else can write"));
    test_place_remove(&other);
}

static void a_long_home_still_gets_a_socket(void **state)
{
    (void)state;
    struct cluster_place deep;
    assert_true(test_place_create(&deep));
    char *root = deep.home;
    deep.home = xasprintf("%s/%0100d", root, 0);
    struct error err = {0};
    struct cluster *cluster = cluster_acquire(&deep, &err);
    if (cluster == NULL)
        fail_msg("%s", err.text);
    assert_true(answers(cluster));
    cluster_release(cluster);
    free(deep.home);
    deep.home = root;
    test_place_remove(&deep);
}

/* A second version, as far as certsweep can tell: the same programs, but "postgres --version" says one more. */
static char *newer_programs(int major)
{
    char *folder = xasprintf("%s/versions", place.home), *real = NULL;
    char *script = xasprintf("mkdir -p %s/%d/bin %s/%d && ln -s /usr/lib/postgresql/%d/bin %s/%d/bin && "
                             "for p in initdb pg_ctl pg_dump pg_restore; do ln -s /usr/lib/postgresql/%d/bin/$p "
                             "%s/%d/bin/$p; done && printf '#!/bin/sh\n[ \"$1\" = --version ] && "
                             "exec echo \"postgres (PostgreSQL) %d.0\"\nexec /usr/lib/postgresql/%d/bin/postgres \"$@\"\n' "
                             "> %s/%d/bin/postgres && chmod 755 %s/%d/bin/postgres && chmod -R a+rX %s",
                             folder, major + 1, folder, major, major, folder, major, major, folder, major + 1,
                             major + 1, major, folder, major + 1, folder, major + 1, folder);
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct child_process child = {.argv = argv, .uid = place.uid, .gid = place.gid};
    int exit_code = 1;
    assert_true(child_process_run(&child, &exit_code, &real, NULL));
    if (exit_code != 0)
        fail_msg("%s", real);
    free(real);
    free(script);
    return folder;
}

static void an_upgrade_carries_the_data_and_keeps_the_old(void **state)
{
    (void)state;
    struct error err = {0};
    struct cluster_status status;
    struct cluster *cluster = acquire();
    struct db *db = db_open(cluster_dsn(cluster), &err);
    assert_true(schema_apply(db, &err) && db_exec(db, "INSERT INTO site (name) VALUES ('kept')", &err));
    db_close(db);
    cluster_release(cluster);
    assert_true(cluster_status(&place, &status, NULL));
    free(status.dsn);
    char *versions = newer_programs(status.major);
    setenv("CERTSWEEP_PG_LIBRARIES", versions, 1);
    int from, to;
    if (!cluster_upgrade(&place, &from, &to, &err))
        fail_msg("%s", err.text);
    assert_int_equal(from, status.major);
    assert_int_equal(to, status.major + 1);
    cluster = acquire();
    db = db_open(cluster_dsn(cluster), &err);
    assert_non_null(db);
    assert_int_equal(test_number(db, "SELECT count(*) FROM site WHERE name = 'kept'"), 1);
    assert_true(schema_apply(db, &err));
    assert_int_equal(test_number(db, "SELECT has_schema_privilege('certsweep_reader', 'certsweep', 'USAGE')::int"), 1);
    db_close(db);
    char *dump = xasprintf("%s/upgrade.dump", place.home);
    assert_int_not_equal(access(dump, F_OK), 0);        /* a copy of everything: it must not stay */
    free(dump);
    cluster_release(cluster);
    assert_true(cluster_upgrade(&place, &from, &to, &err));
    assert_int_equal(from, to);
    char *old = xasprintf("%s/pg%d/data/PG_VERSION", place.home, status.major);
    assert_int_equal(access(old, F_OK), 0);
    unsetenv("CERTSWEEP_PG_LIBRARIES");
    free(old);
    free(versions);
}

static int setup(void **state)
{
    (void)state;
    return test_place_create(&place) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    cluster_stop(&place, NULL);
    test_place_remove(&place);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_start_at_once_share_one_server),
        cmocka_unit_test(it_stops_with_its_last_user),
        cmocka_unit_test(a_user_that_was_killed_is_no_user),
        cmocka_unit_test(pinned_it_outlives_its_users),
        cmocka_unit_test(a_server_that_runs_is_used_without_its_programs),
        cmocka_unit_test(a_crash_with_a_stale_pid_file_is_recovered_from),
        cmocka_unit_test(data_of_a_version_without_programs_says_what_to_install),
        cmocka_unit_test(without_server_programs_the_package_is_named),
        cmocka_unit_test(a_folder_of_somebody_else_is_refused),
        cmocka_unit_test(a_long_home_still_gets_a_socket),
        cmocka_unit_test(an_upgrade_carries_the_data_and_keeps_the_old),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
