/* 10,000 random plans (random_plan.h): what is in the space, and what the judge lets pass of what hostile
 * name servers answer, is held against a second opinion. wire_plans.c counts the packets of the same plans.
 */
#include "scanner/targets/scoped_targets.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/run/random_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLANS 10000
#define NOON  1769860800000000LL /* 2026-01-31 12:00 UTC */

static const uint16_t ports[] = {443, 8443};

/* Nothing in it that is not allowed, and all of it that is. */
static void check_space(const struct random_plan *plan, const struct target_space *space)
{
    struct target target;
    uint64_t index, count = target_space_count(space);
    char text[ADDRESS_TEXT_SIZE];
    for (uint64_t i = 0; i < count; i++) {
        target_space_get(space, i, &target);
        address_format(&target.address, text);
        /* a Teredo address is left to the judge */
        if (!random_plan_allows(plan, &target.address, target.port, NULL) &&
            strncmp(text, "2001:0:", 7) != 0 && strncmp(text, "2001::", 6) != 0)
            fail_msg("%s is in the space of a plan that does not allow it\n%s", text, plan->file);
    }
    for (size_t i = 0; i < plan->targets.count; i++) {
        const struct plan_range *range = &plan->targets.rows[i];
        for (unsigned __int128 number = range->first; number <= range->last; number++) {
            target = (struct target){.transport = TRANSPORT_TCP, .port = 8443};
            target.address = address_of_value(number, range->len);
            address_format(&target.address, text);
            if (random_plan_allows(plan, &target.address, 8443, NULL) &&
                !target_space_find(space, &target, &index))
                fail_msg("%s is allowed and not in the space\n%s", text, plan->file);
        }
    }
}

static size_t check_answers(const struct random_plan *plan, const struct scope *scope)
{
    size_t refused = 0;
    for (size_t i = 0; i < plan->name_count; i++) {
        const struct plan_name *name = &plan->names[i];
        for (size_t j = 0; j < 2 * name->answer_count; j++) {
            char text[ADDRESS_TEXT_SIZE];
            struct target target = {name->answers[j / 2], TRANSPORT_TCP, ports[j % 2]};
            struct scope_question question = {&target, name->text, TLS_DEPTH_CERT, NOON};
            bool passes = scope_judge(scope, &question, NULL) == SCOPE_ALLOWED;
            address_format(&target.address, text);
            if (passes != random_plan_allows(plan, &target.address, target.port, name))
                fail_msg("%s port %u is %s for %s\n%s", text, target.port, passes ? "allowed" : "refused",
                         name->text, plan->file);
            refused += !passes;
        }
    }
    return refused;
}

static void nothing_leaves_the_scope_of_10000_random_plans(void **state)
{
    (void)state;
    uint64_t targets = 0, refused = 0;
    for (unsigned i = 0; i < PLANS; i++) {
        struct random_plan plan;
        struct scoped_targets cut;
        struct error err = {0};
        random_plan_make(&plan, i);
        struct target_list *list = random_plan_targets(&plan);
        struct scope *scope =
            scope_create(plan.has_scope ? plan.file : NULL, "plan", target_list_exclusions(list), &err);
        if (scope == NULL)
            fail_msg("%s\n%s", err.text, plan.file);
        scoped_targets_cut(list, scope, &cut);
        struct target_space *space = target_space_build(target_list_builder(list), &err);
        assert_non_null(space);
        check_space(&plan, space);
        refused += check_answers(&plan, scope);
        targets += target_space_count(space);
        target_space_destroy(space);
        scope_destroy(scope);
        target_list_destroy(list);
    }
    printf("%u plans, %llu targets, %llu answers refused\n", PLANS, (unsigned long long)targets,
           (unsigned long long)refused);
    assert_true(targets > PLANS && refused > PLANS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_the_scope_of_10000_random_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
