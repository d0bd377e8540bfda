/* Port lists as users write them. */
#include "probes/base/ports.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void lists_become_sorted_merged_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"443", "443"},
        {"8443,443", "443,8443"},
        {"9000-9005,9003-9010,9011", "9000-9011"},
        {"udp/443,443", "443,udp/443"},
        {"tcp/1-65535,udp/1-2", "1-65535,udp/1-2"},
        {"@all", "1-65535"},
        {"@directory, 443", "389,443,636,3268-3269"},
        {"443,443,443", "443"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        struct port_set *set = port_set_parse(cases[i].text, &err);
        assert_non_null(set);
        char *text = port_set_format(set);
        assert_string_equal(text, cases[i].canonical);
        free(text);
        port_set_destroy(set);
    }
}

static void malformed_items_are_named(void **state)
{
    (void)state;
    static const char *const cases[] = {"",       "0",     "65536",       "443,",    "443-80",
                                        "-80",    "80-",   "@nope",       "@",       "udp/",
                                        "icmp/8", "4 43",  "+443",        "443,,80", "0-1024",
                                        "udp/0",  "@udp/", "99999999999", "udp/@web"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(port_set_parse(cases[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, "expected"));
    }
    struct error err = {0};
    assert_null(port_set_parse("443,44x3,80", &err));
    assert_non_null(strstr(err.text, "\"44x3\""));
}

static void the_common_set_has_forty_three_ports(void **state)
{
    (void)state;
    struct port_set *set = port_set_parse("@common", NULL);
    assert_int_equal(port_set_count(set), 43);
    assert_true(port_set_contains(set, TRANSPORT_TCP, 443));
    assert_true(port_set_contains(set, TRANSPORT_TCP, 27017));
    assert_false(port_set_contains(set, TRANSPORT_UDP, 443));
    assert_false(port_set_contains(set, TRANSPORT_TCP, 444));
    port_set_destroy(set);
}

static void every_index_is_a_port_and_back(void **state)
{
    (void)state;
    struct port_set *set = port_set_parse("443,8000-8010,@common,udp/443,udp/65535,65535", NULL);
    for (uint32_t i = 0; i < port_set_count(set); i++) {
        enum transport transport;
        uint16_t port;
        uint32_t index;
        port_set_get(set, i, &transport, &port);
        assert_true(port_set_find(set, transport, port, &index));
        assert_int_equal(index, i);
    }
    port_set_destroy(set);
}

static void minus_and_union_agree_with_membership(void **state)
{
    (void)state;
    struct port_set *a = port_set_parse("1-100,200-300,udp/1-65535,65535", NULL);
    struct port_set *b = port_set_parse("50-250,300,udp/443,udp/65535,400", NULL);
    struct port_set *minus = port_set_minus(a, b), *both = port_set_union(a, b);
    static const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP};
    uint32_t in_minus = 0, in_both = 0;
    for (size_t t = 0; t < 2; t++) {
        for (unsigned port = 1; port <= 65535; port++) {
            bool in_a = port_set_contains(a, transports[t], (uint16_t)port);
            bool in_b = port_set_contains(b, transports[t], (uint16_t)port);
            assert_int_equal(port_set_contains(minus, transports[t], (uint16_t)port), in_a && !in_b);
            assert_int_equal(port_set_contains(both, transports[t], (uint16_t)port), in_a || in_b);
            in_minus += in_a && !in_b;
            in_both += in_a || in_b;
        }
    }
    assert_int_equal(port_set_count(minus), in_minus);
    assert_int_equal(port_set_count(both), in_both);
    struct port_set *nothing = port_set_minus(b, both);
    assert_int_equal(port_set_count(nothing), 0);
    port_set_destroy(a);
    port_set_destroy(b);
    port_set_destroy(minus);
    port_set_destroy(both);
    port_set_destroy(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_become_sorted_merged_text),
        cmocka_unit_test(malformed_items_are_named),
        cmocka_unit_test(the_common_set_has_forty_three_ports),
        cmocka_unit_test(every_index_is_a_port_and_back),
        cmocka_unit_test(minus_and_union_agree_with_membership),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
