#include "scanner/cli/result_table.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/render.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static enum column_kind kind_of(const char *key)
{
    static const struct { const char *key; enum column_kind kind; } kinds[] = {
        {"sha256", COLUMN_HASH}, {"record_key", COLUMN_HASH}, {"not_after", COLUMN_TIME},
        {"loaded_at", COLUMN_MOMENT}, {"imported_at", COLUMN_MOMENT}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(key, kinds[i].key) == 0)
            return kinds[i].kind;
    return COLUMN_TEXT;
}

/* "serial_number" as "Serial number". Yours. */
static char *heading_of(const char *key)
{
    char *heading = xstrdup(key);
    for (char *at = heading; (at = strchr(at, '_')) != NULL; at++)
        *at = ' ';
    heading[0] = (char)toupper((unsigned char)heading[0]);
    return heading;
}

/* A report made for this one result: its columns are the query's. */
static void shape(struct report *report, char *headings[REPORT_COLUMNS_MAX], const struct db_result *result)
{
    size_t columns = db_columns(result);
    for (size_t i = 0; i < columns && i < REPORT_COLUMNS_MAX; i++) {
        const char *key = db_column_name(result, i);
        headings[i] = heading_of(key);
        report->columns[i] = (struct report_column){.key = key, .heading = headings[i], .kind = kind_of(key)};
    }
}

static void print_rows(const struct report *report, const struct renderer *renderer,
                       const struct db_result *result, FILE *out)
{
    void *state = renderer->begin(report, out);
    for (size_t row = 0; row < db_rows(result); row++) {
        const char *values[REPORT_COLUMNS_MAX];
        for (size_t i = 0; i < report_column_count(report); i++)
            values[i] = db_value(result, row, i);
        renderer->row(state, values);
    }
    renderer->end(state, NULL);
}

const struct renderer *result_renderer(const struct options *options, struct error *err)
{
    const char *format = option_get_or(options, "format", "table");
    const struct renderer *renderer = renderer_find(format);
    if (renderer == NULL)
        error_set(err, ERROR_USAGE, "--format %s: expected table, csv or json", format);
    return renderer;
}

bool result_row_print(struct options *options, const struct report *report, const char *const *values, struct error *err)
{
    const struct renderer *renderer = result_renderer(options, err);
    struct output *output = renderer == NULL ? NULL : output_open(options, err);
    if (output == NULL)
        return false;
    void *state = renderer->begin(report, output_file(output));
    renderer->row(state, values);
    renderer->end(state, 0);
    return output_close(output, true, err);
}

bool result_table_print(struct options *options, struct db *db, const char *sql, size_t count,
                        const char *const *params, const char *none, struct error *err)
{
    const struct renderer *renderer = result_renderer(options, err);
    if (renderer == NULL)
        return false;
    struct db_result *result = db_query(db, sql, count, params, err);
    if (result == NULL)
        return false;
    struct report report = {.name = "list"};
    char *headings[REPORT_COLUMNS_MAX] = {NULL};
    shape(&report, headings, result);
    struct output *output = output_open(options, err);
    if (output != NULL) {
        print_rows(&report, renderer, result, output_file(output));
        if (db_rows(result) == 0)
            log_info("%s", none);
    }
    for (size_t i = 0; i < REPORT_COLUMNS_MAX; i++)
        free(headings[i]);
    db_result_destroy(result);
    return output != NULL && output_close(output, true, err);
}
