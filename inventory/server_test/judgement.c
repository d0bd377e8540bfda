#include "inventory/server_test/judgement.h"

void server_judge(const struct server_facts *facts, struct chain_store *const *stores, size_t store_count, int64_t now,
                  struct server_judgement *judgement)
{
    judgement->facts = facts;
    chain_check(facts, server_usual_chain(facts), stores, store_count, now, &judgement->chain);
    grade_server(facts, &judgement->chain, &judgement->grade);
    judgement->weakness_count = weaknesses_judge(facts, judgement->weaknesses);
    judgement->client_count = clients_simulate(facts, judgement->clients);
    judgement->outside_count = outside_trust_judge(facts, &judgement->chain, judgement->outside);
    judgement->outlook_count = outlook_judge(facts, &judgement->chain, now, judgement->outlook);
    judgement->step_count = steps_judge(facts, &judgement->chain, now, judgement->steps);
    judgement->profile_count = profile_judge_policy(facts, &judgement->profiles[0]);
    for (size_t i = 0; i < profiles_count() && i < PROFILES_MAX; i++)
        profile_judge(i, facts, &judgement->profiles[judgement->profile_count++]);
}
