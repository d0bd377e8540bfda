/* The judgement of a kept test, as of the test: dates count by its time, so that a certificate that has expired since does not change
 * an old letter, and two readings on different days say the same. Trust counts by the roots that are known now: true then, as
 * known now. */
#pragma once
#include "inventory/server_test/judgement.h"
#include "inventory/server_test/kept/kept_stores.h"

void kept_test_judge(const struct server_facts *facts, const struct kept_stores *stores, struct server_judgement *judgement);
