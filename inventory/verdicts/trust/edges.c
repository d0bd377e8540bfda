#include "inventory/verdicts/trust/edges.h"

#include "inventory/verdicts/trust/name_canon.h"
#include "inventory/verdicts/trust/row_batches.h"
#include "inventory/verdicts/trust/row_bytes.h"
#include "inventory/verdicts/trust/signed_cert.h"
#include "inventory_trust_sql.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define TRIES_MAX 16                /* keys of one kind (anchored, others) that are tried against one child */
#define SHARE     64                /* children that a thread takes at once: some milliseconds */

enum column { COLUMN_ID, COLUMN_DER, COLUMN_TRIED_TO, COLUMN_TRIES, COLUMN_UNTRIED };

struct child {
    int64_t id, tried_to, tries;
    bool untried;
    struct signed_cert cert;        /* its windows lie in the rows */
    int64_t authority;              /* 0: none was found */
};

struct batch {
    struct child *children;
    struct namesakes_query *queries;            /* one each */
    size_t count;
};

static void batch_read(struct batch *batch, const struct db_result *rows)
{
    *batch = (struct batch){.children = xcalloc(db_rows(rows) + 1, sizeof *batch->children),
                            .queries = xcalloc(db_rows(rows) + 1, sizeof *batch->queries)};
    for (size_t i = 0; i < db_rows(rows); i++) {
        if (db_is_null(rows, i, COLUMN_DER))
            continue;
        size_t len;
        const uint8_t *der = db_binary_value(rows, i, COLUMN_DER, &len);
        struct child *child = &batch->children[batch->count];
        *child = (struct child){.id = db_binary_number(rows, i, COLUMN_ID), .tried_to = db_binary_number(rows, i, COLUMN_TRIED_TO),
            .tries = db_binary_number(rows, i, COLUMN_TRIES), .untried = db_binary_number(rows, i, COLUMN_UNTRIED) != 0};
        if (!signed_cert_read(&child->cert, byte_reader_of(der, len)))
            continue;               /* no issuer can be read: no edge */
        struct namesakes_query *query = &batch->queries[batch->count++];
        name_canon_hash(child->cert.issuer, query->name);
        query->key_id = child->cert.authority_key_id;
    }
}

static void batch_clear(struct batch *batch)
{
    free(batch->children);
    free(batch->queries);
}

/* True if this one was tried before. If some were left out, we do not know which, so all are tried again. */
static bool is_known(const struct child *child, const struct namesake *namesake)
{
    return !child->untried && namesake->authority <= child->tried_to;
}

static void try(struct child *child, const struct namesakes *namesakes, int64_t newest, unsigned lane)
{
    unsigned anchored = 0;
    bool untried = namesakes->more;
    for (size_t i = 0; i < namesakes->count; i++) {
        const struct namesake *namesake = &namesakes->items[i];
        if (is_known(child, namesake))
            continue;
        if (child->authority != 0 || (namesake->is_anchored ? anchored == TRIES_MAX : child->tries >= TRIES_MAX)) {
            untried = true;
            continue;
        }
        child->tries += !namesake->is_anchored;
        anchored += namesake->is_anchored;
        if (issuer_key_verify_in(namesake->key, lane, child->cert.algorithm, child->cert.tbs, child->cert.signature))
            child->authority = namesake->authority;
    }
    child->untried = untried;
    child->tried_to = newest;
}

/* ---- threads ---- */

/* Nearly all of a batch's time is arithmetic in libcrypto, and the database waits meanwhile. So the threads of a batch, as many
 * as there are processors, take its children in turn; nothing is shared but the keys, each thread in its lane. */
struct trying {
    const struct batch *batch;
    int64_t newest;
    atomic_size_t next;
    atomic_uint lanes;              /* given so far */
};

static void *children_try(void *context)
{
    struct trying *trying = context;
    const struct batch *batch = trying->batch;
    unsigned lane = atomic_fetch_add(&trying->lanes, 1);
    for (size_t from; (from = atomic_fetch_add(&trying->next, SHARE)) < batch->count;)
        for (size_t i = from; i < from + SHARE && i < batch->count; i++)
            try(&batch->children[i], batch->queries[i].answer, trying->newest, lane);
    return NULL;
}

static size_t threads_for(size_t children)
{
    cpu_set_t processors;
    size_t count = sched_getaffinity(0, sizeof processors, &processors) == 0 ? (size_t)CPU_COUNT(&processors) : 1;
    count = count < ISSUER_KEY_LANES ? count : ISSUER_KEY_LANES;
    return count < children / SHARE + 1 ? count : children / SHARE + 1;
}

/* This thread is one of them; where no other can be started, it does all. */
static void all_try(const struct batch *batch, int64_t newest)
{
    struct trying trying = {.batch = batch, .newest = newest};
    pthread_t threads[ISSUER_KEY_LANES];
    size_t wanted = threads_for(batch->count) - 1, started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, children_try, &trying) == 0)
        started++;
    children_try(&trying);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

/* ---- into the database ---- */

static bool edge_row(struct db_copy *copy, const struct child *child, const struct namesakes_query *query, struct error *err)
{
    db_copy_int(copy, child->id);
    if (child->authority != 0)
        db_copy_int(copy, child->authority);
    else
        db_copy_text(copy, NULL);
    db_copy_int(copy, name_key_of(query->name));
    db_copy_int(copy, child->tried_to);
    db_copy_int(copy, child->tries);
    db_copy_bool(copy, child->untried);
    db_copy_int(copy, child->cert.purposes);
    return db_copy_row(copy, err);
}

struct run {
    struct row_batches batches;
    struct namesakes_cache *cache;
    const char *store_sql;          /* new edges, or others */
    bool takes_off;                 /* removes what it has read from the pending list */
    int64_t newest;
    bool found;
};

static bool batch_judge(struct run *run, struct batch *batch, struct error *err)
{
    struct db *db = run->batches.db;
    if (batch->count == 0)
        return true;
    if (!namesakes_find(run->cache, db, batch->queries, batch->count, err))
        return false;
    all_try(batch, run->newest);
    struct db_copy *copy = db_copy_begin(db, SQL_TRUST_EDGES_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < batch->count && ok; i++) {
        const struct child *child = &batch->children[i];
        run->found |= child->authority != 0;
        ok = edge_row(copy, child, &batch->queries[i], err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && db_exec(db, run->store_sql, err) &&
           db_exec(db, SQL_TRUST_EDGES_MERGE, err);
}

static bool rows_judge(void *context, const struct db_result *rows, struct error *err)
{
    struct run *run = context;
    struct batch batch;
    char last[24];
    snprintf(last, sizeof last, "%" PRId64, db_binary_number(rows, db_rows(rows) - 1, COLUMN_ID));
    const char *const done[] = {run->batches.params[0], last};
    batch_read(&batch, rows);
    bool ok = batch_judge(run, &batch, err)
              && (!run->takes_off || db_exec_params(run->batches.db, SQL_TRUST_PENDING_DONE, 2, done, err));
    batch_clear(&batch);
    return ok;
}

static bool run_all(struct run *run, struct error *err)
{
    struct db_result *newest = db_query(run->batches.db, SQL_TRUST_NEWEST, 0, NULL, err);
    if (newest == NULL)
        return false;
    run->newest = db_int(newest, 0, 0);
    db_result_destroy(newest);
    namesakes_cache_forget(run->cache);
    run->batches.begin = SQL_TRUST_SNAPSHOT;
    run->batches.setup = SQL_TRUST_EDGES_TABLE;
    run->batches.is_binary = true;
    run->batches.work = rows_judge;
    run->batches.context = run;
    return row_batches_run(&run->batches, err);
}

bool edges_find(struct db *db, struct namesakes_cache *cache, enum edges_of of, struct error *err)
{
    struct run run = {.batches = {.db = db, .sql = of == EDGES_OF_CAS ? SQL_TRUST_EDGES_MISSING_CAS : SQL_TRUST_EDGES_MISSING,
                                  .param_count = 2, .params = {NULL, ROW_BATCH_OCTETS}},
                      .cache = cache, .store_sql = SQL_TRUST_EDGES_ADD, .takes_off = of == EDGES_OF_ALL};
    return run_all(&run, err);
}

bool edges_retry(struct db *db, struct namesakes_cache *cache, enum edges_of of, int64_t behind, bool *found, struct error *err)
{
    char number[32];
    snprintf(number, sizeof number, "%" PRId64, behind);
    struct run run = {.batches = {.db = db, .sql = SQL_TRUST_EDGES_ORPHANS, .param_count = 4,
                                  .params = {NULL, ROW_BATCH_OCTETS, of == EDGES_OF_CAS ? "true" : "false", number}},
                      .cache = cache, .store_sql = SQL_TRUST_EDGES_AGAIN};
    bool ok = run_all(&run, err);
    *found = run.found;
    return ok;
}
