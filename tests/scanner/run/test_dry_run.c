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
        "targets       1,016 (addresses x ports) in 1 blocks\n",
        "1,536 named, less 8 excluded, less 512 out of scope\n",
        "names         1,",
        "first         10.0.0.4 port tcp/443\n",
        "last          10.0.1.255 port tcp/8443\n",
        "no file: loopback and private addresses only",
        "1000 connections/s in all, 20/s to one /24 or /64, 2 at once to one host\n",
        "1 to an endpoint that does not answer, at most 12 to a current server, at most 30 to one that refuses\n",
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
    assert_non_null(strstr(err.text, "8.8.8.0 is a public address"));
    target_list_destroy(list);

    list = list_of("443", mixed);
    scoped_targets_cut(list, scope, &cut);
    assert_true(scoped_targets_check(&cut, scope, &warning, &err));
    assert_non_null(strstr(warning.text, "256 of 512 targets are left out: 8.8.8.0 is a public address"));
    target_list_destroy(list);
    scope_destroy(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_size_cut_ends_and_duration),
        cmocka_unit_test(loopback_at_rate_max_is_bound_by_the_machine),
        cmocka_unit_test(refused_targets_are_an_error_or_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
