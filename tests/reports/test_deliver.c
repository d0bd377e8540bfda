/* deliver.h: where notices may go, and what must not stand in an address or a header. */
#include "reports/notices/deliver.h"
#include "tests/cmocka_all.h"

#include <string.h>

static void only_ways_that_are_encrypted_or_stay_here(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool mail, hook;
    } cases[] = {
        {"smtp://mail.example:587", true, false},   {"smtps://mail.example", true, false},     {"https://hooks.example/T/B", false, true},
        {"http://127.0.0.1:8080/x", false, true},   {"http://[::1]:8080/", false, true},       {"http://localhost/", false, false},
        {"http://127.evil.example/", false, false}, {"http://127.0.0.1.example/", false, false}, {"http://hooks.example/", false, false},
        {"http://127.0.0.1@evil.example/", false, false},                                      {"", false, false},
        {"mail.example:587", false, false},         {"file:///etc/passwd", false, false},      {"ftp://mail.example", false, false},
        {"https://", false, false},                 {"smtp", false, false},                    {"mtp://mail.example", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        if (deliver_mail_url_check(cases[i].url, &err) != cases[i].mail || deliver_hook_url_check(cases[i].url, &err) != cases[i].hook)
            fail_msg("%s: %s", cases[i].url, err.text);
    }
}

static void a_password_in_an_address_is_refused_and_not_repeated(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(deliver_mail_url_check("smtp://robot:hunter2@mail.example:587", &err));
    assert_non_null(strstr(err.text, "--smtp-password-file"));
    assert_null(strstr(err.text, "hunter2"));
    err = (struct error){0};
    assert_false(deliver_hook_url_check("https://robot:hunter2@hooks.example/", &err));
    assert_non_null(strstr(err.text, "--webhook-header-file"));
    assert_null(strstr(err.text, "hunter2"));
}

static void what_cannot_be_sent_names_the_server_and_not_the_secret_path(void **state)
{
    (void)state;
    struct error err = {0};
    const struct deliver_hook hook = {.url = "http://127.0.0.1:1/services/T0/secret?key=abc"};
    assert_false(deliver_hook(&hook, "{}", &err));
    assert_ptr_equal(strstr(err.text, "http://127.0.0.1:1: "), err.text);
    assert_null(strstr(err.text, "secret"));
}

static void headers_are_lines_of_name_and_value(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {"Authorization: Bearer abc", true}, {"Authorization: Basic abc=\n\nX-Key: 1\n", true}, {"Bearer abc", false},   {": x", false},
        {"X-Key:", false},                   {"X Key: 1", false},                             {"X-Key: a\rb", false}, {"Content-Length: 5", false},
        {"content-type: text/html", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        if (deliver_headers_check(cases[i].text, "headers", &err) != cases[i].ok)
            fail_msg("%s: %s", cases[i].text, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_ways_that_are_encrypted_or_stay_here),
        cmocka_unit_test(a_password_in_an_address_is_refused_and_not_repeated),
        cmocka_unit_test(what_cannot_be_sent_names_the_server_and_not_the_secret_path),
        cmocka_unit_test(headers_are_lines_of_name_and_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
