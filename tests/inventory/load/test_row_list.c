/* Any order of rows, with and without repeats. */
#include "inventory/load/row_list.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>

static void rows_come_sorted_and_once_in_whatever_order_they_were_added(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 50; round++) {
        struct row_list list = {0};
        bool is_there[5000] = {false};
        int disorder = round % 5 == 0 ? 0 : rand() % 100;          /* in 100 */
        size_t count = 0, next = 1;
        for (int i = 0; i < 4000; i++) {
            size_t row = rand() % 100 < disorder ? (size_t)rand() % 5000 : i % 2 == 0 ? next++ : 1 + (size_t)(i % 7);
            row_list_add(&list, (int64_t)row);
            is_there[row] = true;
        }
        row_list_sort(&list);
        for (size_t row = 0; row < 5000; row++)
            if (is_there[row]) {
                assert_true(count < list.count);
                assert_int_equal(list.items[count++], row);
            }
        assert_int_equal(count, list.count);
        row_list_clear(&list);
        assert_null(list.items);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_come_sorted_and_once_in_whatever_order_they_were_added)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
