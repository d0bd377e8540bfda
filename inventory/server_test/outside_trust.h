/* Which root programmes trust the server's root, beyond the local stores: each programme's lists over the years
 * (inventory/roots), and what it distrusts from a day on. Unknown is reported as unknown: a list that we lack does
 * not mean distrust. */
#pragma once
#include "inventory/roots/root_programmes.h"
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/server_facts.h"

struct outside_trust {
    const char *programme;              /* "Mozilla" */
    enum { OUTSIDE_UNTRUSTED, OUTSIDE_TRUSTED, OUTSIDE_UNKNOWN } state;
    char since[96];                     /* "since 2018-05-01 or earlier (8.1.0_r1)"; "" not listed */
    char because[160];                  /* why it is not trusted, or until when; "" */
};

/* For the root of a path that was found, in any store; count 0: there is none. In the order of programmes' names. */
size_t outside_trust_judge(const struct server_facts *facts, const struct chain_check *check, struct outside_trust list[ROOT_PROGRAMMES_MAX]);
