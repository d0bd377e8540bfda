/* Loads the observations of a bundle. Of each answer only what its class depends on goes into a temporary table first: the key
 * of its endpoint, and a digest of all that makes two answers the same (of the first batch: while the bundle is checked, in
 * loader_check.c). The database then finds the answers that are unchanged (bits of a confirmation). The others are read from the bundle
 * once more and copied whole: those that are new (rows, which extend their endpoint's history), and those that are late (their
 * endpoints are recomputed from all stored answers).
 *
 *     bundle --COPY--> in_answer --join by key--> in_class --+--> confirmation
 *       |                                                    +--> in_first (first_answers.c)
 *       |                                                    +--> in_explicit --+
 *       +-----------------COPY--> in_full <-------------------------------------+
 *                                   +--> observation, answer_span, event, endpoint_now */
#include "inventory/load/loader_parts.h"

#include "inventory/load/answer_rows.h"
#include "inventory/load/answer_store.h"
#include "inventory/load/first_answers.h"
#include "inventory/load/loader_endpoints.h"
#include "inventory/store/set_aside.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"

#include <stdio.h>
#include <string.h>

struct batch {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    bool ok;
};

/* ---- rows into COPY ---- */

static bool on_row(void *context, const struct bundle_observation *row)
{
    struct batch *batch = context;
    loader_saw(batch->loader, row->seen.time_us);
    batch->ok = answer_class_copy(batch->copy, batch->loader, row, batch->err);
    batch->count++;
    batch->last = row->row;
    return batch->ok;
}

static bool batch_copy(struct batch *batch, int64_t max, struct error *err)
{
    struct loader *loader = batch->loader;
    if (loader_early_take(loader, max, &batch->count, &batch->last))
        return true;
    batch->copy = db_exec(loader->db, SQL_ANSWERS_EMPTY, err) ? db_binary_begin(loader->db, SQL_ANSWERS_COPY, err) : NULL;
    if (batch->copy == NULL)
        return false;
    if (bundle_read_observations(loader->reader, loader->progress[LOADER_OBSERVATION], max, on_row, batch, err) && batch->ok)
        return db_copy_end(batch->copy, err);
    db_copy_abort(batch->copy);
    return false;
}

/* ---- what they mean ---- */

/* New endpoints are read from the bundle once more. */
static bool endpoints_add(struct loader *loader, struct error *err)
{
    const char *const scan[] = {loader->scan};
    struct db_result *unknown = db_query_binary(loader->db, SQL_ANSWERS_UNKNOWN, 0, NULL, err);
    if (unknown != NULL && db_rows(unknown) == 0) {
        db_result_destroy(unknown);
        return true;
    }
    struct db_copy *copy = unknown == NULL ? NULL : loader_endpoints_begin(loader, err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < db_rows(unknown); i++) {
        struct endpoint endpoint;
        const struct endpoint_handle handle = {db_binary_number(unknown, i, 0), &endpoint};
        ok = bundle_read_endpoint(loader->reader, handle.handle, &endpoint, err) && loader_endpoint_copy(loader, copy, &handle, err);
    }
    if (!ok)
        db_copy_abort(copy);
    ok = ok && db_copy_end(copy, err) && loader_endpoints_add(loader, err) &&
         db_exec_params(loader->db, SQL_ANSWERS_CLASS_NEW, 1, scan, err) && db_exec(loader->db, SQL_ANSWERS_CLASSED, err);
    db_result_destroy(unknown);
    return ok;
}

/* ---- the answers that become rows, whole ---- */

struct full {
    struct loader *loader;
    struct db_copy *copy;
    const struct db_result *rows;   /* of answers_explicit_open.sql */
    struct error *err;
};

/* The columns in the order of answers_full_copy.sql. */
static bool full_copy(void *context, size_t at, const struct bundle_observation *row)
{
    struct full *full = context;
    if (!db_binary_row(full->copy, 4 + ANSWER_COLUMNS, full->err))
        return false;
    db_binary_int8(full->copy, row->row);
    db_binary_int8(full->copy, db_binary_number(full->rows, at, 1));
    db_binary_bool(full->copy, db_binary_number(full->rows, at, 2) != 0);
    db_binary_bool(full->copy, db_binary_number(full->rows, at, 3) != 0);
    answer_columns_copy(full->copy, full->loader, row);
    return true;
}

static bool full_rows_copy(struct loader *loader, const struct db_result *rows, struct error *err)
{
    struct full full = {.loader = loader, .rows = rows, .err = err};
    full.copy = db_binary_begin(loader->db, SQL_ANSWERS_FULL_COPY, err);
    if (full.copy == NULL)
        return false;
    if (answer_rows_read(loader, rows, full_copy, &full, err))
        return db_copy_end(full.copy, err);
    db_copy_abort(full.copy);
    return false;
}

static bool full_load(struct loader *loader, struct error *err)
{
    bool ok = db_exec(loader->db, SQL_ANSWERS_EXPLICIT_OPEN, err);
    for (size_t count = 1; ok && count > 0;) {
        struct db_result *rows = db_query_binary(loader->db, SQL_ANSWERS_EXPLICIT_FETCH, 0, NULL, err);
        count = rows == NULL ? 0 : db_rows(rows);
        ok = rows != NULL && (count == 0 || full_rows_copy(loader, rows, err));
        db_result_destroy(rows);
    }
    return ok && db_exec(loader->db, SQL_ANSWERS_EXPLICIT_CLOSE, err);
}

static bool history_extend(struct loader *loader, struct error *err)
{
    struct db *db = loader->db;
    const char *const scan[] = {loader->scan}, *const site[] = {loader->site};
    return db_exec(db, SQL_HISTORY_CHANGED, err) && db_exec(db, SQL_HISTORY_ANALYZE, err) &&
           db_exec_params(db, SQL_HISTORY_SINGLE_SPANS, 1, scan, err) && db_exec_params(db, SQL_HISTORY_SINGLE_NOWS, 1, site, err) &&
           db_exec_params(db, SQL_HISTORY_BATCH, 1, scan, err) && answer_store_run(db, err);
}

static bool answers_store(struct loader *loader, struct error *err)
{
    struct db *db = loader->db;
    char limit[CLOCK_TEXT_SIZE];
    loader_time_text(loader->limit_us, limit);
    const char *const scan[] = {loader->scan, limit};
    bool left;
    return db_exec(db, SQL_ANSWERS_ANALYZE, err) && db_exec_params(db, SQL_ANSWERS_CLASS, 1, scan, err) &&
           db_exec(db, SQL_ANSWERS_EMPTY, err) && db_exec(db, SQL_ANSWERS_CLASSED, err) && first_answers_store(loader, &left, err) && (!left || endpoints_add(loader, err)) &&
           db_exec_params(db, SQL_ANSWERS_EXPLICIT, 2, scan, err) && db_exec(db, SQL_ANSWERS_EXPLICIT_ANALYZE, err) && full_load(loader, err) &&
           (loader->ahead == 0 || db_exec_params(db, SQL_ANSWERS_AHEAD, 1, scan, err)) &&
           db_exec_params(db, SQL_ANSWERS_CONFIRM, 1, scan, err) && db_exec(db, SQL_ANSWERS_COUNTED, err) &&
           db_exec(db, SQL_ANSWERS_MONTHS, err) && db_exec_params(db, SQL_ANSWERS_WRITE_OUT, 1, scan, err) &&
           db_exec_params(db, SQL_ANSWERS_INSERT, 1, scan, err) && db_exec(db, SQL_ANSWERS_LATE, err) &&
           db_exec_params(db, SQL_ANSWERS_BLOCKS, 2, scan, err) && history_extend(loader, err);
}

/* At most max rows after the progress; *count: how many there were. */
static bool batch_load(struct loader *loader, int64_t max, int64_t *count, int64_t *last, struct error *err)
{
    struct batch batch = {.loader = loader, .err = err, .ok = true};
    bool ok = loader_batch_begin(loader, err) && db_exec(loader->db, SQL_ANSWERS_BEGIN, err) && batch_copy(&batch, max, err) &&
              (batch.count == 0 || answers_store(loader, err)) &&
              (batch.count == 0 ? db_commit(loader->db, err) : loader_batch_end(loader, LOADER_OBSERVATION, batch.last, err));
    *count = batch.count;
    *last = batch.last;
    return ok && (batch.count == 0 || db_exec(loader->db, SQL_LOADER_ANALYZE, err));
}

static bool row_refuse(struct loader *loader, int64_t row, const char *reason, struct error *err)
{
    const struct set_aside aside = {.stage = "load", .version = LOADER_VERSION, .bundle = loader->bundle_row, .row = row,
                                    .table = "observation"};
    return loader_batch_begin(loader, err) && set_aside_add(loader->db, &aside, reason, err) &&
           loader_batch_end(loader, LOADER_OBSERVATION, row, err);
}

/* A batch that the database refuses for its values is halved until the row is alone. */
static bool rows_load(struct loader *loader, int64_t max, int64_t *count, struct error *err)
{
    struct error why = {0};
    int64_t last, first_half, second_half = 0;
    if (batch_load(loader, max, count, &last, &why))
        return true;
    bool on_data = db_failed_on_data(loader->db);
    db_rollback(loader->db);
    if (!on_data) {
        if (err != NULL)
            *err = why;
        return false;
    }
    if (*count <= 1) {
        return row_refuse(loader, last, why.text, err);
    }
    max = *count;
    bool ok = rows_load(loader, max / 2, &first_half, err) && rows_load(loader, max - max / 2, &second_half, err);
    *count = first_half + second_half;
    return ok;
}

bool loader_answers(struct loader *loader, struct error *err)
{
    if (!db_exec(loader->db, SQL_ANSWERS_TABLES, err))
        return false;
    for (int64_t count = LOADER_BATCH_ROWS; count == LOADER_BATCH_ROWS; loader->report->observations += count)
        if (!rows_load(loader, LOADER_BATCH_ROWS, &count, err))
            return false;
    return true;
}
