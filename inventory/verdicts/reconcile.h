/* Reconciliation: what the inventory holds against what the organisation knows. C says the order of the steps, SQL
 * judges (reconcile_*.sql, rules/).
 *
 *     facts --> trust --> [ judging, subjects, rules over facts, axes, rules over verdicts ] --> what differs is written
 *
 * All of the bracket is one transaction over tables of this session, one run at a time. */
#pragma once
#include "inventory/store/db.h"

#define RECONCILE_NOW INT64_MIN

struct reconcile_options {
    int64_t as_of_us;               /* RECONCILE_NOW, or a moment to judge by: a replay, which changes no verdict.
                                     * "As of" means: true then, as known now. */
};

struct reconcile_count {
    char axis[16];                  /* "record", "issuer", "deployment", "time", "policy" */
    char value[32];                 /* "unmanaged"; of policy the rule's id */
    int64_t count;
};

#define RECONCILE_COUNTS_MAX 128
struct reconcile_account {
    struct reconcile_count counts[RECONCILE_COUNTS_MAX];
    size_t count;
};

/* Makes facts and trust complete, judges, writes verdicts and owners, records the run. options NULL: now. account
 * may be NULL. The rows of the run stay in the session's table `judged` until the next one. */
bool reconcile_run(struct db *db, const struct reconcile_options *options, struct reconcile_account *account,
                   struct error *err);

/* How many of a value the account holds; 0 where none. */
int64_t reconcile_count(const struct reconcile_account *account, const char *axis, const char *value);
