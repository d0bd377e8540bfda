/* Names: resolved, refused by scope, asked under SNI; and names that the machine finds. */
#include "tests/cmocka_all.h"
#include "tests/scanner/sweep/dns_fixture.h"
#include "tests/scanner/scan_fixture.h"

#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESOLVER "127.30.53.53:30553"
#define PORT     "30511"

static const struct dns_row rows[] = {
    {"one.test", "127.30.8.1"},
    {"both.test", "127.30.8.1"},
    {"both.test", "127.30.8.2"},
    {"both.test", "::1"},
    {"public.test", "8.8.8.8"},
    {"mapped.test", "::ffff:8.8.4.4"},
    {"linklocal.test", "fe80::1"},
    {"excluded.test", "127.30.9.9"},
    {"broken.test", "servfail"},
    {"silent.test", "silence"},
    {"host.example", "127.30.8.1"},
    {"elsewhere.example", "127.30.8.2"},
    {"1.8.30.127.in-addr.arpa", "reverse.example"},
    {NULL, NULL},
};

static struct dns_server *dns;

static int setup(void **state)
{
    if (fixture_setup(state) != 0)
        return -1;
    const char *const farm[] = {"/bin/sh", "-c", "exec " FARM_PROGRAM " < \"$0\"", fixture_path("faces"),
                                NULL};
    FILE *faces = fopen(fixture_path("faces"), "w");
    fprintf(faces, "127.30.8.1:" PORT " version=1.2 name=host.example name=elsewhere.example\n"
                   "127.30.8.3:" PORT " version=1.2 name=three.example name=four.example no-name=fatal\n"
                   "127.30.8.2:" PORT " version=1.2 name=two.example\n");
    fclose(faces);
    fixture_start(farm, "farm.out", 0);
    dns = dns_server_start("127.30.53.53", 30553, rows);
    return fixture_wait_port("127.30.8.2", (uint16_t)atoi(PORT)) ? 0 : -1;
}

static int teardown(void **state)
{
    dns_server_stop(dns);
    return fixture_teardown(state);
}

/* The line of this address and server name ("": none); NULL where there is none. */
static json_t *find_line(const char *address, const char *server_name)
{
    char *text = fixture_read(fixture_path("out")), *rest = text, *line;
    json_t *found = NULL;
    while (found == NULL && (line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
        json_t *document = json_loads(line, 0, NULL);
        const char *at = json_string_value(json_object_get(document, "address"));
        const char *name = json_string_value(json_object_get(document, "server_name"));
        if (strcmp(at == NULL ? "" : at, address) == 0 && strcmp(name == NULL ? "" : name, server_name) == 0)
            found = json_incref(document);
        json_decref(document);
    }
    free(text);
    return found;
}

static void assert_line(const char *address, const char *server_name, const char *outcome, const char *key,
                        const char *value)
{
    json_t *line = find_line(address, server_name);
    if (line == NULL)
        fail_msg("no line for %s under \"%s\"", address, server_name);
    assert_string_equal(json_string_value(json_object_get(line, "outcome")), outcome);
    if (key != NULL)
        assert_string_equal(json_string_value(json_object_get(line, key)), value);
    json_decref(line);
}

static void names_resolve_or_say_why_not(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "--resolver", RESOLVER, "--jsonl-all", "one.test", "both.test",
                                       "nope.test", "broken.test", "x.example@127.30.8.2", NULL),
                     0);
    assert_line("127.30.8.1", "one.test", "certificate", "name_source", "given");
    assert_line("127.30.8.1", "both.test", "certificate", NULL, NULL);
    assert_line("127.30.8.2", "both.test", "certificate", NULL, NULL);
    assert_line("::1", "both.test", "refused", NULL, NULL);
    assert_line("", "nope.test", "dns_failed", "detail", "nxdomain");
    assert_line("", "broken.test", "dns_failed", "detail", "servfail");
    assert_line("127.30.8.2", "x.example", "certificate", NULL, NULL);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "5 names: 3 certificate, 2 dns_failed"));
    free(log);
}

static void a_silent_name_server_is_an_outcome(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "--resolver", RESOLVER, "--dns-timeout", "100", "--jsonl-all",
                                       "silent.test", NULL),
                     0);
    assert_line("", "silent.test", "dns_failed", "detail", "timeout");
}

static void what_a_name_resolves_to_is_judged_too(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "--resolver", RESOLVER, "-x", "127.30.9.0/24", "--jsonl-all",
                                       "public.test", "mapped.test", "linklocal.test", "excluded.test", NULL),
                     0);
    assert_line("8.8.8.8", "public.test", "out_of_scope", NULL, NULL);
    assert_line("8.8.4.4", "mapped.test", "out_of_scope", NULL, NULL);
    assert_line("fe80::1", "linklocal.test", "out_of_scope", NULL, NULL);
    assert_line("127.30.9.9", "excluded.test", "excluded", NULL, NULL);
}

static void an_endpoint_is_asked_under_the_names_that_are_found(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert",
                                       "--resolver", RESOLVER, "--ptr", "--follow", "--sni", "given.example",
                                       "--jsonl-all", "127.30.8.1", NULL),
                     0);
    assert_line("127.30.8.1", "", "certificate", NULL, NULL);
    assert_line("127.30.8.1", "given.example", "certificate", "name_source", "option");
    assert_line("127.30.8.1", "reverse.example", "certificate", "name_source", "ptr");
    assert_line("127.30.8.1", "host.example", "certificate", "name_source", "certificate");
    assert_null(find_line("127.30.8.1", "elsewhere.example")); /* it resolves to another address */
}

static int posture_rows(const char *name)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(fixture_path("b"), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM posture JOIN endpoint ON endpoint.id = posture.endpoint "
                                            "WHERE server_name = ? AND item = 'tls12' AND value = 'accepted'", -1, &statement, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

/* Nothing is accepted without a name: so it may be another server under each, and each is asked for its posture. Where the
 * nameless is answered, once is enough. */
static void who_demands_a_name_is_asked_in_full_under_each(void **state)
{
    (void)state;
    assert_int_equal(fixture_certsweep(0, "scan", "-o", fixture_path("b"), "--depth", "posture", "--rate", "max", "--sni",
                                       "three.example", "--sni", "four.example", "127.30.8.3:" PORT, NULL), 0);
    assert_int_equal(posture_rows(""), 0);
    assert_int_equal(posture_rows("three.example"), 1);
    assert_int_equal(posture_rows("four.example"), 1);
    assert_int_equal(unlink(fixture_path("b")), 0);
    assert_int_equal(fixture_certsweep(0, "scan", "-o", fixture_path("b"), "--depth", "posture", "--rate", "max", "--sni",
                                       "two.example", "127.30.8.2:" PORT, NULL), 0);
    assert_int_equal(posture_rows(""), 1);
    assert_int_equal(posture_rows("two.example"), 0);
}

static void names_go_on_where_they_were(void **state)
{
    (void)state;
    FILE *list = fopen(fixture_path("names"), "w");
    char at_list[300];
    struct fixture_result result;
    for (int i = 0; i < 20000; i++)
        fprintf(list, "n%d.example@127.30.8.%d\n", i, 1 + i % 2);
    fclose(list);
    snprintf(at_list, sizeof at_list, "@%s", fixture_path("names"));
    pid_t keeper =
        fixture_certsweep_start(0, "scan", "-p", PORT, "-o", fixture_path("b"), "--depth", "cert", "--rate",
                                "max", "--connections", "2", "--loops", "1", at_list, NULL);
    kill(fixture_worker_that_found(keeper, fixture_path("b")), SIGKILL);
    assert_int_equal(fixture_wait(keeper), 4);
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", fixture_path("b"), NULL), 0);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "not asked yet"));
    assert_non_null(strstr(log, "20,000 names: 20,000 certificate\n"));
    free(log);
    fixture_read_bundle(fixture_path("b"), &result);
    assert_int_equal(result.positions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_resolve_or_say_why_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_silent_name_server_is_an_outcome, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_name_resolves_to_is_judged_too, setup, teardown),
        cmocka_unit_test_setup_teardown(an_endpoint_is_asked_under_the_names_that_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(who_demands_a_name_is_asked_in_full_under_each, setup, teardown),
        cmocka_unit_test_setup_teardown(names_go_on_where_they_were, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
