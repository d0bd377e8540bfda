/* Several policies as one: their own and approved CAs, trust stores and clauses together; of two values for a setting the
 * stricter one, where there is such a thing, else that of the policy named last. */
#pragma once
#include "inventory/policy/policy.h"

#define POLICY_CONFLICTS_MAX 64

struct policy_conflict {
    const char *setting;            /* static text */
    char *first, *second;           /* "california-otech: 100" */
    char *taken;                    /* the value that holds */
};
struct policy_conflicts {
    struct policy_conflict items[POLICY_CONFLICTS_MAX];
    size_t count;
};

/* Yours: policy_destroy(). One policy alone comes back with its own text; several get a new, readable text. */
struct policy *policy_merge(const struct policy *const *policies, size_t count, struct policy_conflicts *conflicts);
void policy_conflicts_clear(struct policy_conflicts *conflicts);
