/* What failed long ago is still told by its reason. */
#include "probes/base/stream_fault.h"
#include "tests/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void a_full_disk_is_told_whatever_came_after(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4096, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        FILE *out = fopen("/dev/full", "w");
        assert_non_null(out);
        for (size_t n = 0; n < sizes[i]; n++)
            fputc('x', out);
        fflush(out);
        assert_true(ferror(out));
        errno = 0;
        assert_string_equal(stream_fault(out), strerror(ENOSPC));
        fclose(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_told_whatever_came_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
