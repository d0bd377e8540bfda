/* Certificates, staples and chains of a bundle get their ids here: copied into a temporary table, merged by
 * SHA-256, and read back as pairs (row in the bundle, id in the database). Idempotent, so it needs no progress. */
#include "inventory/load/loader_batch.h"

#include "inventory_load_sql.h"

#define DER_ROWS   4000
#define DER_BYTES  (16u << 20)      /* a batch ends behind the certificate that passes this */
#define CHAIN_ROWS 10000

struct batch {
    struct loader *loader;
    struct db_copy *copy, *links;
    struct error *err;
    int64_t rows, last;
    size_t bytes;
    bool ok;
};

static bool on_der(void *context, const struct bundle_der *row)
{
    struct batch *batch = context;
    db_copy_int(batch->copy, row->row);
    db_copy_bytes(batch->copy, row->sha256, 32);
    db_copy_bytes(batch->copy, row->der.bytes, row->der.len);
    batch->ok = db_copy_row(batch->copy, batch->err);
    batch->rows++;
    batch->bytes += row->der.len;
    batch->last = row->row;
    return batch->ok && batch->bytes < DER_BYTES;
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

typedef bool (*read_ders)(struct bundle_reader *, int64_t, int64_t, bool (*)(void *, const struct bundle_der *),
                          void *, struct error *);

static bool ders_merge(struct loader *loader, read_ders read, const char *merge_sql, const char *find_sql,
                       struct id_list *list, struct error *err)
{
    for (int64_t behind = 0;;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true};
        if (!db_begin(loader->db, err) || (batch.copy = db_copy_begin(loader->db, SQL_LOADER_DERS_COPY, err)) == NULL)
            return false;
        if (!read(loader->reader, behind, DER_ROWS, on_der, &batch, err) || !batch.ok) {
            db_copy_abort(batch.copy);
            return false;
        }
        if (!db_copy_end(batch.copy, err) || !db_exec(loader->db, merge_sql, err) ||
            !ids_read(loader, find_sql, list, err) || !db_commit(loader->db, err))
            return false;
        if (batch.rows == 0)
            return true;
        behind = batch.last;
    }
}

/* Two COPYs cannot run at once: chains first, their links in a second reading of the same rows. */
static bool on_chain(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    db_copy_int(batch->copy, row->row);
    db_copy_bytes(batch->copy, row->sha256, 32);
    db_copy_int(batch->copy, (int64_t)row->count);
    db_copy_int(batch->copy, id_list_find(&batch->loader->certificates, row->certificates[0]));
    batch->ok = db_copy_row(batch->copy, batch->err);
    batch->rows++;
    batch->last = row->row;
    return batch->ok;
}

static bool on_chain_links(void *context, const struct bundle_chain *row)
{
    struct batch *batch = context;
    for (size_t i = 0; i < row->count && batch->ok; i++) {
        db_copy_int(batch->links, row->row);
        db_copy_int(batch->links, (int64_t)i);
        db_copy_int(batch->links, id_list_find(&batch->loader->certificates, row->certificates[i]));
        batch->ok = db_copy_row(batch->links, batch->err);
    }
    return batch->ok;
}

static bool chains_copy(struct batch *batch, const char *sql, struct db_copy **copy, int64_t behind,
                        bool (*on_row)(void *, const struct bundle_chain *))
{
    *copy = db_copy_begin(batch->loader->db, sql, batch->err);
    if (*copy == NULL)
        return false;
    if (bundle_read_chains(batch->loader->reader, behind, CHAIN_ROWS, on_row, batch, batch->err) && batch->ok)
        return db_copy_end(*copy, batch->err);
    db_copy_abort(*copy);
    return false;
}

static bool chains_merge(struct loader *loader, struct error *err)
{
    for (int64_t behind = 0;;) {
        struct batch batch = {.loader = loader, .err = err, .ok = true};
        if (!db_begin(loader->db, err) ||
            !chains_copy(&batch, SQL_LOADER_CHAINS_COPY, &batch.copy, behind, on_chain) ||
            !chains_copy(&batch, SQL_LOADER_LINKS_COPY, &batch.links, behind, on_chain_links) ||
            !db_exec(loader->db, SQL_LOADER_CHAINS_MERGE, err) ||
            !ids_read(loader, SQL_LOADER_CHAINS_FIND, &loader->chains, err) || !db_commit(loader->db, err))
            return false;
        if (batch.rows == 0)
            return true;
        behind = batch.last;
    }
}

bool loader_dictionaries(struct loader *loader, struct error *err)
{
    return ders_merge(loader, bundle_read_certificates, SQL_LOADER_CERTIFICATES_MERGE, SQL_LOADER_CERTIFICATES_FIND,
                      &loader->certificates, err) &&
           ders_merge(loader, bundle_read_staples, SQL_LOADER_STAPLES_MERGE, SQL_LOADER_STAPLES_FIND, &loader->staples,
                      err) &&
           chains_merge(loader, err);
}
