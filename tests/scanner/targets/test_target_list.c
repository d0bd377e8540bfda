/* Targets as users write them, and files of them. */
#include "probes/base/memory.h"
#include "scanner/targets/target_list.h"
#include "scanner/targets/target_words.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *format_of(const char *text, bool pattern)
{
    struct target_text spec;
    struct error err = {0};
    bool ok = pattern ? target_text_parse_pattern(text, &spec, &err) : target_text_parse(text, &spec, &err);
    if (!ok) {
        assert_int_equal(err.kind, ERROR_USAGE);
        return NULL;
    }
    char *formatted = target_text_format(&spec);
    target_text_clear(&spec);
    return formatted;
}

static void specs_are_read_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"10.0.0.0/16", "10.0.0.0-10.0.255.255"},
        {"10.0.0.1-50:443,8443", "10.0.0.1-10.0.0.50:443,8443"},
        {"10.0.0.1:udp/443", "10.0.0.1:udp/443"},
        {"10.0.0.0/30:443,udp/443", "10.0.0.0-10.0.0.3:443,udp/443"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:db8::/120", "2001:db8::-2001:db8::ff"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:443", "[2001:db8::1]:443"},
        {"[2001:db8::/126]:@directory", "[2001:db8::-2001:db8::3]:389,636,3268-3269"},
        {"::ffff:10.0.0.0/112", "10.0.0.0-10.0.255.255"},
        {"Host.Example.", "host.example"},
        {"host", "host"},
        {"_sip.host.example:5061", "_sip.host.example:5061"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.example:443",
         "xn--bcher-kva.example:443"},
        {"host.example@10.1.2.3", "host.example@10.1.2.3"},
        {"host.example@10.1.2.3:8443", "host.example@10.1.2.3:8443"},
        {"host.example@[2001:db8::1]:443", "host.example@[2001:db8::1]:443"},
        {"host.example@2001:db8::1", "host.example@[2001:db8::1]"},
        {"4server.example", "4server.example"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = format_of(cases[i].text, false);
        assert_non_null(text);
        assert_string_equal(text, cases[i].canonical);
        char *again = format_of(text, false);
        assert_string_equal(again, text);
        free(again);
        free(text);
    }
}

/* Each message names what is wrong and the form that would do. */
static void malformed_specs_say_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "a target is missing"},
        {"10.0.0.0/33", "a prefix of IPv4 is /0 to /32"},
        {"10.0.0.0/33:443", "a prefix of IPv4 is /0 to /32"},
        {"::ffff:10.0.0.0/33", "an IPv4-mapped prefix is /96 to /128"},
        {"2001:db8::/129", "a prefix of IPv6 is /0 to /128"},
        {"10.0.0.0/99999999999999999999", "a prefix of IPv4 is /0 to /32"},
        {"10.0.0.0/255.255.255.0", "a netmask: write 10.0.0.0/24"},
        {"10.0.0.0/0.0.0.255", "no prefix length"},
        {"10.0.0.0/", "no prefix length"},
        {"10.0.0.300/24", "0 to 255, and 300 is not"},
        {"10.0.0.256", "0 to 255, and 256 is not"},
        {"10.0.0", "has four numbers, and this has 3"},
        {"10.0.0.1.2", "has four numbers, and this has 5"},
        {"10..0.1", "a number of the IPv4 address is missing"},
        {"010.0.0.1", "leading zero"},
        {"10.0.0.*", "write the network, as 10.0.0.0/24"},
        {"10.0.0-3.1", "only the last number"},
        {"443", "write ports after a colon (10.0.0.1:443)"},
        {"10.0.0.50-10", "runs backwards: write 10.0.0.10-50"},
        {"10.0.0.9-10.0.0.2", "runs backwards: write 10.0.0.2-10.0.0.9"},
        {"2001:db8::9-2001:db8::2", "runs backwards: write 2001:db8::2-2001:db8::9"},
        {"10.0.0.1-300", "0 to 255, and 300 is not"},
        {"10.0.0.1-1.5", "write the whole last address"},
        {"10.0.0.1-::1", "does not go from IPv4 to IPv6"},
        {"1.2.3.4:", "port \"\" is missing"},
        {"1.2.3.4:0", "port \"0\" is not in 1-65535"},
        {"1.2.3.4:70000", "port \"70000\" is not in 1-65535"},
        {"1.2.3.4:9010-9000", "port \"9010-9000\" runs backwards"},
        {"1.2.3.4:443:8443", "ports are parted by commas"},
        {"host.example:https", "port \"https\": expected ports as 443"},
        {"[2001:db8::1", "write brackets around an IPv6 address"},
        {"[2001:db8::1]443", "write brackets around an IPv6 address"},
        {"2001:db8::g", "more than one colon"},
        {"2001:db8:1", "not an IPv6 address"},
        {"fe80::1%eth0", "link-local"},
        {"https://10.0.0.1/", "a URL; a target is its host and port: 10.0.0.1:443"},
        {"https://host.example:8443/x?y#z", "a URL; a target is its host and port: host.example:8443"},
        {"ldaps://[2001:db8::1]", "a URL; a target is its host and port: [2001:db8::1]:636"},
        {"gopher://host.example/", "a URL; a target is its host and port: host.example"},
        {"://", "a URL"},
        {"host.example/24", "only an address has one, and a name has no path"},
        {"host.example/index.html", "only an address has one, and a name has no path"},
        {"-host.example", "hyphen"},
        {"host-.example", "hyphen"},
        {"a..b", "a label of it is empty"},
        {".", "a name is missing"},
        {":443", "before \":\" stands an address or a name"},
        {"host example", "a name has no \" \""},
        {"host;example", "a name has no \";\""},
        {"host@name", "behind \"@\" stands one address, and \"name\" is none"},
        {"name@10.0.0.0/24", "behind \"@\" stands one address"},
        {"@10.0.0.1", "\"@FILE\" stands alone"},
        {"*.example", "cannot be asked; it may stand in exclusions"},
        {"\xff\xfe.example", "it is not UTF-8 (byte 1)"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "at most 63 bytes"},
        {"fa\xc3\x9f\xe2\x98\xae.example", "no host name"},       /* a letter that only one mapping keeps, and a symbol */
        {"a\xe2\x80\x8d" "b.example", "no host name"},             /* a joiner where none is allowed */
        {"pay\xe2\x80\xaepal.example", "no host name"},            /* a right-to-left override */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct target_text spec;
        struct error err = {0};
        if (target_text_parse(cases[i].text, &spec, &err))
            fail_msg("%s is read", cases[i].text);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("\"%s\" in \"%s\"", cases[i].said, err.text);
        target_text_clear(&spec);
    }
    char long_name[300];
    memset(long_name, 'a', sizeof long_name);
    for (size_t i = 60; i < sizeof long_name; i += 61)
        long_name[i] = '.';
    long_name[258] = '\0';
    assert_null(format_of(long_name, false));
}

/* What browsers and curl would ask the DNS for. */
static void names_are_mapped_as_browsers_do(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\xe2\x98\xae.com@10.0.0.1", "xn--v4h.com@10.0.0.1"},
        {"I\xe2\x99\xa5NY.Example", "xn--iny-zx5a.example"},
        {"\xf0\x9f\x94\x92.example:443", "xn--lv8h.example:443"},
        {"fa\xc3\x9f.de", "xn--fa-hia.de"},
        {"\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x82jp", "xn--wgv71a.jp"},                  /* an ideographic full stop */
        {"\xef\xbc\xb7\xef\xbc\xb7\xef\xbc\xb7.example", "www.example"},              /* full width */
        {"B\xc3\x9c" "CHER.EXAMPLE.", "xn--bcher-kva.example"},
        {"Bu\xcc\x88" "cher.example", "xn--bcher-kva.example"},                       /* u and a combining diaeresis */
        {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = format_of(cases[i][0], false);
        assert_non_null(text);
        assert_string_equal(text, cases[i][1]);
        free(text);
    }
}

/* The words as they are formatted, with "|" between them. Yours: free(). */
static char *words_of(const char *text, bool pattern, struct error *err)
{
    struct target_words words;
    if (!target_words_parse(text, pattern, &words, err)) {
        assert_int_equal(words.count, 0);
        return NULL;
    }
    char *all = xstrdup("");
    for (size_t i = 0; i < words.count; i++) {
        char *one = target_text_format(&words.specs[i]), *more = xasprintf("%s%s%s", all, i == 0 ? "" : "|", one);
        free(one);
        free(all);
        all = more;
    }
    target_words_clear(&words);
    return all;
}

static void no_word_of_a_line_is_lost(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"  \t # 10.0.0.1", ""},
        {"10.0.0.1 10.0.0.2", "10.0.0.1|10.0.0.2"},
        {"10.0.0.1\t10.0.0.2:443\r", "10.0.0.1|10.0.0.2:443"},
        {"10.0.0.1,10.0.0.2, a.example ,b.example", "10.0.0.1|10.0.0.2|a.example|b.example"},
        {"10.0.0.1:443,8443 10.0.0.2", "10.0.0.1:443,8443|10.0.0.2"},
        {"10.0.0.1:443, 8443-8445 , @mail", "10.0.0.1:25,110,143,443,465,587,993,995,4190,8443-8445"},
        {"10.0.0.1:443,10.0.0.2:443", "10.0.0.1:443|10.0.0.2:443"},
        {"[2001:db8::1]:443, 8443, [2001:db8::2]", "[2001:db8::1]:443,8443|2001:db8::2"},
        {"2001:db8::1, 2001:db8::2", "2001:db8::1|2001:db8::2"},
        {"a.example@10.0.0.1:443,tcp/8443 ,web,db,localhost", "a.example@10.0.0.1:443,8443|web|db|localhost"},
        {"10.0.0.1#the first", "10.0.0.1"},
        {",,10.0.0.1,,", "10.0.0.1"},
        {"10.0.0.1\r10.0.0.2\r10.0.0.3", "10.0.0.1|10.0.0.2|10.0.0.3"},
    };
    static const char *const refused[][2] = {
        {"10.0.0.1 web server", "\"web\": a word after a target"},
        {"10.0.0.1 10.0.0.999", "and 999 is not"},
        {"10.0.0.1, 443", "write ports after a colon"},
        {"10.0.0.1:443 8443", "write ports after a colon"},
        {"10.0.0.1; 10.0.0.2", "a name has no \";\""},
        {"10.0.0.1\xc2\xa0" "10.0.0.2", "no host name"},       /* a blank that is none here */
        {"10.0.0.1 - 10.0.0.5", "hyphen"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        char *text = words_of(cases[i][0], false, &err);
        if (text == NULL)
            fail_msg("%s: %s", cases[i][0], err.text);
        assert_string_equal(text, cases[i][1]);
        free(text);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error err = {0};
        if (words_of(refused[i][0], false, &err) != NULL)
            fail_msg("%s is read", refused[i][0]);
        if (strstr(err.text, refused[i][1]) == NULL)
            fail_msg("\"%s\" in \"%s\"", refused[i][1], err.text);
    }
    struct error err = {0};
    char *text = words_of("*.a.example, 10.0.0.0/24 b.example:443", true, &err);
    assert_string_equal(text, "*.a.example|10.0.0.0-10.0.0.255|b.example:443");
    free(text);
}

static void a_pattern_holds_for_names_below_it(void **state)
{
    (void)state;
    char *pattern = format_of("*.X.ca.gov:443", true);
    assert_string_equal(pattern, "*.x.ca.gov:443");
    free(pattern);
    assert_null(format_of("*", true));
    assert_null(format_of("a.*.example", true));
    assert_true(host_name_matches("*.x.ca.gov", "a.x.ca.gov"));
    assert_true(host_name_matches("*.x.ca.gov", "a.b.x.ca.gov"));
    assert_false(host_name_matches("*.x.ca.gov", "x.ca.gov"));
    assert_false(host_name_matches("*.x.ca.gov", "evilx.ca.gov"));
    assert_true(host_name_matches("x.ca.gov", "x.ca.gov"));
    assert_false(host_name_matches("x.ca.gov", "a.x.ca.gov"));
}

/* ---- files */

static struct target_list *new_list(void)
{
    struct port_set *ports = port_set_parse("443", NULL);
    struct target_list *list = target_list_create(ports);
    port_set_destroy(ports);
    return list;
}

/* "@" and the path of a file with these bytes. */
static char *file_of(const char *bytes, size_t len)
{
    char *argument = xstrdup("@/tmp/certsweep-targets-XXXXXX");
    int fd = mkstemp(argument + 1);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
    return argument;
}

static void drop_file(char *argument)
{
    unlink(argument + 1);
    free(argument);
}

static char *space_text(struct target_list *list)
{
    struct target_space *space = target_space_build(target_list_builder(list), NULL);
    char *text = target_space_format(space);
    target_space_destroy(space);
    return text;
}

static void a_file_gives_ranges_and_names(void **state)
{
    (void)state;
    static const char content[] = "\xef\xbb\xbf# our networks\r\n"
                                  "\r\n"
                                  "10.0.0.0/30   # the first\r\n"
                                  "  host.example:8443\t# comment\r\n"
                                  "10.0.0.1:80\n"
                                  "other.example@10.9.9.9\n"
                                  "\t \n"
                                  "last.example";
    static const char *const names[] = {"host.example:8443", "other.example@10.9.9.9", "last.example"};
    struct target_list *list = new_list();
    char *file = file_of(content, sizeof content - 1);
    struct error err = {0};
    assert_true(target_list_add(list, file, &err));
    assert_true(target_list_exclude(list, "10.0.0.3", &err));
    assert_int_equal(target_list_bad_lines(list), 0);
    assert_int_equal(target_list_name_count(list), 3);
    assert_int_equal(target_list_range_count(list), 2);
    for (int round = 0; round < 2; round++, target_list_rewind(list)) {
        uint64_t line;
        const char *text;
        for (uint64_t i = 0; i < 3; i++) {
            assert_true(target_list_next_name(list, &line, &text, &err));
            assert_int_equal(line, i + 1);
            assert_string_equal(text, names[i]);
        }
        assert_false(target_list_next_name(list, &line, &text, &err));
    }
    assert_int_equal(err.kind, ERROR_NONE);
    char *space = space_text(list);
    assert_string_equal(space, "ports 443\n10.0.0.0\nports 80,443\n10.0.0.1\nports 443\n10.0.0.2\n");
    free(space);
    drop_file(file);
    target_list_destroy(list);
}

static void a_bad_line_does_not_hide_the_others(void **state)
{
    (void)state;
    static const char content[] = "10.0.0.1\n10.0.0.999\nhost.example\nnul\0byte\n10.0.0.2\n";
    struct target_list *list = new_list();
    char *file = file_of(content, sizeof content - 1);
    assert_true(target_list_add(list, file, NULL));
    assert_int_equal(target_list_bad_lines(list), 2);
    assert_int_equal(target_list_name_count(list), 1);
    assert_int_equal(target_list_range_count(list), 2);
    drop_file(file);
    target_list_destroy(list);
}

static void a_bad_line_among_exclusions_fails(void **state)
{
    (void)state;
    static const char content[] = "10.0.0.1\n*.pay.example\n10.0.0.999\n";
    struct target_list *list = new_list();
    char *file = file_of(content, sizeof content - 1);
    struct error err = {0};
    assert_false(target_list_exclude(list, file, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, file + 1));
    assert_non_null(strstr(err.text, ":3: "));
    assert_string_equal(target_list_exclusions(list), "10.0.0.1\n*.pay.example\n");
    drop_file(file);
    target_list_destroy(list);
}

static void check_names(struct target_list *list, const char *const *expected)
{
    struct error err = {0};
    uint64_t line;
    const char *text;
    for (; *expected != NULL; expected++) {
        assert_true(target_list_next_name(list, &line, &text, &err));
        assert_string_equal(text, *expected);
    }
    assert_false(target_list_next_name(list, &line, &text, &err));
    assert_int_equal(err.kind, ERROR_NONE);
}

static void a_name_in_three_spellings_is_asked_once(void **state)
{
    (void)state;
    static const char content[] = "www.dup.example\nWWW.Dup.Example.\nwww.dup.example:443\nwww.dup.example:443,8443\n"
                                  "www.dup.example:25 www.dup.example:25,26\n"
                                  "www.dup.example@10.0.0.1 www.dup.example@10.0.0.1:443 www.dup.example@10.0.0.2\n"
                                  "b\xc3\xbc" "cher.example XN--BCHER-KVA.example.\n"
                                  "last.example:1-65535\nlast.example\n";
    struct target_list *list = new_list();      /* of port 443 */
    char *file = file_of(content, sizeof content - 1);
    assert_true(target_list_add(list, file, NULL));
    assert_true(target_list_add(list, "WWW.dup.example:26, other.example", NULL));
    assert_int_equal(target_list_bad_lines(list), 0);
    assert_int_equal(target_list_name_count(list), 9);
    check_names(list, (const char *const[]){"www.dup.example", "www.dup.example:8443", "www.dup.example:25",
                                            "www.dup.example:26", "www.dup.example@10.0.0.1", "www.dup.example@10.0.0.2",
                                            "xn--bcher-kva.example", "last.example:1-65535", "other.example", NULL});
    drop_file(file);
    target_list_destroy(list);
}

/* Against a plain table: each (name, port) once, whatever lines they come in. */
static void random_lists_ask_each_name_and_port_once(void **state)
{
    (void)state;
    uint32_t seed = 20;
    for (unsigned run = 0; run < 50; run++) {
        bool named[40][64] = {{false}}, given[40][64] = {{false}};
        struct target_list *list = new_list();
        for (unsigned i = 0; i < 200; i++) {
            char spec[64];
            unsigned name = (seed = seed * 1664525 + 1013904223) >> 8 & 0xff, first, last;
            name %= 40;
            first = 1 + (seed >> 16) % 63;
            last = first + (seed >> 24) % (64 - first);
            snprintf(spec, sizeof spec, seed & 0x100 ? "N%u.Example.:%u-%u" : "n%u.example:%u-%u", name, first, last);
            assert_true(target_list_add(list, spec, NULL));
            for (unsigned port = first; port <= last; port++)
                named[name][port] = true;
        }
        uint64_t line;
        const char *text;
        struct error err = {0};
        while (target_list_next_name(list, &line, &text, &err)) {
            struct target_text spec;
            assert_true(target_text_parse(text, &spec, NULL));
            unsigned name = (unsigned)strtoul(spec.name + 1, NULL, 10);
            for (uint32_t i = 0; i < port_set_count(spec.ports); i++) {
                enum transport transport;
                uint16_t port;
                port_set_get(spec.ports, i, &transport, &port);
                assert_false(given[name][port]);
                given[name][port] = true;
            }
            target_text_clear(&spec);
        }
        assert_memory_equal(named, given, sizeof named);
        target_list_destroy(list);
    }
}

static void a_line_with_a_bad_word_is_refused_whole(void **state)
{
    (void)state;
    static const char content[] = "10.0.0.1 10.0.0.999\na.example bad..example\n10.0.0.2\t10.0.0.3\n10.0.0.4:udp/443\n";
    struct target_list *list = new_list();
    struct error err = {0};
    char *file = file_of(content, sizeof content - 1);
    assert_true(target_list_add(list, file, NULL));
    assert_int_equal(target_list_bad_lines(list), 3);
    assert_int_equal(target_list_name_count(list), 0);
    assert_int_equal(target_list_range_count(list), 2);
    drop_file(file);
    file = file_of("10.0.0.1\n10.0.0.2 prose\n", 24);
    assert_false(target_list_exclude(list, file, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, ":2: \"prose\""));
    assert_false(target_list_exclude(list, "10.0.0.0/24, 10.0.1.0/33", &err));
    assert_true(target_list_exclude(list, "10.0.0.0/24, *.pay.example", &err));
    assert_string_equal(target_list_exclusions(list), "10.0.0.1\n10.0.0.0-10.0.0.255\n*.pay.example\n");
    assert_false(target_list_add(list, " ", &err));
    assert_false(target_list_exclude(list, "", &err));
    assert_false(target_list_add(list, "10.0.0.1:443,udp/443", &err));
    assert_non_null(strstr(err.text, "over TCP only"));
    drop_file(file);
    target_list_destroy(list);
}

static void absent_files_and_bad_arguments_are_usage_errors(void **state)
{
    (void)state;
    struct target_list *list = new_list();
    struct error err = {0};
    assert_false(target_list_add(list, "@/nonexistent/file", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent/file"));
    assert_false(target_list_add(list, "10.0.0.0/99", &err));
    assert_non_null(strstr(err.text, "10.0.0.0/99"));
    assert_false(target_list_exclude(list, "@/nonexistent/file", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_false(target_list_add(list, "@/", &err)); /* a folder */
    target_list_destroy(list);
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void a_line_of_a_hundred_megabytes_is_one_bad_line(void **state)
{
    (void)state;
    char *file = file_of("", 0);
    FILE *out = fopen(file + 1, "w");
    char *piece = xmalloc(1 << 20);
    memset(piece, 'a', 1 << 20);
    fputs("first.example\n", out);
    for (unsigned i = 0; i < 100; i++)
        fwrite(piece, 1, 1 << 20, out);
    fputs("\nlast.example\n", out);
    fclose(out);
    free(piece);
    long before = peak_kib();
    struct target_list *list = new_list();
    assert_true(target_list_add(list, file, NULL));
    assert_int_equal(target_list_bad_lines(list), 1);
    assert_int_equal(target_list_name_count(list), 2);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while, to find its users */
    assert_in_range(peak_kib() - before, 0, 4096);
#else
    (void)before;
#endif
    drop_file(file);
    target_list_destroy(list);
}

static void a_million_names_cost_some_bytes_each(void **state)
{
    (void)state;
    char *file = file_of("", 0);
    FILE *out = fopen(file + 1, "w");
    for (unsigned i = 0; i < 1000000; i++)
        fprintf(out, "host-%u.example\n", i);
    fclose(out);
    long before = peak_kib();
    struct target_list *list = new_list();
    struct error err = {0};
    uint64_t line = 0, count = 0;
    const char *text;
    assert_true(target_list_add(list, file, &err));
    assert_in_range(target_list_name_count(list), 1000000, 1000000);
    while (target_list_next_name(list, &line, &text, &err))
        assert_int_equal(line, ++count);
    assert_int_equal(count, 1000000);
/* The set of names: 32 MiB, and 16 more while it grows to that. */
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while, to find its users */
    assert_in_range(peak_kib() - before, 0, 56 << 10);
#else
    (void)before;
#endif
    drop_file(file);
    target_list_destroy(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specs_are_read_in_every_form),
        cmocka_unit_test(malformed_specs_say_what_is_wrong),
        cmocka_unit_test(names_are_mapped_as_browsers_do),
        cmocka_unit_test(no_word_of_a_line_is_lost),
        cmocka_unit_test(a_pattern_holds_for_names_below_it),
        cmocka_unit_test(a_file_gives_ranges_and_names),
        cmocka_unit_test(a_bad_line_does_not_hide_the_others),
        cmocka_unit_test(a_bad_line_among_exclusions_fails),
        cmocka_unit_test(a_name_in_three_spellings_is_asked_once),
        cmocka_unit_test(random_lists_ask_each_name_and_port_once),
        cmocka_unit_test(a_line_with_a_bad_word_is_refused_whole),
        cmocka_unit_test(absent_files_and_bad_arguments_are_usage_errors),
        cmocka_unit_test(a_line_of_a_hundred_megabytes_is_one_bad_line),
        cmocka_unit_test(a_million_names_cost_some_bytes_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
