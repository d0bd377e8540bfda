#include "inventory/server_test/kept/kept_judgement.h"

void kept_test_judge(const struct server_facts *facts, const struct kept_stores *stores, struct server_judgement *judgement)
{
    server_judge(facts, stores->list, stores->count, facts->began_us / 1000000, judgement);
}
