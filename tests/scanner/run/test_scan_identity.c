/* The parts of one space: the same scan wherever they run, and another one as soon as anything differs. */
#include "probes/base/memory.h"
#include "probes/base/permutation.h"
#include "scanner/run/scan_identity.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed = 10;

static uint32_t below(uint32_t bound)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)seed * bound) >> 32);
}

struct part_of {
    const char *name, *site, *space, *names;
    enum tls_depth depth;
    uint32_t shard_count;
};

static struct bundle_head derive(const struct part_of *of)
{
    struct error err = {0};
    struct bundle_head head = {.space = of->space, .shard_count = of->shard_count};
    struct port_set *ports = port_set_parse("443", NULL);
    struct target_list *list = target_list_create(ports);
    port_set_destroy(ports);
    snprintf(head.site, sizeof head.site, "%s", of->site);
    assert_true(of->names[0] == '\0' || target_list_add(list, of->names, &err));
    assert_true(scan_identity_derive(of->name, of->depth, list, &head, &err));
    target_list_destroy(list);
    return head;
}

static void parts_are_one_scan_and_others_are_not(void **state)
{
    (void)state;
    const struct part_of of = {"2026-11-28", "north", "ports 443\n10.0.0.0-10.0.255.255\n", "a.example b.example",
                               TLS_DEPTH_POSTURE, 4};
    struct bundle_head first = derive(&of), again = derive(&of);
    assert_string_equal(first.scan_id, again.scan_id);
    assert_memory_equal(first.permutation_key, again.permutation_key, sizeof first.permutation_key);
    assert_int_equal(first.scan_id[14], '8');                    /* the version */
    assert_non_null(strchr("89ab", first.scan_id[19]));          /* the variant */
    struct part_of others[7];
    for (size_t i = 0; i < 7; i++)
        others[i] = of;
    others[0].name = "2026-11-29";
    others[1].site = "south";
    others[2].space = "ports 443\n10.0.0.0-10.0.255.254\n";
    others[3].names = "b.example a.example";
    others[4].names = "a.example b.example c.example";
    others[5].depth = TLS_DEPTH_CERT;
    others[6].shard_count = 5;
    for (size_t i = 0; i < 7; i++) {
        struct bundle_head other = derive(&others[i]);
        assert_string_not_equal(first.scan_id, other.scan_id);
        assert_memory_not_equal(first.permutation_key, other.permutation_key, sizeof first.permutation_key);
    }
}

static void a_scan_of_its_own_is_like_no_other(void **state)
{
    (void)state;
    struct bundle_head a, b;
    assert_true(scan_identity_draw(&a, NULL));
    assert_true(scan_identity_draw(&b, NULL));
    assert_string_not_equal(a.scan_id, b.scan_id);
    assert_memory_not_equal(a.permutation_key, b.permutation_key, sizeof a.permutation_key);
    assert_int_equal(a.scan_id[14], '4');
}

/* Spaces and counts of parts by chance, more parts than blocks or names too. */
static void parts_cover_space_and_names_exactly_once(void **state)
{
    (void)state;
    for (unsigned run = 0; run < 40; run++) {
        uint32_t size = 1 + below(run % 2 == 0 ? 70000 : 9000), count = 1 + below(run % 3 == 0 ? 40 : 6), lines = below(50);
        char name[32];
        snprintf(name, sizeof name, "run %u", run);
        const struct part_of of = {name, "default", "", "", TLS_DEPTH_CERT, count};
        uint8_t *positions = xcalloc(size, 1), *asked = xcalloc(lines + 1, 1);
        for (uint32_t shard = 0; shard < count; shard++) {
            struct bundle_head head = derive(&of);
            struct permutation permutation;
            head.shard = shard;
            permutation_init(&permutation, size, head.permutation_key);
            for (uint64_t block = shard; block * BLOCK_POSITIONS < size; block += count)
                for (uint64_t at = block * BLOCK_POSITIONS; at < size && at < (block + 1) * BLOCK_POSITIONS; at++)
                    positions[permutation_index(&permutation, at)]++;
            for (uint32_t line = 1; line <= lines; line++)
                asked[line] = (uint8_t)(asked[line] + scan_identity_has_line(&head, line));
        }
        for (uint32_t i = 0; i < size; i++)
            assert_int_equal(positions[i], 1);
        for (uint32_t line = 1; line <= lines; line++)
            assert_int_equal(asked[line], 1);
        free(positions);
        free(asked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_one_scan_and_others_are_not),
        cmocka_unit_test(a_scan_of_its_own_is_like_no_other),
        cmocka_unit_test(parts_cover_space_and_names_exactly_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
