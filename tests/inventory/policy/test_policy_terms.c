/* What a policy means for dates, CAs and clauses, in the database: the last day to ask, whom a predicate matches, what proves a
 * clause. */
#include "inventory/policy/policy_merge.h"
#include "inventory/policy/policy_packs.h"
#include "inventory/verdicts/as_of.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/rules/rules.h"
#include "inventory_policy_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdlib.h>
#include <string.h>

static void use_text(struct db *db, const char *text)
{
    struct error err = {0};
    struct policy *policy = policy_parse("p.ini", text, &err);
    if (policy == NULL || !policy_use(db, policy, &err))
        fail_msg("%s", err.text);
    policy_destroy(policy);
}

static void run(struct db *db, const char *present)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW};
    assert_true(clock_parse_us(present, &options.present_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

static void expect_text(struct db *db, const char *sql, const char *expected)
{
    struct error err = {0};
    struct db_result *rows = db_query(db, sql, 0, NULL, &err);
    if (rows == NULL)
        fail_msg("%s", err.text);
    const char *value = db_rows(rows) == 0 ? "no row" : db_value(rows, 0, 0) == NULL ? "null" : db_value(rows, 0, 0);
    if (strcmp(value, expected) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", sql, value, expected);
    db_result_destroy(rows);
}

static void forget(struct db *db)
{
    fixture_sql(db, "TRUNCATE site, certificate, staple, observation, quiet, sighting, answer_span, confirmation, endpoint_block, event, endpoint_now, recompute, "
                    "managed_source, owner_import, policy, policy_use, decision, certificate_now, endpoint_judged, record_judged, finding, verdict_past, now_count, "
                    "owner_basis, dirty, reconcile_run RESTART IDENTITY CASCADE");
    fixture_trust_clear(db);
}

/* One certificate with this end under this policy; the terms as "deadline last_day window customer service". */
static void expect_term(struct db *db, const char *policy, const char *not_after, const char *expected)
{
    struct made_cert *made = cert_make(&(struct cert_recipe){.not_before = "20260601000000Z", .not_after = not_after});
    forget(db);
    use_text(db, policy);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.20.1", .from = "2026-06-01", .chain = {made}});
    run(db, "2026-11-01");
    expect_text(db, "SELECT concat_ws(' ', to_char(deadline_at AT TIME ZONE zone, 'YYYY-MM-DD\"T\"HH24:MI:SS'), last_day, coalesce(window_opens_on::text, '-'), "
                    "ask_by_customer, ask_by_service, ask_by) FROM renewal_term", expected);
    expect_text(db, "SELECT count(*) FROM renewal_term t JOIN certificate_now n USING (certificate) WHERE n.safe_until IS DISTINCT FROM "
                    "t.ask_by", "0");
    /* Lists of what is due go by the end that belongs to a day. */
    expect_text(db, "SELECT count(*) FROM renewal_term t JOIN certificate_now n USING (certificate) CROSS JOIN generate_series(-20, 20) x (days) "
                    "WHERE (t.ask_by >= t.ask_by + x.days) <> (n.ends_at >= due_end_on(t.ask_by + x.days, t.installed_by))", "0");
    cert_make_free(made);
}

#define STATE "[policy]\nname = state\nzone = America/Los_Angeles\nday_ends_at = 17:00\nlead_business_days = 5\nlead_business_days_service = 10\n"

static void the_last_day_to_ask_counts_working_days(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    /* 15:59:59 in California is before 17:00; the tenth day is the last one; two holidays in between. */
    expect_term(db, STATE "request_window_days = 20\ninstalled_by = service\nholidays = 2026-11-26 2026-11-27\n", "20261204235959Z",
                "2026-12-04T15:59:59 2026-12-04 2026-11-14 2026-11-25 2026-11-18 2026-11-18");
    expect_term(db, policy_pack_find("california-cdt")->text, "20261204235959Z",
                "2026-12-04T15:59:59 2026-12-04 2026-11-14 2026-11-25 2026-11-18 2026-11-25");
    /* 18:00 in California: the day's end is earlier. No holidays. */
    expect_term(db, STATE, "20261205015959Z", "2026-12-04T17:00:00 2026-12-04 - 2026-11-27 2026-11-20 2026-11-27");
    /* One minute past midnight of Saturday: neither that day nor the night is a working day. */
    expect_term(db, STATE, "20261205080100Z", "2026-12-05T00:01:00 2026-12-04 - 2026-11-27 2026-11-20 2026-11-27");
    /* Sunday noon: Friday is the last of the days. */
    expect_term(db, STATE, "20261206200000Z", "2026-12-06T12:00:00 2026-12-06 - 2026-11-27 2026-11-20 2026-11-27");
    /* Summer time ends on 1 November: 00:30Z of 24 October is 17:30 of the day before. */
    expect_term(db, STATE, "20261024003000Z", "2026-10-23T17:00:00 2026-10-23 - 2026-10-16 2026-10-09 2026-10-16");
    /* A change that must be announced comes on top. */
    expect_term(db, STATE "change_lead_business_days = 2\n", "20261204235959Z", "2026-12-04T15:59:59 2026-12-04 - 2026-11-25 2026-11-18 2026-11-25");
    /* Without working days: the days of the calendar, and the end itself. */
    expect_term(db, "[policy]\nname = plain\nlead_time_days = 14\n", "20261204235959Z",
                "2026-12-04T23:59:59 2026-12-04 - 2026-11-20 2026-11-20 2026-11-20");
    /* A day that ends before its work begins is no day. */
    expect_term(db, "[policy]\nname = early\nzone = America/Los_Angeles\nday_ends_at = 06:00\n", "20261204235959Z",
                "2026-12-04T06:00:00 2026-12-03 - 2026-11-19 2026-11-19 2026-11-19");
    /* Beyond the calendar. */
    expect_term(db, STATE, "99991231235959Z", "9999-12-31T15:59:59 9999-12-31 - 9999-12-17 9999-12-17 9999-12-17");
}

static void who_installs_is_told_by_the_record(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const struct { const char *installer, *expected; } cases[] = {
        {"NULL", "customer 2026-11-27"}, {"''", "customer 2026-11-27"}, {"'Our web team'", "customer 2026-11-27"},
        {"'service'", "service 2026-11-20"}, {"'by CDT staff'", "service 2026-11-20"},
    };
    expect_term(db, STATE "service_installers = service CDT\n", "20261204235959Z", "2026-12-04T15:59:59 2026-12-04 - 2026-11-27 2026-11-20 2026-11-27");
    fixture_sql(db, "INSERT INTO managed_source (name) VALUES ('scm'); INSERT INTO managed_import (source, imported_at, files, record_count, bad_count) "
                    "VALUES (1, '2026-01-02', '{}', 1, 0); "
                    "INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, sha256) "
                    "SELECT 1, 'k', '2026-01-02', 'a.csv', 2, '{}', '{}', sha256 FROM certificate");
    run(db, "2026-11-02");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *sql = xasprintf("UPDATE managed_record SET installer = %s", cases[i].installer);
        fixture_sql(db, sql);
        expect_text(db, "SELECT concat_ws(' ', installed_by, ask_by) FROM renewal_term", cases[i].expected);
        free(sql);
    }
}

static void replay(struct db *db, const char *day)
{
    struct error err = {0};
    struct reconcile_options options = {0};
    if (!clock_parse_us(day, &options.as_of_us) || !reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

/* Days go by the policy that judged: until the next run, and as of an earlier day, by that of before, with its holidays. */
static void working_days_are_those_of_the_policy_that_judged(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char ask_by[] = "SELECT ask_by FROM renewal_term";
    expect_term(db, STATE "holidays = 2026-11-26 2026-11-27\n", "20261204235959Z",
                "2026-12-04T15:59:59 2026-12-04 - 2026-11-25 2026-11-18 2026-11-25");
    fixture_sql(db, "UPDATE policy_use SET used_from = '2026-10-01'");
    use_text(db, STATE);
    expect_text(db, ask_by, "2026-11-25");
    fixture_sql(db, "UPDATE policy_use SET used_from = '2026-11-02' WHERE policy = (SELECT max(id) FROM policy)");
    run(db, "2026-11-03");
    expect_text(db, ask_by, "2026-11-27");
    replay(db, "2026-10-15T00:00:00Z");
    expect_text(db, ask_by, "2026-11-25");
    replay(db, "2026-11-04T00:00:00Z");
    expect_text(db, ask_by, "2026-11-27");
    run(db, "2026-11-05");
    expect_text(db, ask_by, "2026-11-27");
}

static void expect_as_of(struct db *db, const char *text, const char *expected)
{
    struct error err = {0};
    int64_t as_of_us;
    char told[CLOCK_TEXT_SIZE];
    if (!as_of_read(db, text, &as_of_us, &err))
        fail_msg("%s", err.text);
    clock_format_us(as_of_us, told);
    if (strcmp(told, expected) != 0)
        fail_msg("--as-of %s is %s, not %s", text, told, expected);
}

static void a_day_to_judge_as_of_is_the_whole_of_it(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    int64_t now_us = clock_utc_us(), as_of_us;
    char now[CLOCK_TEXT_SIZE];
    use_text(db, "[policy]\nname = utc\n");
    expect_as_of(db, "2026-01-15", "2026-01-15T23:59:59.999999Z");
    expect_as_of(db, "2526-12-31", "2526-12-31T23:59:59.999999Z");
    expect_as_of(db, "2026-01-15 12:30", "2026-01-15T12:30:00.000000Z");
    clock_format_us(now_us, now);
    now[10] = '\0';
    assert_true(as_of_read(db, now, &as_of_us, &err));              /* today has not ended */
    assert_true(as_of_us >= now_us && as_of_us < now_us + 60000000);
    use_text(db, "[policy]\nname = west\nzone = America/Los_Angeles\n");
    expect_as_of(db, "2026-01-15", "2026-01-16T07:59:59.999999Z");
    expect_as_of(db, "2026-07-15", "2026-07-16T06:59:59.999999Z");
    expect_as_of(db, "2026-01-15T12:30Z", "2026-01-15T12:30:00.000000Z");
    assert_false(as_of_read(db, "2026-02-30", &as_of_us, &err));
    assert_non_null(strstr(err.text, "--as-of 2026-02-30: expected a day"));
}

static void a_zone_that_nobody_knows_is_refused(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct policy *policy = policy_parse("p.ini", "[policy]\nzone = America/Sacramento\n", &err);
    assert_non_null(policy);
    assert_false(policy_use(db, policy, &err));
    assert_non_null(strstr(err.text, "no such time zone"));
    policy_destroy(policy);
}

static void a_predicate_that_matches_nothing_is_told(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    forget(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "C=US,O=Sectigo Limited,CN=OV", .is_ca = 1});
    struct made_cert *state_cert = cert_make(&(struct cert_recipe){.subject = "O=State of California,CN=a.ca.gov", .issuer = ca});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "O=Another,CN=b.example", .issuer = ca});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.20.1", .chain = {state_cert, ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.20.2", .chain = {other, ca}});
    use_text(db, "[policy]\nname = p\n[own ca: state]\nissuer = CN=OV, O = sectigo limited, C=US\nsubject = O=State of California\n"
                 "[own ca: typo]\nissuer = O=Sectigo Limitd\n[own ca: both]\nissuer = O=Sectigo Limited\nissuer = O=Other\n"
                 "[own ca: old]\nissuer = O=Sectigo Limited\nuntil = 2020-01-01\n[approved ca: all]\nissuer = /C=US/O=Sectigo*\n");
    char *sql = xasprintf("SELECT string_agg(concat_ws(' ', kind, name, matches, 'of', certificates, attributes), '; ' ORDER BY kind, name) FROM (%s) x",
                          SQL_POLICY_CA_MATCHES);
    expect_text(db, sql, "approved all 2 of 2; own both 0 of 2 issuer O=Sectigo Limited: 2, issuer O=Other: 0; own old 0 of 2 issuer O=Sectigo Limited: 2; "
                         "own state 1 of 2; own typo 0 of 2 issuer O=Sectigo Limitd: 0");
    free(sql);
    cert_make_free(other);
    cert_make_free(state_cert);
    cert_make_free(ca);
}

static void expect_clause(struct db *db, const char *clause, const char *expected)
{
    char *sql = xasprintf("SELECT concat_ws(' ', status, failing, 'of', subjects, '|', reason) FROM clause_result WHERE clause = '%s'", clause);
    expect_text(db, sql, expected);
    free(sql);
}

static void a_clause_is_proved_only_by_what_was_asked(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    forget(db);
    use_text(db, "[policy]\nname = p\n[clause: key]\ntitle = k\nrules = K02\n[clause: tls]\ntitle = t\nrules = P03 K02\n"
                 "[clause: revoked]\ntitle = r\nrules = H08\n[clause: people]\ntitle = x\nnote = people say so\n"
                 "[clause: both]\ntitle = b\nrules = K02 H08\nnote = mind it\n");
    run(db, "2026-02-01");
    expect_clause(db, "key", "not applicable 0 of 0 | nothing that it is about is served or recorded");
    struct made_cert *strong = cert_make(&(struct cert_recipe){.key = "RSA:2048"}), *weak = cert_make(&(struct cert_recipe){.key = "RSA:1024"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.20.1", .chain = {strong}});
    run(db, "2026-02-01");
    expect_clause(db, "key", "pass 0 of 1 | asked of all, and K02 found nothing");
    /* a rule about certificates and one about places: one of each */
    expect_clause(db, "tls", "not tested 0 of 2 | asked at 0 of 1 endpoint (scan --depth posture)");
    expect_clause(db, "revoked", "not tested 0 of 1 | no revocation list is known (reconcile --crl FILE)");
    expect_clause(db, "people", "not tested 0 of 0 | people say so");
    fixture_sql(db, "WITH s AS (INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
                    "SELECT gen_random_uuid(), id, 1, now(), '', '', '', 1, 1 FROM site RETURNING id) "
                    "INSERT INTO posture (endpoint, item, time, value, scan) SELECT e.id, i, '2026-01-20', 'refused', s.id FROM endpoint e, s, "
                    "unnest('{tls10,tls11}'::text[]) i");
    run(db, "2026-02-01");
    expect_clause(db, "tls", "pass 0 of 2 | asked of all, and its 2 rules found nothing");
    fixture_serve(db, &(struct fixture_served){.address = "127.60.20.2", .chain = {weak}});
    run(db, "2026-02-01");
    expect_clause(db, "key", "fail 1 of 2 | found by K02");
    expect_clause(db, "tls", "fail 1 of 4 | found by K02");
    expect_clause(db, "both", "fail 1 of 2 | found by K02; not all of it was tested: no revocation list is known (reconcile --crl FILE); mind it");
    cert_make_free(strong);
    cert_make_free(weak);
}

static void clauses_of_packs_name_rules_that_exist(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++) {
        use_text(db, pack->text);
        struct db_result *rows = db_query(db, "SELECT clause, unnest(rules), title, source FROM policy_clause", 0, NULL, &err);
        assert_non_null(rows);
        assert_true(db_rows(rows) > 0);
        for (size_t i = 0; i < db_rows(rows); i++) {
            if (rule_find(db_value(rows, i, 1)) == NULL)
                fail_msg("%s, clause %s: there is no rule %s", pack->name, db_value(rows, i, 0), db_value(rows, i, 1));
            assert_string_not_equal(db_value(rows, i, 2), "");
            assert_string_not_equal(db_value(rows, i, 3), "");
        }
        db_result_destroy(rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_day_to_ask_counts_working_days),
        cmocka_unit_test(who_installs_is_told_by_the_record),
        cmocka_unit_test(working_days_are_those_of_the_policy_that_judged),
        cmocka_unit_test(a_day_to_judge_as_of_is_the_whole_of_it),
        cmocka_unit_test(a_zone_that_nobody_knows_is_refused),
        cmocka_unit_test(a_predicate_that_matches_nothing_is_told),
        cmocka_unit_test(a_clause_is_proved_only_by_what_was_asked),
        cmocka_unit_test(clauses_of_packs_name_rules_that_exist),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
