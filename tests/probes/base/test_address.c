/* Addresses and ranges as users and networks write them. */
#include "probes/base/address.h"
#include "tests/cmocka_all.h"

static void mapped_addresses_are_ipv4(void **state)
{
    (void)state;
    struct address mapped, plain;
    char text[ADDRESS_TEXT_SIZE];
    assert_true(address_parse("::ffff:10.1.2.3", &mapped));
    assert_true(address_parse("10.1.2.3", &plain));
    assert_int_equal(address_compare(&mapped, &plain), 0);
    address_format(&mapped, text);
    assert_string_equal(text, "10.1.2.3");
}

static void ranges_are_read_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *first, *last;
    } cases[] = {
        {"10.0.0.0/16", "10.0.0.0", "10.0.255.255"},
        {"10.0.7.9/16", "10.0.0.0", "10.0.255.255"},
        {"10.0.0.1-10.0.0.50", "10.0.0.1", "10.0.0.50"},
        {"10.0.0.1-50", "10.0.0.1", "10.0.0.50"},
        {"2001:db8::/120", "2001:db8::", "2001:db8::ff"},
        {"0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
        {"127.0.0.1", "127.0.0.1", "127.0.0.1"},
        {"::ffff:10.0.0.0/112", "10.0.0.0", "10.0.255.255"},
        {"::/80", "::", "::fffe:ffff:ffff"},
        {"::1:0:0/81", "::", "::7fff:ffff:ffff"},
        {"::8000:0:0/81", "::8000:0:0", "::fffe:ffff:ffff"},
        {"::/79", "::", "::1:ffff:ffff:ffff"},
        {"::ffff:0:0/96", "0.0.0.0", "255.255.255.255"},
        {"::ffff:10.0.0.1-::ffff:10.0.0.9", "10.0.0.1", "10.0.0.9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address_range range;
        char text[ADDRESS_TEXT_SIZE];
        assert_true(address_range_parse(cases[i].text, &range));
        address_format(&range.first, text);
        assert_string_equal(text, cases[i].first);
        address_format(&range.last, text);
        assert_string_equal(text, cases[i].last);
    }
}

static void malformed_ranges_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",         "10.0.0.0/33",  "10.0.0/8",     "10.0.0.50-10", "10.0.0.1-256",
                                        "10.0.0.1-", "10.0.0.0/ 8", "::1-10.0.0.1", "a.b.c.d",      "10.0.0.1/-1",
                                        "::ffff:10.0.0.0/95"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address_range range;
        assert_false(address_range_parse(cases[i], &range));
    }
}

/* As the inventory has it, so that a filter or a decision finds what is meant. */
static void networks_are_those_of_the_inventory(void **state)
{
    (void)state;
    static const struct {
        const char *text, *network;         /* NULL: it is none */
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0/8"}, {"10.1.2.3", "10.1.2.3"}, {"10.1.2.3/8", "10.1.2.3/8"}, {"2001:DB8::/32", "2001:db8::/32"}, {"::/0", "::/0"},
        {"::ffff:10.0.0.0/104", "10.0.0.0/8"}, {"::ffff:a00:0/104", "10.0.0.0/8"}, {"::ffff:10.1.2.3", "10.1.2.3"}, {"::ffff:0:0/96", "0.0.0.0/0"},
        {"::ffff:10.0.0.0/8", NULL}, {"10.0.0.0/33", NULL}, {"2001:db8::/129", NULL}, {"10.0.0.0/", NULL}, {"10.0.0.0/+8", NULL},
        {"10.0.0.1-10.0.0.9", NULL},
        {"[2001:db8::1]", NULL}, {"", NULL}, {"www.example", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char network[ADDRESS_NETWORK_TEXT_SIZE] = "";
        assert_int_equal(address_network_text(cases[i].text, network), cases[i].network != NULL);
        if (cases[i].network != NULL)
            assert_string_equal(network, cases[i].network);
    }
}

static void a_value_becomes_the_same_address(void **state)
{
    (void)state;
    struct address address;
    assert_true(address_parse("2001:db8::42", &address));
    struct address again = address_of_value(address_value(&address), 16);
    assert_int_equal(address_compare(&address, &again), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapped_addresses_are_ipv4),
        cmocka_unit_test(networks_are_those_of_the_inventory),
        cmocka_unit_test(ranges_are_read_in_every_form),
        cmocka_unit_test(malformed_ranges_are_refused),
        cmocka_unit_test(a_value_becomes_the_same_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
