/* Reconciliation: compares what the inventory found with what the organisation knows. C sets the order of the steps,
 * SQL judges (reconcile_*.sql, rules/).
 *
 *     facts --> trust --> [ scope, subjects, rules over facts, axes, owners, rules over axes ] --> what differs is written
 *
 * The steps in brackets are one transaction with one snapshot; one run at a time. The scope is what has changed since
 * the last run (the table `dirty`), what is due by now, and all that these affect; or everything, if policy, rules or
 * owner rules have changed. A run over everything gives the same tables; tests compare the two. */
#pragma once
#include "inventory/store/db.h"

#define RECONCILE_NOW INT64_MIN

struct reconcile_options {
    int64_t as_of_us;               /* RECONCILE_NOW; or a past moment for a replay, which changes no verdict.
                                     * "As of" means: true then, as known now. */
    bool everything;                /* judge everything again, not only changes */
    int64_t present_us;             /* for tests: the time to use as "now"; 0: the clock */
};

struct reconcile_count {
    char axis[16];                  /* "record", "issuer", "deployment" (of leaves at places), "recorded" (of records that are not
                                     * where they should be), "time", "policy" */
    char value[32];                 /* "unmanaged"; of policy the rule's id */
    int64_t count;
};

#define RECONCILE_COUNTS_MAX 128
struct reconcile_account {
    struct reconcile_count counts[RECONCILE_COUNTS_MAX];
    size_t count;
};

/* Builds the indexes that a killed load or run has left out; reconcile_run() and whatever else reads much starts with this. */
bool reconcile_indexes_back(struct db *db, struct error *err);

/* Updates facts, policy and trust; reconcile_run() starts with this. */
bool reconcile_prepare(struct db *db, struct error *err);

/* Updates facts and trust, judges, writes verdicts and owners, records the run. options NULL: now. account may be
 * NULL. The verdicts of a replay are in temporary tables of the same names, which this session finds first, in views over them, and
 * in the view `judged`, until the next run: a report that is written then is one of that day. */
bool reconcile_run(struct db *db, const struct reconcile_options *options, struct reconcile_account *account,
                   struct error *err);

/* The account's count for a value; 0 if it has none. */
int64_t reconcile_count(const struct reconcile_account *account, const char *axis, const char *value);
