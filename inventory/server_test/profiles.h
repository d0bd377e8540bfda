/* Published profiles, clause by clause: Mozilla's Server Side TLS 5.7 (modern, intermediate, old), NIST SP 800-52
 * rev. 2. A clause passes, fails, or is untested if the fact is missing. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/server_facts.h"

#define PROFILE_FAULTS_MAX 16

struct profile_result {
    const char *name, *title;
    unsigned clauses, failed, untested;
    struct {
        char text[96];          /* "TLS 1.1 is accepted" */
    } faults[PROFILE_FAULTS_MAX];
    size_t fault_count;         /* those that are kept; failed counts all */
};

/* The number of profiles, and their names: "modern", "intermediate", "old", "sp800-52". */
size_t profiles_count(void);
const char *profile_name(size_t index);
/* The policy in force, rule by rule, as the profile "policy". False if the facts do not come from an inventory. */
bool profile_judge_policy(const struct server_facts *facts, struct profile_result *result);
void profile_judge(size_t index, const struct server_facts *facts, struct profile_result *result);
