/* Finds or creates the ids of a bundle's certificates, staples and chains. Chains are looked up by their hash first; only
 * the certificates of new chains are sent to the database. Idempotent, so it needs no progress. */
#include "inventory/load/loader_parts.h"

#include "inventory_load_sql.h"
#include "probes/base/memory.h"

#include <stdlib.h>

#define HASH_ROWS  500000
#define CHAIN_ROWS 100000
#define DER_ROWS   100000
#define DER_BYTES  (256u << 20)     /* a batch ends behind the certificate that passes this; they pass through, none is kept */
#define GAP_ROWS   8                /* a seek costs as much as reading so many certificates */

struct rows {                       /* rows of the bundle's table certificate, sorted, once each */
    int64_t *items;
    size_t count, capacity;
};

struct batch {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    size_t bytes;
    struct rows *all, *needed;
    size_t next;                    /* in needed */
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
        rows_add(batch->all, row->certificates[i]);
    batch->count++;
    batch->last = row->row;
    return batch->ok;
}

static bool chains_find(struct loader *loader, struct rows *all, struct error *err)
{
    for (int64_t behind = 0;;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true, .all = all};
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

/* ---- certificates and staples ---- */

static bool on_chain_new(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    if (id_list_find(&batch->loader->chains, row->row) == 0)
        for (size_t i = 0; i < row->count; i++)
            rows_add(batch->needed, row->certificates[i]);
    return true;
}

/* Those of new chains; where a bundle has certificates that no chain names, all. */
static bool needed_find(struct loader *loader, const struct bundle_account *account, struct rows *all, struct rows *needed,
                        struct error *err)
{
    struct batch batch = {.loader = loader, .err = err, .needed = needed};
    if ((int64_t)all->count < account->certificates || (int64_t)loader->chains.count == account->chains)
        return true;
    if (!bundle_read_chains(loader->reader, 0, -1, on_chain_new, &batch, err))
        return false;
    rows_sort(needed);
    return true;
}

static bool on_der(void *context, const struct bundle_der *row)
{
    struct batch *batch = context;
    const struct rows *needed = batch->needed;
    if (needed != NULL) {
        while (batch->next < needed->count && needed->items[batch->next] < row->row)
            batch->next++;
        if (batch->next == needed->count || needed->items[batch->next] > row->row + GAP_ROWS)
            return false;
        if (needed->items[batch->next] != row->row)
            return true;
    }
    batch->ok = db_binary_row(batch->copy, 3, batch->err);
    db_binary_int8(batch->copy, row->row);
    db_binary_bytes(batch->copy, row->sha256, 32);
    db_binary_bytes(batch->copy, row->der.bytes, row->der.len);
    batch->count++;
    batch->bytes += row->der.len;
    batch->last = row->row;
    return batch->ok && batch->bytes < DER_BYTES;
}

typedef bool (*read_ders)(struct bundle_reader *, int64_t, int64_t, bool (*)(void *, const struct bundle_der *),
                          void *, struct error *);

struct der_kind {
    read_ders read;
    const char *merge_sql, *find_sql;
    struct id_list *list;
};

/* Rows behind *behind, seeking over what is not needed; *behind: as far as they have come. */
static bool ders_read(struct batch *batch, read_ders read, int64_t *behind, struct error *err)
{
    const struct rows *needed = batch->needed;
    while (batch->ok && batch->bytes < DER_BYTES && batch->count < DER_ROWS) {
        int64_t before = batch->count;
        if (needed != NULL) {
            while (batch->next < needed->count && needed->items[batch->next] <= *behind)
                batch->next++;
            if (batch->next == needed->count)
                return true;
            *behind = needed->items[batch->next] - 1;
        }
        if (!read(batch->loader->reader, *behind, DER_ROWS - batch->count, on_der, batch, err))
            return false;
        if (batch->count == before)
            return batch->ok;
        *behind = batch->last;
    }
    return batch->ok;
}

/* needed NULL: all. */
static bool ders_merge(struct loader *loader, const struct der_kind *kind, struct rows *needed, struct error *err)
{
    for (int64_t behind = 0;;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true, .needed = needed};
        if (!db_begin(loader->db, err) || (batch.copy = db_binary_begin(loader->db, SQL_LOADER_DERS_COPY, err)) == NULL)
            return false;
        if (!ders_read(&batch, kind->read, &behind, err)) {
            db_copy_abort(batch.copy);
            return false;
        }
        if (!db_copy_end(batch.copy, err) || (batch.count > 0 && !db_exec(loader->db, SQL_LOADER_DERS_ANALYZE, err)) ||
            !db_exec(loader->db, kind->merge_sql, err) || !ids_read(loader, kind->find_sql, kind->list, err) ||
            !db_commit(loader->db, err))
            return false;
        if (batch.count == 0)
            return true;
    }
}

/* ---- chains that are new ---- */

/* Two COPYs cannot run at once: chains first, their links in a second reading of the same rows. */
static bool on_chain(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    batch->last = row->row;
    batch->count++;
    if (id_list_find(&batch->loader->chains, row->row) != 0)
        return true;
    batch->ok = db_binary_row(batch->copy, 4, batch->err);
    db_binary_int8(batch->copy, row->row);
    db_binary_bytes(batch->copy, row->sha256, 32);
    db_binary_int4(batch->copy, (int32_t)row->count);
    db_binary_int8(batch->copy, id_list_find(&batch->loader->certificates, row->certificates[0]));
    return batch->ok;
}

static bool on_chain_links(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    bool is_new = id_list_find(&batch->loader->chains, row->row) == 0;
    for (size_t i = 0; is_new && i < row->count && batch->ok; i++) {
        batch->ok = db_binary_row(batch->copy, 3, batch->err);
        db_binary_int8(batch->copy, row->row);
        db_binary_int4(batch->copy, (int32_t)i);
        db_binary_int8(batch->copy, id_list_find(&batch->loader->certificates, row->certificates[i]));
    }
    return batch->ok;
}

static bool chains_copy(struct batch *batch, const char *sql, int64_t behind, bool (*on_row)(void *, const struct bundle_chain *))
{
    batch->copy = db_binary_begin(batch->loader->db, sql, batch->err);
    if (batch->copy == NULL)
        return false;
    if (bundle_read_chains(batch->loader->reader, behind, CHAIN_ROWS, on_row, batch, batch->err) && batch->ok)
        return db_copy_end(batch->copy, batch->err);
    db_copy_abort(batch->copy);
    return false;
}

static bool chains_merge(struct loader *loader, struct error *err)
{
    struct id_list added = {0};
    bool ok = true, more = true;
    for (int64_t behind = 0; ok && more;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true};
        ok = db_begin(loader->db, err) && chains_copy(&batch, SQL_LOADER_CHAINS_COPY, behind, on_chain) &&
             chains_copy(&batch, SQL_LOADER_LINKS_COPY, behind, on_chain_links) && db_exec(loader->db, SQL_LOADER_CHAINS_ANALYZE, err) &&
             db_exec(loader->db, SQL_LOADER_CHAINS_MERGE, err) && ids_read(loader, SQL_LOADER_CHAINS_FIND, &added, err) &&
             db_commit(loader->db, err);
        more = batch.count > 0;
        behind = batch.last;
    }
    for (size_t i = 0; ok && i < added.count; i++)
        id_list_add(&loader->chains, added.pairs[i]);
    id_list_sort(&loader->chains);
    id_list_clear(&added);
    return ok;
}

bool loader_dictionaries(struct loader *loader, const struct bundle_account *account, struct error *err)
{
    struct rows all = {0}, needed = {0};
    const struct der_kind certificates = {bundle_read_certificates, SQL_LOADER_CERTIFICATES_MERGE, SQL_LOADER_CERTIFICATES_FIND,
                                          &loader->certificates};
    const struct der_kind staples = {bundle_read_staples, SQL_LOADER_STAPLES_MERGE, SQL_LOADER_STAPLES_FIND, &loader->staples};
    bool ok = chains_find(loader, &all, err) && needed_find(loader, account, &all, &needed, err);
    bool whole = ok && (int64_t)all.count < account->certificates, is_known = ok && (int64_t)loader->chains.count == account->chains;
    if (ok && (whole || !is_known))
        ok = ders_merge(loader, &certificates, whole ? NULL : &needed, err) && (is_known || chains_merge(loader, err));
    ok = ok && db_exec(loader->db, SQL_LOADER_ANALYZE, err) && (account->staples == 0 || ders_merge(loader, &staples, NULL, err));
    free(all.items);
    free(needed.items);
    return ok;
}
