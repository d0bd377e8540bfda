#include "inventory/verdicts/reconcile.h"

#include "inventory/facts/facts.h"
#include "inventory/owners/owner_match.h"
#include "inventory/policy/policy.h"
#include "inventory/verdicts/revocation/staples.h"
#include "inventory/verdicts/rules/rules.h"
#include "inventory/verdicts/tls_names_store.h"
#include "inventory/verdicts/trust/trust.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a run judges by, and whether there is anything to judge (reconcile_basis.sql). */
struct basis {
    char *policy, *now;
    bool is_other;                  /* differs from the last run's basis */
    bool has_changes;               /* something is on the list, or due */
};

static void basis_clear(struct basis *basis)
{
    free(basis->policy);
    free(basis->now);
}

static bool basis_get(struct db *db, int64_t as_of_us, bool is_replay, struct basis *basis, struct error *err)
{
    char rules[65], as_of[CLOCK_TEXT_SIZE];
    rules_hash(rules);
    clock_format_us(as_of_us, as_of);
    const char *const params[] = {rules, as_of, is_replay ? "true" : "false"};
    struct db_result *rows = db_query(db, SQL_RECONCILE_BASIS, 3, params, err);
    if (rows == NULL)
        return false;
    bool ok = db_rows(rows) == 1 || error_set(err, ERROR_DATABASE, "no policy is in force");
    if (ok) {
        const char *last = db_value(rows, 0, 2);
        basis->policy = xstrdup(db_value(rows, 0, 0));
        basis->now = xstrdup(db_value(rows, 0, 1));
        basis->is_other = last == NULL || strcmp(last, basis->now) != 0;
        basis->has_changes = db_value(rows, 0, 3)[0] == 't';
    }
    db_result_destroy(rows);
    return ok;
}

/* A decision may follow from one that has just followed: a renewal of a renewal. */
#define FOLLOW_MAX 8

/* The state of one run. */
struct run {
    struct db *db;
    int64_t as_of_us;
    bool is_replay, is_full;
    bool is_to_repeat;              /* this run made decisions, which another run must judge */
    struct basis basis;
};

/* One row: the moment and the policy in force. */
static bool judging_set(const struct run *run, struct error *err)
{
    char as_of[CLOCK_TEXT_SIZE];
    clock_format_us(run->as_of_us, as_of);
    const char *params[] = {as_of, run->is_full ? "true" : "false", run->basis.policy, run->basis.now};
    return db_exec_params(run->db, SQL_RECONCILE_JUDGING, 4, params, err);
}

static bool rules_run(struct db *db, bool after_axes, struct error *err)
{
    for (const struct rule *rule = rules_all; rule->id != NULL; rule++)
        if (rule->after_axes == after_axes && !db_exec(db, rule->sql, err))
            return error_add_context(err, "rule %s", rule->id);
    return db_exec(db, SQL_RECONCILE_KINDS, err);
}

/* From here on, days are those of the policy that this run judges by. */
static bool policy_begin(const struct run *run, struct error *err)
{
    const char *const params[] = {run->is_replay ? "true" : "false"};
    return judging_set(run, err) && db_exec_params(run->db, SQL_RECONCILE_RUN_BEGIN, 1, params, err) &&
           (run->is_replay ? db_exec(run->db, SQL_RECONCILE_DAYS_REPLAY, err) : !run->basis.is_other || db_exec(run->db, SQL_RECONCILE_DAYS, err));
}

static bool scope_set(const struct run *run, struct error *err)
{
    return db_exec(run->db, SQL_RECONCILE_TABLES, err) && (!run->is_replay || db_exec(run->db, SQL_RECONCILE_SHADOW, err)) &&
           policy_begin(run, err) && db_exec(run->db, run->is_full ? SQL_RECONCILE_SCOPE_ALL : SQL_RECONCILE_SCOPE_CHANGED, err);
}

/* Fills the temporary tables that rules and axes read. */
static bool subjects_read(const struct run *run, struct error *err)
{
    struct db *db = run->db;
    return db_exec(db, SQL_RECONCILE_RECORDS, err) && db_exec(db, SQL_RECONCILE_SUBJECTS, err) &&
           db_exec(db, run->is_full ? SQL_RECONCILE_SEEN_ALL : SQL_RECONCILE_SEEN_CHANGED, err) &&
           db_exec(db, run->is_full ? SQL_RECONCILE_SEVERAL_ALL : SQL_RECONCILE_SEVERAL_CHANGED, err) &&
           db_exec(db, SQL_RECONCILE_SUCCESSION, err) && db_exec(db, SQL_RECONCILE_RENEWED, err) &&
           db_exec(db, run->is_full ? SQL_RECONCILE_SENT_ALL : SQL_RECONCILE_SENT_CHANGED, err) &&
           db_exec(db, SQL_RECONCILE_KNOWN, err) && db_exec(db, SQL_RECONCILE_DUE, err) && db_exec(db, SQL_RECONCILE_SPOKEN, err);
}

static bool count_part(const struct run *run, const char *sign, struct error *err)
{
    const char *const params[] = {sign};
    return db_exec(run->db, sign[0] == '-' ? SQL_RECONCILE_COUNTED_BEFORE : SQL_RECONCILE_COUNTED_NOW, err) &&
           db_exec_params(run->db, SQL_RECONCILE_COUNT_PART, 1, params, err) &&
           db_exec(run->db, SQL_RECONCILE_OWNER_ALIKE, err) && db_exec_params(run->db, SQL_RECONCILE_OWNER_PART, 1, params, err) &&
           db_exec_params(run->db, SQL_RECONCILE_DUE_PART, 1, params, err);
}

static bool statistics_renew(struct db *db, struct error *err)
{
    struct db_result *stale = db_query(db, SQL_RECONCILE_STALE, 0, NULL, err);
    if (stale == NULL)
        return false;
    bool ok = db_value(stale, 0, 0)[0] != 't' || db_exec(db, SQL_RECONCILE_ANALYZE, err);
    db_result_destroy(stale);
    return ok;
}

static bool judge(const struct run *run, struct error *err)
{
    struct db *db = run->db;
    return scope_set(run, err) && (run->is_full || count_part(run, "-1", err)) && subjects_read(run, err) && rules_run(db, false, err) &&
           db_exec(db, SQL_RECONCILE_ISSUER, err) && db_exec(db, SQL_RECONCILE_MANAGED, err) &&
           db_exec(db, SQL_RECONCILE_AXES, err) &&              /* reads hits of the rules about validity */
           db_exec(db, SQL_RECONCILE_OWNERS_ASKED, err) && owner_match(db, err) && db_exec(db, SQL_RECONCILE_OWNERS, err) &&
           db_exec(db, SQL_RECONCILE_FILES, err) && db_exec(db, SQL_RECONCILE_ENDPOINTS, err) &&
           db_exec(db, run->is_full ? SQL_RECONCILE_PLACE_OWNER_ALL : SQL_RECONCILE_PLACE_OWNER_CHANGED, err) &&
           db_exec(db, SQL_RECONCILE_PLACED, err) && rules_run(db, true, err) && db_exec(db, SQL_RECONCILE_FINDINGS, err) &&
           (!run->is_replay || db_exec(db, SQL_RECONCILE_BEGAN, err)) && db_exec(db, SQL_RECONCILE_CERTIFICATES, err) &&
           statistics_renew(db, err) && db_exec(db, SQL_RECONCILE_MISSING, err) && count_part(run, "1", err) && db_exec(db, SQL_RECONCILE_COUNTS, err) &&
           db_exec(db, SQL_RECONCILE_SITE_CAS, err);
}

static bool account_take(struct db *db, const char *sql, size_t count, const char *const *params,
                         struct reconcile_account *account, struct error *err)
{
    struct db_result *rows = db_query(db, sql, count, params, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; account != NULL && i < db_rows(rows) && i < RECONCILE_COUNTS_MAX; i++) {
        struct reconcile_count *one = &account->counts[account->count++];
        snprintf(one->axis, sizeof one->axis, "%s", db_value(rows, i, 0));
        snprintf(one->value, sizeof one->value, "%s", db_value(rows, i, 1));
        one->count = db_int(rows, i, 2);
    }
    db_result_destroy(rows);
    return true;
}

/* Makes the decisions that follow from others; another run judges them. */
static bool decisions_follow(struct run *run, struct error *err)
{
    struct db_result *made = db_query(run->db, SQL_DECISIONS_FOLLOW, 0, NULL, err);
    if (made == NULL)
        return false;
    run->is_to_repeat = db_int(made, 0, 0) > 0;
    db_result_destroy(made);
    return true;
}

static bool run_end(struct run *run, struct reconcile_account *account, struct error *err)
{
    if (account != NULL)
        account->count = 0;
    return account_take(run->db, SQL_RECONCILE_RUN_END, 0, NULL, account, err) &&
           db_exec(run->db, run->is_replay ? SQL_RECONCILE_SHOWN : SQL_RECONCILE_END, err) &&
           (run->is_replay || decisions_follow(run, err)) && db_commit(run->db, err);
}

/* Called under the lock, so the transaction's snapshot includes what the previous run committed. */
static bool run_locked(struct run *run, bool is_asked_full, struct reconcile_account *account, struct error *err)
{
    struct db *db = run->db;
    if (!basis_get(db, run->as_of_us, run->is_replay, &run->basis, err))
        return false;
    run->is_full = run->is_replay || is_asked_full || run->basis.is_other;
    if (!run->is_full && !run->basis.has_changes)
        return account_take(db, SQL_RECONCILE_ACCOUNT, 0, NULL, account, err);
    if (run->basis.is_other && !(tls_names_store(db, err) && rules_store(db, err)))
        return false;
    bool ok = (run->is_replay || !run->is_full || db_exec(db, SQL_RECONCILE_INDEXES_ASIDE, err)) &&
              db_exec(db, SQL_RECONCILE_BEGIN, err) && judge(run, err) && run_end(run, account, err);
    if (!ok)
        db_rollback(db);
    if (run->is_replay)
        return ok;
    return db_exec(db, SQL_RECONCILE_INDEXES_BACK, ok ? err : NULL) && ok && db_exec(db, SQL_RECONCILE_EMPTIED, err);
}

/* Said before anything is tried: what the server refuses first is a table that nobody knows. */
static bool rights_check(struct db *db, bool is_replay, struct error *err)
{
    struct db_result *rights = db_query(db, SQL_RECONCILE_RIGHTS, 0, NULL, err);
    if (rights == NULL)
        return false;
    bool ok = db_value(rights, 0, 1)[0] == 't' ||
              error_set(err, ERROR_DATABASE, "the role %s only reads%s: connect as certsweep_loader or as the database's owner", db_value(rights, 0, 0),
                        is_replay ? ", and a report as of another day is judged first" : " and may not judge");
    db_result_destroy(rights);
    return ok;
}

bool reconcile_indexes_back(struct db *db, struct error *err)
{
    return db_exec(db, SQL_RECONCILE_INDEXES_BACK, err);
}

bool reconcile_prepare(struct db *db, struct error *err)
{
    return facts_update(db, err) && policy_ensure(db, err) && trust_update(db, err);
}

bool reconcile_run(struct db *db, const struct reconcile_options *options, struct reconcile_account *account,
                   struct error *err)
{
    struct run run = {.db = db, .as_of_us = clock_utc_us()};
    if (options != NULL && options->present_us != 0)
        run.as_of_us = options->present_us;
    if (options != NULL && options->as_of_us != RECONCILE_NOW) {
        run.is_replay = true;
        run.as_of_us = options->as_of_us;
    }
    if (account != NULL)
        account->count = 0;
    if (!rights_check(db, run.is_replay, err))
        return false;
    /* Temporary tables left by a replay in this session would hide the tables of the present. */
    if (!db_exec(db, SQL_RECONCILE_CLEAR, err) || !reconcile_indexes_back(db, err) || !reconcile_prepare(db, err) || !staples_update(db, err))
        return false;
    bool ok = db_exec(db, SQL_RECONCILE_LOCK, err) &&
              run_locked(&run, options != NULL && options->everything, account, err);
    for (int repeated = 0; ok && run.is_to_repeat && repeated < FOLLOW_MAX; repeated++) {
        basis_clear(&run.basis);
        run.basis = (struct basis){0};
        run.is_to_repeat = false;
        ok = db_exec(db, SQL_RECONCILE_CLEAR, err) && run_locked(&run, false, account, err);
    }
    ok = db_exec(db, SQL_RECONCILE_UNLOCK, ok ? err : NULL) && ok;
    basis_clear(&run.basis);
    return ok || error_add_context(err, "reconcile");
}

int64_t reconcile_count(const struct reconcile_account *account, const char *axis, const char *value)
{
    for (size_t i = 0; i < account->count; i++)
        if (strcmp(account->counts[i].axis, axis) == 0 && strcmp(account->counts[i].value, value) == 0)
            return account->counts[i].count;
    return 0;
}
