/* Outcomes of a block as bytes and back. */
#include "inventory/bundle/block_outcomes.h"
#include "probes/base/outcome.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void any_block_comes_back_as_it_was(void **state)
{
    (void)state;
    srand(7);
    for (size_t count = 1; count <= 4096; count = count * 3 / 2 + 1) {
        for (int kinds = 1; kinds < OUTCOME_COUNT; kinds += 6) {
            uint8_t outcomes[4096], encoded[BLOCK_OUTCOMES_MAX], back[4096];
            for (size_t i = 0; i < count; i++)
                outcomes[i] = (uint8_t)(1 + rand() % kinds);
            size_t len = block_outcomes_encode(outcomes, count, encoded);
            assert_true(len <= count + 1);
            assert_true(block_outcomes_decode(encoded, len, back, count));
            assert_memory_equal(back, outcomes, count);
        }
    }
}

static void a_silent_block_costs_four_bytes(void **state)
{
    (void)state;
    uint8_t outcomes[4096], encoded[BLOCK_OUTCOMES_MAX];
    memset(outcomes, OUTCOME_TIMEOUT_CONNECT, sizeof outcomes);
    assert_int_equal(block_outcomes_encode(outcomes, sizeof outcomes, encoded), 4);
}

static void forged_outcomes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t len;
        uint8_t bytes[8];
    } cases[] = {
        {"empty", 0, {0}},
        {"an unknown form", 3, {2, 1, 1}},
        {"too few bytes", 2, {0, 1}},
        {"too many bytes", 4, {0, 1, 1, 1}},
        {"outcome 0", 3, {0, 0, 1}},
        {"an outcome that does not exist", 3, {0, 1, OUTCOME_COUNT}},
        {"a run past the end", 4, {1, 1, 0, 2}},
        {"half a run", 3, {1, 1, 0}},
        {"a run too many", 7, {1, 1, 0, 1, 1, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t back[2];
        if (block_outcomes_decode(cases[i].bytes, cases[i].len, back, 2))
            fail_msg("taken: %s", cases[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_block_comes_back_as_it_was),
        cmocka_unit_test(a_silent_block_costs_four_bytes),
        cmocka_unit_test(forged_outcomes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
