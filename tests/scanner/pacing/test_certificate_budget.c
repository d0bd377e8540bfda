#include "tests/cmocka_all.h"

#include "scanner/pacing/certificate_budget.h"

static struct address host(uint32_t number)
{
    return (struct address){.len = 4, .bytes = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

static void a_host_may_add_so_much_and_no_more(void **state)
{
    (void)state;
    struct certificate_budget *budget = certificate_budget_create();
    struct address one = host(1), other = host(2);
    certificate_budget_add(budget, &one, HOST_BUDGET_MAX - 1);
    certificate_budget_add(budget, &one, 0);
    assert_false(certificate_budget_is_spent(budget, &one));
    certificate_budget_add(budget, &one, 1);
    assert_true(certificate_budget_is_spent(budget, &one));
    assert_false(certificate_budget_is_spent(budget, &other));
    certificate_budget_destroy(budget);
}

/* A host that adds much is not forgotten for a million hosts that add little. */
static void a_large_network_hides_nobody(void **state)
{
    (void)state;
    struct certificate_budget *budget = certificate_budget_create();
    struct address greedy = host(0xffffff);
    for (uint32_t i = 0; i < 1000000; i++) {
        struct address modest = host(i);
        certificate_budget_add(budget, &modest, 4000);
        if (i % 1000 == 0)
            certificate_budget_add(budget, &greedy, HOST_BUDGET_MAX / 1000 + 1);
    }
    assert_true(certificate_budget_is_spent(budget, &greedy));
    for (uint32_t i = 0; i < 1000000; i++) {
        struct address modest = host(i);
        assert_false(certificate_budget_is_spent(budget, &modest));
    }
    certificate_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_may_add_so_much_and_no_more),
        cmocka_unit_test(a_large_network_hides_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
