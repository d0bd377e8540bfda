/* Reconciliation: what the inventory holds against what the organisation knows. C says the order of the steps, SQL
 * judges (reconcile_*.sql, rules/).
 *
 *     facts --> trust --> [ scope, subjects, rules over facts, axes, owners, rules over axes ] --> what differs is written
 *
 * All of the bracket is one transaction with one snapshot, one run at a time. The scope is what has changed since the
 * last run (the table `dirty`), what is due by now, and what these touch; everything where policy, rules or the rule
 * book are other ones. A run over everything gives the same tables: it is how the other is tested. */
#pragma once
#include "inventory/store/db.h"

#define RECONCILE_NOW INT64_MIN

struct reconcile_options {
    int64_t as_of_us;               /* RECONCILE_NOW, or a moment to judge by: a replay, which changes no verdict.
                                     * "As of" means: true then, as known now. */
    bool everything;                /* judge all anew, whatever has changed */
    int64_t present_us;             /* what "now" is, where time shall pass faster; 0: the clock */
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

/* Makes facts, a policy and trust complete: what reconcile_run() begins with. */
bool reconcile_prepare(struct db *db, struct error *err);

/* Makes facts and trust complete, judges, writes verdicts and owners, records the run. options NULL: now. account
 * may be NULL. What a replay said stays in this session's tables, and in its view `judged`, until the next run. */
bool reconcile_run(struct db *db, const struct reconcile_options *options, struct reconcile_account *account,
                   struct error *err);

/* How many of a value the account holds; 0 where none. */
int64_t reconcile_count(const struct reconcile_account *account, const char *axis, const char *value);
