/* What an administrator should do about one server, worst first. Each step comes from a fact: what to do, why, until when, and
 * which answer of the next test shows that it is done. What was not answered gives no step. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/server_facts.h"

#define STEPS_MAX 32

struct server_step {
    const char *severity;               /* "critical", "high", "medium", "low" */
    const char *item;                   /* the posture item that it is based on; NULL: the certificate */
    char what[160], why[160];
    char until[64];                     /* "overdue since March 2021", "by 2030-01-02" */
    char done[112];                     /* "the next test says: TLS 1.1 refused" */
};

/* now: seconds since 1970. */
size_t steps_judge(const struct server_facts *facts, const struct chain_check *chain, int64_t now, struct server_step list[STEPS_MAX]);
