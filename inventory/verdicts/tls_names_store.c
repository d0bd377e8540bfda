#include "inventory/verdicts/tls_names_store.h"

#include "inventory/store/db.h"
#include "inventory_verdicts_sql.h"
#include "probes/tls/names.h"

struct stored_table {
    size_t count;
    const char *count_sql, *clear_sql, *copy_sql;
    void (*row)(struct db_copy *copy, size_t index);
};

static void suite_row(struct db_copy *copy, size_t index)
{
    size_t count;
    const struct tls_suite *suite = &tls_suites(&count)[index];
    db_copy_int(copy, suite->id);
    db_copy_text(copy, suite->name);
    db_copy_text(copy, tls_kx_name(suite->kx));
    db_copy_text(copy, tls_auth_name(suite->auth));
    db_copy_text(copy, tls_enc_name(suite->enc));
    db_copy_text(copy, tls_mac_name(suite->mac));
    db_copy_int(copy, suite->bits);
    db_copy_bool(copy, suite->is_export);
    db_copy_bool(copy, tls_suite_is_aead(suite));
    db_copy_bool(copy, tls_suite_has_forward_secrecy(suite));
}

static void group_row(struct db_copy *copy, size_t index)
{
    size_t count;
    const struct tls_group *group = &tls_groups(&count)[index];
    db_copy_int(copy, group->id);
    db_copy_text(copy, group->name);
}

/* Rewritten if their number differs. */
static bool table_store(struct db *db, const struct stored_table *table, struct error *err)
{
    struct db_result *known = db_query(db, table->count_sql, 0, NULL, err);
    if (known == NULL)
        return false;
    bool complete = db_int(known, 0, 0) == (int64_t)table->count;
    db_result_destroy(known);
    if (complete)
        return true;
    struct db_copy *copy = db_exec(db, table->clear_sql, err) ? db_copy_begin(db, table->copy_sql, err) : NULL;
    bool ok = copy != NULL;
    for (size_t i = 0; i < table->count && ok; i++) {
        table->row(copy, i);
        ok = db_copy_row(copy, err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

bool tls_names_store(struct db *db, struct error *err)
{
    struct stored_table suites = {0, SQL_CIPHER_SUITES_COUNT, SQL_RECONCILE_SUITES_CLEAR, SQL_CIPHER_SUITES_COPY, suite_row};
    struct stored_table groups = {0, SQL_NAMED_GROUPS_COUNT, SQL_NAMED_GROUPS_CLEAR, SQL_NAMED_GROUPS_COPY, group_row};
    tls_suites(&suites.count);
    tls_groups(&groups.count);
    return table_store(db, &suites, err) && table_store(db, &groups, err);
}
