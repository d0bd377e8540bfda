/* Rows of a bundle in batches. A batch is read whole (its size is bounded), its endpoints are merged and get their
 * ids, then its rows are copied with ready ids, and the endpoints are marked to be made anew. */
#include "inventory/load/loader_batch.h"

#include "inventory/store/set_aside.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS  20000       /* some 15 MB of rows in memory */
#define BATCH_BYTES (32u << 20) /* of texts beside them: a batch ends behind the row that passes this */
#define LOAD_VERSION 1          /* one more whenever a row that was refused may go through */

/* ---- endpoints of a batch ---- */

struct handle {                 /* a bundle's endpoint, where in the batch it stands */
    int64_t handle;
    const struct endpoint *endpoint;
};

static int handle_compare(const void *a, const void *b)
{
    int64_t x = ((const struct handle *)a)->handle, y = ((const struct handle *)b)->handle;
    return (x > y) - (x < y);
}

static bool endpoint_copy(struct db_copy *copy, const struct handle *handle, struct error *err)
{
    char address[ADDRESS_TEXT_SIZE];
    address_format(&handle->endpoint->address, address);
    db_copy_int(copy, handle->handle);
    db_copy_text(copy, address);
    db_copy_int(copy, handle->endpoint->port);
    db_copy_int(copy, (int64_t)handle->endpoint->transport);
    db_copy_text(copy, handle->endpoint->server_name);
    db_copy_text(copy, handle->endpoint->zone);
    return db_copy_row(copy, err);
}

/* Sorts the handles; loader->endpoints then knows the id of each. touch: their serving is to be made anew. */
static bool endpoints_merge(struct loader *loader, struct handle *handles, size_t count, bool touch,
                            struct error *err)
{
    const char *const site[] = {loader->site};
    loader->endpoints.count = 0;
    qsort(handles, count, sizeof *handles, handle_compare);
    struct db_copy *copy = db_copy_begin(loader->db, SQL_LOADER_ENDPOINTS_COPY, err);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if ((i == 0 || handles[i].handle != handles[i - 1].handle) && !endpoint_copy(copy, &handles[i], err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    if (!db_copy_end(copy, err) || !db_exec_params(loader->db, SQL_LOADER_ENDPOINTS_MERGE, 1, site, err))
        return false;
    struct db_result *ids = db_query(loader->db, SQL_LOADER_ENDPOINTS_FIND, 1, site, err);
    if (ids == NULL)
        return false;
    id_list_append(&loader->endpoints, ids);
    db_result_destroy(ids);
    return !touch || db_exec_params(loader->db, SQL_LOADER_ENDPOINTS_TOUCH, 1, site, err);
}

/* ---- fields ---- */

static void copy_optional_text(struct db_copy *copy, const char *text)
{
    db_copy_text(copy, text[0] == '\0' ? NULL : text);
}

static void copy_optional_int(struct db_copy *copy, int64_t value, int64_t none)
{
    if (value == none)
        db_copy_text(copy, NULL);
    else
        db_copy_int(copy, value);
}

static void copy_int32(struct db_copy *copy, uint32_t value)
{
    db_copy_int(copy, value > INT32_MAX ? INT32_MAX : (int64_t)value);
}

static void copy_address(struct db_copy *copy, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];
    if (address->len == 0) {
        db_copy_text(copy, NULL);
        return;
    }
    address_format(address, text);
    db_copy_text(copy, text);
}

/* ---- a batch ---- */

struct batch;

/* The kinds of rows that are read alike: what one is, and how a batch of them is carried over. */
struct rows_kind {
    enum loader_table table;
    const char *name;               /* of the bundle's table */
    size_t size;                    /* of a row in memory */
    bool touch;                     /* the serving of their endpoints is to be made anew */
    /* Calls batch_keep() with each row behind the progress. */
    bool (*read)(struct loader *loader, struct batch *batch, struct error *err);
    struct handle (*handle)(const void *row);
    void (*saw)(struct loader *loader, const void *row);        /* its times */
    bool (*prepare)(struct loader *loader, const void *row, struct error *err);        /* NULL: nothing */
    const char *copy_sql, *merge_sql;                   /* merge_sql NULL: copied to where they stay */
    bool (*copy)(struct loader *loader, struct db_copy *copy, const void *row, struct error *err);
    void (*clear)(void *row);       /* NULL: it holds nothing */
    size_t report_offset;           /* of their count */
};

struct batch {
    struct loader *loader;
    const struct rows_kind *kind;
    uint8_t *rows;
    struct handle *handles;
    size_t count, bytes;
    int64_t *numbers;               /* of the rows, in the bundle */
};

static void *batch_row(const struct batch *batch, size_t number)
{
    return batch->rows + number * batch->kind->size;
}

/* bytes: what row holds beside itself. false: the batch is full. */
static bool batch_keep(struct batch *batch, int64_t number, const void *row, size_t bytes)
{
    memcpy(batch_row(batch, batch->count), row, batch->kind->size);
    batch->numbers[batch->count++] = number;
    batch->bytes += bytes;
    return batch->bytes < BATCH_BYTES;
}

static bool part_copy(struct batch *batch, size_t from, size_t to, struct error *err)
{
    struct loader *loader = batch->loader;
    const struct rows_kind *kind = batch->kind;
    for (size_t i = from; kind->prepare != NULL && i < to; i++)
        if (!kind->prepare(loader, batch_row(batch, i), err))
            return false;
    struct db_copy *copy = db_copy_begin(loader->db, kind->copy_sql, err);
    if (copy == NULL)
        return false;
    for (size_t i = from; i < to; i++) {
        if (!kind->copy(loader, copy, batch_row(batch, i), err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    return db_copy_end(copy, err) && (kind->merge_sql == NULL || db_exec(loader->db, kind->merge_sql, err));
}

/* What the last part left in the temporary tables is merged already. */
static bool part_store(void *context, size_t from, size_t to, struct error *err)
{
    struct batch *batch = context;
    struct loader *loader = batch->loader;
    for (size_t i = from; i < to; i++)
        batch->handles[i - from] = batch->kind->handle(batch_row(batch, i));
    return (to - from == batch->count || db_exec(loader->db, SQL_LOADER_PART_CLEAR, err)) &&
           endpoints_merge(loader, batch->handles, to - from, batch->kind->touch, err) && part_copy(batch, from, to, err);
}

static bool row_refuse(void *context, size_t row, const char *reason, struct error *err)
{
    const struct batch *batch = context;
    const struct set_aside aside = {.stage = "load", .version = LOAD_VERSION,
                                    .bundle = strtoll(batch->loader->bundle, NULL, 10), .row = batch->numbers[row],
                                    .table = batch->kind->name};
    return set_aside_add(batch->loader->db, &aside, reason, err);
}

static bool batch_load(struct batch *batch, struct error *err)
{
    struct loader *loader = batch->loader;
    const struct set_aside_work work = {part_store, row_refuse, batch};
    if (!loader_batch_begin(loader, err))
        return false;
    for (size_t i = 0; i < batch->count; i++)
        batch->kind->saw(loader, batch_row(batch, i));
    return set_aside_store(loader->db, &work, batch->count, err) &&
           loader_batch_end(loader, batch->kind->table, batch->numbers[batch->count - 1], err);
}

static void batch_clear(struct batch *batch)
{
    for (size_t i = 0; batch->kind->clear != NULL && i < batch->count; i++)
        batch->kind->clear(batch_row(batch, i));
    batch->count = batch->bytes = 0;
}

static bool rows_load(struct loader *loader, const struct rows_kind *kind, struct error *err)
{
    struct batch batch = {.loader = loader, .kind = kind, .rows = xcalloc(BATCH_ROWS, kind->size)};
    batch.handles = xcalloc(BATCH_ROWS, sizeof *batch.handles);
    batch.numbers = xcalloc(BATCH_ROWS, sizeof *batch.numbers);
    int64_t *told = (int64_t *)(void *)((char *)loader->report + kind->report_offset);
    bool ok = true, more = true;
    while (ok && more) {
        ok = kind->read(loader, &batch, err) && (batch.count == 0 || batch_load(&batch, err));
        *told += ok ? (int64_t)batch.count : 0;
        more = batch.count > 0;
        batch_clear(&batch);
    }
    free(batch.rows);
    free(batch.handles);
    free(batch.numbers);
    return ok;
}

/* ---- observations ---- */

static bool keep_observation(void *context, const struct bundle_observation *row)
{
    return batch_keep(context, row->row, row, 0);
}

static bool observations_read(struct loader *loader, struct batch *batch, struct error *err)
{
    return bundle_read_observations(loader->reader, loader->progress[LOADER_OBSERVATION], BATCH_ROWS,
                                    keep_observation, batch, err);
}

static struct handle observation_handle(const void *row)
{
    const struct bundle_observation *observation = row;
    return (struct handle){observation->endpoint, &observation->seen.endpoint};
}

static void observation_saw(struct loader *loader, const void *row)
{
    loader_saw(loader, ((const struct bundle_observation *)row)->seen.time_us);
}

/* The month's partition, where it may have one. */
static bool month_make(struct loader *loader, const void *row, struct error *err)
{
    char day[CLOCK_TEXT_SIZE];
    clock_format_us(((const struct bundle_observation *)row)->seen.time_us, day);
    int month = atoi(day) * 12 + atoi(day + 5) - 1;
    if (month < loader->month_first || month > loader->month_last ||
        loader->months_made[month - loader->month_first] != 0)
        return true;
    loader->months_made[month - loader->month_first] = 1;
    day[10] = '\0';
    const char *const params[] = {day};
    return db_exec_params(loader->db, SQL_LOADER_MONTH_MAKE, 1, params, err);
}

/* The columns that observations and sightings share, in the order in which both COPY statements end. */
static void copy_seen(struct loader *loader, struct db_copy *copy, const struct bundle_observation *row)
{
    const struct observation *o = &row->seen;
    db_copy_int(copy, loader->scan_id);
    db_copy_int(copy, id_list_find(&loader->endpoints, row->endpoint));
    copy_optional_int(copy, row->chain == 0 ? 0 : id_list_find(&loader->chains, row->chain), 0);
    copy_optional_int(copy, row->staple == 0 ? 0 : id_list_find(&loader->staples, row->staple), 0);
    copy_optional_int(copy, o->tls_version, 0);
    copy_optional_int(copy, o->cipher_suite, -1);
    copy_optional_int(copy, o->group, -1);
    copy_int32(copy, o->sct_count);
    db_copy_int(copy, o->role);
    db_copy_int(copy, o->outcome);
    copy_address(copy, &o->peer);
    db_copy_text(copy, o->protocol);
    copy_optional_text(copy, o->detail);
    copy_optional_text(copy, o->alpn);
}

static bool observation_copy(struct loader *loader, struct db_copy *copy, const void *row, struct error *err)
{
    const struct observation *o = &((const struct bundle_observation *)row)->seen;
    db_copy_time(copy, o->time_us);
    copy_optional_int(copy, (int64_t)o->position, -1);
    copy_int32(copy, o->dns_us);
    copy_int32(copy, o->connect_us);
    copy_int32(copy, o->handshake_us);
    copy_int32(copy, o->connections);
    db_copy_int(copy, o->method);
    db_copy_int(copy, o->variant);
    db_copy_int(copy, o->name_source);
    if (o->key_proven == KEY_PROVEN_UNKNOWN)
        db_copy_text(copy, NULL);
    else
        db_copy_bool(copy, o->key_proven == KEY_PROVEN_TRUE);
    copy_seen(loader, copy, row);
    return db_copy_row(copy, err);
}

bool loader_observations(struct loader *loader, struct error *err)
{
    static const struct rows_kind kind = {.table = LOADER_OBSERVATION,
                                          .name = "observation",
                                          .size = sizeof(struct bundle_observation),
                                          .touch = true,
                                          .read = observations_read,
                                          .handle = observation_handle,
                                          .saw = observation_saw,
                                          .prepare = month_make,
                                          .copy_sql = SQL_LOADER_OBSERVATIONS_COPY,
                                          .copy = observation_copy,
                                          .report_offset = offsetof(struct loader_report, observations)};
    return rows_load(loader, &kind, err);
}

/* ---- sightings ---- */

static bool keep_sighting(void *context, const struct bundle_sighting *row)
{
    return batch_keep(context, row->of.row, row, 0);
}

static bool sightings_read(struct loader *loader, struct batch *batch, struct error *err)
{
    return bundle_read_sightings(loader->reader, loader->progress[LOADER_SIGHTING], BATCH_ROWS, keep_sighting, batch,
                                 err);
}

static struct handle sighting_handle(const void *row)
{
    return observation_handle(&((const struct bundle_sighting *)row)->of);
}

static void sighting_saw(struct loader *loader, const void *row)
{
    const struct bundle_sighting *sighting = row;
    loader_saw_span(loader, sighting->first_us, sighting->last_us);
}

static bool sighting_copy(struct loader *loader, struct db_copy *copy, const void *row, struct error *err)
{
    const struct bundle_sighting *sighting = row;
    db_copy_time(copy, sighting->hour_us);
    db_copy_time(copy, sighting->first_us);
    db_copy_time(copy, sighting->last_us);
    db_copy_int(copy, (int64_t)sighting->count);
    copy_seen(loader, copy, &sighting->of);
    return db_copy_row(copy, err);
}

bool loader_sightings(struct loader *loader, struct error *err)
{
    static const struct rows_kind kind = {.table = LOADER_SIGHTING,
                                          .name = "sighting",
                                          .size = sizeof(struct bundle_sighting),
                                          .touch = true,
                                          .read = sightings_read,
                                          .handle = sighting_handle,
                                          .saw = sighting_saw,
                                          .copy_sql = SQL_LOADER_SIGHTINGS_COPY,
                                          .merge_sql = SQL_LOADER_SIGHTINGS_MERGE,
                                          .copy = sighting_copy,
                                          .report_offset = offsetof(struct loader_report, sightings)};
    return rows_load(loader, &kind, err);
}

/* ---- posture ---- */

struct posture_row {
    int64_t endpoint, time_us;
    struct endpoint place;
    char *item, *value, *detail;
};

static bool keep_posture(void *context, const struct bundle_posture *row)
{
    const struct posture_row kept = {.endpoint = row->endpoint_row, .time_us = row->fact.time_us,
                                     .place = row->fact.endpoint, .item = xstrdup(row->fact.item),
                                     .value = xstrdup(row->fact.value), .detail = xstrdup(row->fact.detail)};
    return batch_keep(context, row->row, &kept, strlen(kept.value) + strlen(kept.detail));
}

static bool postures_read(struct loader *loader, struct batch *batch, struct error *err)
{
    return bundle_read_postures(loader->reader, loader->progress[LOADER_POSTURE], BATCH_ROWS, keep_posture, batch,
                                err);
}

static struct handle posture_handle(const void *row)
{
    const struct posture_row *posture = row;
    return (struct handle){posture->endpoint, &posture->place};
}

static void posture_saw(struct loader *loader, const void *row)
{
    loader_saw(loader, ((const struct posture_row *)row)->time_us);
}

static bool posture_copy(struct loader *loader, struct db_copy *copy, const void *row, struct error *err)
{
    const struct posture_row *posture = row;
    db_copy_int(copy, id_list_find(&loader->endpoints, posture->endpoint));
    db_copy_text(copy, posture->item);
    db_copy_time(copy, posture->time_us);
    db_copy_text(copy, posture->value);
    copy_optional_text(copy, posture->detail);
    db_copy_int(copy, loader->scan_id);
    return db_copy_row(copy, err);
}

static void posture_clear(void *row)
{
    struct posture_row *posture = row;
    free(posture->item);
    free(posture->value);
    free(posture->detail);
}

bool loader_postures(struct loader *loader, struct error *err)
{
    static const struct rows_kind kind = {.table = LOADER_POSTURE,
                                          .name = "posture",
                                          .size = sizeof(struct posture_row),
                                          .read = postures_read,
                                          .handle = posture_handle,
                                          .saw = posture_saw,
                                          .copy_sql = SQL_LOADER_POSTURES_COPY,
                                          .merge_sql = SQL_LOADER_POSTURES_MERGE,
                                          .copy = posture_copy,
                                          .clear = posture_clear,
                                          .report_offset = offsetof(struct loader_report, postures)};
    return rows_load(loader, &kind, err);
}

/* ---- names and counters: straight from the reader into COPY ---- */

struct stream {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    bool ok;
};

static bool stream_row(struct stream *stream, int64_t number)
{
    stream->ok = db_copy_row(stream->copy, stream->err);
    stream->count++;
    stream->last = number;
    return stream->ok;
}

struct stream_kind {
    enum loader_table table;
    const char *copy_sql, *merge_sql;
    bool merge_wants_scan;          /* its $1 */
    bool (*read)(struct stream *stream);
};

static bool stream_load(struct loader *loader, const struct stream_kind *kind, int64_t *told, struct error *err)
{
    const char *const scan[] = {loader->scan};
    for (;;) {
        struct stream stream = {.loader = loader, .err = err, .ok = true};
        if (!loader_batch_begin(loader, err) ||
            (stream.copy = db_copy_begin(loader->db, kind->copy_sql, err)) == NULL)
            return false;
        if (!kind->read(&stream) || !stream.ok) {
            db_copy_abort(stream.copy);
            return false;
        }
        if (!db_copy_end(stream.copy, err))
            return false;
        if (stream.count == 0)
            return db_commit(loader->db, err);
        if (!db_exec_params(loader->db, kind->merge_sql, kind->merge_wants_scan ? 1 : 0, scan, err) ||
            !loader_batch_end(loader, kind->table, stream.last, err))
            return false;
        *told += stream.count;
    }
}

static bool on_name(void *context, const struct bundle_name *row)
{
    struct stream *stream = context;
    loader_saw(stream->loader, row->result.time_us);
    db_copy_int(stream->copy, stream->loader->scan_id);
    db_copy_int(stream->copy, (int64_t)row->result.line);
    db_copy_text(stream->copy, row->result.name);
    db_copy_int(stream->copy, (int64_t)row->result.outcome);
    copy_optional_text(stream->copy, row->result.detail);
    db_copy_time(stream->copy, row->result.time_us);
    db_copy_int(stream->copy, row->result.address_count);
    return stream_row(stream, row->row);
}

static bool names_read(struct stream *stream)
{
    return bundle_read_names(stream->loader->reader, stream->loader->progress[LOADER_NAME], BATCH_ROWS, on_name, stream,
                             stream->err);
}

bool loader_names(struct loader *loader, struct error *err)
{
    static const struct stream_kind kind = {.table = LOADER_NAME, .copy_sql = SQL_LOADER_NAMES_COPY,
                                            .merge_sql = SQL_LOADER_NAMES_MERGE, .read = names_read};
    return stream_load(loader, &kind, &loader->report->names, err);
}

static bool on_counter(void *context, const struct bundle_counter *row)
{
    struct stream *stream = context;
    db_copy_text(stream->copy, row->name);
    db_copy_int(stream->copy, row->value);
    return stream_row(stream, row->row);
}

static bool counters_read(struct stream *stream)
{
    return bundle_read_counters(stream->loader->reader, stream->loader->progress[LOADER_COUNTER], BATCH_ROWS,
                                on_counter, stream, stream->err);
}

bool loader_counters(struct loader *loader, struct error *err)
{
    static const struct stream_kind kind = {.table = LOADER_COUNTER, .copy_sql = SQL_LOADER_COUNTERS_COPY,
                                            .merge_sql = SQL_LOADER_COUNTERS_MERGE, .merge_wants_scan = true,
                                            .read = counters_read};
    int64_t count = 0;              /* nobody asks how many */
    return stream_load(loader, &kind, &count, err);
}
