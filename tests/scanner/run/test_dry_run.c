/* What --dry-run tells, and what the scope leaves of the targets. */
#include "probes/base/ports.h"
#include "scanner/run/dry_run.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static struct target_list *list_of(const char *ports_text, const char *const *targets)
{
    struct port_set *ports = port_set_parse(ports_text, NULL);
    struct target_list *list = target_list_create(ports);
    for (; *targets != NULL; targets++)
        assert_true(target_list_add(list, *targets, NULL));
    port_set_destroy(ports);
    return list;
}

static char *printed(struct target_list *list, const struct scope *scope, const struct pacing_limits *limits,
                     double *seconds)
{
    struct scoped_targets cut;
    scoped_targets_cut(list, scope, &cut);
    struct target_space *space = target_space_build(target_list_builder(list), NULL);
    struct dry_run run = {.space = space,
                          .cut = &cut,
                          .scope = scope,
                          .name_count = target_list_name_count(list),
                          .limits = *limits,
                          .connections_quiet = 1,
                          .connections = 12,
                          .connections_alerts = 3,
                          .connections_max = 30,
                          .connect_ms = 3000,
                          .shard_count = 1};
    char *text = NULL, bound[96];
    size_t len;
    FILE *out = open_memstream(&text, &len);
    dry_run_print(out, &run);
    fclose(out);
    *seconds = dry_run_seconds(&run, bound);
    target_space_destroy(space);
    return text;
}

static void it_tells_size_cut_ends_and_duration(void **state)
{
    (void)state;
    const char *const targets[] = {"10.0.0.0/23", "8.8.8.0/24", "host.example", NULL};
    struct target_list *list = list_of("443,8443", targets);
    struct scope *scope = scope_create(NULL, "", "10.0.0.0/30\n", NULL);
    double seconds;
    char *text = printed(list, scope, &pacing_limits_default, &seconds);
    static const char *const expected[] = {
        "targets       1,016 (addresses x ports) in 1 block\n",
        "1,536 named, less 8 excluded, less 512 out of scope\n",
        "names         1,",
        "first         10.0.0.4 port tcp/443\n",
        "last          10.0.1.255 port tcp/8443\n",
        "no file: loopback and private addresses only",
        "1000 connections/s in all, 20/s to one /24 or /64, 2 at once to one host\n",
        "1 to an endpoint that does not answer, 3 to one that answers with alerts alone,\n",
        "about 12 to a usual server, never more than 30\n",
        "mysql 1",
        "the rate of one network, 10.0.1.0/24",
        "nothing was sent",
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (strstr(text, expected[i]) == NULL)
            fail_msg("\"%s\" in\n%s", expected[i], text);
    }
    assert_true(seconds > 25.5 && seconds < 25.7); /* 256 addresses x 2 ports at 20/s */
    free(text);
    scope_destroy(scope);
    target_list_destroy(list);
}

static void loopback_at_rate_max_is_bound_by_the_machine(void **state)
{
    (void)state;
    const char *const targets[] = {"127.0.0.0/16", NULL};
    struct target_list *list = list_of("443", targets);
    struct scope *scope = scope_create(NULL, "", "", NULL);
    struct pacing_limits limits = pacing_limits_default;
    assert_true(pacing_limits_set_rate(&limits, "max", NULL));
    limits.prefix_rate = 0;
    double seconds;
    char *text = printed(list, scope, &limits, &seconds);
    assert_non_null(strstr(text, "the machine"));
    assert_non_null(strstr(text, "on loopback no cap"));
    assert_non_null(strstr(text, "in all, no cap to one /24 or /64, 2 at once to one host;"));
    free(text);
    scope_destroy(scope);
    target_list_destroy(list);
}

static void refused_targets_are_an_error_or_a_warning(void **state)
{
    (void)state;
    const char *const public[] = {"8.8.8.0/24", NULL}, *const mixed[] = {"8.8.8.0/24", "10.0.0.0/24", NULL};
    struct scope *scope = scope_create(NULL, "", "", NULL);
    struct scoped_targets cut;
    struct error warning, err = {0};
    struct target_list *list = list_of("443", public);
    scoped_targets_cut(list, scope, &cut);
    assert_false(scoped_targets_check(&cut, scope, &warning, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "8.8.8.0-8.8.8.255: public address, asked only"));
    target_list_destroy(list);

    list = list_of("443", mixed);
    scoped_targets_cut(list, scope, &cut);
    assert_true(scoped_targets_check(&cut, scope, &warning, &err));
    assert_non_null(strstr(warning.text, "256 of 512 targets are left out (public address: 256): 8.8.8.0-8.8.8.255: public"));
    target_list_destroy(list);
    scope_destroy(scope);
}

/* Of the whole world it is not 0.0.0.0 that a scope file would help with; each kind is counted, and the sums agree. */
static void the_whole_world_is_refused_by_kind(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        bool goes_on;
        const char *parts[4];
    } cases[] = {
        {"0.0.0.0/0", true,
         {"4255973376 of 4294967296 targets", "unspecified address (RFC 1122): 16777216", "link-local address (RFC 3927): 65536",
          "documentation address (RFC 5737): 256"}},
        {"0.0.0.0/0", true, {"out (public address: 3", "): 1.0.0.0-9.255.255.255: public address", "multicast address (RFC 5771): 268435456", ""}},
        {"::/64", true, {"IPv4-compatible address", "public address: some 1.84e+19", "::1:0:0-::fffe:ffff:ffff: public", ""}},
        {"192.0.2.0/24", false, {"192.0.2.0-192.0.2.255: documentation address (RFC 5737)", "", "", ""}},
        {"169.254.0.0/16", false, {"169.254.0.0-169.254.255.255 is never asked: link-local", "", "", ""}},
    };
    struct scope *scope = scope_create(NULL, "", "", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scoped_targets cut;
        struct error warning, err = {0};
        struct target_list *list = list_of("443", (const char *const[]){cases[i].target, NULL});
        scoped_targets_cut(list, scope, &cut);
        assert_int_equal(scoped_targets_check(&cut, scope, &warning, &err), cases[i].goes_on);
        const char *text = cases[i].goes_on ? warning.text : err.text;
        for (size_t k = 0; k < 4; k++)
            if (strstr(text, cases[i].parts[k]) == NULL)
                fail_msg("%s: \"%s\" in \"%s\"", cases[i].target, cases[i].parts[k], text);
        target_list_destroy(list);
    }
    scope_destroy(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_size_cut_ends_and_duration),
        cmocka_unit_test(loopback_at_rate_max_is_bound_by_the_machine),
        cmocka_unit_test(refused_targets_are_an_error_or_a_warning),
        cmocka_unit_test(the_whole_world_is_refused_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
