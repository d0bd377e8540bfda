/* See test_cluster.h. */
#include "tests/inventory/store/test_cluster.h"

#include "inventory/store/child_process.h"
#include "inventory/store/schema.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool test_place_create(struct cluster_place *place)
{
    char folder[] = "/tmp/certsweep-db-XXXXXX";
    if (mkdtemp(folder) == NULL)
        return false;
    *place = (struct cluster_place){.home = xstrdup(folder), .uid = geteuid(), .gid = getegid()};
    if (geteuid() != 0)
        return true;
    const struct passwd *user = getpwnam("certsweep");
    if (user == NULL)
        user = getpwnam("postgres");
    if (user == NULL)
        user = getpwnam("nobody");
    if (user == NULL)
        return false;
    place->uid = user->pw_uid;
    place->gid = user->pw_gid;
    return chown(folder, place->uid, place->gid) == 0;
}

void test_place_remove(struct cluster_place *place)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", place->home, NULL};
    struct child_process child = {.argv = argv};
    int exit_code;
    if (place->home != NULL)
        child_process_run(&child, &exit_code, NULL, NULL);
    cluster_place_clear(place);
}

int test_cluster_setup(void **state)
{
    struct error err = {0};
    struct test_cluster *cluster = xcalloc(1, sizeof *cluster);
    *state = cluster;
    setenv("CERTSWEEP_ROOTS", "/dev/null", 0);          /* what a test finds does not hang on the machine's roots */
    if (test_place_create(&cluster->place) &&
        (cluster->cluster = cluster_acquire(&cluster->place, &err)) != NULL &&
        (cluster->db = db_open(cluster_dsn(cluster->cluster), &err)) != NULL && schema_apply(cluster->db, &err))
        return 0;
    fprintf(stderr, "no cluster for the test: %s\n", err.text);
    test_cluster_teardown(state);
    return -1;
}

int test_cluster_teardown(void **state)
{
    struct test_cluster *cluster = *state;
    if (cluster == NULL)
        return 0;
    db_close(cluster->db);
    cluster_release(cluster->cluster);
    test_place_remove(&cluster->place);
    free(cluster);
    *state = NULL;
    return 0;
}

const char *test_cluster_dsn(const struct test_cluster *cluster)
{
    return cluster_dsn(cluster->cluster);
}

char *test_rows(struct db *db, const char *sql)
{
    struct error err = {0};
    struct db_result *result = db_query(db, sql, 0, NULL, &err);
    if (result == NULL)
        fail_msg("%s", err.text);
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    for (size_t row = 0; row < db_rows(result); row++) {
        for (size_t column = 0; column < db_columns(result); column++) {
            const char *value = db_value(result, row, column);
            fprintf(out, "%s%s", column == 0 ? "" : "|", value == NULL ? "" : value);
        }
        fputc('\n', out);
    }
    fclose(out);
    db_result_destroy(result);
    return text;
}

int64_t test_number(struct db *db, const char *sql)
{
    char *text = test_rows(db, sql);
    if (text[0] == '\0')
        fail_msg("no row: %s", sql);
    int64_t value = strtoll(text, NULL, 10);
    free(text);
    return value;
}

void test_cluster_empty(struct test_cluster *cluster)
{
    struct error err = {0};
    if (!db_exec(cluster->db,
                 "TRUNCATE site, endpoint, posture, server_test, certificate, trust_pending, chain, chain_certificate, chain_pending, staple, observation, quiet, sighting, answer_span, confirmation, endpoint_block, event, endpoint_now, observation_ahead, "
                 "file_place, file_state, file_state_certificate, file_state_key, file_state_use, file_span, file_now, file_root, recompute, set_aside RESTART IDENTITY CASCADE",
                 &err))
        fail_msg("%s", err.text);
}
