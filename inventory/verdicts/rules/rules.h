/* Policy rules: one .sql file each. Its head has title, version, severity, the kinds of certificate that it applies
 * to, what must have been asked (needs, optional), source and next step (one line each); the statement below reads
 * the tables of a run (reconcile_tables.sql) and writes `hit`. To add one: a file, a line in CMakeLists.txt, a line
 * in rules.c, a case in tests/inventory/verdicts/test_rules.c. */
#pragma once
#include "inventory/store/db.h"

struct rule {
    const char *id;                 /* "K02", as in the statement */
    const char *sql;
    bool after_axes;                /* judges verdicts (rows of `judged`), not facts alone */
};

extern const struct rule rules_all[];           /* a NULL id ends it; in order of id */
const struct rule *rule_find(const char *id);   /* either case; NULL if unknown */

/* What is asked of such an inventory and not judged here, and why: one sentence each; NULL ends it. */
extern const char *const rules_unjudged[];

/* A field of the head: "title", "version", "severity", "applies to", "needs", "source", "next step"; yours: free(). NULL if
 * missing. */
char *rule_head(const struct rule *rule, const char *key);

/* SHA-256 over all rules, in hex, so that reconcile notices changed rules. */
void rules_hash(char hex[65]);

/* Updates the table `rule` to the rules of this program. */
bool rules_store(struct db *db, struct error *err);
