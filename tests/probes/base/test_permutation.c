/* The order of a scan: each index once, invertible, the same on every machine. */
#include "probes/base/memory.h"
#include "probes/base/permutation.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>

static const uint8_t key[PERMUTATION_KEY_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void each_index_comes_once(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1,   2,   3,   4,    5,    15,   16,    17,
                                      255, 256, 257, 4095, 4096, 4097, 65537, 300007};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct permutation permutation;
        uint8_t *seen = xcalloc(counts[i], 1);
        permutation_init(&permutation, counts[i], key);
        for (uint64_t position = 0; position < counts[i]; position++) {
            uint64_t index = permutation_index(&permutation, position);
            assert_true(index < counts[i]);
            assert_int_equal(seen[index]++, 0);
            assert_int_equal(permutation_position(&permutation, index), position);
        }
        free(seen);
    }
}

static void the_largest_space_is_invertible(void **state)
{
    (void)state;
    struct permutation permutation;
    const uint64_t count = (1ULL << 48) - 12345;
    permutation_init(&permutation, count, key);
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t position = i * 14073748835ULL % count;
        uint64_t index = permutation_index(&permutation, position);
        assert_true(index < count);
        assert_int_equal(permutation_position(&permutation, index), position);
    }
}

/* These numbers are in bundles out there: a change of the permutation breaks resuming and loading them. */
static void the_order_never_changes(void **state)
{
    (void)state;
    static const uint64_t expected[] = {78442, 628, 900705, 82745, 216087, 334589, 91323, 916728};
    struct permutation permutation;
    permutation_init(&permutation, 1000003, key);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(permutation_index(&permutation, i), expected[i]);
}

/* Of a /16's neighbours few come near each other: in 4,096 positions a /24's 256 addresses are met 16 times.
 */
static void one_block_spreads_over_all_networks(void **state)
{
    (void)state;
    struct permutation permutation;
    unsigned met[256] = {0};
    permutation_init(&permutation, 65536, key);
    for (uint64_t position = 0; position < 4096; position++)
        met[permutation_index(&permutation, position) >> 8]++;
    for (size_t i = 0; i < 256; i++)
        assert_in_range(met[i], 1, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_index_comes_once),
        cmocka_unit_test(the_largest_space_is_invertible),
        cmocka_unit_test(the_order_never_changes),
        cmocka_unit_test(one_block_spreads_over_all_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
