/* Who takes a domain's mail, asked of a name server of the test's own. */
#include "scanner/run/mail_hosts.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/sweep/dns_fixture.h"

#include <string.h>

#define SERVER "127.43.2.1"

static const struct dns_row rows[] = {
    {"two.test", "mx 20 Second.test"}, {"two.test", "mx 10 first.test"}, {"none.test", "mx 0 "},     {"plain.test", "127.43.2.2"},
    {"broken.test", "servfail"},       {"odd.test", "mx 5 bad_name!"},   {"odd.test", "mx 6 good.test"}, {NULL, NULL},
};

/* names: with blanks between; NULL: an error with this word. */
static void expect(const char *domain, const char *names, const char *word)
{
    struct error err = {0};
    char **found, text[256] = "";
    size_t count;
    bool ok = mail_hosts_find(domain, SERVER ":15353", &found, &count, &err);
    for (size_t i = 0; i < count; i++) {
        strcat(text, i == 0 ? "" : " ");
        strcat(text, found[i]);
    }
    if (names == NULL)
        assert_false(ok);
    else
        assert_string_equal(text, names);
    if (word != NULL && strstr(err.text, word) == NULL)
        fail_msg("%s: %s", domain, err.text);
    mail_hosts_free(found, count);
}

static void mail_hosts_come_best_first(void **state)
{
    (void)state;
    struct dns_server *server = dns_server_start(SERVER, 15353, rows);
    expect("two.test", "first.test second.test", NULL);
    expect("plain.test", "plain.test", NULL);           /* its own mail host */
    expect("odd.test", "good.test", NULL);              /* a name that is none is no target */
    expect("none.test", NULL, "takes no mail");
    expect("nowhere.test", NULL, "nxdomain");
    expect("broken.test", NULL, "servfail");
    expect("not a name", NULL, "expected a domain");
    dns_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mail_hosts_come_best_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
