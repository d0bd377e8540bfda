/* write_documents FOLDER [CERTIFICATES]: the documents of the invented inventory (world.h), as a browser is to be shown them. */
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>

static const char *folder;
static unsigned count = WORLD_CERTIFICATES;

static int setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    world_make(((struct test_cluster *)*state)->db, count);
    return 0;
}

static void write_them(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    const struct document_options options = {
        .title = {.organization = "State of Example, Office of Technology", .author = "Certificate Services, certificates@tech.example.gov",
                  .classification = "internal use"},
        .written_by = "certsweep",
    };
    char *path = xasprintf("%s/discovery.html", folder);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    if (!discovery_write(&options, cluster->db, out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(fclose(out), 0);
    free(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(write_them)};
    if (argc < 2)
        return 2;
    folder = argv[1];
    if (argc > 2)
        count = (unsigned)strtoul(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
