/* chain_faults.h: what is wrong with a chain, by who signed whom. */
#include "inventory/verdicts/trust/chain_faults.h"
#include "tests/cmocka_all.h"

#include <string.h>

/* A leaf (1) of the intermediate (authority 10), below the root (authority 20); another root (30) that crossed the root. */
static const struct chain_link leaf = {1, 0, 10, false}, middle = {2, 10, 20, false}, root = {3, 20, 20, true}, cross = {4, 20, 30, false},
                               other_root = {5, 30, 30, true}, other_leaf = {6, 0, 99, false}, other_middle = {7, 10, 30, false},
                               stranger = {8, 77, 78, false}, self_made = {9, 0, 0, true};

struct chain_case {
    struct chain_link links[6];
    size_t count, end;
    enum chain_fault faults[6];
};

static const struct chain_case cases[] = {
    {{leaf}, 1, 0, {0}},
    {{leaf, middle}, 2, 1, {0}},
    {{leaf, middle, root}, 3, 2, {0, 0, CHAIN_FAULT_ROOT_SENT}},
    {{leaf, root, middle}, 3, 1, {0, CHAIN_FAULT_MISORDERED, 0}},
    {{leaf, middle, cross}, 3, 2, {0}},
    {{leaf, middle, cross, other_root}, 4, 3, {0, 0, 0, CHAIN_FAULT_ROOT_SENT}},
    {{leaf, middle, root, cross}, 4, 2, {0, 0, CHAIN_FAULT_ROOT_SENT, CHAIN_FAULT_EXTRA}},
    {{leaf, middle, other_middle}, 3, 1, {0, 0, CHAIN_FAULT_EXTRA}},
    {{leaf, middle, middle}, 3, 1, {0, 0, CHAIN_FAULT_DUPLICATE}},
    {{leaf, leaf}, 2, 0, {0, CHAIN_FAULT_DUPLICATE}},
    {{leaf, stranger, middle}, 3, 2, {0, CHAIN_FAULT_UNRELATED, 0}},
    {{leaf, other_leaf}, 2, 0, {0, CHAIN_FAULT_UNRELATED}},
    {{leaf, root}, 2, 0, {0, CHAIN_FAULT_UNRELATED}},
    {{self_made, middle}, 2, 0, {0, CHAIN_FAULT_UNRELATED}},
    {{self_made}, 1, 0, {0}},
    {{stranger, other_leaf, other_leaf}, 3, 0, {0, CHAIN_FAULT_UNRELATED, CHAIN_FAULT_DUPLICATE}},
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
