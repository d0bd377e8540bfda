#include "inventory/verdicts/trust/row_batches.h"

#include <inttypes.h>
#include <stdio.h>

static bool batch_run(struct row_batches *batches, int64_t *behind, bool *more, struct error *err)
{
    struct db *db = batches->db;
    char from[32];
    snprintf(from, sizeof from, "%" PRId64, *behind);
    batches->params[0] = from;
    bool ok = db_begin(db, err) && (batches->begin == NULL || db_exec(db, batches->begin, err));
    struct db_result *rows = !ok ? NULL : batches->is_binary ? db_query_binary(db, batches->sql, batches->param_count, batches->params, err)
                                                             : db_query(db, batches->sql, batches->param_count, batches->params, err);
    *more = rows != NULL && db_rows(rows) > 0;
    ok = rows != NULL && (!*more || (db_exec(db, batches->setup, err) && batches->work(batches->context, rows, err)));
    if (*more)
        *behind = batches->is_binary ? db_binary_number(rows, db_rows(rows) - 1, 0) : db_int(rows, db_rows(rows) - 1, 0);
    if (rows != NULL)
        db_result_destroy(rows);
    if (ok && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool row_batches_run(struct row_batches *batches, struct error *err)
{
    int64_t behind = -1;
    for (bool more = true; more;)
        if (!batch_run(batches, &behind, &more, err))
            return false;
    return true;
}
