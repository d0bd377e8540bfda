/* The address space as an index. The bitmap test takes the size as an argument: 2^20 targets as a unit test,
 * 2^24 under the label property. */
#include "probes/base/memory.h"
#include "probes/base/permutation.h"
#include "probes/base/ports.h"
#include "probes/base/target_space.h"
#include "tests/cmocka_all.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_POSITIONS 4096

static unsigned bitmap_bits = 20;

static void add(struct target_space_builder *builder, bool exclude, const char *range_text,
                const char *ports_text)
{
    struct address_range range;
    assert_true(address_range_parse(range_text, &range));
    struct port_set *ports = ports_text == NULL ? NULL : port_set_parse(ports_text, NULL);
    if (exclude)
        target_space_exclude(builder, &range, ports);
    else
        target_space_add(builder, &range, ports);
    port_set_destroy(ports);
}

static void the_text_does_not_depend_on_how_it_was_written(void **state)
{
    (void)state;
    struct target_space_builder *one = target_space_builder_create(), *two = target_space_builder_create();
    add(one, false, "10.0.0.0/24", "443,80");
    add(one, true, "10.0.0.16/28", NULL);
    add(one, true, "10.0.0.128/25", "80");
    add(one, false, "2001:db8::/126", "443");

    add(two, true, "10.0.0.24/29", NULL);
    add(two, false, "2001:db8::3", "443");
    add(two, false, "2001:db8::0-2001:db8::2", "443");
    add(two, false, "10.0.0.128/25", "443");
    add(two, false, "10.0.0.0-10.0.0.100", "80");
    add(two, false, "10.0.0.50-10.0.0.127", "80");
    add(two, false, "10.0.0.0-127", "443");
    add(two, true, "10.0.0.16/29", NULL);
    struct target_space *space_one = target_space_build(one, NULL),
                        *space_two = target_space_build(two, NULL);
    char *text_one = target_space_format(space_one), *text_two = target_space_format(space_two);
    assert_string_equal(text_one, text_two);
    assert_string_equal(text_one, "ports 80,443\n10.0.0.0-10.0.0.15\n10.0.0.32-10.0.0.127\n"
                                  "ports 443\n10.0.0.128-10.0.0.255\n2001:db8::-2001:db8::3\n");
    assert_int_equal(target_space_count(space_one), 2 * (128 - 16) + 128 + 4);
    struct target_space *again = target_space_parse(text_one, NULL);
    char *text_again = target_space_format(again);
    assert_string_equal(text_again, text_one);
    free(text_one);
    free(text_two);
    free(text_again);
    target_space_destroy(space_one);
    target_space_destroy(space_two);
    target_space_destroy(again);
    target_space_builder_destroy(one);
    target_space_builder_destroy(two);
}

static void targets_and_indices_match_both_ways(void **state)
{
    (void)state;
    struct target_space_builder *builder = target_space_builder_create();
    add(builder, false, "10.0.0.0/28", "443,8443,udp/443");
    add(builder, false, "10.0.0.9", "25");
    add(builder, false, "255.255.255.250-255.255.255.255", "443");
    add(builder, false, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124", "443");
    add(builder, true, "10.0.0.4", NULL);
    add(builder, true, "10.0.0.0/30", "8443");
    struct target_space *space = target_space_build(builder, NULL);
    assert_int_equal(target_space_count(space), 4 * 2 + 11 * 3 + 1 + 6 + 16);
    for (uint64_t i = 0; i < target_space_count(space); i++) {
        struct target target;
        uint64_t index;
        target_space_get(space, i, &target);
        assert_true(target_space_find(space, &target, &index));
        assert_int_equal(index, i);
    }
    struct target absent = {.transport = TRANSPORT_TCP, .port = 443};
    uint64_t index;
    static const char *const addresses[] = {"10.0.0.4",      "10.0.0.16",
                                            "9.255.255.255", "255.255.255.249",
                                            "::1",           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffef"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        assert_true(address_parse(addresses[i], &absent.address));
        assert_false(target_space_find(space, &absent, &index));
    }
    target_space_destroy(space);
    target_space_builder_destroy(builder);
}

static void an_empty_space_is_a_space(void **state)
{
    (void)state;
    struct target_space_builder *builder = target_space_builder_create();
    add(builder, false, "10.0.0.0/24", "443");
    add(builder, true, "0.0.0.0/0", NULL);
    struct target_space *space = target_space_build(builder, NULL);
    struct target target = {.transport = TRANSPORT_TCP, .port = 443};
    uint64_t index;
    assert_true(address_parse("10.0.0.1", &target.address));
    assert_int_equal(target_space_count(space), 0);
    assert_false(target_space_find(space, &target, &index));
    char *text = target_space_format(space);
    assert_string_equal(text, "");
    struct target_space *again = target_space_parse(text, NULL);
    assert_non_null(again);
    assert_int_equal(target_space_count(again), 0);
    free(text);
    target_space_destroy(again);
    target_space_destroy(space);
    target_space_builder_destroy(builder);
}

static void more_than_two_to_the_48_is_a_usage_error(void **state)
{
    (void)state;
    static const struct {
        const char *range, *ports;
        bool fits;
    } cases[] = {
        {"2001:db8::/80", "443", true},     {"2001:db8::/80", "443,80", false},
        {"2001:db8::/79", "443", false},    {"::/0", "443", false},
        {"0.0.0.0/0", "@all", true},        {"8000::/1", "@all", false},
        {"2001:db8::/96", "1-65535", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct target_space_builder *builder = target_space_builder_create();
        struct error err = {0};
        add(builder, false, cases[i].range, cases[i].ports);
        struct target_space *space = target_space_build(builder, &err);
        assert_int_equal(space != NULL, cases[i].fits);
        if (!cases[i].fits)
            assert_int_equal(err.kind, ERROR_USAGE);
        target_space_destroy(space);
        target_space_builder_destroy(builder);
    }
}

static void a_mapped_address_is_never_an_ipv6_target(void **state)
{
    (void)state;
    struct target_space_builder *builder = target_space_builder_create();
    add(builder, false, "::fffe:ffff:fff0-::fffe:ffff:ffff", "443");
    add(builder, false, "::ffff:10.0.0.0/126", "443");
    struct target_space *space = target_space_build(builder, NULL);
    char *text = target_space_format(space);
    assert_string_equal(text, "ports 443\n10.0.0.0-10.0.0.3\n::fffe:ffff:fff0-::fffe:ffff:ffff\n");
    free(text);
    target_space_destroy(space);
    target_space_builder_destroy(builder);

    builder = target_space_builder_create();
    add(builder, false, "::fffe:0:0/95", "443"); /* ::ffff:0:0/96 lies inside */
    space = target_space_build(builder, NULL);
    assert_int_equal(target_space_count(space), 1ULL << 32);
    target_space_destroy(space);
    target_space_builder_destroy(builder);
}

static void forged_text_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "10.0.0.0-10.0.0.9\n",
        "ports 443\n10.0.0.0-\n",
        "ports 443\n10.0.0.5-10.0.0.9\n10.0.0.9-10.0.0.12\n",
        "ports 443\n10.0.0.5\n10.0.0.1\n",
        "ports x\n10.0.0.5\n",
        "ports 443\n::/0\n",
        "ports 443\n\n",
        "443\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(target_space_parse(cases[i], &err));
        assert_true(err.kind == ERROR_INPUT || err.kind == ERROR_USAGE);
    }
}

static size_t memory_of(const char *range)
{
    struct target_space_builder *builder = target_space_builder_create();
    add(builder, false, range, "@common");
    size_t before = mallinfo2().uordblks;
    struct target_space *space = target_space_build(builder, NULL);
    size_t after = mallinfo2().uordblks, used = after > before ? after - before : 0;    /* glibc 2.41 may count a little less */
    target_space_destroy(space);
    target_space_builder_destroy(builder);
    return used;
}

static void an_eight_costs_no_more_than_a_twenty_four(void **state)
{
    (void)state;
    /* What the allocator rounds and keeps back differs by a few hundred bytes. */
    assert_in_range(memory_of("10.0.0.0/24"), 0, 8192);
    assert_in_range(memory_of("10.0.0.0/8"), 0, 8192);
    assert_in_range(memory_of("2001:db8::/88"), 0, 8192);
}

static uint32_t random_state = 20260131;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)random_state * bound) >> 32);
}

/* A naive model beside the space: two ports on 2^(bits-1) addresses, one flag each. */
static struct target_space *random_space(uint8_t *expected, uint32_t addresses)
{
    struct target_space_builder *builder = target_space_builder_create();
    struct port_set *ports = port_set_parse("443,udp/443", NULL), *udp = port_set_parse("udp/443", NULL);
    struct address base;
    assert_true(address_parse("10.0.0.0", &base));
    struct address_range all = {base, address_of_value(address_value(&base) + addresses - 1, 4)};
    target_space_add(builder, &all, ports);
    memset(expected, 1, 2 * (size_t)addresses);
    for (unsigned i = 0; i < 500; i++) {
        uint32_t first = random_below(addresses), len = 1 + random_below(addresses / 4096);
        uint32_t last = first + len > addresses ? addresses - 1 : first + len - 1;
        bool only_udp = i % 2 == 0;
        struct address_range range = {address_of_value(address_value(&base) + first, 4),
                                      address_of_value(address_value(&base) + last, 4)};
        target_space_exclude(builder, &range, only_udp ? udp : NULL);
        for (uint32_t address = first; address <= last; address++) {
            expected[2 * address + 1] = 0;
            if (!only_udp)
                expected[2 * address] = 0;
        }
    }
    struct target_space *space = target_space_build(builder, NULL);
    port_set_destroy(ports);
    port_set_destroy(udp);
    target_space_builder_destroy(builder);
    return space;
}

static void shards_visit_each_target_exactly_once(void **state)
{
    (void)state;
    static const uint8_t key[PERMUTATION_KEY_SIZE] = {42};
    const uint32_t addresses = 1u << (bitmap_bits - 1), shards = 7;
    uint8_t *expected = xmalloc(2 * (size_t)addresses), *seen = xcalloc(2 * (size_t)addresses, 1);
    struct target_space *space = random_space(expected, addresses);
    struct permutation permutation;
    uint64_t count = target_space_count(space), visited = 0;
    permutation_init(&permutation, count, key);
    for (uint32_t shard = 0; shard < shards; shard++) {
        for (uint64_t block = shard; block * BLOCK_POSITIONS < count; block += shards) {
            uint64_t end = (block + 1) * BLOCK_POSITIONS < count ? (block + 1) * BLOCK_POSITIONS : count;
            for (uint64_t position = block * BLOCK_POSITIONS; position < end; position++, visited++) {
                struct target target;
                target_space_get(space, permutation_index(&permutation, position), &target);
                size_t at = 2 * (size_t)(address_value(&target.address) & 0xffffff) +
                            (target.transport == TRANSPORT_UDP);
                assert_int_equal(target.port, 443);
                seen[at]++;
            }
        }
    }
    assert_int_equal(visited, count);
    assert_memory_equal(seen, expected, 2 * (size_t)addresses);
    free(expected);
    free(seen);
    target_space_destroy(space);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_does_not_depend_on_how_it_was_written),
        cmocka_unit_test(targets_and_indices_match_both_ways),
        cmocka_unit_test(an_empty_space_is_a_space),
        cmocka_unit_test(more_than_two_to_the_48_is_a_usage_error),
        cmocka_unit_test(a_mapped_address_is_never_an_ipv6_target),
        cmocka_unit_test(forged_text_is_refused),
        cmocka_unit_test(an_eight_costs_no_more_than_a_twenty_four),
        cmocka_unit_test(shards_visit_each_target_exactly_once),
    };
    if (argc > 1)
        bitmap_bits = (unsigned)strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
