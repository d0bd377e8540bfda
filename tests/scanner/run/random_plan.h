/* A random plan of a scan, and a second opinion on what it allows. The opinion knows numbers alone and shares
 * no line with scanner/scope.c or the target space: ranges of every kind (private, public, never to be asked,
 * IPv4 inside IPv6), exclusions, with and without a scope file, and names for which a name server lies. */
#pragma once
#include "probes/base/address.h"
#include "scanner/targets/scope.h"
#include "scanner/targets/target_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANDOM_PLAN_RANGES  8
#define RANDOM_PLAN_NAMES   6
#define RANDOM_PLAN_ANSWERS 3
#define RANDOM_PLAN_PORTS   "443,8443"

struct plan_range {
    uint8_t len; /* of its addresses: 4 or 16 */
    unsigned __int128 first, last;
    char text[64]; /* as a user writes it */
};

struct plan_ranges {
    struct plan_range rows[2 * RANDOM_PLAN_RANGES];
    size_t count;
};

/* Its answers stand in the name, so that a name server needs no list: "a0a070001.b2001...0001.n7-0.ok.test".
 */
struct plan_name {
    char text[256];
    bool is_ours; /* the scope file, where there is one, allows what it resolves to (on 443) */
    struct address answers[RANDOM_PLAN_ANSWERS];
    size_t answer_count;
};

struct random_plan {
    struct plan_ranges targets, excluded, scope;
    size_t excluded_given; /* by -x; the scope file's stand behind them */
    bool has_scope;
    char file[2048]; /* the scope file */
    struct plan_name names[RANDOM_PLAN_NAMES];
    size_t name_count;
};

/* The same plan for the same number, always. */
void random_plan_make(struct random_plan *plan, uint64_t number);
/* What the plan names and excludes, but for the scope file, in a list of its own. */
struct target_list *random_plan_targets(const struct random_plan *plan);

/* May this address be asked on this port? name NULL: it stands in a range. */
bool random_plan_allows(const struct random_plan *plan, const struct address *address, uint16_t port,
                        const struct plan_name *name);

/* The next address that the name "a0a070001.b2001....ok.test" says it resolves to; *text goes behind it.
 * False: no more.
 */
bool plan_name_next_answer(const char **text, struct address *address);
