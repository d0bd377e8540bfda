/* Scope is law: every address form, with and without a file; and a space that was cut holds exactly what the
 * judge allows. */
#include "probes/base/clock.h"
#include "probes/base/ports.h"
#include "scanner/targets/scope.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define NOON 1769860800000000LL /* 2026-01-31 12:00 UTC */

static const char file_text[] = "[scope]\n"
                                "authorised-by = Jane Doe, CISO\n"
                                "reference = ticket 4711\n"
                                "from = 2026-01-01\n"
                                "until = 2026-01-31\n"
                                "depth = posture\n"
                                "[allow]\n"
                                "range = 198.51.100.0/25:443,8443\n"
                                "range = 93.184.216.0/24\n"
                                "range = 10.0.0.0/8\n"
                                "name = *.x.ca.gov\n"
                                "name = mail.x.ca.gov:@mail\n"
                                "[exclude]\n"
                                "range = 93.184.216.7\n"
                                "name = pay.x.ca.gov\n";

static struct scope *scope_of(const char *text, const char *exclusions)
{
    struct error err = {0};
    struct scope *scope = scope_create(text, "scope.ini", exclusions, &err);
    if (scope == NULL)
        fail_msg("%s", err.text);
    return scope;
}

static enum scope_verdict judge_full(const struct scope *scope, const char *address, uint16_t port,
                                     const char *name, enum tls_depth depth, int64_t time_us,
                                     const char **reason)
{
    struct target target = {.transport = TRANSPORT_TCP, .port = port};
    assert_true(address_parse(address, &target.address));
    struct scope_question question = {&target, name, depth, time_us};
    return scope_judge(scope, &question, reason);
}

static enum scope_verdict judge(const struct scope *scope, const char *address, uint16_t port,
                                const char *name)
{
    return judge_full(scope, address, port, name, TLS_DEPTH_CERT, NOON, NULL);
}

static void without_a_file_private_is_allowed_and_public_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        enum scope_verdict verdict;
    } cases[] = {
        {"127.0.0.1", SCOPE_ALLOWED},
        {"10.1.2.3", SCOPE_ALLOWED},
        {"172.16.0.1", SCOPE_ALLOWED},
        {"172.32.0.1", SCOPE_OUT_OF_SCOPE},
        {"192.168.255.255", SCOPE_ALLOWED},
        {"100.64.0.1", SCOPE_ALLOWED},
        {"100.128.0.1", SCOPE_OUT_OF_SCOPE},
        {"192.0.2.1", SCOPE_OUT_OF_SCOPE},              /* documentation: a copied example, as a rule */
        {"198.51.100.255", SCOPE_OUT_OF_SCOPE},
        {"203.0.113.0", SCOPE_OUT_OF_SCOPE},
        {"198.19.255.255", SCOPE_ALLOWED},
        {"8.8.8.8", SCOPE_OUT_OF_SCOPE},
        {"0.0.0.0", SCOPE_OUT_OF_SCOPE},
        {"0.1.2.3", SCOPE_OUT_OF_SCOPE},
        {"169.254.169.254", SCOPE_OUT_OF_SCOPE},
        {"224.0.0.1", SCOPE_OUT_OF_SCOPE},
        {"255.255.255.255", SCOPE_OUT_OF_SCOPE},
        {"240.0.0.1", SCOPE_OUT_OF_SCOPE},
        {"::", SCOPE_OUT_OF_SCOPE},
        {"::1", SCOPE_ALLOWED},
        {"::2", SCOPE_OUT_OF_SCOPE},
        {"::8.8.8.8", SCOPE_OUT_OF_SCOPE},
        {"fd00::1", SCOPE_ALLOWED},
        {"2001:db8::1", SCOPE_OUT_OF_SCOPE},
        {"3fff:fff::1", SCOPE_OUT_OF_SCOPE},
        {"64:ff9b::192.0.2.1", SCOPE_OUT_OF_SCOPE},
        {"2002:c000:0201::1", SCOPE_OUT_OF_SCOPE},
        {"2606:4700::1", SCOPE_OUT_OF_SCOPE},
        {"fe80::1", SCOPE_OUT_OF_SCOPE},
        {"ff02::1", SCOPE_OUT_OF_SCOPE},
        {"::ffff:8.8.8.8", SCOPE_OUT_OF_SCOPE},
        {"::ffff:10.0.0.1", SCOPE_ALLOWED},
        {"::ffff:169.254.169.254", SCOPE_OUT_OF_SCOPE},
        {"64:ff9b::8.8.8.8", SCOPE_OUT_OF_SCOPE},
        {"64:ff9b::10.0.0.1", SCOPE_ALLOWED},
        {"64:ff9b::169.254.1.1", SCOPE_OUT_OF_SCOPE},
        {"64:ff9b::224.0.0.1", SCOPE_OUT_OF_SCOPE},
        {"64:ff9b:1::8.8.8.8", SCOPE_OUT_OF_SCOPE},
        {"64:ff9b:1::10.0.0.1", SCOPE_ALLOWED},
        {"64:ff9b:1:808:8:800::", SCOPE_OUT_OF_SCOPE},  /* RFC 6052 with a /48: 8.8.8.8 */
        {"64:ff9b:1:ac10:1:200::", SCOPE_OUT_OF_SCOPE}, /* 172.16.1.2 there, but 16.1.2.0 with a /56 */
        {"64:ff9b:1::", SCOPE_OUT_OF_SCOPE},
        {"2002:0808:0808::1", SCOPE_OUT_OF_SCOPE},
        {"2002:0a00:0001::1", SCOPE_ALLOWED},
        {"2002:7f00:0001::1", SCOPE_ALLOWED},
        {"2001:0:1234:5678::f7f7:f7f7", SCOPE_OUT_OF_SCOPE}, /* Teredo: 8.8.8.8 inverted */
        {"2001:0:1234:5678::f5ff:fffe", SCOPE_ALLOWED},      /* 10.0.0.1 */
    };
    struct scope *scope = scope_of(NULL, "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (judge(scope, cases[i].address, 443, "") != cases[i].verdict)
            fail_msg("%s", cases[i].address);
    }
    scope_destroy(scope);
}

/* DNS answers are foreign bytes: a mapped address may come as 16 bytes, from no parser of ours. */
static void a_mapped_address_in_sixteen_bytes_is_ipv4(void **state)
{
    (void)state;
    struct scope *scope = scope_of(NULL, "");
    struct target target = {.transport = TRANSPORT_TCP, .port = 443};
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 8, [13] = 8, [14] = 8, [15] = 8};
    memcpy(target.address.bytes, mapped, 16);
    target.address.len = 16;
    struct scope_question question = {&target, "", TLS_DEPTH_CERT, NOON};
    assert_int_equal(scope_judge(scope, &question, NULL), SCOPE_OUT_OF_SCOPE);
    scope_destroy(scope);
}

static void exclusions_win_always(void **state)
{
    (void)state;
    struct scope *scope = scope_of(file_text, "10.0.0.0/24\n10.0.1.0/24:443\n*.secret.x.ca.gov\nfd00::/8\n");
    assert_int_equal(judge(scope, "10.0.0.1", 443, ""), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "10.0.0.1", 22, "a.x.ca.gov"), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "10.0.1.1", 443, ""), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "10.0.1.1", 8443, ""), SCOPE_ALLOWED);
    assert_int_equal(judge(scope, "64:ff9b::10.0.0.1", 443, ""), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "2002:0a00:0001::9", 443, ""), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "::ffff:10.0.0.1", 443, ""), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "93.184.216.7", 443, ""), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "93.184.216.8", 443, ""), SCOPE_ALLOWED);
    assert_int_equal(judge(scope, "93.184.216.8", 443, "pay.x.ca.gov"), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "93.184.216.8", 443, "a.secret.x.ca.gov"), SCOPE_EXCLUDED);
    assert_int_equal(judge(scope, "fd00::1", 443, ""), SCOPE_EXCLUDED);
    scope_destroy(scope);
}

static void a_file_allows_what_it_lists_and_nothing_else(void **state)
{
    (void)state;
    struct scope *scope = scope_of(file_text, "");
    assert_int_equal(judge(scope, "198.51.100.1", 443, ""), SCOPE_ALLOWED);
    assert_int_equal(judge(scope, "198.51.100.1", 25, ""), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "198.51.100.128", 443, ""), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "93.184.216.1", 31337, ""), SCOPE_ALLOWED);
    assert_int_equal(judge(scope, "192.168.0.1", 443, ""), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "127.0.0.1", 443, ""), SCOPE_OUT_OF_SCOPE);
    scope_destroy(scope);
}

static void a_name_allows_what_it_resolves_to_on_its_ports(void **state)
{
    (void)state;
    struct scope *scope = scope_of(file_text, "");
    assert_int_equal(judge(scope, "8.8.8.8", 443, "a.x.ca.gov"), SCOPE_ALLOWED);
    assert_int_equal(judge(scope, "8.8.8.8", 8443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "8.8.8.8", 25, "mail.x.ca.gov"), SCOPE_ALLOWED);
    assert_int_equal(judge(scope, "8.8.8.8", 443, "x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "8.8.8.8", 443, "evil.example"), SCOPE_OUT_OF_SCOPE);
    /* a name's owner cannot send us to ourselves, nor to the link, nor to the cloud's metadata */
    assert_int_equal(judge(scope, "127.0.0.1", 443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "::1", 443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "64:ff9b::127.0.0.1", 443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "169.254.169.254", 443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "64:ff9b::169.254.169.254", 443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge(scope, "fe80::1", 443, "a.x.ca.gov"), SCOPE_OUT_OF_SCOPE);
    scope_destroy(scope);
}

static void dates_and_depth_hold(void **state)
{
    (void)state;
    struct scope *scope = scope_of(file_text, "");
    int64_t time_us;
    const char *reason;
    struct error err = {0};
    assert_true(clock_parse_us("2026-01-31 23:59:59", &time_us));
    assert_int_equal(judge_full(scope, "10.0.0.1", 443, "", TLS_DEPTH_CERT, time_us, NULL), SCOPE_ALLOWED);
    assert_true(clock_parse_us("2026-02-01 00:00:00", &time_us));
    assert_int_equal(judge_full(scope, "10.0.0.1", 443, "", TLS_DEPTH_CERT, time_us, &reason),
                     SCOPE_OUT_OF_SCOPE);
    assert_non_null(strstr(reason, "dates"));
    assert_false(scope_check(scope, TLS_DEPTH_CERT, time_us, &err));
    assert_non_null(strstr(err.text, "2026-01-31"));
    assert_true(clock_parse_us("2025-12-31 23:59:59", &time_us));
    assert_int_equal(judge_full(scope, "10.0.0.1", 443, "", TLS_DEPTH_CERT, time_us, NULL),
                     SCOPE_OUT_OF_SCOPE);
    assert_int_equal(judge_full(scope, "10.0.0.1", 443, "", TLS_DEPTH_POSTURE, NOON, NULL), SCOPE_ALLOWED);
    assert_int_equal(judge_full(scope, "10.0.0.1", 443, "", TLS_DEPTH_SUITES, NOON, &reason),
                     SCOPE_OUT_OF_SCOPE);
    assert_non_null(strstr(reason, "deeper"));
    assert_true(scope_check(scope, TLS_DEPTH_POSTURE, NOON, &err));
    assert_false(scope_check(scope, TLS_DEPTH_SUITES, NOON, &err));
    scope_destroy(scope);
}

static void bad_files_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", "who allowed it"},
        {"[scope]\nauthorised-by = J\n", "allows nothing"},
        {"[scope]\nauthorised-by = J\n[allow]\nrange = 10.0.0.0/40\n", "scope.ini:4: "},
        {"[scope]\nauthorised-by = J\n[allow]\nrange = a.example\n", "write name ="},
        {"[scope]\nauthorised-by = J\n[allow]\nname = 10.0.0.1\n", "write range ="},
        {"[scope]\nauthorised-by = J\nfrom = yesterday\n", "scope.ini:3: from = yesterday: expected a date"},
        {"[scope]\nauthorised-by = J\nuntill = 2026-01-01\n", "scope.ini:3: [scope] untill: expected"},
        {"[scope]\nauthorised-by = J\nfrom = 2026-02-02\nuntil = 2026-02-01\n[allow]\nrange = 10.0.0.1\n",
         "ends before"},
        {"[scope]\nauthorised-by = J\ndepth = all\n", "cert, posture, suites or deep"},
        {"[scope]\nauthorised-by = J\n[allows]\nrange = 10.0.0.1\n", "scope.ini:4: [allows]"},
        {"[scope]\njust words\n", "scope.ini:2: expected [section] or name = value"},
        {"[allow]\nrange = 10.0.0.1:0\n", "scope.ini:2: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(scope_create(cases[i].text, "scope.ini", "", &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (strstr(err.text, cases[i].expected) == NULL)
            fail_msg("\"%s\" in \"%s\"", cases[i].expected, err.text);
    }
    char long_line[1000] = "[allow]\nrange = 10.0.0.1:";
    memset(long_line + strlen(long_line), '1', 900);
    struct error err = {0};
    assert_null(scope_create(long_line, "scope.ini", "", &err));
    assert_non_null(strstr(err.text, "scope.ini:2: the line is longer"));
}

static void the_advice_says_what_to_do(void **state)
{
    (void)state;
    struct scope *without = scope_of(NULL, ""), *with = scope_of(file_text, "");
    struct target target = {.transport = TRANSPORT_TCP, .port = 443};
    struct error err = {0};
    assert_true(address_parse("8.8.8.8", &target.address));
    struct address_range range = {target.address, target.address};
    scope_advise(without, &target, &range, &err);
    assert_non_null(strstr(err.text, "8.8.8.8: public address, asked only with a scope file"));
    assert_non_null(strstr(err.text, "certsweep scope new --range 8.8.8.8 "));
    scope_advise(with, &target, &range, &err);
    assert_non_null(strstr(err.text, "Jane Doe"));
    assert_true(address_range_parse("192.0.2.0/24", &range));
    target.address = range.first;
    scope_advise(without, &target, &range, &err);
    assert_non_null(strstr(err.text, "192.0.2.0-192.0.2.255: documentation address (RFC 5737), asked only with a scope"));
    assert_true(address_range_parse("224.0.0.1", &range));
    target.address = range.first;
    scope_advise(without, &target, &range, &err);
    assert_non_null(strstr(err.text, "never"));
    scope_destroy(without);
    scope_destroy(with);
}

/* ---- the cut space and the judge agree */

static uint32_t random_state = 4711;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)random_state * bound) >> 32);
}

static void cut_and_compare(const struct scope *scope, const char *range_text)
{
    static const char *const transports[] = {"443", "25", "udp/443"};
    struct target_space_builder *builder = target_space_builder_create();
    struct port_set *ports = port_set_parse("25,443,udp/443", NULL);
    struct address_range range;
    assert_true(address_range_parse(range_text, &range));
    target_space_add(builder, &range, ports);
    struct target_space *whole = target_space_build_unbounded(builder);
    scope_cut(scope, builder);
    struct target_space *cut = target_space_build_unbounded(builder);
    unsigned __int128 first = address_value(&range.first), size = address_value(&range.last) - first;
    for (unsigned i = 0; i < 3000; i++) {
        unsigned __int128 offset = (unsigned __int128)random_below(UINT32_MAX) << 96 |
                                   (unsigned __int128)random_below(UINT32_MAX) << 64 |
                                   (unsigned __int128)random_below(UINT32_MAX) << 32 |
                                   random_below(UINT32_MAX);
        offset = size + 1 == 0 ? offset : offset % (size + 1);
        struct target target = {.address = address_of_value(first + offset, range.first.len)};
        struct port_set *port = port_set_parse(transports[i % 3], NULL);
        port_set_get(port, 0, &target.transport, &target.port);
        port_set_destroy(port);
        if (!target_space_contains(whole, &target)) /* an IPv4-mapped one */
            continue;
        struct scope_question question = {&target, "", TLS_DEPTH_CERT, NOON};
        bool allowed = scope_judge(scope, &question, NULL) == SCOPE_ALLOWED;
        if (target_space_contains(cut, &target) != allowed) {
            char text[ADDRESS_TEXT_SIZE];
            address_format(&target.address, text);
            fail_msg("%s %u: allowed %d", text, target.port, allowed);
        }
    }
    target_space_destroy(whole);
    target_space_destroy(cut);
    target_space_builder_destroy(builder);
    port_set_destroy(ports);
}

static void a_cut_space_holds_exactly_what_the_judge_allows(void **state)
{
    (void)state;
    static const char *const ranges[] = {"0.0.0.0/0",
                                         "10.0.0.0/15",
                                         "93.184.216.0/24",
                                         "198.51.100.0/24",
                                         "64:ff9b::/96",
                                         "64:ff9b::a00:0/112",
                                         "2002::/16",
                                         "2002:a00::/32",
                                         "2001:db8::/64",
                                         "fc00::/6",
                                         "fe00::/7",
                                         "::/64",
                                         "240.0.0.0/4",
                                         "127.0.0.0/8",
                                         "8000::/1",
                                         "::/120",
                                         "64:ff9b::c633:6400/120"};
    struct scope *scopes[] = {
        scope_of(NULL, "10.0.0.0/16\n192.168.0.0/16:443\n2001:db8::/65\n[64:ff9b::a01:0/112]:25\n"),
        scope_of(file_text, "10.1.0.0/17\n93.184.216.64/26:443\n"),
        scope_of("[scope]\nauthorised-by=J\n[allow]\nrange=0.0.0.0/0\nrange=[::/0]:443\n",
                 "9.0.0.0/8\nfc00::/7\n"),
    };
    for (size_t s = 0; s < 3; s++) {
        for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
            cut_and_compare(scopes[s], ranges[i]);
        scope_destroy(scopes[s]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_private_is_allowed_and_public_is_not),
        cmocka_unit_test(a_mapped_address_in_sixteen_bytes_is_ipv4),
        cmocka_unit_test(exclusions_win_always),
        cmocka_unit_test(a_file_allows_what_it_lists_and_nothing_else),
        cmocka_unit_test(a_name_allows_what_it_resolves_to_on_its_ports),
        cmocka_unit_test(dates_and_depth_hold),
        cmocka_unit_test(bad_files_name_the_line),
        cmocka_unit_test(the_advice_says_what_to_do),
        cmocka_unit_test(a_cut_space_holds_exactly_what_the_judge_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
