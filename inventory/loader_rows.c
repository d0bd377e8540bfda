/* Rows of a bundle in batches. A batch is read whole (its size is bounded), its endpoints are merged and get their
 * ids, then its rows are copied with ready ids, and the endpoints are marked to be made anew. */
#include "inventory/loader_batch.h"

#include "inventory_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 20000        /* some 15 MB of rows in memory */

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

/* ---- observations ---- */

struct batch {
    struct loader *loader;
    void *rows;
    size_t count;
    int64_t last;
};

static bool keep_observation(void *context, const struct bundle_observation *row)
{
    struct batch *batch = context;
    ((struct bundle_observation *)batch->rows)[batch->count++] = *row;
    batch->last = row->row;
    return true;
}

/* The month's partition, where it may have one. */
static bool month_make(struct loader *loader, int64_t time_us, struct error *err)
{
    char day[CLOCK_TEXT_SIZE];
    clock_format_us(time_us, day);
    int month = atoi(day) * 12 + atoi(day + 5) - 1;
    if (month < loader->month_first || month > loader->month_last ||
        loader->months_made[month - loader->month_first] != 0)
        return true;
    loader->months_made[month - loader->month_first] = 1;
    day[10] = '\0';
    const char *const params[] = {day};
    return db_exec_params(loader->db, SQL_LOADER_MONTH_MAKE, 1, params, err);
}

static bool observation_copy(struct loader *loader, struct db_copy *copy, const struct bundle_observation *row,
                             struct error *err)
{
    const struct observation *o = &row->seen;
    db_copy_time(copy, o->time_us);
    db_copy_int(copy, id_list_find(&loader->endpoints, row->endpoint));
    db_copy_int(copy, loader->scan_id);
    copy_optional_int(copy, row->chain == 0 ? 0 : id_list_find(&loader->chains, row->chain), 0);
    copy_optional_int(copy, row->staple == 0 ? 0 : id_list_find(&loader->staples, row->staple), 0);
    copy_optional_int(copy, (int64_t)o->position, -1);
    copy_optional_int(copy, o->tls_version, 0);
    copy_optional_int(copy, o->cipher_suite, -1);
    copy_optional_int(copy, o->group, -1);
    copy_int32(copy, o->sct_count);
    copy_int32(copy, o->dns_us);
    copy_int32(copy, o->connect_us);
    copy_int32(copy, o->handshake_us);
    copy_int32(copy, o->connections);
    db_copy_int(copy, o->method);
    db_copy_int(copy, o->role);
    db_copy_int(copy, o->variant);
    db_copy_int(copy, o->outcome);
    db_copy_int(copy, o->name_source);
    if (o->key_proven == KEY_PROVEN_UNKNOWN)
        db_copy_text(copy, NULL);
    else
        db_copy_bool(copy, o->key_proven == KEY_PROVEN_TRUE);
    copy_address(copy, &o->peer);
    db_copy_text(copy, o->protocol);
    copy_optional_text(copy, o->detail);
    copy_optional_text(copy, o->alpn);
    return db_copy_row(copy, err);
}

static bool observations_copy(struct loader *loader, const struct bundle_observation *rows, size_t count,
                              struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!month_make(loader, rows[i].seen.time_us, err))
            return false;
    }
    struct db_copy *copy = db_copy_begin(loader->db, SQL_LOADER_OBSERVATIONS_COPY, err);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        loader_saw(loader, rows[i].seen.time_us);
        if (!observation_copy(loader, copy, &rows[i], err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    return db_copy_end(copy, err);
}

static bool observations_batch(struct batch *batch, struct handle *handles, struct error *err)
{
    struct loader *loader = batch->loader;
    const struct bundle_observation *rows = batch->rows;
    for (size_t i = 0; i < batch->count; i++)
        handles[i] = (struct handle){rows[i].endpoint, &rows[i].seen.endpoint};
    return loader_batch_begin(loader, err) && endpoints_merge(loader, handles, batch->count, true, err) &&
           observations_copy(loader, rows, batch->count, err) &&
           loader_batch_end(loader, LOADER_OBSERVATION, batch->last, err);
}

bool loader_observations(struct loader *loader, struct error *err)
{
    struct batch batch = {.loader = loader, .rows = xcalloc(BATCH_ROWS, sizeof(struct bundle_observation))};
    struct handle *handles = xcalloc(BATCH_ROWS, sizeof *handles);
    bool ok = true;
    do {
        batch.count = 0;
        ok = bundle_read_observations(loader->reader, loader->progress[LOADER_OBSERVATION], BATCH_ROWS,
                                      keep_observation, &batch, err) &&
             (batch.count == 0 || observations_batch(&batch, handles, err));
        loader->report->observations += ok ? (int64_t)batch.count : 0;
    } while (ok && batch.count == BATCH_ROWS);
    free(batch.rows);
    free(handles);
    return ok;
}

/* ---- sightings ---- */

static bool keep_sighting(void *context, const struct bundle_sighting *row)
{
    struct batch *batch = context;
    ((struct bundle_sighting *)batch->rows)[batch->count++] = *row;
    batch->last = row->row;
    return true;
}

static bool sighting_copy(struct loader *loader, struct db_copy *copy, const struct bundle_sighting *row,
                          struct error *err)
{
    const struct observation *o = &row->sighting.seen;
    db_copy_int(copy, loader->scan_id);
    db_copy_time(copy, row->sighting.hour_us);
    db_copy_int(copy, id_list_find(&loader->endpoints, row->endpoint));
    db_copy_int(copy, o->role);
    db_copy_int(copy, o->outcome);
    copy_optional_int(copy, row->chain == 0 ? 0 : id_list_find(&loader->chains, row->chain), 0);
    copy_address(copy, &o->peer);
    copy_optional_int(copy, o->tls_version, 0);
    copy_optional_int(copy, o->cipher_suite, -1);
    copy_optional_int(copy, o->group, -1);
    db_copy_text(copy, o->protocol);
    copy_optional_text(copy, o->detail);
    copy_optional_text(copy, o->alpn);
    db_copy_time(copy, row->sighting.first_us);
    db_copy_time(copy, row->sighting.last_us);
    db_copy_int(copy, (int64_t)row->sighting.count);
    return db_copy_row(copy, err);
}

static bool sightings_copy(struct loader *loader, const struct bundle_sighting *rows, size_t count, struct error *err)
{
    struct db_copy *copy = db_copy_begin(loader->db, SQL_LOADER_SIGHTINGS_COPY, err);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        loader_saw(loader, rows[i].sighting.first_us);
        loader_saw(loader, rows[i].sighting.last_us);
        if (!sighting_copy(loader, copy, &rows[i], err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    return db_copy_end(copy, err) && db_exec(loader->db, SQL_LOADER_SIGHTINGS_MERGE, err);
}

static bool sightings_batch(struct batch *batch, struct handle *handles, struct error *err)
{
    struct loader *loader = batch->loader;
    const struct bundle_sighting *rows = batch->rows;
    for (size_t i = 0; i < batch->count; i++)
        handles[i] = (struct handle){rows[i].endpoint, &rows[i].sighting.seen.endpoint};
    return loader_batch_begin(loader, err) && endpoints_merge(loader, handles, batch->count, true, err) &&
           sightings_copy(loader, rows, batch->count, err) &&
           loader_batch_end(loader, LOADER_SIGHTING, batch->last, err);
}

bool loader_sightings(struct loader *loader, struct error *err)
{
    struct batch batch = {.loader = loader, .rows = xcalloc(BATCH_ROWS, sizeof(struct bundle_sighting))};
    struct handle *handles = xcalloc(BATCH_ROWS, sizeof *handles);
    bool ok = true;
    do {
        batch.count = 0;
        ok = bundle_read_sightings(loader->reader, loader->progress[LOADER_SIGHTING], BATCH_ROWS, keep_sighting,
                                   &batch, err) &&
             (batch.count == 0 || sightings_batch(&batch, handles, err));
        loader->report->sightings += ok ? (int64_t)batch.count : 0;
    } while (ok && batch.count == BATCH_ROWS);
    free(batch.rows);
    free(handles);
    return ok;
}

/* ---- posture ---- */

struct posture_row {
    int64_t endpoint, time_us;
    struct endpoint place;
    char *item, *value, *detail;
};

static bool keep_posture(void *context, const struct bundle_posture *row)
{
    struct batch *batch = context;
    struct posture_row *kept = &((struct posture_row *)batch->rows)[batch->count++];
    *kept = (struct posture_row){.endpoint = row->endpoint_row, .time_us = row->fact.time_us,
                                 .place = row->fact.endpoint, .item = xstrdup(row->fact.item),
                                 .value = xstrdup(row->fact.value), .detail = xstrdup(row->fact.detail)};
    batch->last = row->row;
    return true;
}

static bool postures_copy(struct loader *loader, const struct posture_row *rows, size_t count, struct error *err)
{
    struct db_copy *copy = db_copy_begin(loader->db, SQL_LOADER_POSTURES_COPY, err);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        loader_saw(loader, rows[i].time_us);
        db_copy_int(copy, id_list_find(&loader->endpoints, rows[i].endpoint));
        db_copy_text(copy, rows[i].item);
        db_copy_time(copy, rows[i].time_us);
        db_copy_text(copy, rows[i].value);
        copy_optional_text(copy, rows[i].detail);
        db_copy_int(copy, loader->scan_id);
        if (!db_copy_row(copy, err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    return db_copy_end(copy, err) && db_exec(loader->db, SQL_LOADER_POSTURES_MERGE, err);
}

static bool postures_batch(struct batch *batch, struct handle *handles, struct error *err)
{
    struct loader *loader = batch->loader;
    const struct posture_row *rows = batch->rows;
    for (size_t i = 0; i < batch->count; i++)
        handles[i] = (struct handle){rows[i].endpoint, &rows[i].place};
    return loader_batch_begin(loader, err) && endpoints_merge(loader, handles, batch->count, false, err) &&
           postures_copy(loader, rows, batch->count, err) &&
           loader_batch_end(loader, LOADER_POSTURE, batch->last, err);
}

bool loader_postures(struct loader *loader, struct error *err)
{
    struct posture_row *rows = xcalloc(BATCH_ROWS, sizeof *rows);
    struct batch batch = {.loader = loader, .rows = rows};
    struct handle *handles = xcalloc(BATCH_ROWS, sizeof *handles);
    bool ok = true, more = true;
    while (ok && more) {
        batch.count = 0;
        ok = bundle_read_postures(loader->reader, loader->progress[LOADER_POSTURE], BATCH_ROWS, keep_posture, &batch,
                                  err) &&
             (batch.count == 0 || postures_batch(&batch, handles, err));
        loader->report->postures += ok ? (int64_t)batch.count : 0;
        more = batch.count == BATCH_ROWS;
        for (size_t i = 0; i < batch.count; i++) {
            free(rows[i].item);
            free(rows[i].value);
            free(rows[i].detail);
        }
    }
    free(rows);
    free(handles);
    return ok;
}

/* ---- names and counters: straight from the reader into COPY ---- */

struct stream {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    bool ok;
};

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
    stream->ok = db_copy_row(stream->copy, stream->err);
    stream->count++;
    stream->last = row->row;
    return stream->ok;
}

bool loader_names(struct loader *loader, struct error *err)
{
    for (;;) {
        struct stream stream = {.loader = loader, .err = err, .ok = true};
        if (!loader_batch_begin(loader, err) ||
            (stream.copy = db_copy_begin(loader->db, SQL_LOADER_NAMES_COPY, err)) == NULL)
            return false;
        if (!bundle_read_names(loader->reader, loader->progress[LOADER_NAME], BATCH_ROWS, on_name, &stream, err) ||
            !stream.ok) {
            db_copy_abort(stream.copy);
            return false;
        }
        if (!db_copy_end(stream.copy, err))
            return false;
        if (stream.count == 0)
            return db_commit(loader->db, err);
        if (!db_exec(loader->db, SQL_LOADER_NAMES_MERGE, err) ||
            !loader_batch_end(loader, LOADER_NAME, stream.last, err))
            return false;
        loader->report->names += stream.count;
    }
}

static bool on_counter(void *context, const struct bundle_counter *row)
{
    struct stream *stream = context;
    db_copy_text(stream->copy, row->name);
    db_copy_int(stream->copy, row->value);
    stream->ok = db_copy_row(stream->copy, stream->err);
    stream->count++;
    stream->last = row->row;
    return stream->ok;
}

bool loader_counters(struct loader *loader, struct error *err)
{
    const char *const scan[] = {loader->scan};
    for (;;) {
        struct stream stream = {.loader = loader, .err = err, .ok = true};
        if (!loader_batch_begin(loader, err) ||
            (stream.copy = db_copy_begin(loader->db, SQL_LOADER_COUNTERS_COPY, err)) == NULL)
            return false;
        if (!bundle_read_counters(loader->reader, loader->progress[LOADER_COUNTER], BATCH_ROWS, on_counter, &stream,
                                  err) ||
            !stream.ok) {
            db_copy_abort(stream.copy);
            return false;
        }
        if (!db_copy_end(stream.copy, err))
            return false;
        if (stream.count == 0)
            return db_commit(loader->db, err);
        if (!db_exec_params(loader->db, SQL_LOADER_COUNTERS_MERGE, 1, scan, err) ||
            !loader_batch_end(loader, LOADER_COUNTER, stream.last, err))
            return false;
    }
}
