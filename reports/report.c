#include "reports/report.h"

#include "inventory/store/db.h"
#include "reports/render.h"
#include "reports_sql.h"

#include <errno.h>
#include <string.h>

struct stream {
    const struct report *report;
    const struct renderer *renderer;
    void *state;
    size_t rows;
};

static bool on_row(void *context, const struct db_result *row)
{
    struct stream *stream = context;
    const char *values[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < report_column_count(stream->report); i++)
        values[i] = db_value(row, 0, i);
    stream->renderer->row(stream->state, values);
    stream->rows++;
    return true;
}

/* Computes the number of further rows from now_count, which reconcile maintains. */
static bool count_rest(const struct report *report, const struct report_options *options, struct db *db, size_t shown,
                       size_t *more, struct error *err)
{
    const char *params[] = {options->site, report->counted_subject, report->counted_values};
    if (report->counted_subject == NULL)
        return true;
    struct db_result *total = db_query(db, SQL_REPORT_TOTAL, 3, params, err);
    if (total == NULL)
        return false;
    size_t count = (size_t)db_int(total, 0, 0);
    *more = count > shown ? count - shown : 0;
    db_result_destroy(total);
    return true;
}

bool report_snapshot_begin(struct db *db, struct error *err)
{
    return db_exec(db, SQL_REPORT_SNAPSHOT, err);
}

void report_snapshot_end(struct db *db)
{
    db_rollback(db);
}

bool report_state_get(const struct report *report, const struct report_options *options, struct db *db,
                      struct report_state *state, struct error *err)
{
    const char *params[] = {options->site};
    struct db_result *row = db_query(db, SQL_REPORT_STATE, 1, params, err);
    if (row == NULL)
        return false;
    const char *as_of = db_value(row, 0, 0);
    *state = (struct report_state){.is_old = db_value(row, 0, 1)[0] == 't'};
    snprintf(state->as_of, sizeof state->as_of, "%s", as_of == NULL ? "" : as_of);
    state->is_empty = strcmp(db_value(row, 0, 4), "t") == 0;
    if (report->needs == REPORT_NEEDS_MANAGED)
        state->unjudged = db_int(row, 0, 2);
    else if (report->needs == REPORT_NEEDS_OWN_CA)
        state->unjudged = db_int(row, 0, 3);
    db_result_destroy(row);
    return true;
}

const char *report_none(const struct report *report, const struct report_state *state)
{
    return state->as_of[0] == '\0' || state->is_empty ? "Nothing was found and judged yet, so nothing can be said." : report->none;
}

bool report_write(const struct report *report, const struct report_options *options, struct db *db,
                  const struct renderer *renderer, FILE *out, size_t *rows, struct error *err)
{
    struct stream stream = {.report = report, .renderer = renderer};
    char limit[24];
    snprintf(limit, sizeof limit, "%zu", options->limit);
    const char *params[] = {options->site, options->limit == 0 ? NULL : limit};
    size_t more = 0;
    stream.state = renderer->begin(report, out);
    bool ok = db_stream(db, report->sql, 2, params, on_row, &stream, err);
    if (ok && options->limit != 0 && stream.rows == options->limit)
        ok = count_rest(report, options, db, stream.rows, &more, err);
    renderer->end(stream.state, more);
    if (ok && (fflush(out) != 0 || ferror(out)))
        ok = error_set(err, ERROR_IO, "report %s: %s", report->name, errno != 0 ? strerror(errno) : "it cannot be written");
    if (rows != NULL)
        *rows = stream.rows;
    return ok;
}
