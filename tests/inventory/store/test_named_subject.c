/* What reports print of a place or a certificate, read back. */
#include "inventory/store/named_subject.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>

static const char *or_none(const char *text)
{
    return text == NULL ? "" : text;
}

static void each_form_is_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *site, *address, *port, *name, *host, *hash, *place;
    } cases[] = {
        {"10.1.2.3", "", "10.1.2.3", "", "", "", "", "10.1.2.3"},
        {"10.1.2.3:443", "", "10.1.2.3", "443", "", "", "", "10.1.2.3:443"},
        {"branch 10.1.2.3:443 (www.example)", "branch", "10.1.2.3", "443", "www.example", "", "", "10.1.2.3:443"},
        {"2001:DB8::1", "", "2001:db8::1", "", "", "", "", "[2001:db8::1]"},
        {"[2001:db8::1]:443", "", "2001:db8::1", "443", "", "", "", "[2001:db8::1]:443"},
        /* IPv4 in IPv6's form, in each way that it is written */
        {"::ffff:192.0.2.1", "", "192.0.2.1", "", "", "", "", "192.0.2.1"},
        {"::FFFF:192.0.2.1", "", "192.0.2.1", "", "", "", "", "192.0.2.1"},
        {"::ffff:c000:201", "", "192.0.2.1", "", "", "", "", "192.0.2.1"},
        {"0:0:0:0:0:ffff:c000:201", "", "192.0.2.1", "", "", "", "", "192.0.2.1"},
        {"[::ffff:192.0.2.1]", "", "192.0.2.1", "", "", "", "", "192.0.2.1"},
        {"[::ffff:192.0.2.1]:443", "", "192.0.2.1", "443", "", "", "", "192.0.2.1:443"},
        {"::ffff:192.0.2.1:443", "", "192.0.2.1", "443", "", "", "", "192.0.2.1:443"},
        {"[::ffff:c000:201]:443", "", "192.0.2.1", "443", "", "", "", "192.0.2.1:443"},
        {"branch [::ffff:c000:201]:443 (www.example)", "branch", "192.0.2.1", "443", "www.example", "", "", "192.0.2.1:443"},
        /* no address */
        {"www.example:443", "", "", "", "www.example:443", "", "", ""},
        {"10.1.2.300", "", "", "", "10.1.2.300", "", "", ""},
        {"10.1.2.3:443000", "", "", "", "10.1.2.3:443000", "", "", ""},
        {"branch web1:/etc/ssl/a.jar!b.pem", "branch", "", "", "", "web1", "", ""},
        {"3F1C9A2B", "", "", "", "", "", "3f1c9a2b", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct named_subject subject = {0};
        named_subject_parse(cases[i].text, &subject);
        char *place = named_subject_place(&subject);
        const char *const found[] = {subject.site, subject.address, subject.port, subject.name, subject.host, subject.hash, place};
        const char *const wanted[] = {cases[i].site, cases[i].address, cases[i].port, cases[i].name, cases[i].host, cases[i].hash, cases[i].place};
        for (size_t j = 0; j < sizeof found / sizeof found[0]; j++)
            assert_string_equal(or_none(found[j]), wanted[j]);
        free(place);
        named_subject_clear(&subject);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_form_is_read_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
