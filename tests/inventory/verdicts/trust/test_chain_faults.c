/* chain_faults.h: faults of a chain, by verified signatures. */
#include "inventory/verdicts/trust/chain_faults.h"
#include "tests/cmocka_all.h"

#include <string.h>

/* A leaf (1) of the intermediate (authority 10), below the root (authority 20); another root (30) that crossed the root. */
/* Links by id, issuer, subject and whether self-signed: initializers, which a table in C11 needs as constants. */
#define LEAF         {1, 0, 10, false}
#define MIDDLE       {2, 10, 20, false}
#define ROOT         {3, 20, 20, true}
#define CROSS        {4, 20, 30, false}
#define OTHER_ROOT   {5, 30, 30, true}
#define OTHER_LEAF   {6, 0, 99, false}
#define OTHER_MIDDLE {7, 10, 30, false}
#define STRANGER     {8, 77, 78, false}
#define SELF_MADE    {9, 0, 0, true}

struct chain_case {
    struct chain_link links[6];
    size_t count, end;
    enum chain_fault faults[6];
};

static const struct chain_case cases[] = {
    {{LEAF}, 1, 0, {0}},
    {{LEAF, MIDDLE}, 2, 1, {0}},
    {{LEAF, MIDDLE, ROOT}, 3, 2, {0, 0, CHAIN_FAULT_ROOT_SENT}},
    {{LEAF, ROOT, MIDDLE}, 3, 1, {0, CHAIN_FAULT_MISORDERED, 0}},
    {{LEAF, MIDDLE, CROSS}, 3, 2, {0}},
    {{LEAF, MIDDLE, CROSS, OTHER_ROOT}, 4, 3, {0, 0, 0, CHAIN_FAULT_ROOT_SENT}},
    {{LEAF, MIDDLE, ROOT, CROSS}, 4, 2, {0, 0, CHAIN_FAULT_ROOT_SENT, CHAIN_FAULT_EXTRA}},
    {{LEAF, MIDDLE, OTHER_MIDDLE}, 3, 1, {0, 0, CHAIN_FAULT_EXTRA}},
    {{LEAF, MIDDLE, MIDDLE}, 3, 1, {0, 0, CHAIN_FAULT_DUPLICATE}},
    {{LEAF, LEAF}, 2, 0, {0, CHAIN_FAULT_DUPLICATE}},
    {{LEAF, STRANGER, MIDDLE}, 3, 2, {0, CHAIN_FAULT_UNRELATED, 0}},
    {{LEAF, OTHER_LEAF}, 2, 0, {0, CHAIN_FAULT_UNRELATED}},
    {{LEAF, ROOT}, 2, 0, {0, CHAIN_FAULT_UNRELATED}},
    {{SELF_MADE, MIDDLE}, 2, 0, {0, CHAIN_FAULT_UNRELATED}},
    {{SELF_MADE}, 1, 0, {0}},
    {{STRANGER, OTHER_LEAF, OTHER_LEAF}, 3, 0, {0, CHAIN_FAULT_UNRELATED, CHAIN_FAULT_DUPLICATE}},
};

static void each_certificate_gets_its_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum chain_fault faults[6];
        size_t end = chain_faults_of(cases[i].links, cases[i].count, faults);
        if (end != cases[i].end)
            fail_msg("case %zu ends at %zu", i, end);
        for (size_t j = 0; j < cases[i].count; j++)
            if (faults[j] != cases[i].faults[j])
                fail_msg("case %zu, certificate %zu: %s", i, j, faults[j] == 0 ? "none" : chain_fault_name(faults[j]));
    }
}

static void a_loop_and_a_long_chain_end(void **state)
{
    (void)state;
    struct chain_link links[CHAIN_LOOKED_AT_MAX + 1];
    enum chain_fault faults[CHAIN_LOOKED_AT_MAX + 1];
    for (size_t i = 0; i <= CHAIN_LOOKED_AT_MAX; i++)
        links[i] = (struct chain_link){(int64_t)i + 1, (int64_t)(i % 2) + 1, (int64_t)((i + 1) % 2) + 1, false};     /* each signs the other */
    chain_faults_of(links, CHAIN_LOOKED_AT_MAX + 1, faults);
    assert_int_equal(faults[CHAIN_LOOKED_AT_MAX], CHAIN_FAULT_UNRELATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_certificate_gets_its_fault),
        cmocka_unit_test(a_loop_and_a_long_chain_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
