/* Finds or creates the ids of a bundle's certificates, staples and chains. Chains were looked up by their hash while the bundle was
 * checked (loader_check.c); only the certificates of new chains are read. Idempotent, so it needs no progress. Only one loader runs at a time, and nobody else
 * stores chains, so new ones are copied straight into their tables with ids taken ahead. */
#include "inventory/load/loader_parts.h"

#include "inventory_load_sql.h"
#include "probes/base/memory.h"

#include <stdlib.h>

#define CHAIN_ROWS 100000
#define LINKS      1000000      /* a batch of chains ends behind the one that passes this */
#define GAP_ROWS   16           /* a seek costs as much as reading this many chains */
#define DER_BYTES  (64u << 20)      /* a batch of staples ends behind the one that passes this */

struct link {                       /* a certificate of a chain */
    int64_t chain, certificate;
    int32_t position;
};

struct batch {
    struct loader *loader;
    struct db_copy *copy;
    struct error *err;
    int64_t count, last;
    size_t bytes;
    struct row_list *certificates;      /* named by chains, or by new ones */
    struct row_list *chains;            /* all, or new ones */
    const int64_t *ids;
    int64_t *leafs;                 /* of new chains */
    size_t next;                    /* in chains */
    size_t end;
    size_t stored;                  /* chains with their ids */
    struct link *links;             /* of the chains so far */
    size_t link_count, link_capacity;
    bool ok;
};

static bool ids_read(struct loader *loader, const char *sql, struct id_list *list, struct error *err)
{
    struct db_result *result = db_query(loader->db, sql, 0, NULL, err);
    if (result == NULL)
        return false;
    id_list_append(list, result);
    db_result_destroy(result);
    return true;
}

/* ---- some chains, read again ---- */

struct reading {
    const struct row_list *wanted;
    size_t next, end;               /* in wanted */
    bool (*on_row)(struct batch *batch, const struct bundle_chain *row);     /* false: it failed, or enough */
    struct batch *batch;
    bool goes_on;
};

/* false ends this reading: all have come, or the next one is far away. */
static bool on_wanted(void *context, const struct bundle_chain *row)
{
    struct reading *reading = context;
    int64_t wanted = reading->wanted->items[reading->next];
    if (row->row != wanted)
        return row->row < wanted && wanted - row->row <= GAP_ROWS;
    reading->goes_on = reading->on_row(reading->batch, row);
    return ++reading->next < reading->end && reading->goes_on;
}

/* Reads the wanted rows from *next on, up to end, until on_row returns false; *next: behind the last one that was read. */
static bool wanted_read(struct batch *batch, const struct row_list *wanted, size_t *next, size_t end,
                        bool (*on_row)(struct batch *batch, const struct bundle_chain *row), struct error *err)
{
    struct reading reading = {.wanted = wanted, .next = *next, .end = end, .on_row = on_row, .batch = batch, .goes_on = true};
    while (reading.goes_on && reading.next < end) {
        size_t before = reading.next;
        if (!bundle_read_chains(batch->loader->reader, wanted->items[before] - 1, -1, on_wanted, &reading, err))
            return false;
        if (reading.next == before)
            return error_set(err, ERROR_INPUT, "bundle %s: it changed while it was read", bundle_reader_path(batch->loader->reader));
    }
    *next = reading.next;
    return true;
}

static bool on_chain_new(struct batch *batch, const struct bundle_chain *row)
{
    for (size_t i = 0; i < row->count; i++)
        row_list_add(batch->certificates, row->certificates[i]);
    return true;
}

/* Chains that are not known, and their certificates; called where some are and some are not. */
static bool new_find(struct loader *loader, const struct row_list *all, struct row_list *chains, struct row_list *certificates, struct error *err)
{
    struct batch batch = {.loader = loader, .err = err, .certificates = certificates};
    size_t next = 0;
    for (size_t i = 0; i < all->count; i++)
        if (id_list_find(&loader->chains, all->items[i]) == 0)
            row_list_add(chains, all->items[i]);
    if (!wanted_read(&batch, chains, &next, chains->count, on_chain_new, err))
        return false;
    row_list_sort(certificates);
    return true;
}

/* ---- chains that are new ---- */

static void link_add(struct batch *batch, struct link link)
{
    if (batch->link_count == batch->link_capacity) {
        batch->link_capacity = 2 * batch->link_capacity + 1024;
        batch->links = xreallocarray(batch->links, batch->link_capacity, sizeof *batch->links);
    }
    batch->links[batch->link_count++] = link;
}

static bool on_chain(struct batch *batch, const struct bundle_chain *row)
{
    int64_t chain = batch->ids[batch->stored];
    for (size_t i = 0; i < row->count; i++)
        link_add(batch, (struct link){chain, id_list_find(&batch->loader->certificates, row->certificates[i]), (int32_t)i});
    batch->ok = db_binary_row(batch->copy, 4, batch->err);
    db_binary_int8(batch->copy, chain);
    db_binary_bytes(batch->copy, row->sha256, 32);
    db_binary_int4(batch->copy, (int32_t)row->count);
    batch->leafs[batch->stored] = batch->links[batch->link_count - row->count].certificate;
    db_binary_int8(batch->copy, batch->leafs[batch->stored++]);
    return batch->ok && batch->link_count < LINKS;
}

static bool chains_copy(struct batch *batch)
{
    batch->copy = db_binary_begin(batch->loader->db, SQL_LOADER_CHAINS_COPY, batch->err);
    if (batch->copy == NULL)
        return false;
    if (wanted_read(batch, batch->chains, &batch->next, batch->end, on_chain, batch->err) && batch->ok)
        return db_copy_end(batch->copy, batch->err);
    db_copy_abort(batch->copy);
    return false;
}

/* Two COPYs cannot run at once, so the links of a batch wait in memory. */
static bool links_copy(struct batch *batch)
{
    batch->copy = db_binary_begin(batch->loader->db, SQL_LOADER_LINKS_COPY, batch->err);
    bool ok = batch->copy != NULL;
    for (size_t i = 0; ok && i < batch->link_count; i++) {
        ok = db_binary_row(batch->copy, 3, batch->err);
        db_binary_int8(batch->copy, batch->links[i].chain);
        db_binary_int4(batch->copy, batch->links[i].position);
        db_binary_int8(batch->copy, batch->links[i].certificate);
    }
    if (ok)
        return db_copy_end(batch->copy, batch->err);
    db_copy_abort(batch->copy);
    return false;
}

static bool chains_store(struct loader *loader, struct row_list *chains, struct error *err)
{
    int64_t *ids = xcalloc(2 * chains->count, sizeof *ids), *leafs = ids + chains->count;
    struct batch batch = {.loader = loader, .err = err, .ok = true, .chains = chains, .ids = ids, .leafs = leafs};
    bool ok = true;
    while (ok && batch.next < chains->count) {
        size_t from = batch.next, count = chains->count - from < CHAIN_ROWS ? chains->count - from : CHAIN_ROWS;
        batch.end = from + count;
        batch.link_count = 0;
        ok = db_begin(loader->db, err) && db_exec(loader->db, SQL_LOADER_ASYNCHRONOUS, err) &&
             loader_ids_take(loader, SQL_LOADER_CHAINS_IDS, ids + from, count, err) && chains_copy(&batch) && links_copy(&batch) &&
             loader_ids_give(loader, SQL_LOADER_CHAINS_PENDING, ids + from, batch.next - from, err) && db_commit(loader->db, err);
    }
    free(batch.links);
    for (size_t i = 0; ok && i < chains->count; i++)
        id_list_add(&loader->chains, (struct id_pair){chains->items[i], ids[i]});
    for (size_t i = 0; ok && i < chains->count; i++)
        id_list_add(&loader->leafs, (struct id_pair){chains->items[i], leafs[i]});
    id_list_sort(&loader->chains);
    id_list_sort(&loader->leafs);
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
    struct row_list new_chains = {0}, new_certificates = {0}, *chains = &loader->chain_rows, *certificates = &loader->certificate_rows;
    bool none_known = loader->chains.count == 0, all_known = loader->chains.count == chains->count;
    bool whole = (int64_t)certificates->count < account->certificates;
    bool ok = none_known || all_known || new_find(loader, chains, &new_chains, &new_certificates, err);
    struct row_list *fresh = none_known ? chains : &new_chains, *needed = none_known ? certificates : &new_certificates;
    ok = ok && loader_indexes_aside(loader, SQL_INDEXES_ASIDE_CERTIFICATES, (int64_t)fresh->count, err);
    if (ok && (whole || needed->count > 0))
        ok = loader_certificates(loader, whole ? NULL : needed->items, needed->count, err);
    ok = ok && (fresh->count == 0 || chains_store(loader, fresh, err)) && loader_indexes_back(loader, err) &&
         db_exec(loader->db, SQL_LOADER_ANALYZE, err) && (account->staples == 0 || staples_merge(loader, err));
    row_list_clear(&new_chains);
    row_list_clear(&new_certificates);
    return ok;
}
