/* Targets as users write them, and files of them. */
#include "probes/base/memory.h"
#include "scanner/targets/target_list.h"
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
        assert_non_null(strstr(err.text, "expected"));
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

static void malformed_specs_say_what_is_expected(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "10.0.0.0/33",
        "10.0.0.256",
        "10.0.0",
        "10.0.0.50-10",
        "1.2.3.4:",
        "1.2.3.4:0",
        "1.2.3.4:443:8443",
        "[2001:db8::1",
        "[2001:db8::1]443",
        "2001:db8::/129",
        "fe80::1%eth0",
        "https://host.example/",
        "host.example/24",
        "-host.example",
        "host-.example",
        "a..b",
        ".",
        "host example",
        "host@name",
        "@10.0.0.1",
        "name@10.0.0.0/24",
        "*.example",
        "host.example:https",
        "\xff\xfe.example",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_null(format_of(cases[i], false));
    char long_name[300];
    memset(long_name, 'a', sizeof long_name);
    for (size_t i = 60; i < sizeof long_name; i += 61)
        long_name[i] = '.';
    long_name[258] = '\0';
    assert_null(format_of(long_name, false));
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
                                  "  host.example:8443\tcomment\r\n"
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

static void a_million_names_cost_no_memory(void **state)
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
    while (target_list_next_name(list, &line, &text, &err))
        assert_int_equal(line, ++count);
    assert_int_equal(count, 1000000);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while, to find its users */
    assert_in_range(peak_kib() - before, 0, 4096);
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
        cmocka_unit_test(malformed_specs_say_what_is_expected),
        cmocka_unit_test(a_pattern_holds_for_names_below_it),
        cmocka_unit_test(a_file_gives_ranges_and_names),
        cmocka_unit_test(a_bad_line_does_not_hide_the_others),
        cmocka_unit_test(a_bad_line_among_exclusions_fails),
        cmocka_unit_test(absent_files_and_bad_arguments_are_usage_errors),
        cmocka_unit_test(a_line_of_a_hundred_megabytes_is_one_bad_line),
        cmocka_unit_test(a_million_names_cost_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
