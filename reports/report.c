#include "reports/report.h"

#include "inventory/store/db.h"
#include "reports/render.h"

#include <errno.h>
#include <string.h>

struct stream {
    const struct report *report;
    const struct renderer *renderer;
    void *state;
    size_t limit, rows;
};

static bool on_row(void *context, const struct db_result *row)
{
    struct stream *stream = context;
    const char *values[REPORT_COLUMNS_MAX];
    if (stream->limit == 0 || stream->rows < stream->limit) {
        for (size_t i = 0; i < report_column_count(stream->report); i++)
            values[i] = db_value(row, 0, i);
        stream->renderer->row(stream->state, values);
    }
    stream->rows++;
    return true;
}

bool report_write(const struct report *report, const struct report_options *options, struct db *db,
                  const struct renderer *renderer, FILE *out, size_t *rows, struct error *err)
{
    struct stream stream = {.report = report, .renderer = renderer, .limit = options->limit};
    const char *params[] = {options->site};
    stream.state = renderer->begin(report, out);
    bool ok = db_stream(db, report->sql, 1, params, on_row, &stream, err);
    bool cut = stream.limit != 0 && stream.rows > stream.limit;
    renderer->end(stream.state, cut ? stream.rows - stream.limit : 0);
    if (ok && (fflush(out) != 0 || ferror(out)))
        ok = error_set(err, ERROR_IO, "report %s: %s", report->name, errno != 0 ? strerror(errno) : "it cannot be written");
    if (rows != NULL)
        *rows = stream.rows;
    return ok;
}
