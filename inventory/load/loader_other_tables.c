/* Sightings, postures, names and counters of a bundle, in batches. A batch is read completely (its size is bounded),
 * its endpoints are merged and get their ids, then its rows are copied with these ids and merged. */
#include "inventory/load/loader_parts.h"

#include "inventory/load/loader_endpoints.h"

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
    /* Calls batch_keep() with each row behind the progress. */
    bool (*read)(struct loader *loader, struct batch *batch, struct error *err);
    struct endpoint_handle (*handle)(const void *row);
    void (*saw)(struct loader *loader, const void *row);        /* its times */
    /* then_sql looks at what was there before; scan_sql has the scan as $1; either may be NULL; then it is merged. */
    const char *copy_sql, *then_sql, *scan_sql, *merge_sql;
    bool (*copy)(struct loader *loader, struct db_copy *copy, const void *row, struct error *err);
    void (*clear)(void *row);       /* NULL: it holds nothing */
    size_t report_offset;           /* of their count */
};

struct batch {
    struct loader *loader;
    const struct rows_kind *kind;
    uint8_t *rows;
    struct endpoint_handle *handles;
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
    const char *const scan[] = {loader->scan};
    struct db_copy *copy = db_copy_begin(loader->db, kind->copy_sql, err);
    if (copy == NULL)
        return false;
    for (size_t i = from; i < to; i++) {
        if (!kind->copy(loader, copy, batch_row(batch, i), err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    return db_copy_end(copy, err) && (kind->then_sql == NULL || db_exec(loader->db, kind->then_sql, err)) &&
           (kind->scan_sql == NULL || db_exec_params(loader->db, kind->scan_sql, 1, scan, err)) &&
           db_exec(loader->db, kind->merge_sql, err);
}

/* What the last part left in the temporary tables is merged already. */
static bool part_store(void *context, size_t from, size_t to, struct error *err)
{
    struct batch *batch = context;
    struct loader *loader = batch->loader;
    for (size_t i = from; i < to; i++)
        batch->handles[i - from] = batch->kind->handle(batch_row(batch, i));
    return (to - from == batch->count || db_exec(loader->db, SQL_LOADER_PART_CLEAR, err)) &&
           loader_endpoints_merge(loader, batch->handles, to - from, err) && part_copy(batch, from, to, err);
}

static bool row_refuse(void *context, size_t row, const char *reason, struct error *err)
{
    const struct batch *batch = context;
    const struct set_aside aside = {.stage = "load", .version = LOADER_VERSION,
                                    .bundle = batch->loader->bundle_row, .row = batch->numbers[row],
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
    int64_t *reported = (int64_t *)(void *)((char *)loader->report + kind->report_offset);
    bool ok = true, more = true;
    while (ok && more) {
        ok = kind->read(loader, &batch, err) && (batch.count == 0 || batch_load(&batch, err));
        *reported += ok ? (int64_t)batch.count : 0;
        more = batch.count > 0;
        batch_clear(&batch);
    }
    free(batch.rows);
    free(batch.handles);
    free(batch.numbers);
    return ok;
}

/* ---- sightings ---- */

/* The columns of what was seen, in the order in which the COPY statement ends. */
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

static bool keep_sighting(void *context, const struct bundle_sighting *row)
{
    return batch_keep(context, row->of.row, row, 0);
}

static bool sightings_read(struct loader *loader, struct batch *batch, struct error *err)
{
    return bundle_read_sightings(loader->reader, loader->progress[LOADER_SIGHTING], BATCH_ROWS, keep_sighting, batch,
                                 err);
}

static struct endpoint_handle sighting_handle(const void *row)
{
    const struct bundle_observation *of = &((const struct bundle_sighting *)row)->of;
    return (struct endpoint_handle){of->endpoint, &of->seen.endpoint};
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
                                          .read = sightings_read,
                                          .handle = sighting_handle,
                                          .saw = sighting_saw,
                                          .copy_sql = SQL_LOADER_SIGHTINGS_COPY,
                                          .then_sql = SQL_SIGHTINGS_NEW,
                                          .scan_sql = SQL_SIGHTINGS_BLOCKS,
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

static struct endpoint_handle posture_handle(const void *row)
{
    const struct posture_row *posture = row;
    return (struct endpoint_handle){posture->endpoint, &posture->place};
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

static bool stream_load(struct loader *loader, const struct stream_kind *kind, int64_t *reported, struct error *err)
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
        *reported += stream.count;
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
    int64_t count = 0;              /* the number is not needed */
    return stream_load(loader, &kind, &count, err);
}
