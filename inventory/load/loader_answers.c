/* Loads the observations of a bundle. A batch streams into one temporary table, so its size costs no memory here; the database
 * then finds the answers that are unchanged (bits of a confirmation), those that are new (rows, which extend their
 * endpoint's history), and those that are late (their endpoints are recomputed from all stored answers).
 *
 *     bundle --COPY--> in_answer --join by key--> in_class --+--> confirmation
 *                                                            +--> observation --> history --> answer_span, event, endpoint_now */
#include "inventory/load/loader_parts.h"

#include "inventory/load/answer_store.h"
#include "inventory/load/loader_endpoints.h"
#include "inventory/store/set_aside.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"

#include <stdio.h>

#define BATCH_ROWS 1000000      /* each batch is joined with all endpoints once */
#define COLUMNS    25

struct batch {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    bool ok;
};

/* ---- rows into COPY ---- */

static void copy_id(struct db_copy *copy, int64_t row, const struct id_list *list)
{
    int64_t id = row == 0 ? 0 : id_list_find(list, row);
    if (id == 0)
        db_binary_null(copy);
    else
        db_binary_int8(copy, id);
}

static void copy_int(struct db_copy *copy, int64_t value, int64_t none)
{
    if (value == none)
        db_binary_null(copy);
    else
        db_binary_int4(copy, value > INT32_MAX ? INT32_MAX : (int32_t)value);
}

static void copy_text(struct db_copy *copy, const char *text)
{
    db_binary_text(copy, text[0] == '\0' ? NULL : text);
}

static void copy_proven(struct db_copy *copy, enum key_proven proven)
{
    if (proven == KEY_PROVEN_UNKNOWN)
        db_binary_null(copy);
    else
        db_binary_bool(copy, proven == KEY_PROVEN_TRUE);
}

/* The columns in the order of answers_copy.sql. */
static bool answer_copy(struct batch *batch, const struct bundle_observation *row)
{
    struct db_copy *copy = batch->copy;
    const struct observation *o = &row->seen;
    uint8_t key[16];
    loader_endpoint_key(batch->loader, &o->endpoint, key);
    if (!db_binary_row(copy, COLUMNS, batch->err))
        return false;
    db_binary_int8(copy, row->row);
    db_binary_int8(copy, row->endpoint);
    db_binary_bytes(copy, key, sizeof key);
    db_binary_time(copy, o->time_us);
    if (o->position == UINT64_MAX)
        db_binary_null(copy);
    else
        db_binary_int8(copy, (int64_t)o->position);
    copy_id(copy, row->chain, &batch->loader->chains);
    copy_id(copy, row->staple, &batch->loader->staples);
    copy_int(copy, o->sct_count, -1);
    copy_int(copy, o->dns_us, -1);
    copy_int(copy, o->connect_us, -1);
    copy_int(copy, o->handshake_us, -1);
    copy_int(copy, o->connections, -1);
    db_binary_int2(copy, (int16_t)o->method);
    db_binary_int2(copy, (int16_t)o->role);
    db_binary_int2(copy, (int16_t)o->variant);
    db_binary_int2(copy, (int16_t)o->outcome);
    db_binary_int2(copy, (int16_t)o->name_source);
    copy_proven(copy, o->key_proven);
    db_binary_inet(copy, o->peer.bytes, o->peer.len);
    copy_int(copy, o->tls_version, 0);
    copy_int(copy, o->cipher_suite, -1);
    copy_int(copy, o->group, -1);
    db_binary_text(copy, o->protocol);
    copy_text(copy, o->detail);
    copy_text(copy, o->alpn);
    return true;
}

static bool on_row(void *context, const struct bundle_observation *row)
{
    struct batch *batch = context;
    loader_saw(batch->loader, row->seen.time_us);
    batch->ok = answer_copy(batch, row);
    batch->count++;
    batch->last = row->row;
    return batch->ok;
}

static bool batch_copy(struct batch *batch, int64_t max, struct error *err)
{
    struct loader *loader = batch->loader;
    batch->copy = db_binary_begin(loader->db, SQL_ANSWERS_COPY, err);
    if (batch->copy == NULL)
        return false;
    if (bundle_read_observations(loader->reader, loader->progress[LOADER_OBSERVATION], max, on_row, batch, err) && batch->ok)
        return db_copy_end(batch->copy, err);
    db_copy_abort(batch->copy);
    return false;
}

/* ---- what they mean ---- */

/* Endpoints that nobody has seen yet are read from the bundle once more. */
static bool endpoints_add(struct loader *loader, struct error *err)
{
    struct db_result *unknown = db_query_binary(loader->db, SQL_ANSWERS_UNKNOWN, 0, NULL, err);
    struct db_copy *copy = unknown == NULL ? NULL : loader_endpoints_begin(loader, err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < db_rows(unknown); i++) {
        struct endpoint endpoint;
        const struct endpoint_handle handle = {db_binary_number(unknown, i, 0), &endpoint};
        ok = bundle_read_endpoint(loader->reader, handle.handle, &endpoint, err) && loader_endpoint_copy(loader, copy, &handle, err);
    }
    if (!ok)
        db_copy_abort(copy);
    ok = ok && db_copy_end(copy, err) && loader_endpoints_add(loader, err);
    db_result_destroy(unknown);
    return ok;
}

static bool ahead_apart(struct loader *loader, struct error *err)
{
    char limit[CLOCK_TEXT_SIZE];
    loader_time_text(loader->limit_us, limit);
    const char *const params[] = {loader->scan, limit};
    return loader->ahead == 0 || db_exec_params(loader->db, SQL_ANSWERS_AHEAD, 2, params, err);
}

static bool answers_store(struct loader *loader, struct error *err)
{
    struct db *db = loader->db;
    const char *const scan[] = {loader->scan};
    return db_exec(db, SQL_ANSWERS_ANALYZE, err) && endpoints_add(loader, err) && ahead_apart(loader, err) &&
           db_exec_params(db, SQL_ANSWERS_CLASS, 1, scan, err) && db_exec_params(db, SQL_ANSWERS_EXPLICIT, 1, scan, err) &&
           db_exec_params(db, SQL_ANSWERS_CONFIRM, 1, scan, err) && db_exec(db, SQL_ANSWERS_MONTHS, err) &&
           db_exec_params(db, SQL_ANSWERS_WRITE_OUT, 1, scan, err) && db_exec_params(db, SQL_ANSWERS_INSERT, 1, scan, err) &&
           db_exec(db, SQL_ANSWERS_LATE, err) && db_exec_params(db, SQL_ANSWERS_BLOCKS, 1, scan, err) &&
           db_exec(db, SQL_HISTORY_CHANGED, err) && db_exec_params(db, SQL_HISTORY_BATCH, 1, scan, err) &&
           answer_store_run(db, err);
}

/* max rows behind the progress; *count: how many there were. */
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

/* A batch that the database refuses for its values is halved until the row stands alone. */
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
    for (int64_t count = 1; count > 0; loader->report->observations += count)
        if (!rows_load(loader, BATCH_ROWS, &count, err))
            return false;
    return true;
}
