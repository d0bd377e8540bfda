/* A PostgreSQL cluster of the test's own: in a temporary folder, on a Unix socket, run by an unprivileged user,
 * removed at the end. For every test with the label database:
 *
 *     static int setup(void **state) { return test_cluster_setup(state); }      the schema is there
 *     struct test_cluster *cluster = *state;    cluster->db, test_cluster_dsn(cluster)
 */
#pragma once
#include "inventory/store/cluster.h"
#include "inventory/store/db.h"

struct test_cluster {
    struct cluster_place place;
    struct cluster *cluster;
    struct db *db;
};

int test_cluster_setup(void **state);           /* for cmocka_run_group_tests(): 0 or -1 */
int test_cluster_teardown(void **state);
const char *test_cluster_dsn(const struct test_cluster *cluster);

/* An empty place for a cluster (nothing is made in it), and its removal. */
bool test_place_create(struct cluster_place *place);
void test_place_remove(struct cluster_place *place);

/* A number that the statement gives; fails the test where it gives none. */
int64_t test_number(struct db *db, const char *sql);
/* All rows as text, columns by '|', rows by newline; yours. */
char *test_rows(struct db *db, const char *sql);
/* Empties every table of inventory data. */
void test_cluster_empty(struct test_cluster *cluster);
