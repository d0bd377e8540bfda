#include "inventory/facts/facts.h"

#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/facts/facts_row.h"
#include "inventory/facts/key_rows.h"
#include "inventory/facts/name_rows.h"
#include "inventory/facts/profile.h"
#include "inventory/store/array_text.h"
#include "inventory/store/set_aside.h"
#include "inventory_facts_sql.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANALYZE_FROM 1000           /* certificates in one call */

struct facts {
    struct db *db;
    struct profiles *profiles;
    struct key_rows *keys;
    struct name_rows *names;
    int64_t behind;                 /* the previous batch ended with this certificate */
    size_t cut;                     /* certificates with more names than are kept */
};

struct batch {
    struct facts *facts;
    const int64_t *ids;
    struct cert **certs;
    size_t count;
};

static bool own_copy(const struct batch *batch, size_t from, size_t to, const int64_t *profiles, struct error *err)
{
    struct db_copy *copy = db_binary_begin(batch->facts->db, SQL_FACTS_OWN_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = from; i < to && ok; i++) {
        struct cert_texts faults = {0};
        name_rows_faults(batch->facts->names, batch->certs[i], &faults);
        ok = facts_own_row(copy, batch->ids[i], profiles[i - from], batch->certs[i], &faults, err);
        cert_texts_clear(&faults);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool names_copy(const struct batch *batch, size_t from, size_t to, struct error *err)
{
    struct db_copy *copy = db_binary_begin(batch->facts->db, SQL_FACTS_NAME_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = from; i < to && ok; i++)
        ok = name_rows_copy(batch->facts->names, copy, batch->ids[i], batch->certs[i], err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool part_store(const struct batch *batch, size_t from, size_t to, struct error *err)
{
    struct facts *facts = batch->facts;
    int64_t *profiles = xcalloc(to - from, sizeof *profiles);
    bool ok = db_exec(facts->db, SQL_FACTS_TABLES_CLEAR, err)
              && profiles_resolve(facts->profiles, facts->db, batch->certs + from, to - from, profiles, err)
              && key_rows_store(facts->keys, facts->db, batch->certs + from, to - from, err)
              && own_copy(batch, from, to, profiles, err) && names_copy(batch, from, to, err);
    free(profiles);
    if (!ok)
        profiles_forget(facts->profiles);       /* profiles that this part added are rolled back, too */
    return ok;
}

static bool batch_store(void *context, size_t from, size_t to, struct error *err)
{
    return part_store(context, from, to, err);
}

static bool batch_refuse(void *context, size_t row, const char *reason, struct error *err)
{
    const struct batch *batch = context;
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, batch->ids[row]);
    const char *const params[] = {id, FACTS_VERSION};
    const struct set_aside aside = {.stage = "facts", .version = FACTS_VERSION_NUMBER, .certificate = batch->ids[row]};
    return set_aside_add(batch->facts->db, &aside, reason, err)
           && db_exec_params(batch->facts->db, SQL_FACTS_BARE_ADD, 2, params, err);
}

/* Runs begin_sql with the ids as $1 first; NULL: these certificates had no facts before. */
static bool store(struct facts *facts, const char *begin_sql, const int64_t *ids, const struct byte_reader *ders, size_t count,
                  struct error *err)
{
    struct batch batch = {.facts = facts, .ids = ids, .certs = xcalloc(count + 1, sizeof *batch.certs), .count = count};
    const struct set_aside_work work = {batch_store, batch_refuse, &batch};
    for (size_t i = 0; i < count; i++) {
        batch.certs[i] = cert_parse(ders[i].at, ders[i].left);
        facts->cut += batch.certs[i]->names_omitted != 0;
    }
    char *text = array_text_of_ids(ids, count);
    const char *const params[] = {text};
    bool ok = (begin_sql == NULL || db_exec_params(facts->db, begin_sql, 1, params, err))
              && set_aside_store(facts->db, &work, count, err) &&
              db_exec_params(facts->db, begin_sql == NULL ? SQL_FACTS_DIRTY_NEW : SQL_FACTS_DIRTY_ADD, 1, params, err);
    free(text);
    for (size_t i = 0; i < count; i++)
        cert_destroy(batch.certs[i]);
    free(batch.certs);
    return ok;
}

/* One batch of certificates without facts, at most some 32 MiB of DER (SQL_FACTS_BATCH). */
static bool rows_store(struct facts *facts, const struct db_result *rows, struct error *err)
{
    size_t count = db_rows(rows);
    int64_t *ids = xcalloc(count + 1, sizeof *ids);
    struct byte_reader *ders = xcalloc(count + 1, sizeof *ders);
    for (size_t i = 0; i < count; i++) {
        size_t len;
        const uint8_t *der = db_binary_value(rows, i, 1, &len);
        ids[i] = db_binary_number(rows, i, 0);
        ders[i] = byte_reader_of(der, len);
    }
    bool ok = store(facts, SQL_FACTS_BATCH_BEGIN, ids, ders, count, err);
    if (count > 0)
        facts->behind = ids[count - 1];
    free(ids);
    free(ders);
    return ok;
}

bool facts_begin(struct facts *facts, struct error *err)
{
    return db_exec(facts->db, SQL_FACTS_LOCK, err) && db_exec(facts->db, SQL_FACTS_FOLLOW, err);
}

/* One transaction. The batch is read under the lock, so no other process computes the same facts. */
static bool batch_run(struct facts *facts, size_t *count, struct error *err)
{
    char behind[24];
    snprintf(behind, sizeof behind, "%" PRId64, facts->behind);
    const char *const params[] = {behind};
    if (!db_begin(facts->db, err))
        return false;
    struct db_result *rows = facts_begin(facts, err) ? db_query_binary(facts->db, SQL_FACTS_BATCH, 1, params, err) : NULL;
    *count = rows == NULL ? 0 : db_rows(rows);
    bool ok = rows != NULL && (*count == 0 || rows_store(facts, rows, err));
    db_result_destroy(rows);
    if (ok && db_commit(facts->db, err))
        return true;
    db_rollback(facts->db);
    return false;
}

struct facts *facts_create(struct db *db, struct error *err)
{
    if (!db_exec(db, SQL_FACTS_TABLES, err))
        return NULL;
    struct facts *facts = xcalloc(1, sizeof *facts);
    *facts = (struct facts){.db = db, .profiles = profiles_create(), .keys = key_rows_create(), .names = name_rows_create()};
    return facts;
}

void facts_destroy(struct facts *facts)
{
    if (facts == NULL)
        return;
    if (facts->cut != 0)
        log_warning("%s more than %d names: the others are counted, and kept in their DER (certsweep db check names them)",
                    COUNTED_AS(facts->cut, "certificate has", "certificates have"), CERT_NAMES_MAX);
    profiles_destroy(facts->profiles);
    key_rows_destroy(facts->keys);
    name_rows_destroy(facts->names);
    free(facts);
}

bool facts_store(struct facts *facts, const int64_t *ids, const struct byte_reader *ders, size_t count, struct error *err)
{
    if (store(facts, NULL, ids, ders, count, err))
        return true;
    profiles_forget(facts->profiles);
    return error_add_context(err, "certificate facts");
}

static bool pending_run(struct db *db, struct error *err)
{
    struct facts *facts = facts_create(db, err);
    size_t count = 0, total = 0;
    bool ok = facts != NULL;
    do {
        ok = ok && batch_run(facts, &count, err);
        total += count;
    } while (ok && count > 0);
    facts_destroy(facts);
    return ok && (total < ANALYZE_FROM || db_exec(db, SQL_FACTS_ANALYZE, err));
}

bool facts_update(struct db *db, struct error *err)
{
    static const char *const version[] = {FACTS_VERSION};
    struct db_result *pending = NULL;
    bool ok = db_exec_params(db, SQL_FACTS_REQUEUE, 1, version, err)
              && (pending = db_query(db, SQL_FACTS_PENDING, 0, NULL, err)) != NULL
              && (db_rows(pending) == 0 || pending_run(db, err));
    db_result_destroy(pending);
    return ok || error_add_context(err, "certificate facts");
}
