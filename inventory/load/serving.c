/* See serving.h. */
#include "inventory/load/serving.h"

#include "inventory/load/answer_store.h"
#include "inventory_load_sql.h"

#define CHUNK "20000"

static bool chunk_make(struct db *db, int64_t *count, struct error *err)
{
    const char *const params[] = {CHUNK};
    if (!db_begin(db, err))
        return false;
    struct db_result *taken = db_exec(db, SQL_ANSWERS_BEGIN, err) && db_exec_params(db, SQL_RECOMPUTE_TAKE, 1, params, err)
                                  ? db_query(db, SQL_RECOMPUTE_COUNT, 0, NULL, err) : NULL;
    bool ok = taken != NULL;
    *count = ok ? db_int(taken, 0, 0) : 0;
    db_result_destroy(taken);
    if (ok && *count > 0)
        ok = db_exec(db, SQL_RECOMPUTE_CHANGED, err) && db_exec(db, SQL_RECOMPUTE_CLEAR, err) && db_exec(db, SQL_RECOMPUTE_EVIDENCE, err) &&
             answer_store_run(db, err) && db_exec(db, SQL_RECOMPUTE_CHANGED, err) && db_exec(db, SQL_NOWS_FORGET, err);
    if (ok && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool serving_recompute(struct db *db, int64_t *endpoints, struct error *err)
{
    int64_t count;
    if (!db_exec(db, SQL_ANSWERS_TABLES, err) || !db_exec(db, SQL_LOADER_ANALYZE, err))
        return false;
    do {
        if (!chunk_make(db, &count, err))
            return false;
        if (endpoints != NULL)
            *endpoints += count;
    } while (count > 0);
    return true;
}
