/* What --dry-run prints of connections, against what reaches the servers: the same command is run with it and without. */
#include "tests/cmocka_all.h"
#include "tests/scanner/counting_relay.h"
#include "tests/scanner/scan_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS "127.30.21.1"
#define BEHIND  1000 /* so much higher than the relay's is the port of the server behind it */

enum at { AT_USUAL = 30610, AT_OLD, AT_RSA, AT_EVERY_SUITE, AT_SECOND, AT_NAMED, AT_1_0_ERA, AT_SSLV2, AT_TROUBLE, AT_ALERTS, AT_END };

static struct counting_relay *relays[AT_END - AT_USUAL];

static struct counting_relay *relay_of(enum at at)
{
    return relays[at - AT_USUAL];
}

static void start_old(enum at at, const char *suites, const char *versions, const char *kinds)
{
    char port[8];
    snprintf(port, sizeof port, "%d", at + BEHIND);
    const char *const argv[] = {OLD_PROGRAM, "-p", port, "-s", suites, "-v", versions, kinds == NULL ? NULL : "-k", kinds, NULL};
    fixture_start(argv, NULL, 0);
}

static int setup(void **state)
{
    static const char *const faces[AT_END - AT_USUAL] = {
        [AT_USUAL - AT_USUAL] = "min=1.2 max=1.3 ciphers=DEFAULT:@SECLEVEL=2",
        [AT_OLD - AT_USUAL] = "min=1.0 max=1.2 key=rsa2048 ciphers=ALL:@SECLEVEL=0",
        [AT_RSA - AT_USUAL] = "min=1.2 max=1.3 key=p256,rsa2048",
        [AT_EVERY_SUITE - AT_USUAL] = "min=1.0 max=1.3 key=p256,rsa2048 ciphers=ALL:COMPLEMENTOFALL:@SECLEVEL=0",
        [AT_SECOND - AT_USUAL] = "version=1.2 key=rsa2048 ciphers=AES128-CCM8",
        [AT_NAMED - AT_USUAL] = "name=a.example no-name=fatal",
        [AT_TROUBLE - AT_USUAL] = "min=1.0 max=1.3 key=p256,rsa2048 ciphers=ALL:@SECLEVEL=0",
    };
    if (fixture_setup(state) != 0)
        return -1;
    FILE *file = fopen(fixture_path("faces"), "w");
    for (int at = AT_USUAL; at < AT_END; at++)
        if (faces[at - AT_USUAL] != NULL)
            fprintf(file, ADDRESS ":%d %s\n", at + BEHIND, faces[at - AT_USUAL]);
    fclose(file);
    const char *const farm[] = {FARM_PROGRAM, "-p", fixture_path("faces"), NULL};
    fixture_start(farm, "farm.out", 0);
    start_old(AT_1_0_ERA, "0009,0015", "0300-0303", NULL);
    start_old(AT_SSLV2, "0005", "0400-0400", "020080,060040");
    for (int at = AT_USUAL; at < AT_END; at++) {
        enum relay_manner manner = at == AT_TROUBLE ? RELAY_TROUBLE : at == AT_ALERTS ? RELAY_ALERTS : RELAY_THROUGH;
        if (at != AT_ALERTS && !fixture_wait_port(ADDRESS, (uint16_t)(at + BEHIND)))
            return -1;
        relays[at - AT_USUAL] = counting_relay_start(ADDRESS, (uint16_t)at, manner, (uint16_t)(at + BEHIND));
    }
    return 0;
}

static int teardown(void **state)
{
    for (int at = AT_USUAL; at < AT_END; at++)
        if (relays[at - AT_USUAL] != NULL)
            counting_relay_stop(relays[at - AT_USUAL]);
    return fixture_teardown(state);
}

struct promise {
    unsigned alerts, usual, most;
};

static unsigned number_before(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    if (at == NULL)
        fail_msg("\"%s\" in\n%s", words, text);
    while (at > text && at[-1] >= '0' && at[-1] <= '9')
        at--;
    return (unsigned)strtoul(at, NULL, 10);
}

static char bundle[16];

static int run(enum at at, const char *depth, const char *cap, const char *option)
{
    char port[8];
    snprintf(port, sizeof port, "%d", at);
    return fixture_certsweep(0, "scan", ADDRESS, "-p", port, "--probe", "tls", "--rate", "max", "-o", fixture_path(bundle), "--depth", depth,
                             "--suite-connections", cap, option, NULL);
}

/* The same command twice: what the dry run promises, and what came then. */
static struct relay_counts scan(enum at at, const char *depth, const char *cap, struct promise *promise)
{
    static unsigned number;
    snprintf(bundle, sizeof bundle, "b%u", number++);
    assert_int_equal(run(at, depth, cap, "--dry-run"), 0);
    assert_int_equal(counting_relay_take(relay_of(at)).connections, 0);
    char *text = fixture_read(fixture_path("out"));
    promise->alerts = number_before(text, " to one that answers with alerts alone");
    promise->usual = number_before(text, " to a usual server");
    char *most = strstr(text, "never more than ");
    assert_non_null(most);
    promise->most = (unsigned)strtoul(most + strlen("never more than "), NULL, 10);
    free(text);
    assert_int_equal(run(at, depth, cap, NULL), 0);
    struct relay_counts counts = counting_relay_take(relay_of(at));
    print_message("port %d, %s: %u connections (%u answered, %u refused); printed: %u usual, %u alerts, %u most\n", at, depth,
                  counts.connections, counts.answered, counts.refused, promise->usual, promise->alerts, promise->most);
    return counts;
}

static unsigned bundle_number(const char *question)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(fixture_path(bundle), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, question, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    unsigned number = (unsigned)sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

#define CHAINS   "SELECT count(*) FROM observation WHERE chain IS NOT NULL"
#define PAIRS    "SELECT count(*) FROM posture WHERE item LIKE 'suite:%' AND value = 'accepted'"
#define VERSIONS "SELECT count(DISTINCT substr(item, 1, 13)) FROM posture WHERE item LIKE 'suite:%' AND value = 'accepted'"
#define LIMITS   "SELECT count(*) FROM posture WHERE item = 'suites' AND detail = 'limit'"

static void a_chain_costs_one_connection(void **state)
{
    (void)state;
    static const enum at places[] = {AT_USUAL, AT_OLD, AT_RSA, AT_EVERY_SUITE};
    struct promise promise;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct relay_counts counts = scan(places[i], "cert", "100", &promise);
        assert_int_equal(promise.usual, 1);
        assert_int_equal(counts.connections, promise.usual);
        assert_int_equal(bundle_number(CHAINS), 1);
    }
}

/* At every depth: there is nothing to ask who refuses all. */
static void who_only_alerts_gets_few(void **state)
{
    (void)state;
    static const enum at places[] = {AT_ALERTS, AT_NAMED};
    static const char *const depths[] = {"cert", "posture", "suites", "deep"};
    struct promise promise;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (size_t k = 0; k < sizeof depths / sizeof depths[0]; k++) {
            struct relay_counts counts = scan(places[i], depths[k], "100", &promise);
            assert_int_equal(promise.alerts, strcmp(depths[k], "deep") == 0 ? 4 : 3);
            assert_in_range(counts.connections, 1, promise.alerts);
            assert_int_equal(counts.refused, counts.connections);
            assert_int_equal(bundle_number(CHAINS), 0);
        }
}

static void posture_stays_below_its_most(void **state)
{
    (void)state;
    struct promise promise;
    for (int at = AT_USUAL; at < AT_END; at++) {
        struct relay_counts counts = scan((enum at)at, "posture", "100", &promise);
        assert_int_equal(promise.usual, 12);
        assert_int_equal(promise.most, 24);
        assert_in_range(counts.connections, 1, promise.most);
        if (at == AT_USUAL)
            assert_in_range(counts.connections, promise.usual - 3, promise.usual + 1);
    }
}

#define HELLOS_REFUSED 4 /* of one version: all its suites in hellos of 126 at most, and a close that is asked again */

/* Beyond posture's: a connection for each pair of version and suite that is accepted, one for each hello that is refused, one for
 * each version's order. */
static void suites_cost_what_is_found(void **state)
{
    (void)state;
    static const enum at places[] = {AT_USUAL, AT_OLD, AT_RSA, AT_SECOND, AT_1_0_ERA};
    struct promise promise;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct relay_counts posture = scan(places[i], "posture", "100", &promise), suites = scan(places[i], "suites", "100", &promise);
        unsigned pairs = bundle_number(PAIRS), versions = bundle_number(VERSIONS);
        assert_int_equal(promise.most, 124);
        assert_true(pairs > 0);
        assert_true(suites.connections <= promise.most);
        assert_in_range(suites.answered - posture.answered, pairs, pairs + versions);
        assert_in_range(suites.refused - posture.refused, versions, HELLOS_REFUSED * versions);
        assert_int_equal(suites.answered + suites.refused, suites.connections);
        assert_int_equal(bundle_number(LIMITS), 0);
    }
}

static void suites_end_at_their_cap(void **state)
{
    (void)state;
    static const char *const caps[] = {"100", "10"};
    struct promise promise;
    struct relay_counts posture = scan(AT_EVERY_SUITE, "posture", "100", &promise);
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        unsigned cap = (unsigned)strtoul(caps[i], NULL, 10);
        struct relay_counts suites = scan(AT_EVERY_SUITE, "suites", caps[i], &promise);
        assert_int_equal(promise.most, 24 + cap);
        assert_true(suites.connections <= promise.most);
        assert_int_equal(suites.connections - posture.connections, cap);
        assert_true(bundle_number(LIMITS) > 0);
    }
}

/* The server test's own questions are among what is printed. */
static void a_server_test_stays_below_its_most(void **state)
{
    (void)state;
    struct promise promise;
    for (int at = AT_USUAL; at < AT_END; at++) {
        struct relay_counts counts = scan((enum at)at, "deep", "100", &promise);
        assert_int_equal(promise.most, 182);
        assert_in_range(counts.connections, 1, promise.most);
        if (at == AT_USUAL)
            assert_in_range(counts.connections - bundle_number(PAIRS), promise.usual - 8, promise.usual + 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_costs_one_connection),
        cmocka_unit_test(who_only_alerts_gets_few),
        cmocka_unit_test(posture_stays_below_its_most),
        cmocka_unit_test(suites_cost_what_is_found),
        cmocka_unit_test(suites_end_at_their_cap),
        cmocka_unit_test(a_server_test_stays_below_its_most),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
