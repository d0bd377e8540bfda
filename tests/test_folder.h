/* A folder of its own for each case of a test: made before, removed after. */
#pragma once
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char test_folder[64];

/* A path in it; good until eight more have been asked for. */
static const char *at(const char *name)
{
    static char paths[8][160];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", test_folder, name);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int test_folder_make(void **state)
{
    (void)state;
    strcpy(test_folder, "/tmp/certsweep-test-XXXXXX");
    return mkdtemp(test_folder) == NULL ? -1 : 0;
}

static int test_folder_remove(void **state)
{
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", test_folder);
    return system(command);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, test_folder_make, test_folder_remove)
