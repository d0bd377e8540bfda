#include "inventory/verdicts/reconcile.h"

#include "inventory/facts/facts.h"
#include "inventory/policy/policy.h"
#include "inventory/verdicts/rules/rules.h"
#include "inventory/verdicts/trust/trust.h"
#include "inventory_policy_sql.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/clock.h"
#include "probes/tls/names.h"

#include <stdio.h>
#include <string.h>

static bool suite_row(struct db_copy *copy, const struct tls_suite *suite, struct error *err)
{
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
    return db_copy_row(copy, err);
}

/* The names of probes/tls, so that SQL can judge suites; written anew where their number differs. */
static bool suites_store(struct db *db, struct error *err)
{
    size_t count;
    const struct tls_suite *suites = tls_suites(&count);
    struct db_result *known = db_query(db, SQL_CIPHER_SUITES_COUNT, 0, NULL, err);
    if (known == NULL)
        return false;
    bool complete = db_int(known, 0, 0) == (int64_t)count;
    db_result_destroy(known);
    if (complete)
        return true;
    struct db_copy *copy = db_exec(db, SQL_RECONCILE_SUITES_CLEAR, err) ? db_copy_begin(db, SQL_CIPHER_SUITES_COPY, err) : NULL;
    bool ok = copy != NULL;
    for (size_t i = 0; i < count && ok; i++)
        ok = suite_row(copy, &suites[i], err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

/* One row: the moment and the policy in force. */
static bool judging_set(struct db *db, int64_t as_of_us, struct error *err)
{
    char as_of[CLOCK_TEXT_SIZE];
    clock_format_us(as_of_us, as_of);
    struct db_result *policy = db_query(db, SQL_POLICY_IN_FORCE, 0, NULL, err);
    if (policy == NULL)
        return false;
    const char *params[] = {as_of, db_rows(policy) > 0 ? db_value(policy, 0, 0) : NULL};
    bool ok = params[1] != NULL ? db_exec_params(db, SQL_RECONCILE_JUDGING, 2, params, err)
                                : error_set(err, ERROR_DATABASE, "no policy is in force");
    db_result_destroy(policy);
    return ok;
}

static bool rules_run(struct db *db, bool after_axes, struct error *err)
{
    for (const struct rule *rule = rules_all; rule->id != NULL; rule++)
        if (rule->after_axes == after_axes && !db_exec(db, rule->sql, err))
            return error_add_context(err, "rule %s", rule->id);
    return true;
}

static bool judge(struct db *db, int64_t as_of_us, struct error *err)
{
    return db_exec(db, SQL_RECONCILE_BEGIN, err)
        && judging_set(db, as_of_us, err)
        && db_exec(db, SQL_RECONCILE_SUBJECTS, err)
        && rules_run(db, false, err)
        && db_exec(db, SQL_RECONCILE_MANAGED, err)
        && db_exec(db, SQL_RECONCILE_ISSUER, err)
        && db_exec(db, SQL_RECONCILE_TIME, err)           /* reads hits of the rules about validity */
        && db_exec(db, SQL_RECONCILE_DEPLOYMENT, err)
        && rules_run(db, true, err)
        && db_exec(db, SQL_RECONCILE_HITS, err)
        && db_exec(db, SQL_RECONCILE_OWNERS, err);
}

static bool account_take(struct db *db, bool is_replay, struct reconcile_account *account, struct error *err)
{
    const char *const params[] = {is_replay ? "true" : "false"};
    struct db_result *rows = db_query(db, SQL_RECONCILE_RUN_ADD, 1, params, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; account != NULL && i < db_rows(rows) && i < RECONCILE_COUNTS_MAX; i++) {
        struct reconcile_count *count = &account->counts[account->count++];
        snprintf(count->axis, sizeof count->axis, "%s", db_value(rows, i, 0));
        snprintf(count->value, sizeof count->value, "%s", db_value(rows, i, 1));
        count->count = db_int(rows, i, 2);
    }
    db_result_destroy(rows);
    return true;
}

bool reconcile_run(struct db *db, const struct reconcile_options *options, struct reconcile_account *account,
                   struct error *err)
{
    bool is_replay = options != NULL && options->as_of_us != RECONCILE_NOW;
    int64_t as_of_us = is_replay ? options->as_of_us : clock_utc_us();
    if (account != NULL)
        account->count = 0;
    if (!facts_update(db, err) || !policy_ensure(db, err) || !trust_update(db, err))
        return false;
    if (!db_begin(db, err))
        return error_add_context(err, "reconcile");
    bool ok = db_exec(db, SQL_RECONCILE_LOCK, err) && suites_store(db, err) && rules_store(db, err)
        && judge(db, as_of_us, err) && (is_replay || db_exec(db, SQL_RECONCILE_APPLY, err))
        && account_take(db, is_replay, account, err) && db_exec(db, SQL_RECONCILE_ANALYZE, err) && db_commit(db, err);
    if (!ok)
        db_rollback(db);
    return ok || error_add_context(err, "reconcile");
}

int64_t reconcile_count(const struct reconcile_account *account, const char *axis, const char *value)
{
    for (size_t i = 0; i < account->count; i++)
        if (strcmp(account->counts[i].axis, axis) == 0 && strcmp(account->counts[i].value, value) == 0)
            return account->counts[i].count;
    return 0;
}
