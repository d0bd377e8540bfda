#include "tests/scanner/run/random_plan.h"

#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pick { /* xorshift64 */
    uint64_t state;
};

static uint32_t pick(struct pick *from, uint32_t below)
{
    from->state ^= from->state << 13;
    from->state ^= from->state >> 7;
    from->state ^= from->state << 17;
    return (uint32_t)(from->state >> 32) % below;
}

/* --- the second opinion ----------------------------------------------------------------------------------
 */

struct span {
    uint32_t first, last; /* IPv4, host order */
};

struct span6 {
    uint64_t first, last; /* the upper halves of IPv6 addresses */
};

static const struct span never[] = {{0x00000000, 0x00ffffff},
                                    {0xa9fe0000, 0xa9feffff},
                                    {0xe0000000, 0xffffffff}};
static const struct span own[] = {
    {0x7f000000, 0x7fffffff}, {0x0a000000, 0x0affffff}, {0xac100000, 0xac1fffff},
    {0xc0a80000, 0xc0a8ffff}, {0x64400000, 0x647fffff}, {0xc6120000, 0xc613ffff},
};
static const struct span6 never6[] = {
    {0x0100000000000000, 0x0100000000000000}, /* discard only */
    {0xfe80000000000000, 0xfebfffffffffffff}, /* link-local */
    {0xff00000000000000, 0xffffffffffffffff}, /* multicast */
};
static const struct span6 own6[] = {
    {0xfc00000000000000, 0xfdffffffffffffff}, {0xfec0000000000000, 0xfeffffffffffffff},
    {0x2001000200000000, 0x200100020000ffff},
};

#define HOLDS(table, number) holds(table, sizeof(table) / sizeof(table)[0], number)

static bool holds(const struct span *rows, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (number >= rows[i].first && number <= rows[i].last)
            return true;
    return false;
}

static bool is_in6(const struct span6 *rows, size_t count, uint64_t upper)
{
    for (size_t i = 0; i < count; i++)
        if (upper >= rows[i].first && upper <= rows[i].last)
            return true;
    return false;
}

static bool is_in(const struct plan_ranges *ranges, uint8_t len, unsigned __int128 number)
{
    for (size_t i = 0; i < ranges->count; i++)
        if (ranges->rows[i].len == len && number >= ranges->rows[i].first && number <= ranges->rows[i].last)
            return true;
    return false;
}

/* The IPv4 address for which this IPv6 one stands (RFC 6052, 3056, 4380); false: it stands for itself. */
static bool stands_for(unsigned __int128 number, uint32_t *inside)
{
    uint64_t upper = (uint64_t)(number >> 64), lower = (uint64_t)number;
    if (upper == 0x0064ff9b00000000 && lower >> 32 == 0)
        *inside = (uint32_t)lower;
    else if (upper >> 48 == 0x2002)
        *inside = (uint32_t)(upper >> 16);
    else if (upper >> 32 == 0x20010000)
        *inside = ~(uint32_t)lower;
    else
        return false;
    return true;
}

static bool may_be_asked(const struct random_plan *plan, uint8_t len, unsigned __int128 number, uint16_t port,
                         const struct plan_name *name)
{
    uint64_t upper = (uint64_t)(number >> 64);
    bool is_never = len == 4 ? HOLDS(never, (uint32_t)number)
                             : is_in6(never6, sizeof never6 / sizeof never6[0], upper) ||
                                   (upper == 0 && number >> 32 == 0 && number != 1);
    bool is_loopback = len == 4 ? number >> 24 == 127 : number == 1;
    bool is_own = len == 4 ? HOLDS(own, (uint32_t)number)
                           : number == 1 || is_in6(own6, sizeof own6 / sizeof own6[0], upper);
    if (is_never || is_in(&plan->excluded, len, number))
        return false;
    if (!plan->has_scope)
        return is_own;
    return is_in(&plan->scope, len, number) || (name != NULL && name->is_ours && port == 443 && !is_loopback);
}

bool random_plan_allows(const struct random_plan *plan, const struct address *address, uint16_t port,
                        const struct plan_name *name)
{
    unsigned __int128 number = address_value(address);
    uint32_t inside;
    if (is_in(&plan->excluded, address->len, number))
        return false;
    if (address->len == 16 && stands_for(number, &inside))
        return may_be_asked(plan, 4, inside, port, name);
    return may_be_asked(plan, address->len, number, port, name);
}

/* --- making ----------------------------------------------------------------------------------------------
 */

/* /24s of every kind, beside the borders too; and /120s. */
static const char *const places[] = {
    "10.7.0.0",
    "10.255.255.0",
    "11.0.0.0",
    "172.20.255.0",
    "172.32.0.0",
    "172.15.255.0",
    "192.168.7.0",
    "192.169.0.0",
    "100.64.0.0",
    "100.63.255.0",
    "198.18.0.0",
    "198.20.0.0",
    "203.0.113.0",
    "203.0.114.0",
    "127.40.88.0",
    "128.0.0.0",
    "8.8.8.0",
    "93.184.216.0",
    "169.254.7.0",
    "169.253.255.0",
    "169.255.0.0",
    "224.0.0.0",
    "223.255.255.0",
    "240.1.1.0",
    "255.255.255.0",
    "0.1.1.0",
    "1.0.0.0",
    "fd00:1::",
    "2001:db8::",
    "2001:db9::",
    "2606:4700::",
    "fe80::",
    "fec0::",
    "ff02::",
    "100::",
    "64:ff9b::8.8.8.0",
    "64:ff9b::10.7.0.0",
    "2002:808:808::",
    "2002:a07:1::",
    "2001::f7f7:f700",
    "2001::f5f8:ff00",
    "::ffff:8.8.8.0",
    "::ffff:10.7.0.0",
    "::ffff:169.254.7.0",
};

static struct plan_range part_of(struct pick *from, const char *place)
{
    struct address address;
    struct plan_range range;
    assert_true(address_parse(place, &address));
    unsigned bits = pick(from, 7), size = 1u << bits; /* 1 to 64 addresses */
    bool is_mapped = strncmp(place, "::ffff:", 7) == 0;
    range.len = address.len;
    range.first = address_value(&address) + pick(from, 256) / size * size;
    range.last = range.first + size - 1;
    char text[ADDRESS_TEXT_SIZE];
    address = address_of_value(range.first, range.len);
    address_format(&address, text);
    snprintf(range.text, sizeof range.text, "%s%s/%u", is_mapped ? "::ffff:" : "", text,
             (is_mapped ? 128u : range.len * 8u) - bits);
    return range;
}

static const char *place(struct pick *from)
{
    return places[pick(from, sizeof places / sizeof places[0])];
}

static void append(struct plan_ranges *ranges, struct plan_range range)
{
    ranges->rows[ranges->count++] = range;
}

/* A part of a target's network more often than not, so that cuts meet. */
static struct plan_range near(struct pick *from, const struct random_plan *plan)
{
    char text[ADDRESS_TEXT_SIZE];
    if (plan->targets.count == 0 || pick(from, 4) == 0)
        return part_of(from, place(from));
    const struct plan_range *target = &plan->targets.rows[pick(from, (uint32_t)plan->targets.count)];
    struct address network = address_of_value(target->first & ~(unsigned __int128)0xff, target->len);
    address_format(&network, text);
    return part_of(from, text);
}

static void make_file(struct pick *from, struct random_plan *plan)
{
    size_t len = (size_t)sprintf(plan->file, "[scope]\nauthorised-by = A Test\ndepth = suites\n[allow]\n"
                                             "name = *.ok.test\n");
    struct plan_range own_range = plan->targets.rows[pick(from, (uint32_t)plan->targets.count)];
    append(&plan->scope, own_range);
    len += (size_t)sprintf(plan->file + len, "range = %s\n", own_range.text);
    for (uint32_t i = pick(from, RANDOM_PLAN_RANGES); i > 0; i--) {
        struct plan_range range = near(from, plan);
        append(&plan->scope, range);
        len += (size_t)sprintf(plan->file + len, "range = %s\n", range.text);
    }
    len += (size_t)sprintf(plan->file + len, "[exclude]\n");
    for (uint32_t i = pick(from, 3); i > 0; i--) {
        struct plan_range range = near(from, plan);
        append(&plan->excluded, range);
        len += (size_t)sprintf(plan->file + len, "range = %s\n", range.text);
    }
}

static void make_name(struct pick *from, const struct random_plan *plan, uint64_t number,
                      struct plan_name *name)
{
    size_t len = 0;
    *name = (struct plan_name){.is_ours = pick(from, 2) != 0};
    for (uint32_t i = 1 + pick(from, RANDOM_PLAN_ANSWERS); i > 0; i--) {
        const struct plan_ranges *from_ranges =
            plan->excluded.count != 0 && pick(from, 2) != 0 ? &plan->excluded : NULL;
        struct plan_range range = from_ranges != NULL
                                      ? from_ranges->rows[pick(from, (uint32_t)from_ranges->count)]
                                      : near(from, plan);
        struct address answer = address_of_value(range.first, range.len);
        name->answers[name->answer_count++] = answer;
        len += (size_t)sprintf(name->text + len, "%c", answer.len == 4 ? 'a' : 'b');
        for (size_t b = 0; b < answer.len; b++)
            len += (size_t)sprintf(name->text + len, "%02x", answer.bytes[b]);
        name->text[len++] = '.';
    }
    sprintf(name->text + len, "n%llu-%zu.%s.test", (unsigned long long)number, plan->name_count,
            name->is_ours ? "ok" : "other");
}

void random_plan_make(struct random_plan *plan, uint64_t number)
{
    struct pick from = {.state = (number + 1) * 0x9e3779b97f4a7c15};
    *plan = (struct random_plan){.has_scope = pick(&from, 2) != 0};
    for (uint32_t i = 1 + pick(&from, 4); i > 0; i--)
        append(&plan->targets, part_of(&from, place(&from)));
    append(&plan->targets, part_of(&from, places[0])); /* so that few plans have nothing to ask */
    for (uint32_t i = pick(&from, RANDOM_PLAN_RANGES); i > 0; i--)
        append(&plan->excluded, near(&from, plan));
    plan->excluded_given = plan->excluded.count;
    if (plan->has_scope)
        make_file(&from, plan);
    for (uint32_t i = pick(&from, RANDOM_PLAN_NAMES + 1); i > 0; i--) {
        make_name(&from, plan, number, &plan->names[plan->name_count]);
        plan->name_count++;
    }
}

struct target_list *random_plan_targets(const struct random_plan *plan)
{
    struct port_set *ports = port_set_parse(RANDOM_PLAN_PORTS, NULL);
    struct target_list *list = target_list_create(ports);
    port_set_destroy(ports);
    for (size_t i = 0; i < plan->targets.count; i++)
        assert_true(target_list_add(list, plan->targets.rows[i].text, NULL));
    for (size_t i = 0; i < plan->excluded_given; i++)
        assert_true(target_list_exclude(list, plan->excluded.rows[i].text, NULL));
    for (size_t i = 0; i < plan->name_count; i++)
        assert_true(target_list_add(list, plan->names[i].text, NULL));
    return list;
}

bool plan_name_next_answer(const char **text, struct address *address)
{
    size_t digits = strcspn(*text, ".") - 1;
    if (((*text)[0] != 'a' || digits != 8) && ((*text)[0] != 'b' || digits != 32))
        return false;
    *address = (struct address){.len = (uint8_t)(digits / 2)};
    for (size_t i = 0; i < address->len; i++) {
        char byte[3] = {(*text)[1 + 2 * i], (*text)[2 + 2 * i], '\0'};
        address->bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    *text += digits + 2;
    return true;
}
