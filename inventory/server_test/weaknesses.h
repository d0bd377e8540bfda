/* Known attacks, judged from facts alone: no attack is made. Those that need an attack are "not tested". */
#pragma once
#include "inventory/server_test/server_facts.h"

enum weakness_state { WEAKNESS_NO, WEAKNESS_POTENTIAL, WEAKNESS_YES, WEAKNESS_UNTESTED, WEAKNESS_NOT_TESTED };

struct weakness {
    const char *name, *cve;             /* cve "" if it has none */
    enum weakness_state state;
    char because[112];
};

#define WEAKNESSES_MAX 32

size_t weaknesses_judge(const struct server_facts *facts, struct weakness list[WEAKNESSES_MAX]);
const char *weakness_state_name(enum weakness_state state);     /* "no", "potential", "yes", "untested", "not tested" */
