/* Stores those certificates of a bundle that the database does not have, with their facts. A batch of DER is held in memory: its
 * hashes are looked up first, then the new certificates are copied straight into their table with ids taken ahead, and their facts are
 * computed from the same bytes, in the same transaction. */
#include "inventory/load/loader_parts.h"

#include "inventory/facts/facts.h"
#include "inventory_load_sql.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS  16384
#define BATCH_BYTES (16u << 20)     /* a batch ends after the certificate that exceeds this */
#define GAP_ROWS    8               /* a seek costs as much as reading this many certificates */
#define TRIES       3               /* others store certificates too: a managed import, a policy */

struct held {
    int64_t row, id;                /* id 0: new */
    uint8_t sha256[32];
    size_t offset, len;             /* in bytes */
};

struct batch {
    struct loader *loader;
    const int64_t *needed;          /* rows of the bundle, growing; NULL: all */
    size_t needed_count, next;
    struct held *items;
    size_t count;
    uint8_t *bytes;
    size_t len, capacity;
    int64_t behind;                 /* the last row that was read */
    bool is_far;                    /* the next needed row is far away */
};

/* ---- from the bundle ---- */

static bool is_full(const struct batch *batch)
{
    return batch->count == BATCH_ROWS || batch->len >= BATCH_BYTES;
}

static void hold(struct batch *batch, const struct bundle_der *row)
{
    if (batch->capacity - batch->len < row->der.len) {
        batch->capacity = 2 * (batch->len + row->der.len);
        batch->bytes = xrealloc(batch->bytes, batch->capacity);
    }
    struct held *held = &batch->items[batch->count++];
    *held = (struct held){.row = row->row, .offset = batch->len, .len = row->der.len};
    memcpy(held->sha256, row->sha256, 32);
    if (row->der.len > 0)
        memcpy(batch->bytes + batch->len, row->der.bytes, row->der.len);
    batch->len += row->der.len;
}

/* false: the batch is full, all have come, or the next one is far away. */
static bool on_der(void *context, const struct bundle_der *row)
{
    struct batch *batch = context;
    batch->behind = row->row;
    if (batch->needed == NULL) {
        hold(batch, row);
        return !is_full(batch);
    }
    if (row->row == batch->needed[batch->next]) {
        hold(batch, row);
        batch->next++;
    }
    if (is_full(batch) || batch->next == batch->needed_count)
        return false;
    batch->is_far = batch->needed[batch->next] > row->row + GAP_ROWS;
    return !batch->is_far;
}

static bool batch_read(struct batch *batch, struct error *err)
{
    batch->count = batch->len = 0;
    if (batch->needed == NULL)
        return bundle_read_certificates(batch->loader->reader, batch->behind, -1, on_der, batch, err);
    while (batch->next < batch->needed_count && !is_full(batch)) {
        size_t before = batch->next;
        batch->behind = batch->needed[batch->next] - 1;
        if (!bundle_read_certificates(batch->loader->reader, batch->behind, -1, on_der, batch, err))
            return false;
        if (batch->next == before)      /* the bundle has no such row; the row that refers to it is refused */
            batch->next++;
    }
    return true;
}

/* ---- into the database ---- */

static struct held *held_find(const struct batch *batch, int64_t row)
{
    size_t low = 0, high = batch->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (batch->items[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < batch->count && batch->items[low].row == row ? &batch->items[low] : NULL;
}

static bool known_find(struct batch *batch, struct error *err)
{
    struct db *db = batch->loader->db;
    struct db_copy *copy = db_binary_begin(db, SQL_LOADER_HASHES_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < batch->count; i++) {
        batch->items[i].id = 0;
        ok = db_binary_row(copy, 2, err);
        db_binary_int8(copy, batch->items[i].row);
        db_binary_bytes(copy, batch->items[i].sha256, 32);
    }
    if (!ok) {
        db_copy_abort(copy);
        return false;
    }
    struct db_result *known = db_copy_end(copy, err) ? db_query_binary(db, SQL_LOADER_CERTIFICATES_KNOWN, 0, NULL, err) : NULL;
    for (size_t i = 0; known != NULL && i < db_rows(known); i++) {
        struct held *held = held_find(batch, db_binary_number(known, i, 0));
        if (held != NULL)
            held->id = db_binary_number(known, i, 1);
    }
    db_result_destroy(known);
    return known != NULL;
}

static bool new_copy(const struct batch *batch, const int64_t *ids, struct held *const *held, size_t count, struct error *err)
{
    struct db_copy *copy = db_binary_begin(batch->loader->db, SQL_LOADER_CERTIFICATES_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        ok = db_binary_row(copy, 3, err);
        db_binary_int8(copy, ids[i]);
        db_binary_bytes(copy, held[i]->sha256, 32);
        db_binary_bytes(copy, batch->bytes + held[i]->offset, held[i]->len);
    }
    if (ok)
        return db_copy_end(copy, err);
    db_copy_abort(copy);
    return false;
}

static bool new_store(struct batch *batch, struct facts *facts, struct held *const *held, size_t count, struct error *err)
{
    int64_t *ids = xcalloc(count, sizeof *ids);
    struct byte_reader *ders = xcalloc(count, sizeof *ders);
    for (size_t i = 0; i < count; i++)
        ders[i] = byte_reader_of(batch->bytes + held[i]->offset, held[i]->len);
    bool ok = loader_ids_take(batch->loader, SQL_LOADER_CERTIFICATES_IDS, ids, count, err) && facts_begin(facts, err) &&
              new_copy(batch, ids, held, count, err) && facts_store(facts, ids, ders, count, err);
    for (size_t i = 0; ok && i < count; i++)
        held[i]->id = ids[i];
    free(ids);
    free(ders);
    return ok;
}

static bool batch_try(struct batch *batch, struct facts *facts, struct error *err)
{
    struct held **fresh = xcalloc(batch->count, sizeof *fresh);
    size_t count = 0;
    bool ok = db_begin(batch->loader->db, err) && db_exec(batch->loader->db, SQL_LOADER_ASYNCHRONOUS, err) && known_find(batch, err);
    for (size_t i = 0; ok && i < batch->count; i++)
        if (batch->items[i].id == 0)
            fresh[count++] = &batch->items[i];
    ok = ok && (count == 0 || new_store(batch, facts, fresh, count, err)) && db_commit(batch->loader->db, err);
    free(fresh);
    return ok;
}

/* Where another process has stored one of them since they were looked up, they are looked up again. */
static bool batch_store(struct batch *batch, struct facts *facts, struct error *err)
{
    struct error why = {0};
    bool ok = false;
    for (int i = 0; !ok && i < TRIES; i++) {
        ok = batch_try(batch, facts, &why);
        if (ok)
            break;
        bool on_data = db_failed_on_data(batch->loader->db);
        db_rollback(batch->loader->db);
        if (!on_data)
            break;
    }
    if (!ok && err != NULL)
        *err = why;
    for (size_t i = 0; ok && i < batch->count; i++)
        id_list_add(&batch->loader->certificates, (struct id_pair){batch->items[i].row, batch->items[i].id});
    return ok;
}

bool loader_certificates(struct loader *loader, const int64_t *needed, size_t count, struct error *err)
{
    struct batch batch = {.loader = loader, .needed = needed, .needed_count = count};
    struct facts *facts = facts_create(loader->db, err);
    batch.items = xcalloc(BATCH_ROWS, sizeof *batch.items);
    bool ok = facts != NULL;
    do
        ok = ok && batch_read(&batch, err) && (batch.count == 0 || batch_store(&batch, facts, err));
    while (ok && batch.count > 0);
    facts_destroy(facts);
    free(batch.items);
    free(batch.bytes);
    return ok;
}
