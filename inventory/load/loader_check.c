/* Copies while the bundle is checked, so that most of it is read once: the hashes of its chains, which are looked up, and then what
 * the class of its answers depends on (first batch). All of it goes into temporary tables. If the bundle turns out to be wrong, they are
 * emptied with the transaction, or by the next load. */
#include "inventory/load/loader_parts.h"

#include "inventory/load/answer_rows.h"
#include "inventory_load_sql.h"
#include "probes/base/hex.h"

#define HASH_ROWS 500000

/* ---- chains ---- */

static bool known_read(struct loader *loader, struct error *err)
{
    struct db_result *known = db_query_binary(loader->db, SQL_LOADER_CHAINS_KNOWN, 0, NULL, err);
    for (size_t i = 0; known != NULL && i < db_rows(known); i++) {
        int64_t row = db_binary_number(known, i, 0);
        id_list_add(&loader->chains, (struct id_pair){row, db_binary_number(known, i, 1)});
        id_list_add(&loader->leafs, (struct id_pair){row, db_binary_number(known, i, 2)});
    }
    db_result_destroy(known);
    return known != NULL;
}

static bool hashes_begin(struct loader *loader, struct error *err)
{
    struct loader_early *early = &loader->early;
    early->hashes = 0;
    early->copy = db_begin(loader->db, err) ? db_binary_begin(loader->db, SQL_LOADER_HASHES_COPY, err) : NULL;
    return early->copy != NULL;
}

static bool copy_end(struct loader *loader, struct error *err)
{
    struct db_copy *copy = loader->early.copy;
    loader->early.copy = NULL;
    return copy == NULL || db_copy_end(copy, err);
}

static bool hashes_end(struct loader *loader, struct error *err)
{
    return copy_end(loader, err) && db_exec(loader->db, SQL_LOADER_HASHES_ANALYZE, err) && known_read(loader, err) && db_commit(loader->db, err);
}

static bool hash_copy(struct loader *loader, const struct bundle_chain *row, struct error *err)
{
    struct loader_early *early = &loader->early;
    if ((early->hashes == HASH_ROWS && !hashes_end(loader, err)) || (early->copy == NULL && !hashes_begin(loader, err)) ||
        !db_binary_row(early->copy, 2, err))
        return false;
    db_binary_int8(early->copy, row->row);
    db_binary_bytes(early->copy, row->sha256, 32);
    early->hashes++;
    return true;
}

static bool on_chain(void *context, const struct bundle_chain *row, struct error *err)
{
    struct loader *loader = context;
    for (size_t i = 0; i < row->count; i++)
        row_list_add(&loader->certificate_rows, row->certificates[i]);
    row_list_add(&loader->chain_rows, row->row);
    return hash_copy(loader, row, err);
}

/* ---- answers ---- */

/* Where the site is not known yet, none are copied: its id is part of the keys. */
static bool answers_find(struct loader *loader, struct error *err)
{
    struct loader_early *early = &loader->early;
    char id[2 + 2 * sizeof loader->head->bundle_id + 1] = "\\x";
    hex_format(loader->head->bundle_id, sizeof loader->head->bundle_id, id + 2);
    const char *const params[] = {loader->head->site, id};
    struct db_result *found = db_query(loader->db, SQL_LOADER_EARLY_FIND, 2, params, err);
    if (found == NULL)
        return false;
    if (db_rows(found) == 1) {
        loader->site_id = early->site_id = db_int(found, 0, 0);
        early->behind = db_int(found, 0, 1);
    }
    db_result_destroy(found);
    return true;
}

static bool answers_begin(struct loader *loader, struct error *err)
{
    struct loader_early *early = &loader->early;
    early->is_at_answers = true;
    if ((early->copy != NULL && !hashes_end(loader, err)) || !answers_find(loader, err))
        return false;
    if (early->site_id == 0)
        return true;
    if (!loader_batch_begin(loader, err) || !db_exec(loader->db, SQL_ANSWERS_EMPTY, err))
        return false;
    early->copy = db_binary_begin(loader->db, SQL_ANSWERS_COPY, err);
    return early->copy != NULL;
}

static bool on_observation(void *context, const struct bundle_observation *row, struct error *err)
{
    struct loader *loader = context;
    struct loader_early *early = &loader->early;
    if (!early->is_at_answers && !answers_begin(loader, err))
        return false;
    if (early->copy == NULL || row->row <= early->behind || early->answers == LOADER_BATCH_ROWS)
        return true;
    early->answers++;
    early->last = row->row;
    loader_saw(loader, row->seen.time_us);
    return answer_class_copy(early->copy, loader, row, err);
}

/* ---- both ---- */

static bool early_end(struct loader *loader, struct error *err)
{
    struct loader_early *early = &loader->early;
    if (early->copy == NULL)
        return true;
    if (!early->is_at_answers)
        return hashes_end(loader, err);
    early->first_us = loader->first_us;
    early->last_us = loader->last_us;
    early->ahead = loader->ahead;
    struct error why = {0};
    if (copy_end(loader, &why))
        return db_commit(loader->db, err);
    early->answers = 0;
    if (db_failed_on_data(loader->db))  /* loader_answers.c finds the row */
        return db_rollback(loader->db), true;
    if (err != NULL)
        *err = why;
    return false;
}

bool loader_check(struct loader *loader, struct bundle_account *account, struct error *err)
{
    const struct bundle_visitor visitor = {on_chain, on_observation, loader};
    bool ok = bundle_reader_check_with(loader->reader, &visitor, account, err) && early_end(loader, err);
    db_copy_abort(loader->early.copy);
    loader->early.copy = NULL;
    row_list_sort(&loader->certificate_rows);
    row_list_sort(&loader->chain_rows);
    return ok;
}

bool loader_early_take(struct loader *loader, int64_t max, int64_t *count, int64_t *last)
{
    struct loader_early *early = &loader->early;
    bool is_good = early->answers > 0 && early->answers <= max && early->site_id == loader->site_id &&
                   early->behind == loader->progress[LOADER_OBSERVATION];
    if (is_good) {
        loader->first_us = early->first_us;
        loader->last_us = early->last_us;
        loader->ahead = early->ahead;
        *count = early->answers;
        *last = early->last;
    }
    early->answers = 0;
    return is_good;
}
