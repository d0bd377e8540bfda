/* Finds or creates the ids of a bundle's certificates, staples and chains. Chains are looked up by their hash first; only
 * the certificates of new chains are read. Idempotent, so it needs no progress. Only one loader runs at a time, and nobody else
 * stores chains, so new ones are copied straight into their tables with ids taken ahead. */
#include "inventory/load/loader_parts.h"

#include "inventory_load_sql.h"
#include "probes/base/memory.h"

#include <stdlib.h>

#define HASH_ROWS  500000
#define CHAIN_ROWS 100000
#define DER_BYTES  (64u << 20)      /* a batch of staples ends behind the one that passes this */

struct rows {                       /* rows of a table of the bundle, sorted, once each */
    int64_t *items;
    size_t count, capacity;
};

struct batch {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    size_t bytes;
    struct rows *certificates;      /* named by chains, or by new ones */
    struct rows *chains;            /* new ones */
    const int64_t *ids;
    size_t next;                    /* in chains */
    size_t end;
    bool ok;
};

static int row_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void rows_sort(struct rows *rows)
{
    size_t kept = 0;
    if (rows->count > 1)
        qsort(rows->items, rows->count, sizeof *rows->items, row_compare);
    for (size_t i = 0; i < rows->count; i++)
        if (i == 0 || rows->items[i] != rows->items[kept - 1])
            rows->items[kept++] = rows->items[i];
    rows->count = kept;
}

/* Sorted before it grows: what is named many times takes room once. */
static void rows_add(struct rows *rows, int64_t row)
{
    if (rows->count > 0 && rows->items[rows->count - 1] == row)
        return;
    if (rows->count == rows->capacity) {
        rows_sort(rows);
        if (rows->count >= rows->capacity / 2) {
            rows->capacity = 2 * rows->capacity + 1024;
            rows->items = xreallocarray(rows->items, rows->capacity, sizeof *rows->items);
        }
    }
    rows->items[rows->count++] = row;
}

static bool ids_read(struct loader *loader, const char *sql, struct id_list *list, struct error *err)
{
    struct db_result *result = db_query(loader->db, sql, 0, NULL, err);
    if (result == NULL)
        return false;
    id_list_append(list, result);
    db_result_destroy(result);
    return true;
}

/* ---- which chains are known ---- */

static bool on_chain_hash(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    batch->ok = db_binary_row(batch->copy, 2, batch->err);
    db_binary_int8(batch->copy, row->row);
    db_binary_bytes(batch->copy, row->sha256, 32);
    for (size_t i = 0; i < row->count; i++)
        rows_add(batch->certificates, row->certificates[i]);
    batch->count++;
    batch->last = row->row;
    return batch->ok;
}

static bool chains_find(struct loader *loader, struct rows *all, struct error *err)
{
    for (int64_t behind = 0;;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true, .certificates = all};
        if (!db_begin(loader->db, err) || (batch.copy = db_binary_begin(loader->db, SQL_LOADER_HASHES_COPY, err)) == NULL)
            return false;
        if (!bundle_read_chains(loader->reader, behind, HASH_ROWS, on_chain_hash, &batch, err) || !batch.ok) {
            db_copy_abort(batch.copy);
            return false;
        }
        rows_sort(all);
        if (!db_copy_end(batch.copy, err) || (batch.count > 0 && !db_exec(loader->db, SQL_LOADER_HASHES_ANALYZE, err)) ||
            !ids_read(loader, SQL_LOADER_CHAINS_KNOWN, &loader->chains, err) || !db_commit(loader->db, err))
            return false;
        if (batch.count == 0)
            return true;
        behind = batch.last;
    }
}

static bool on_chain_new(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    if (id_list_find(&batch->loader->chains, row->row) != 0)
        return true;
    rows_add(batch->chains, row->row);
    for (size_t i = 0; i < row->count; i++)
        rows_add(batch->certificates, row->certificates[i]);
    return true;
}

/* Chains that are not known, and their certificates. */
static bool new_find(struct loader *loader, const struct bundle_account *account, struct rows *chains, struct rows *certificates,
                     struct error *err)
{
    struct batch batch = {.loader = loader, .err = err, .chains = chains, .certificates = certificates};
    if ((int64_t)loader->chains.count == account->chains)
        return true;
    if (!bundle_read_chains(loader->reader, 0, -1, on_chain_new, &batch, err))
        return false;
    rows_sort(chains);
    rows_sort(certificates);
    return true;
}

/* ---- chains that are new ---- */

static bool is_wanted(struct batch *batch, int64_t row)
{
    while (batch->next < batch->end && batch->chains->items[batch->next] < row)
        batch->next++;
    return batch->next < batch->end && batch->chains->items[batch->next] == row;
}

static bool on_chain(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    if (!is_wanted(batch, row->row))
        return batch->next < batch->end;
    batch->ok = db_binary_row(batch->copy, 4, batch->err);
    db_binary_int8(batch->copy, batch->ids[batch->next]);
    db_binary_bytes(batch->copy, row->sha256, 32);
    db_binary_int4(batch->copy, (int32_t)row->count);
    db_binary_int8(batch->copy, id_list_find(&batch->loader->certificates, row->certificates[0]));
    return batch->ok;
}

static bool on_chain_links(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    if (!is_wanted(batch, row->row))
        return batch->next < batch->end;
    for (size_t i = 0; i < row->count && batch->ok; i++) {
        batch->ok = db_binary_row(batch->copy, 3, batch->err);
        db_binary_int8(batch->copy, batch->ids[batch->next]);
        db_binary_int4(batch->copy, (int32_t)i);
        db_binary_int8(batch->copy, id_list_find(&batch->loader->certificates, row->certificates[i]));
    }
    return batch->ok;
}

/* Two COPYs cannot run at once: chains first, their links in a second reading of the same rows. */
static bool chains_copy(struct batch batch, const char *sql, bool (*on_row)(void *, const struct bundle_chain *))
{
    batch.copy = db_binary_begin(batch.loader->db, sql, batch.err);
    if (batch.copy == NULL)
        return false;
    if (bundle_read_chains(batch.loader->reader, batch.chains->items[batch.next] - 1, -1, on_row, &batch, batch.err) && batch.ok)
        return db_copy_end(batch.copy, batch.err);
    db_copy_abort(batch.copy);
    return false;
}

static bool chains_store(struct loader *loader, struct rows *chains, struct error *err)
{
    int64_t *ids = xcalloc(chains->count, sizeof *ids);
    bool ok = true;
    for (size_t from = 0; ok && from < chains->count; from += CHAIN_ROWS) {
        size_t count = chains->count - from < CHAIN_ROWS ? chains->count - from : CHAIN_ROWS;
        const struct batch batch = {.loader = loader, .err = err, .ok = true, .chains = chains, .ids = ids, .next = from, .end = from + count};
        ok = db_begin(loader->db, err) && db_exec(loader->db, SQL_LOADER_ASYNCHRONOUS, err) &&
             loader_ids_take(loader, SQL_LOADER_CHAINS_IDS, ids + from, count, err) && chains_copy(batch, SQL_LOADER_CHAINS_COPY, on_chain) &&
             chains_copy(batch, SQL_LOADER_LINKS_COPY, on_chain_links) && db_commit(loader->db, err);
    }
    for (size_t i = 0; ok && i < chains->count; i++)
        id_list_add(&loader->chains, (struct id_pair){chains->items[i], ids[i]});
    id_list_sort(&loader->chains);
    free(ids);
    return ok;
}

/* ---- staples ---- */

static bool on_staple(void *context, const struct bundle_der *row)
{
    struct batch *batch = context;
    batch->ok = db_binary_row(batch->copy, 3, batch->err);
    db_binary_int8(batch->copy, row->row);
    db_binary_bytes(batch->copy, row->sha256, 32);
    db_binary_bytes(batch->copy, row->der.bytes, row->der.len);
    batch->count++;
    batch->bytes += row->der.len;
    batch->last = row->row;
    return batch->ok && batch->bytes < DER_BYTES;
}

static bool staples_merge(struct loader *loader, struct error *err)
{
    for (int64_t behind = 0;;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true};
        if (!db_begin(loader->db, err) || (batch.copy = db_binary_begin(loader->db, SQL_LOADER_DERS_COPY, err)) == NULL)
            return false;
        if (!bundle_read_staples(loader->reader, behind, -1, on_staple, &batch, err) || !batch.ok) {
            db_copy_abort(batch.copy);
            return false;
        }
        if (!db_copy_end(batch.copy, err) || (batch.count > 0 && !db_exec(loader->db, SQL_LOADER_DERS_ANALYZE, err)) ||
            !db_exec(loader->db, SQL_LOADER_STAPLES_MERGE, err) ||
            !ids_read(loader, SQL_LOADER_STAPLES_FIND, &loader->staples, err) || !db_commit(loader->db, err))
            return false;
        if (batch.count == 0)
            return true;
        behind = batch.last;
    }
}

/* Where a bundle has certificates that no chain names, all are read. */
bool loader_dictionaries(struct loader *loader, const struct bundle_account *account, struct error *err)
{
    struct rows all = {0}, chains = {0}, needed = {0};
    bool ok = chains_find(loader, &all, err) && new_find(loader, account, &chains, &needed, err);
    bool whole = ok && (int64_t)all.count < account->certificates;
    if (ok && (whole || needed.count > 0))
        ok = loader_certificates(loader, whole ? NULL : needed.items, needed.count, err);
    ok = ok && (chains.count == 0 || chains_store(loader, &chains, err)) && db_exec(loader->db, SQL_LOADER_ANALYZE, err) &&
         (account->staples == 0 || staples_merge(loader, err));
    free(all.items);
    free(chains.items);
    free(needed.items);
    return ok;
}
