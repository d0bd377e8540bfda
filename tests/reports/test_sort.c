/* --sort of every report that can be sorted by each of its columns: a row without a value is behind all that have one, upwards and downwards. */
#include "probes/base/memory.h"
#include "reports/render.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>

/* What was written of the column that is looked at. */
static struct {
    size_t column, with, without;
    bool is_early;              /* one without a value was ahead of one with */
} seen;

static void *seen_begin(const struct report *report, FILE *out)
{
    (void)report;
    (void)out;
    return &seen;
}

static void seen_row(void *state, const char *const *values)
{
    (void)state;
    const char *value = values[seen.column];
    bool has_one = value != NULL && value[0] != '\0';
    seen.is_early |= has_one && seen.without > 0;
    seen.with += has_one;
    seen.without += !has_one;
}

static void seen_end(void *state, const struct render_end *end)
{
    (void)state;
    (void)end;
}

static const struct renderer look = {.name = "look", .begin = seen_begin, .row = seen_row, .end = seen_end};

/* Were there rows of both kinds? */
static bool is_last_without(struct db *db, const struct report *report, size_t column, bool is_down, bool is_grouped)
{
    struct error err = {0};
    const char *key = report->columns[column].key;
    const char *argument = report->argument == NULL ? "{}" : strcmp(report->name, "endpoint") == 0 ? "{\"argument\":\"192.0.2.9\"}" : "{\"argument\":\"kiosk.revenue.example.gov\"}";
    char *sort = xasprintf("%s%s", is_down ? "-" : "", key);
    memset(&seen, 0, sizeof seen);
    seen.column = is_grouped ? 0 : column;
    if (!report_write(report, &(struct report_options){.filter = argument, .sort = sort, .group = is_grouped ? key : NULL}, db, &look, stderr, NULL, &err))
        fail_msg("report %s --sort %s: %s", report->name, sort, err.text);
    if (seen.is_early)
        fail_msg("report %s --sort %s%s: a row without a value is ahead of one with", report->name, sort, is_grouped ? " --group" : "");
    free(sort);
    return seen.with > 0 && seen.without > 0;
}

static void a_row_without_a_value_is_last(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    size_t both = 0, grouped = 0;
    for (size_t i = 0; reports_all[i] != NULL; i++)
        for (size_t column = 0; strcmp(reports_all[i]->name, "server-tests") != 0 && column < report_column_count(reports_all[i]); column++)
            for (int is_down = 0; is_down < 2; is_down++) {
                both += is_last_without(db, reports_all[i], column, is_down, false);
                grouped += is_last_without(db, reports_all[i], column, is_down, true);
            }
    assert_true(both > 20);
    assert_true(grouped > 10);
}

/* What a table is sorted by is seen in it, also where it leaves the column out otherwise. */
static void a_table_shows_what_it_is_sorted_by(void **state)
{
    static const char *const lists[] = {"certificates", "expiring", "unmanaged", "foreign"};
    struct db *db = ((struct test_cluster *)*state)->db;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (int is_sorted = 0; is_sorted < 2; is_sorted++) {
            struct error err = {0};
            char *text = NULL;
            size_t len;
            FILE *out = open_memstream(&text, &len);
            if (!report_write(report_find(lists[i]), &(struct report_options){.sort = is_sorted ? "-act_by" : NULL}, db, &render_table, out, NULL,
                &err))
                fail_msg("%s: %s", lists[i], err.text);
            fclose(out);
            if ((strstr(text, "Act by") != NULL) != is_sorted)
                fail_msg("report %s%s: %s", lists[i], is_sorted ? " --sort -act_by" : "", text);
            free(text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_shows_what_it_is_sorted_by),
        cmocka_unit_test(a_row_without_a_value_is_last),
    };
    return cmocka_run_group_tests(tests, world_setup, test_cluster_teardown);
}
