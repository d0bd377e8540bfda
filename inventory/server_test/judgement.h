/* All judgements of one server together, to be shown. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/clients.h"
#include "inventory/server_test/grade.h"
#include "inventory/server_test/outlook.h"
#include "inventory/server_test/outside_trust.h"
#include "inventory/server_test/profiles.h"
#include "inventory/server_test/steps.h"
#include "inventory/server_test/weaknesses.h"

#define PROFILES_MAX 8

struct server_judgement {
    const struct server_facts *facts;
    struct chain_check chain;           /* of the usual chain */
    struct grade grade;
    struct weakness weaknesses[WEAKNESSES_MAX];
    size_t weakness_count;
    struct profile_result profiles[PROFILES_MAX];       /* the policy in force first, where it is known */
    size_t profile_count;
    struct outside_trust outside[ROOT_PROGRAMMES_MAX];
    size_t outside_count;
    struct outlook outlook[OUTLOOK_MAX];
    size_t outlook_count;
    struct server_step steps[STEPS_MAX];
    size_t step_count;
    struct client_result clients[CLIENTS_MAX];
    size_t client_count;
};

/* now: seconds since 1970, what dates are judged by. facts and stores must live as long. */
void server_judge(const struct server_facts *facts, struct chain_store *const *stores, size_t store_count, int64_t now,
                  struct server_judgement *judgement);
