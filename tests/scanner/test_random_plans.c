/* 10,000 random plans: ranges of every kind, exclusions, with and without a scope file, and names that
 * resolve to whatever a hostile name server says. What is in the space, and what the judge lets pass, is held
 * against a second opinion that knows nothing but numbers. (tests/acceptance/scope_on_wire.sh counts
 * packets.) */
#include "probes/base/address.h"
#include "probes/base/ports.h"
#include "scanner/scoped_targets.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLANS     10000
#define NOON      1769860800000000LL /* 2026-01-31 12:00 UTC */
#define RANGES    8
#define NAME_PORT 443

struct range {
    uint32_t first, last; /* IPv4, host order */
};

struct ranges {
    struct range rows[32];
    size_t count;
};

struct plan {
    struct ranges targets, excluded, scope;
    bool has_scope;
    char exclusions[RANGES * 32], file[2048];
};

/* --- the second opinion ----------------------------------------------------------------------------------
 */

static const struct range never[] = {{0x00000000, 0x00ffffff},
                                     {0xa9fe0000, 0xa9feffff},
                                     {0xe0000000, 0xffffffff}};
static const struct range own[] = {
    {0x7f000000, 0x7fffffff}, {0x0a000000, 0x0affffff}, {0xac100000, 0xac1fffff},
    {0xc0a80000, 0xc0a8ffff}, {0x64400000, 0x647fffff}, {0xc6120000, 0xc613ffff},
    {0xc0000200, 0xc00002ff}, {0xc6336400, 0xc63364ff}, {0xcb007100, 0xcb0071ff},
};

static bool holds(const struct range *rows, size_t count, uint32_t address)
{
    for (size_t i = 0; i < count; i++)
        if (address >= rows[i].first && address <= rows[i].last)
            return true;
    return false;
}

static bool may(const struct plan *plan, uint32_t address, uint16_t port, bool has_name)
{
    if (holds(never, sizeof never / sizeof never[0], address) ||
        holds(plan->excluded.rows, plan->excluded.count, address))
        return false;
    if (!plan->has_scope)
        return holds(own, sizeof own / sizeof own[0], address);
    return holds(plan->scope.rows, plan->scope.count, address) ||
           (has_name && port == NAME_PORT && address >> 24 != 127);
}

/* --- random plans ----------------------------------------------------------------------------------------
 */

static uint64_t random_state;

static uint32_t pick(uint32_t below) /* xorshift: the same plans in each run */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

/* /24s of every kind, beside the borders too. */
static const uint32_t places[] = {
    0x0a070000, 0x0affff00, 0x0b000000, 0xac14ff00, 0xac200000, 0xac0fff00, 0xc0a80700,
    0xc0a90000, 0x64400000, 0x643fff00, 0xc6120000, 0xc6140000, 0xcb007100, 0xcb007200,
    0x7f285800, 0x80000000, 0x08080800, 0x5db8d800, 0xa9fe0700, 0xa9fdff00, 0xa9ff0000,
    0xe0000000, 0xdfffff00, 0xf0010100, 0xffffff00, 0x00010100, 0x01000000,
};

static struct range part_of(uint32_t first, char text[32])
{
    unsigned length = 24 + pick(9);
    uint32_t size = 1u << (32 - length);
    struct range range = {.first = first + pick(256) / size * size};
    range.last = range.first + size - 1;
    snprintf(text, 32, "%u.%u.%u.%u/%u", range.first >> 24, range.first >> 16 & 255, range.first >> 8 & 255,
             range.first & 255, length);
    return range;
}

static uint32_t place(void)
{
    return places[pick(sizeof places / sizeof places[0])];
}

static void append(struct ranges *ranges, struct range range)
{
    ranges->rows[ranges->count++] = range;
}

/* A part of a target's /24 more often than not, so that cuts meet. */
static struct range near(const struct plan *plan, char text[32])
{
    uint32_t first = plan->targets.count != 0 && pick(4) != 0
                         ? plan->targets.rows[pick((uint32_t)plan->targets.count)].first & 0xffffff00
                         : place();
    return part_of(first, text);
}

static void make_file(struct plan *plan)
{
    char text[32];
    size_t len =
        (size_t)sprintf(plan->file,
                        "[scope]\nauthorised-by = A Test\ndepth = suites\n[allow]\nname = *.ok.test\n");
    for (uint32_t i = pick(RANGES); i > 0; i--) {
        append(&plan->scope, near(plan, text));
        len += (size_t)sprintf(plan->file + len, "range = %s\n", text);
    }
    len += (size_t)sprintf(plan->file + len, "[exclude]\n");
    for (uint32_t i = pick(3); i > 0; i--) {
        append(&plan->excluded, near(plan, text));
        len += (size_t)sprintf(plan->file + len, "range = %s\n", text);
    }
}

static struct target_list *make_plan(struct plan *plan, const struct port_set *ports)
{
    struct target_list *list = target_list_create(ports);
    char text[32];
    *plan = (struct plan){.has_scope = pick(2) != 0};
    for (uint32_t i = 1 + pick(RANGES); i > 0; i--) {
        append(&plan->targets, part_of(place(), text));
        assert_true(target_list_add(list, text, NULL));
    }
    for (uint32_t i = pick(RANGES); i > 0; i--) {
        append(&plan->excluded, near(plan, text));
        assert_true(target_list_exclude(list, text, NULL));
    }
    if (plan->has_scope)
        make_file(plan);
    return list;
}

/* --- the tests -------------------------------------------------------------------------------------------
 */

static uint32_t number_of(const struct address *address)
{
    const uint8_t *b = address->bytes;
    assert_int_equal(address->len, 4);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static struct address address_of(uint32_t number)
{
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                              (uint8_t)number};
    return address_from_bytes(bytes, 4);
}

/* Nothing in it that is not allowed, and all of it that is. */
static void check_space(const struct plan *plan, const struct target_space *space)
{
    struct target target;
    uint64_t index, count = target_space_count(space);
    for (uint64_t i = 0; i < count; i++) {
        target_space_get(space, i, &target);
        uint32_t address = number_of(&target.address);
        if (!holds(plan->targets.rows, plan->targets.count, address) ||
            !may(plan, address, target.port, false))
            fail_msg("%08x is in the space of a plan that does not allow it\n%s", address, plan->file);
    }
    target = (struct target){.transport = TRANSPORT_TCP, .port = 8443};
    for (size_t i = 0; i < plan->targets.count; i++) {
        for (uint64_t a = plan->targets.rows[i].first; a <= plan->targets.rows[i].last; a++) {
            target.address = address_of((uint32_t)a);
            if (target_space_find(space, &target, &index) != may(plan, (uint32_t)a, 8443, false))
                fail_msg("%08x: the space and the rules differ\n%s", (uint32_t)a, plan->file);
        }
    }
}

/* Forms in which an IPv4 address comes back from a name server (RFC 4291, 6052, 3056, 4380). */
static struct target answer_of(unsigned form, uint32_t number)
{
    struct target target = {.transport = TRANSPORT_TCP, .port = pick(2) != 0 ? NAME_PORT : 8443};
    uint8_t *b = target.address.bytes;
    struct address v4 = address_of(number);
    if (form == 0) {
        target.address = v4;
        return target;
    }
    target.address.len = 16;
    switch (form) {
    case 1: b[10] = b[11] = 0xff; break;                                         /* mapped */
    case 2: b[1] = 0x64, b[2] = 0xff, b[3] = 0x9b; break;                        /* NAT64 */
    case 3: b[0] = 0x20, b[1] = 0x02, memcpy(b + 2, v4.bytes, 4); return target; /* 6to4 */
    default:                                                                     /* Teredo */
        b[0] = 0x20, b[1] = 0x01;
        for (size_t i = 0; i < 4; i++)
            b[12 + i] = (uint8_t)~v4.bytes[i];
        return target;
    }
    memcpy(b + 12, v4.bytes, 4);
    return target;
}

static size_t check_answers(const struct plan *plan, const struct scope *scope)
{
    size_t refused = 0;
    for (unsigned i = 0; i < 32; i++) {
        char text[32];
        bool is_ours = pick(2) != 0;
        unsigned form = i % 5;
        uint32_t number = near(plan, text).first;
        struct target target = answer_of(form, number);
        struct scope_question question = {&target, is_ours ? "a.ok.test" : "a.other.test", TLS_DEPTH_CERT,
                                          NOON};
        bool passes = scope_judge(scope, &question, NULL) == SCOPE_ALLOWED;
        if (passes && !may(plan, number, target.port, is_ours))
            fail_msg("%08x in form %u is allowed to a name\n%s", number, form, plan->file);
        if (!passes && form < 2 && may(plan, number, target.port, is_ours))
            fail_msg("%08x in form %u is refused to a name\n%s", number, form, plan->file);
        refused += !passes;
    }
    return refused;
}

static void nothing_leaves_the_scope_of_10000_random_plans(void **state)
{
    (void)state;
    struct port_set *ports = port_set_parse("443,8443", NULL);
    uint64_t targets = 0, refused = 0;
    random_state = 0x9e3779b97f4a7c15;
    for (unsigned i = 0; i < PLANS; i++) {
        struct plan plan;
        struct scoped_targets cut;
        struct error err = {0};
        struct target_list *list = make_plan(&plan, ports);
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
    port_set_destroy(ports);
    printf("%u plans, %llu targets, %llu of %u answers refused\n", PLANS, (unsigned long long)targets,
           (unsigned long long)refused, PLANS * 32);
    assert_true(targets > PLANS && refused > PLANS && refused < PLANS * 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_the_scope_of_10000_random_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
