/* What tests of loading share: a folder for bundles and a cluster, for all cases of a program. */
#pragma once
#include "tests/inventory/bundle/bundle_fixture.h"
#include "tests/inventory/store/test_cluster.h"

static char *folder;
static struct test_cluster *cluster;

static int setup(void **state)
{
    (void)state;
    void *made = NULL;
    folder = fixture_folder_create();
    if (test_cluster_setup(&made) != 0)
        return -1;
    cluster = made;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    void *made = cluster;
    fixture_folder_destroy(folder);
    return test_cluster_teardown(&made);
}
