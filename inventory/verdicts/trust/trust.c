#include "inventory/verdicts/trust/trust.h"

#include "inventory/facts/facts.h"
#include "inventory/verdicts/trust/authorities.h"
#include "inventory/verdicts/trust/chain_faults.h"
#include "inventory/verdicts/trust/edges.h"
#include "inventory/verdicts/trust/name_checks.h"
#include "inventory/verdicts/trust/paths.h"
#include "inventory/verdicts/trust/stores.h"
#include "inventory_trust_sql.h"

static bool retried_get(struct db *db, int64_t *retried_to, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_TRUST_RETRIED_GET, 0, NULL, err);
    if (rows == NULL)
        return false;
    *retried_to = db_int(rows, 0, 0);
    db_result_destroy(rows);
    return true;
}

/* Once a path reaches an authority, it is tried first. So a CA whose issuer was not found among too many namesakes may be tried
 * again successfully, and be reached itself; this repeats at most as often as a path has certificates. */
static bool cas_update(struct db *db, struct namesakes_cache *cache, int64_t retried_to, struct error *err)
{
    bool found = true, anchored = true;
    if (!edges_find(db, cache, EDGES_OF_CAS, err) || !paths_update(db, &anchored, err))
        return false;
    for (int round = 0; round < PATH_DEPTH_MAX && found; round++)
        if (!edges_retry(db, cache, EDGES_OF_CAS, retried_to, &found, err) || (found && !paths_update(db, &anchored, err)))
            return false;
    return true;
}

static bool update(struct db *db, struct namesakes_cache *cache, struct error *err)
{
    int64_t retried_to = 0;
    bool found = false;
    return retried_get(db, &retried_to, err) && db_exec(db, SQL_TRUST_ANALYZE, err)
        && stores_update(db, err) && facts_update(db, err)          /* new roots are certificates, too */
        && authorities_update(db, err) && stores_sync(db, err)      /* a managed root counts once it is an authority */
        && cas_update(db, cache, retried_to, err)
        && edges_retry(db, cache, EDGES_OF_ALL, retried_to, &found, err)
        && edges_find(db, cache, EDGES_OF_ALL, err)
        && name_checks_update(db, err)
        && chain_faults_update(db, err)
        && db_begin(db, err) && db_exec(db, SQL_TRUST_RETRIED_SET, err) && db_commit(db, err);
}

bool trust_update(struct db *db, struct error *err)
{
    if (!db_exec(db, SQL_TRUST_LOCK, err))
        return error_add_context(err, "trust");
    struct namesakes_cache *cache = namesakes_cache_create();
    bool ok = update(db, cache, err);
    namesakes_cache_destroy(cache);
    if (!ok)
        db_rollback(db);
    struct error ignored = {0};
    db_exec(db, SQL_TRUST_UNLOCK, ok ? err : &ignored);         /* a broken connection has let it go by itself */
    return ok || error_add_context(err, "trust");
}
