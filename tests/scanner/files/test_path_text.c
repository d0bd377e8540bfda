/* Paths as text and back: no two names share one. */
#include "scanner/files/path_text.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void what_is_no_text_is_escaped(void **state)
{
    static const struct {
        const char *path, *text;
    } cases[] = {
        {"/etc/ssl/a.pem", "/etc/ssl/a.pem"},
        {"/srv/\xc3\xa4.pem", "/srv/\xc3\xa4.pem"},
        {"/srv/\xe4.pem", "/srv/\\xe4.pem"},
        {"/a\nb", "/a\\x0ab"},
        {"/a\x1b[2J", "/a\\x1b[2J"},
        {"/a\\x0ab", "/a\\x5cx0ab"},
        {"/\xc2\x9b", "/\\xc2\\x9b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = path_text(cases[i].path, strlen(cases[i].path));
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_no_text_is_escaped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
