/* report findings over the invented inventory: by when each is to be settled, and of which certificate it speaks. The document tells the same days. */
#include "inventory/policy/policy.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/check.h"
#include "reports/document/document.h"
#include "reports/render.h"
#include "reports/screen.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>

/* Of each certificate the last day on which anything can be asked of it, by tables alone. */
#define LAST_DAY "(SELECT t.ask_by FROM renewal_term t WHERE t.certificate = n.certificate)"

/* Fills the table "listed" with the rows of the list. */
static void list(struct db *db)
{
    char *text = NULL;
    size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    bool ok = report_write(report_find("findings"), &(struct report_options){.filter = "{}"}, db, &render_json, out, NULL, &err);
    fclose(out);
    fixture_sql(db, "DROP TABLE IF EXISTS listed; CREATE TEMP TABLE listed (rule text COLLATE \"C\", name jsonb, places jsonb, since timestamptz, act_by timestamptz, sha256 text, severity text, next_step text)");
    const char *params[] = {text};
    ok = ok && db_exec_params(db, "INSERT INTO listed SELECT r.* FROM jsonb_to_recordset($1::jsonb->'rows') r (rule text, name jsonb, places jsonb, "
                                  "since timestamptz, act_by timestamptz, sha256 text, severity text, next_step text)", 1, params, &err);
    if (!ok)
        fail_msg("%s", err.text);
    free(text);
}

static void expect(struct db *db, const char *sql, long long wanted)
{
    long long found = test_number(db, sql);
    if (found != wanted)
        fail_msg("%lld, not %lld: %s", found, wanted, sql);
}

/* Nobody manages it: 90 days. But this one ends in 40, and must be asked for 14 days earlier: its R01 is to be settled by then. */
static void no_day_is_after_the_last_safe_day(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    list(db);
    expect(db, "SELECT count(*) FROM finding", test_number(db, "SELECT count(*) FROM listed"));
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 "
               "WHERE l.rule IN (SELECT rule FROM finding WHERE certificate <> 0) AND l.act_by::date > " LAST_DAY, 0);
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 "
               "WHERE l.rule = 'R01' AND n.name = 'maps.transport.example.gov' AND l.act_by::date = " LAST_DAY, 1);
    expect(db, "SELECT count(*) FROM listed WHERE rule = 'R01' AND name = '[\"cameras.transport.example.gov\"]' AND act_by::date = since::date + 90", 1);
    /* what a server accepts has nothing to do with the end of its certificate */
    expect(db, "SELECT count(*) FROM listed WHERE rule = 'P03' AND act_by::date < since::date + 30", 0);
}

/* Before there is a policy: no last safe day is known, but an end is. */
static void without_a_last_safe_day_none_is_after_the_end(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE kept AS SELECT * FROM policy_use; CREATE TEMP TABLE runs_kept AS SELECT * FROM reconcile_run; DELETE "
                    "FROM policy_use; DELETE FROM reconcile_run; "
                    "CREATE TEMP TABLE safe_kept AS SELECT certificate, safe_until FROM certificate_now; UPDATE certificate_now SET "
                    "safe_until = NULL");
    expect(db, "SELECT count(*) FROM renewal_term", 0);
    list(db);
    fixture_sql(db, "INSERT INTO policy_use SELECT * FROM kept; INSERT INTO reconcile_run OVERRIDING SYSTEM VALUE SELECT * FROM runs_kept; "
                    "UPDATE certificate_now n SET safe_until = k.safe_until FROM safe_kept k WHERE k.certificate = n.certificate; DROP TABLE "
                    "kept, runs_kept, safe_kept");
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 "
               "WHERE l.rule IN (SELECT rule FROM finding WHERE certificate <> 0) AND l.act_by::date > n.not_after::date", 0);
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 "
               "WHERE l.rule = 'R01' AND n.name = 'maps.transport.example.gov' AND l.act_by::date = n.not_after::date", 1);
}

static void the_document_tells_the_same_days(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct document document;
    world_serve_month(db);
    list(db);
    if (!document_open(&document, db, &(struct document_options){.written_by = "certsweep"}, &err) || !document_fill(&document, &err))
        fail_msg("%s", err.text);
    expect(db, "SELECT count(*) FROM document_finding WHERE rule <> 'renewal'", test_number(db, "SELECT count(*) FROM listed"));
    expect(db, "SELECT count(*) FROM (SELECT rule, act_by FROM document_finding WHERE rule <> 'renewal' EXCEPT ALL SELECT rule, act_by::date FROM listed) x", 0);
    expect(db, "SELECT count(*) FROM document_finding f JOIN certificate_now n ON n.certificate = f.subject WHERE f.certificate <> 0 AND f.act_by > " LAST_DAY, 0);
    /* the first day of each that is served is no later, and no earlier than the days themselves say */
    expect(db, "SELECT count(*) FROM (SELECT subject, min(act_by) AS day FROM document_finding WHERE act_by IS NOT NULL GROUP BY subject) f "
               "JOIN certificate_now n ON n.certificate = f.subject WHERE n.place_count > 0 AND f.day > " LAST_DAY, 0);
    /* nobody has looked at month.parks, but it must be renewed; what must be, and has other findings, is told once, and as grave as its end is near */
    expect(db, "SELECT count(*) FROM document_finding f JOIN certificate_now n ON n.certificate = f.subject "
               "WHERE f.rule = 'renewal' AND n.name = 'month.parks.example.gov' AND f.severity_rank = 3", 1);
    expect(db, "SELECT count(*) FROM document_finding f JOIN document_finding o USING (subject) WHERE f.rule = 'renewal' AND o.rule IN ('C05', 'C06', 'C07')", 0);
    expect(db, "SELECT count(*) FROM document_finding WHERE rule = 'renewal'", test_number(db, "SELECT count(DISTINCT subject) FROM document_finding WHERE rule = 'renewal'"));
    expect(db, "SELECT count(*) FROM document_finding f JOIN certificate_now n ON n.certificate = f.subject CROSS JOIN report_as_of r WHERE f.rule = 'renewal' AND "
               "f.severity_rank <> CASE WHEN n.not_after <= r.as_of + interval '8 days' THEN 2 WHEN n.not_after <= r.as_of + interval '31 days' THEN 3 "
               "WHEN n.not_after <= r.as_of + interval '61 days' THEN 4 ELSE 5 END", 0);
    document_close(&document);
}

#define OF_FINDING "(s.axes_by IS NULL OR f.day < s.axes_by::date) AND NOT action_settles(s.action, f.rule)"

/* Of a certificate there is one next step, and it is that of what must be done first: of its axes, its findings, those of its places, its end. The
 * document, which tells each of them, has no other first day. */
static void a_certificate_has_the_first_day_of_all_that_is_told_of_it(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct document document;
    fixture_sql(db, "CREATE TEMP TABLE first_found AS SELECT DISTINCT ON (certificate) * FROM ("
                    "SELECT f.certificate, f.rule, f.severity_rank, finding_act_by(f.rule, f.severity_rank, f.since, " LAST_DAY ", NULL, "
                        "s.act_days, s.zone) AS day FROM finding f "
                    "JOIN certificate_now n USING (certificate) CROSS JOIN due_setting s UNION ALL "
                    "SELECT j.certificate, f.rule, f.severity_rank, finding_act_by(f.rule, f.severity_rank, f.since, NULL, NULL, s.act_days, "
                    "s.zone) FROM finding f "
                    "JOIN endpoint_judged j USING (endpoint) CROSS JOIN due_setting s WHERE f.certificate = 0) f WHERE day IS NOT NULL ORDER "
                    "BY certificate, day, severity_rank, NOT is_settled_rule(rule), rule");
    expect(db, "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) LEFT JOIN first_found f USING (certificate) WHERE "
               "n.is_leaf AND n.place_count > 0 "
               "AND s.act_by::date IS DISTINCT FROM least(f.day, " LAST_DAY ", s.axes_by::date)", 0);
    expect(db, "SELECT count(*) FROM next_step s JOIN first_found f USING (certificate) JOIN rule r ON r.id = f.rule WHERE " OF_FINDING " AND "
        "s.what NOT LIKE rtrim(r.next_step, '.') || '%'", 0);
    expect(db, "SELECT count(*) FROM next_step s LEFT JOIN first_found f USING (certificate) WHERE f.certificate IS NULL AND s.what <> "
               "s.axes_what", 0);
    /* what was told wrongly: a step without a day, and a later one, beside a finding with a day */
    assert_true(test_number(db, "SELECT count(*) FROM next_step s JOIN first_found f USING (certificate) WHERE s.axes_by IS NULL") > 3);
    assert_true(test_number(db, "SELECT count(*) FROM next_step s JOIN first_found f USING (certificate) WHERE " OF_FINDING " AND s.what LIKE "
        "'%Then: %'") > 0);
    if (!document_open(&document, db, &(struct document_options){.written_by = "certsweep"}, &err) || !document_fill(&document, &err))
        fail_msg("%s", err.text);
    expect(db, "SELECT count(*) FROM (SELECT subject, min(act_by) AS day FROM document_item WHERE subject > 0 GROUP BY subject) i LEFT JOIN "
               "next_step s ON s.certificate = i.subject "
               "WHERE s.act_by::date IS DISTINCT FROM i.day", 0);
    document_close(&document);
    fixture_sql(db, "DROP TABLE first_found");
}

/* The same in every list that tells its step, and on its own page. */
static void a_certificate_has_one_step_in_all_lists(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const lists[] = {"certificates", "unmanaged", "foreign", "expiring", "expired"};
    fixture_sql(db, "CREATE TEMP TABLE told (list text, sha256 text, next_step text, act_by timestamptz)");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char *text = NULL;
        size_t len;
        struct error err = {0};
        FILE *out = open_memstream(&text, &len);
        bool ok = report_write(report_find(lists[i]), &(struct report_options){.filter = "{}"}, db, &render_json, out, NULL, &err);
        fclose(out);
        const char *params[] = {text, lists[i]};
        if (!ok || !db_exec_params(db,
                                   "INSERT INTO told SELECT $2, r.* FROM jsonb_to_recordset($1::jsonb->'rows') r (sha256 text, next_step "
                                   "text, act_by timestamptz)", 2, params, &err))
            fail_msg("%s", err.text);
        free(text);
    }
    expect(db, "SELECT count(*) FROM told t JOIN certificate_now n ON encode(n.sha256, 'hex') = t.sha256 JOIN next_step s USING (certificate) "
               "WHERE t.act_by IS DISTINCT FROM s.act_by OR t.next_step NOT IN (s.what, s.next_step)", 0);
    assert_int_equal(test_number(db, "SELECT count(DISTINCT list) FROM told"), sizeof lists / sizeof lists[0]);
    expect(db, "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) CROSS JOIN certificates_judged(ARRAY[n.certificate]) j "
               "WHERE j.item = 'next step' AND (j.at IS DISTINCT FROM s.act_by OR j.value <> s.next_step_long)", 0);
    fixture_sql(db, "DROP TABLE told");
}

/* A finding about a place speaks of the certificate that the place shows; of none alone, if it shows several. */
static void a_finding_tells_its_certificate(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE shown_two AS SELECT min(endpoint) AS endpoint FROM finding WHERE rule = 'P03'; "
                    "INSERT INTO endpoint_judged (endpoint, certificate, site, deployment, deployment_since) "
                    "SELECT s.endpoint, (SELECT max(certificate) FROM certificate_now WHERE is_leaf), j.site, j.deployment, j.deployment_since "
                    "FROM shown_two s JOIN endpoint_judged j USING (endpoint)");
    list(db);
    expect(db, "SELECT count(*) FROM listed WHERE rule = 'P03' AND sha256 IS NOT NULL", test_number(db, "SELECT count(*) - 1 FROM finding WHERE rule = 'P03'"));
    expect(db, "SELECT count(*) FROM listed WHERE sha256 IS NULL AND jsonb_array_length(name) <> 2", 0);
    expect(db, "SELECT count(*) FROM listed l WHERE l.sha256 IS NOT NULL "
               "AND NOT EXISTS (SELECT FROM certificate_now n WHERE encode(n.sha256, 'hex') = l.sha256 AND l.name = jsonb_build_array(n.name))", 0);
    fixture_sql(db, "DELETE FROM endpoint_judged j USING shown_two s WHERE j.endpoint = s.endpoint AND j.certificate = (SELECT max(certificate) FROM certificate_now WHERE is_leaf); "
                    "DROP TABLE shown_two");
}

#define OF_ENDED " FROM listed l JOIN ended e ON e.sha256 = l.sha256 "

/* What has ended, and is revoked by its account, before its last safe day or after it: the earlier one is its day in every row, and in its next step. */
static void what_ended_and_is_revoked_has_one_earliest_day(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE findings_kept AS SELECT * FROM finding; CREATE TEMP TABLE ended AS "
                    "SELECT n.certificate, encode(n.sha256, 'hex') AS sha256, t.ask_by, j.endpoint, NULL::date AS day FROM certificate_now n JOIN renewal_term t USING (certificate) "
                    "JOIN endpoint_judged j USING (certificate) WHERE n.time = 'expired' AND n.is_leaf AND n.place_count > 0 LIMIT 1; "
                    "INSERT INTO finding SELECT e.certificate, e.endpoint, 'R15', f.rule_version, 1, '{}', f.since, NULL FROM ended e JOIN finding f ON f.certificate = e.certificate AND f.rule = 'C05'");
    for (int days = -9; days <= 9; days += 18) {
        char *sql = xasprintf("UPDATE certificate_now n SET is_revoked = true, revoked_at = e.ask_by::timestamp AT TIME ZONE 'UTC' + interval '%d days 5 hours' FROM ended e WHERE e.certificate = n.certificate; "
                              "UPDATE ended SET day = ask_by + least(%d, 0)", days, days);
        fixture_sql(db, sql);
        free(sql);
        list(db);
        expect(db, "SELECT count(*)" OF_ENDED "WHERE l.rule IN ('R15', 'C05') AND l.act_by::date = e.day", 2);
        expect(db, "SELECT count(*)" OF_ENDED "WHERE l.act_by::date < e.day", 0);
        expect(db, "SELECT count(*) FROM ended e, next_steps(ARRAY[e.certificate]) s WHERE s.action = 'replace today' AND s.act_by::date = e.day", 1);
        expect(db, "SELECT count(*) FROM ended e, subject_findings('{}', ARRAY[e.certificate], NULL) f WHERE f.said LIKE '% By: ' || e.day || '.'", 2);
        expect(db, "SELECT count(*) FROM ended e, subject_findings('{\"rule\": [\"R15\"]}', NULL, ARRAY[e.endpoint]) f WHERE f.said LIKE '% By: ' || e.day || '.'", 1);
        struct error err = {0};
        struct document document;
        if (!document_open(&document, db, &(struct document_options){.written_by = "certsweep"}, &err) || !document_fill(&document, &err))
            fail_msg("%s", err.text);
        expect(db, "SELECT count(*) FROM document_finding f JOIN ended e ON e.certificate = f.subject WHERE f.rule IN ('R15', 'C05') AND f.act_by = e.day", 2);
        document_close(&document);
    }
    fixture_sql(db, "UPDATE certificate_now n SET is_revoked = false, revoked_at = NULL FROM ended e WHERE e.certificate = n.certificate; "
                    "DELETE FROM finding; INSERT INTO finding SELECT * FROM findings_kept; DROP TABLE findings_kept, ended");
}

/* Found at 01:00Z, which is the evening before in Los Angeles: its days begin there. */
static void days_are_those_of_the_policys_zone(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TABLE policy_kept AS SELECT * FROM policy; CREATE TEMP TABLE findings_kept AS SELECT * FROM finding; "
                    "UPDATE policy SET document = document || '{\"zone\": \"America/Los_Angeles\"}'; UPDATE finding SET since = date_trunc('day', since, 'UTC') + interval '1 hour'");
    list(db);
    expect(db, "SELECT count(*) FROM listed WHERE rule = 'R01' AND name = '[\"cameras.transport.example.gov\"]' AND act_by::date = (since AT TIME ZONE 'UTC')::date + 89", 1);
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 "
               "WHERE l.rule IN (SELECT rule FROM finding WHERE certificate <> 0) AND l.act_by::date > (n.not_after AT TIME ZONE 'America/Los_Angeles')::date", 0);
    fixture_sql(db, "CREATE TEMP TABLE revoked AS SELECT certificate FROM certificate_now WHERE is_leaf AND place_count > 0 AND time = 'ok' AND revoked_at IS NULL LIMIT 1; "
                    "UPDATE certificate_now n SET is_revoked = true, revoked_at = date_trunc('day', r.as_of, 'UTC') - interval '22 hours' FROM report_as_of r "
                    "WHERE n.certificate IN (SELECT certificate FROM revoked)");
    expect(db, "SELECT count(*) FROM certificate_now n, next_steps(ARRAY[n.certificate]) s, LATERAL (SELECT (n.revoked_at AT TIME ZONE 'America/Los_Angeles')::date AS day) d "
               "WHERE n.certificate IN (SELECT certificate FROM revoked) AND (s.act_by AT TIME ZONE 'UTC')::date = d.day AND s.what LIKE '%revoked on ' || d.day || ',%' "
               "AND d.day <> (n.revoked_at AT TIME ZONE 'UTC')::date", 1);
    fixture_sql(db, "UPDATE certificate_now n SET is_revoked = false, revoked_at = NULL WHERE n.certificate IN (SELECT certificate FROM revoked); DROP TABLE revoked");
    fixture_sql(db, "UPDATE policy p SET document = k.document FROM policy_kept k WHERE k.id = p.id; DELETE FROM finding; INSERT INTO finding SELECT * FROM findings_kept; "
                    "DROP TABLE policy_kept, findings_kept");
}

/* All days that are told: by lists, next steps, the pages of one certificate and the document. */
static char *days_told(struct db *db)
{
    struct error err = {0};
    struct document document;
    list(db);
    if (!document_open(&document, db, &(struct document_options){.written_by = "certsweep"}, &err) || !document_fill(&document, &err))
        fail_msg("%s", err.text);
    char *days = test_rows(db, "SELECT (SELECT sum(act_by::date - date '2000-01-01') FROM listed), (SELECT sum(act_by::date - date "
                               "'2000-01-01') FROM next_step), "
                               "(SELECT sum(ask_by - date '2000-01-01') FROM renewal_term), (SELECT sum(act_by - date '2000-01-01') FROM "
                               "document_finding), "
                               "(SELECT sum(hashtext(said)) FROM subject_findings('{}', ARRAY(SELECT certificate FROM certificate_now), NULL)), "
                               "(SELECT sum(hashtext(renewals_due::text)) FROM renewals_due('{}', NULL, NULL)), (SELECT zone FROM due_setting)");
    document_close(&document);
    return days;
}

/* A policy that is put to use changes verdicts by the next run, and their days together with them. */
static void verdicts_and_their_days_are_of_one_policy(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *before = days_told(db);
    struct policy *policy = policy_parse("other.ini",
                                         "[policy]\nname = other\nzone = America/Los_Angeles\nlead_business_days = 20\nact_days = 1 2 3 4\n", &err);
    if (policy == NULL || !policy_use(db, policy, &err))
        fail_msg("%s", err.text);
    policy_destroy(policy);
    char *used = days_told(db);
    assert_string_equal(before, used);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    char *judged = days_told(db);
    assert_string_not_equal(before, judged);
    expect(db, "SELECT count(*) FROM listed WHERE severity = 'high' AND act_by::date > (since AT TIME ZONE 'America/Los_Angeles')::date + 2", 0);
    expect(db, "SELECT count(*) FROM renewal_term t JOIN certificate_now n USING (certificate) WHERE t.zone <> 'America/Los_Angeles' OR "
               "t.ask_by > n.not_after::date - 25", 0);
    fixture_sql(db, "DELETE FROM policy_use WHERE policy = (SELECT id FROM policy WHERE name = 'other')");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    char *again = days_told(db);
    assert_string_equal(strrchr(before, '|'), strrchr(again, '|'));
    free(before);
    free(used);
    free(judged);
    free(again);
}

static char *screen(struct db *db, const char *site)
{
    char *text = NULL;
    size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    if (!screen_print_lines(db, site, out, &err))
        fail_msg("%s", err.text);
    fclose(out);
    return text;
}

#define KEPT(subject, value) "(SELECT coalesce(sum(count), 0) FROM now_count WHERE site = 0 AND subject = '" subject "' AND value = '" value "')"

/* What has ended and is served nowhere is told, as grave as it is, and asks for nothing, whatever list tells it; and nobody is called for it. */
static void what_is_over_asks_for_nothing(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct check_options options = {.filter = "{}", .warning_days = 30, .critical_days = 7, .max_age_hours = 48};
    enum check_state told;
    char *checked[2] = {0};
    long long critical = test_number(db, "SELECT " KEPT("severity", "critical")), urgent = test_number(db, "SELECT " KEPT("of all owners", "urgent"));
    char *before = screen(db, NULL);
    assert_null(strstr(before, "served nowhere"));
    for (int i = 0; i < 2; i++) {
        size_t len;
        FILE *out = open_memstream(&checked[i], &len);
        if (!check_print(db, &options, out, &told, &err))
            fail_msg("%s", err.text);
        fclose(out);
        if (i == 0)
            world_record(db, "CN=over.parks.example.gov", -5);
        if (!reconcile_run(db, NULL, NULL, &err))
            fail_msg("%s", err.text);
    }
    list(db);
    expect(db, "SELECT count(*) FROM listed WHERE rule = 'C05' AND name = '[\"over.parks.example.gov\"]' AND severity = 'critical' "
               "AND act_by IS NULL AND next_step = 'None: it is over, and served nowhere.'", 1);
    expect(db, "SELECT count(*) FROM listed WHERE name = '[\"over.parks.example.gov\"]' AND (act_by IS NOT NULL OR next_step NOT LIKE 'None:%')", 0);
    /* of what is served, everything has its own step */
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 WHERE n.place_count > 0 AND l.next_step LIKE 'None:%'", 0);
    expect(db, "SELECT count(*) FROM certificate_now n, subject_findings('{}', ARRAY[n.certificate], NULL) f WHERE n.name = 'over.parks.example.gov' AND f.said LIKE '%. None: it is over%'",
           test_number(db, "SELECT count(*) FROM finding f JOIN certificate_now n USING (certificate) WHERE n.name = 'over.parks.example.gov'"));
    /* the summary counts what the list has, and how many of these are over; who looks for what is urgent does not find it */
    expect(db, "SELECT " KEPT("severity", "critical"), critical + 1);
    expect(db, "SELECT count(*) FROM listed WHERE severity = 'critical'", critical + 1);
    expect(db, "SELECT " KEPT("over", "critical"), 1);
    expect(db, "SELECT " KEPT("of all owners", "urgent"), urgent);
    expect(db, "SELECT count(*) FROM certificate_now n WHERE is_urgent(n.is_leaf, n.severity_rank, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)", urgent);
    char *after = screen(db, NULL);
    long long over = test_number(db, "SELECT " KEPT("over", "critical") " + " KEPT("over", "high"));
    char *told_over = xasprintf("; %lld of these %s about what is over and served nowhere, which needs nothing.", over, over == 1 ? "is" : "are");
    expect(db, "SELECT count(*) FROM listed l JOIN certificate_now n ON encode(n.sha256, 'hex') = l.sha256 WHERE n.name = 'over.parks.example.gov' AND l.severity IN ('critical', 'high')",
           over);
    if (strstr(after, told_over) == NULL)
        fail_msg("%s: %s", told_over, after);
    free(told_over);
    /* no clause fails by it: "Strong keys" asks for K02 */
    fixture_sql(db, "CREATE TEMP TABLE clause_before AS SELECT clause, subjects, failing FROM clause_result; "
                    "UPDATE finding SET rule = 'K02' WHERE rule = 'C05' AND certificate = (SELECT certificate FROM certificate_now WHERE name = 'over.parks.example.gov')");
    expect(db, "SELECT count(*) FROM clause_result c JOIN clause_before b USING (clause) WHERE (c.subjects, c.failing) <> (b.subjects, b.failing) OR c.failing > c.subjects", 0);
    expect(db, "SELECT count(*) FROM clause_result WHERE 'K02' = ANY (rules) AND reason LIKE '%not counted: 1 certificate, over and served "
               "nowhere, which needs nothing%'",
           test_number(db, "SELECT count(*) FROM policy_clause WHERE 'K02' = ANY (rules)"));
    /* rules about public certificates, or about others alone, have these as subjects */
    expect(db, "SELECT a.subjects - b.subjects - c.subjects FROM rule_asked a, rule_asked b, rule_asked c WHERE a.rule = 'K02' AND b.rule = "
               "'C03' AND c.rule = 'C04'", 0);
    expect(db, "SELECT (b.subjects >= count(n.certificate) AND b.subjects > 0 AND c.subjects > 0)::integer FROM rule_asked b, rule_asked c, "
               "certificate_now n "
               "WHERE b.rule = 'C03' AND c.rule = 'C04' AND n.issuer = 'foreign' AND n.place_count > 0 GROUP BY b.subjects, c.subjects", 1);
    fixture_sql(db, "UPDATE finding SET rule = 'C05' WHERE rule = 'K02' AND certificate = (SELECT certificate FROM certificate_now WHERE name = 'over.parks.example.gov'); "
                    "DROP TABLE clause_before");
    for (int i = 0; i < 2; i++)
        *strstr(checked[i], " age=") = '\0';
    assert_string_equal(checked[0], checked[1]);
    free(before);
    free(after);
    free(checked[0]);
    free(checked[1]);
}

/* Of one rule, two have one next step and the one between them another: those that ask for the same stand together, and pages hold all of them once. */
static void what_asks_for_the_same_stands_together(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "DELETE FROM finding WHERE rule = 'H01'; CREATE TEMP TABLE issuer_before AS SELECT certificate, issuer FROM certificate_now; "
                    "INSERT INTO finding SELECT certificate, 0, 'H01', 1, 2, '{}', now() FROM certificate_now WHERE is_leaf AND place_count > 0 ORDER BY certificate LIMIT 6; "
                    "UPDATE certificate_now n SET issuer = CASE WHEN f.number % 2 = 0 THEN 'own' ELSE 'unknown' END "
                    "FROM (SELECT certificate, row_number() OVER (ORDER BY certificate) AS number FROM finding WHERE rule = 'H01') f WHERE f.certificate = n.certificate");
    char *text = NULL;
    size_t len = 0;
    struct error err = {0};
    for (size_t limit = 0; limit < 6; limit += 5) {
        FILE *out = open_memstream(&text, &len);
        assert_true(report_write(report_find("findings"), &(struct report_options){.filter = "{\"rule\":[\"H01\"]}", .limit = limit}, db, &render_table, out, NULL, &err));
        fclose(out);
        const char *first = strstr(text, "Next step: ");
        assert_non_null(first);
        assert_non_null(strstr(first + 1, "Next step: "));
        assert_null(strstr(strstr(first + 1, "Next step: ") + 1, "Next step: "));
        assert_null(strstr(strstr(text, "No path leads to a trusted root") + 1, "No path leads to a trusted root"));
        const char *next = strstr(text, "--after ");
        assert_int_equal(next != NULL, limit == 5);
        if (next != NULL) {
            char *cursor = xstrndup(next + 8, strcspn(next + 8, "\n"));
            free(text);
            out = open_memstream(&text, &len);
            size_t rows = 0;
            assert_true(report_write(report_find("findings"), &(struct report_options){.filter = "{\"rule\":[\"H01\"]}", .limit = limit, .after = cursor}, db, &render_csv, out, &rows, &err));
            fclose(out);
            assert_int_equal(rows, 1);
            free(cursor);
        }
        free(text);
    }
    fixture_sql(db, "DELETE FROM finding WHERE rule = 'H01'; UPDATE certificate_now n SET issuer = b.issuer FROM issuer_before b WHERE b.certificate = n.certificate");
}

/* What is not served is told in parts that nothing is in twice, and that have all of it: in files, recorded with its certificate, records alone; and how many
 * of each have ended, or were replaced. */
static void expect_parts(struct db *db, const char *told)
{
    char *wanted = test_rows(db,
        "WITH leaf AS (SELECT n.*, f.certificate IS NOT NULL AS is_filed FROM certificate_now n LEFT JOIN (SELECT DISTINCT certificate FROM file_judged) f USING (certificate) WHERE n.is_leaf), "
        "part AS (SELECT is_filed, count(*) || CASE WHEN is_filed THEN ' in files' ELSE ' recorded and in no file' END "
        "|| coalesce(' (' || nullif(concat_ws(', ', nullif(count(*) FILTER (WHERE time = 'expired'), 0) || ' ended', "
        "nullif(count(*) FILTER (WHERE time <> 'expired' AND replaced_at IS NOT NULL), 0) || ' replaced'), '') || ')', '') AS text FROM leaf WHERE place_count = 0 GROUP BY is_filed) "
        "SELECT (SELECT count(*) FROM leaf WHERE place_count > 0) || ' certificates served at ' || (SELECT count(DISTINCT endpoint) FROM endpoint_judged) "
        "|| ' places. Not seen served: ' || (SELECT string_agg(text, ', ' ORDER BY is_filed DESC) FROM part) || ', ' "
        "|| (SELECT count(*) FROM record_judged j WHERE NOT j.is_replaced AND NOT EXISTS (SELECT FROM match_now m WHERE m.record = j.record AND m.is_counted)) "
        "|| ' records whose certificate is not known (certsweep report recorded). In files, served or not: '");
    wanted[strlen(wanted) - 1] = '\0';
    if (strstr(told, wanted) == NULL)
        fail_msg("no %s in %s", wanted, told);
    free(wanted);
}

/* Nothing serves it: the tables of what is to be renewed leave it out, and the screen says so, with the lists that have it. A record whose certificate nobody has
 * seen is late, too, if it can be renewed in time no more, and no later one of its names is there. */
static void what_ends_and_is_served_nowhere_is_counted(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *text = NULL;
    size_t len;
    const struct cert_recipe recipe = {.subject = "CN=lying.parks.example.gov", .not_before = ASN1_DAY(-9), .not_after = ASN1_DAY(300)};
    struct made_cert *lying = cert_make(&recipe);
    fixture_lie(db, &(struct fixture_lying){.path = "/srv/lying.pem", .certificate = lying});
    cert_make_free(lying);
    world_record(db, "CN=unseen.parks.example.gov", 5);
    static const struct { const char *subject; int from, to; } recorded[] = {
        {"CN=over.parks.example.gov", -300, -3}, {"CN=swapped.parks.example.gov", -200, 190}, {"CN=in-use.parks.example.gov", -20, 290}};
    for (size_t i = 0; i < sizeof recorded / sizeof recorded[0]; i++) {
        struct made_cert *made = cert_make(&(struct cert_recipe){.subject = recorded[i].subject, .not_before = ASN1_DAY(recorded[i].from), .not_after = ASN1_DAY(recorded[i].to)});
        char *by_bytes = xasprintf("INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256, order_number) "
                                   "SELECT 1, sha256(c.sha256), now() - interval '3 days', 'account.csv', 890, '{}', '{}', c.sha256, 'kept%zu' FROM certificate c WHERE c.id = %lld",
                                   i, (long long)fixture_made(db, made));
        fixture_sql(db, by_bytes);
        free(by_bytes);
        cert_make_free(made);
    }
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, order_number, replaces, not_before, not_after) "
                    "SELECT 1, sha256('swaps'), now() - interval '3 days', 'account.csv', 893, '{swaps.example}', '{}', 'beef893', 'swaps.example', 'swaps', 'kept1', "
                    "now() - interval '9 days', now() + interval '200 days'");
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, "
                    "not_before, not_after) SELECT 1, sha256(convert_to('never' || d::text, 'UTF8')), now() - interval '3 days', 'account.csv', 900 + d, ARRAY[v.name], '{}', 'beef' || d, v.name, "
                    "now() - v.age * interval '1 day', now() + d * interval '1 day' "
                    "FROM (VALUES (4, 'never.example', 100), (25, 'never-yet.example', 100), (3, 'never-again.example', 100), (80, 'never-again.example', 2)) v (d, name, age)");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    char *said = xasprintf("Served nowhere, and so not counted to renew: 1 certificate whose renewal is due (certsweep report expiring); "
                           "%lld records, whose certificates are not known, end within 30 days (certsweep report recorded --within 30).",
                           (long long)test_number(db, "SELECT count(*) FROM record_judged j JOIN managed_record r ON r.id = j.record "
                                                      "WHERE r.not_after < now() + interval '30 days' AND j.certificate IS NULL AND NOT j.is_replaced"));
    char *told = screen(db, NULL);
    if (strstr(told, said) == NULL)
        fail_msg("no %s in %s", said, told);
    expect_parts(db, told);
    fixture_sql(db, "CREATE TEMP TABLE ending_kept AS SELECT * FROM ending_count; DELETE FROM ending_count");        /* as where runs have not counted */
    char *counted = screen(db, NULL);
    fixture_sql(db, "INSERT INTO ending_count SELECT * FROM ending_kept");
    if (strstr(counted, said) == NULL)
        fail_msg("no %s in %s", said, counted);
    free(counted);
    FILE *out = open_memstream(&text, &len);
    bool ok = report_write(report_find("recorded"), &(struct report_options){.filter = "{\"within\": 30}"}, db, &render_json, out, NULL, &err);
    fclose(out);
    const char *params[] = {text};
    if (!ok || !db_exec_params(db, "CREATE TEMP TABLE recorded AS SELECT r.* FROM jsonb_to_recordset($1::jsonb->'rows') r (name text, late text, days_left integer)", 1, params, &err))
        fail_msg("%s", err.text);
    expect(db, "SELECT count(*) FROM recorded WHERE name LIKE 'never%'", 2);           /* one was replaced */
    expect(db, "SELECT count(*) FROM recorded WHERE name = 'never.example' AND late = 'LATE' AND days_left = 3", 1);
    expect(db, "SELECT count(*) FROM recorded WHERE name <> 'never.example' AND name LIKE 'never%' AND late IS NULL", 1);
    free(text);
    free(told);
    free(said);
}

static char *listed(struct db *db, const char *report, const char *filter, size_t *rows)
{
    struct error err = {0};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!report_write(report_find(report), &(struct report_options){.filter = filter}, db, &render_json, out, rows, &err))
        fail_msg("%s", err.text);
    fclose(out);
    return text;
}

/* What a later record of its names has replaced is not missing: it is listed by itself, and comes back when that record goes. */
static void a_replaced_record_is_not_unseen(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    int64_t others = 0;
    for (int round = 0; round < 3; round++) {
        if (round == 1)
            fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, "
                            "not_before, not_after) SELECT source, sha256('again'), now() - interval '1 minute', 'account.csv', 990, name_set, "
                            "'{}', 'f00d', common_name, now() - interval '2 days', now() + interval '300 days' "
                            "FROM managed_record WHERE common_name = 'never.example'");
        else if (round == 2)
            fixture_sql(db, "UPDATE managed_record SET valid_to = now() - interval '1 second' WHERE line = 990");
        if (!reconcile_run(db, NULL, NULL, &err))
            fail_msg("%s", err.text);
        char *missing = listed(db, "recorded", "{\"name\":\"never*\"}", NULL), *replaced = listed(db, "recorded", "{\"status\":\"replaced\"}", NULL);
        assert_int_equal(strstr(missing, "\"account.csv:904\"") != NULL, round != 1);
        assert_int_equal(strstr(replaced, "\"account.csv:904\"") != NULL, round == 1);
        assert_int_equal(strstr(replaced, "a later record of its names: account.csv:990") != NULL, round == 1);
        assert_null(strstr(missing, "\"account.csv:903\""));
        assert_non_null(strstr(replaced, "a later record of its names: account.csv:980"));
        assert_null(strstr(replaced, "LATE"));
        int64_t count = test_number(db, "SELECT count FROM now_count WHERE site = 0 AND subject = 'recorded' AND value = 'replaced'");
        if (round == 0)
            others = count;
        assert_int_equal(count, others + (round == 1));
        expect(db, "SELECT count(*) FROM unseen_record WHERE told_by IN ('account.csv:903', 'account.csv:904')", round == 1 ? 0 : 1);
        free(missing);
        free(replaced);
    }
}

/* Where no row has a command, the list's own stands. */
static void records_without_a_command_lead_to_what_was_asked(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *next = report_next(report_find("recorded"), &(struct report_options){.filter = "{\"name\":\"never.example\"}"}, false, db, &err);
    if (next == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(next, "certsweep report coverage");
    free(next);
}

/* A day that an account tells is a day of the policy's zone, as letters have it: its moment, the days until it, and whether it is within so many. */
static void a_record_ends_on_its_day_in_the_zone(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    fixture_sql(db, "CREATE TABLE policy_kept AS SELECT id, document FROM policy; "
                    "UPDATE policy SET document = jsonb_set(document, '{zone}', '\"America/Los_Angeles\"'); "
                    "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, not_before, not_after) "
                    "SELECT 1, sha256('zone'), now() - interval '3 days', 'account.csv', 995, '{zone.example}', '{}', 'beef995', 'zone.example', "
                    "now() - interval '9 days', date_trunc('day', now(), 'UTC') + interval '20 days'");
    if (!reconcile_run(db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    char *wanted = test_rows(db, "SELECT '\"not_after\":\"' || to_char(record_moment(not_after, 'America/Los_Angeles') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
                                 "|| '\"' FROM managed_record WHERE line = 995");
    wanted[strlen(wanted) - 1] = '\0';
    assert_null(strstr(wanted, "T00:00:00Z"));
    char *rows = listed(db, "recorded", "{\"name\":\"zone.example\"}", NULL), *within = listed(db, "recorded", "{\"name\":\"zone.example\",\"within\":20}", NULL);
    if (strstr(rows, wanted) == NULL)
        fail_msg("no %s in %s", wanted, rows);
    bool is_within = test_number(db, "SELECT count(*) FROM managed_record, report_as_of WHERE line = 995 AND record_moment(not_after, 'America/Los_Angeles') < as_of + interval '20 days'") == 1;
    assert_int_equal(strstr(within, "account.csv:995") != NULL, is_within);
    fixture_sql(db, "UPDATE policy p SET document = k.document FROM policy_kept k WHERE k.id = p.id; DROP TABLE policy_kept; "
                    "UPDATE managed_record SET valid_to = now() - interval '1 second' WHERE line = 995");
    if (!reconcile_run(db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    free(within);
    free(rows);
    free(wanted);
}

/* Linked by a person to one with another name: its name finds that one, and no list has it as missing. */
static void a_linked_record_is_found_by_its_name(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    const struct cert_recipe recipe = {.subject = "CN=linked.parks.example.gov", .not_before = ASN1_DAY(-9), .not_after = ASN1_DAY(300)};
    struct made_cert *linked = cert_make(&recipe);
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.231", .from = SQL_DAY(-2), .to = SQL_DAY(0), .chain = {linked}});
    cert_make_free(linked);
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, not_before, not_after) "
                    "SELECT 1, sha256('bought'), now() - interval '3 days', 'account.csv', 996, '{bought.example}', '{}', 'beef996', 'bought.example', "
                    "now() - interval '9 days', now() + interval '300 days'");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    char *before = listed(db, "recorded", "{\"name\":\"bought.example\"}", NULL);
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who, made_at, source, record_key) SELECT 'link', c.sha256, 'test', 'ann', now(), 1, sha256('bought') "
                    "FROM certificate c JOIN certificate_now n ON n.certificate = c.id WHERE n.name = 'linked.parks.example.gov'");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    char *after = listed(db, "recorded", "{\"name\":\"bought.example\"}", NULL), *found = listed(db, "find", "{\"argument\":\"bought.example\"}", NULL);
    assert_non_null(strstr(before, "account.csv:996"));
    assert_null(strstr(after, "account.csv:996"));
    if (strstr(found, "linked.parks.example.gov") == NULL || strstr(found, "\"matched_by\":\"record\"") == NULL)
        fail_msg("%s", found);
    free(found);
    free(after);
    free(before);
}

/* No list of certificates has them: the list of what has ended says how many there are, and names the list that has so many. */
static void records_that_ended_unseen_are_counted_and_listed(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, not_before, "
                    "not_after, status, type, sha256) "
                    "SELECT 1, sha256(convert_to('ended' || v.n::text, 'UTF8')), now() - interval '3 days', 'account.csv', 950 + v.n, ARRAY[v.name], "
                    "'{}', 'dead' || v.n, v.name, "
                    "now() - interval '100 days', now() - v.n * interval '1 day', v.status, v.type, v.sha256 "
                    "FROM (VALUES (1, 'ended.example', NULL, NULL, NULL::bytea), (2, 'ended-told.example', 'expired', 'server', NULL), (3, "
                    "'ended-again.example', 'replaced', NULL, NULL), "
                    "(4, 'revoked.example', 'revoked', NULL, NULL), (5, 'mail.example', NULL, 'S/MIME', NULL), "
                    "(6, 'seen.example', NULL, NULL, (SELECT sha256 FROM certificate_now WHERE is_leaf ORDER BY certificate LIMIT 1))) v (n, name, "
                    "status, type, sha256)");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    size_t rows = 0;
    char *expired = listed(db, "expired", "{}", NULL), *recorded = listed(db, "recorded", "{}", NULL),
         *ended = listed(db, "recorded", "{\"status\":\"expired\"}", &rows);
    assert_int_equal(rows, 2);          /* of what was replaced nothing is missing */
    if (strstr(expired, "\"2 records of what nobody has seen have ended: certsweep report recorded --status expired\"") == NULL)
        fail_msg("%s", expired);
    assert_null(strstr(recorded, "ended"));
    static const char *const names[] = {"\"ended-told.example\"", "\"ended.example\""};
    const char *at = ended;
    for (size_t i = 0; i < 2; i++) {            /* by their end */
        at = strstr(at, names[i]);
        assert_non_null(at);
    }
    assert_null(strstr(ended, "\"late\":\"LATE\""));           /* what has ended, and nobody serves, asks for nothing */
    assert_non_null(strstr(ended, "it has ended, and nobody has seen its certificate"));
    free(expired);
    free(recorded);
    free(ended);
    fixture_sql(db, "DELETE FROM managed_record WHERE line BETWEEN 951 AND 956");
}

/* A record is its certificate's owner's where that is known, by its bytes too, as what nobody has seen is who the rules say. */
static void a_record_is_its_certificates_owners(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    world_record(db, "CN=idle.health.example.gov", 200);
    world_record(db, "CN=idle.example", 200);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    static const char *const row = "\"name\":\"idle.health.example.gov\",\"places\":[],\"owner\":\"Department of Health\","
                                   "\"contacts\":[\"tls@health.example.gov\"]";
    static const char *const nobodys = "\"name\":\"idle.example\",\"places\":[],\"owner\":null";
    static const struct {
        const char *filter;
        bool has, has_nobodys;
    } cases[] = {{"{}", true, true}, {"{\"owner\":\"department of health\"}", true, false}, {"{\"owner\":\"\"}", false, true},
                 {"{\"owner\":\"Parks Service\"}", false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = listed(db, "recorded", cases[i].filter, NULL);
        if ((strstr(text, row) != NULL) != cases[i].has || (strstr(text, nobodys) != NULL) != cases[i].has_nobodys)
            fail_msg("%s: %s", cases[i].filter, text);
        free(text);
    }
}

/* An own CA's certificate has its record in that CA's account; only one of another CA is adopted, as that command says. */
static void only_of_another_ca_is_adopted(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE told AS SELECT n.issuer, s.next_step_long AS step FROM next_step s JOIN certificate_now n USING (certificate) "
                    "WHERE s.action = 'manage' AND n.issuer <> 'self-signed'");
    expect(db, "SELECT count(*) FROM told WHERE issuer = 'own' AND step LIKE '%managed adopt%'", 0);
    expect(db, "SELECT count(*) FROM told WHERE issuer <> 'own' AND step LIKE '%managed import%'", 0);
    expect(db, "SELECT count(*) FROM next_step WHERE char_length(next_step) > 140", 0);
    fixture_sql(db, "CREATE TEMP TABLE rules_kept AS SELECT certificate, found_by FROM certificate_now; "
                    "UPDATE certificate_now SET found_by = 'infinity'");
    expect(db, "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) WHERE s.action = 'manage' AND n.issuer = 'own' "
               "AND s.next_step LIKE '%certsweep managed import --source NAME FILE%'", 3);
    expect(db, "SELECT (count(*) > 0)::integer FROM next_step s JOIN certificate_now n USING (certificate) WHERE s.action = 'manage' "
               "AND n.issuer = 'foreign' AND s.next_step LIKE '%certsweep managed adopt % --reason TEXT%'", 1);
    fixture_sql(db, "UPDATE certificate_now n SET found_by = k.found_by FROM rules_kept k WHERE k.certificate = n.certificate");
}

/* What one of these asks for, by its axes alone and with what was found. */
#define STEPS_LIKE(certificate, pattern) "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = '" certificate \
    "' AND s.axes_what LIKE '" pattern "' AND s.what LIKE '" pattern "' AND s.next_step NOT LIKE '%enew it%' AND s.next_step NOT LIKE '%renewal%'"

/* The same key or the same issuer would come back: whatever was decided of it, what must be replaced for more than its end is not renewed. */
static void what_must_be_replaced_is_not_renewed(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const records[] = {"accepted", "managed", "unmanaged"}, *const worst[] = {"K02", "C06"};
    fixture_sql(db, "BEGIN");
    for (size_t i = 0; i < 6; i++) {
        char *set = xasprintf("UPDATE certificate_now SET record = '%s', worst_rule = '%s', rules = '{C06,C14,K02}', severity_rank = 2, time = "
                              "'expiring', record_step = 'R', "
                              "candidate_record = NULL, not_after = now() + interval '3 days', safe_until = current_date - 9, found_by = "
                              "current_date + 9, found_rule = 'K02' "
                              "WHERE name = 'kiosk.revenue.example.gov'", records[i % 3], worst[i / 3]);
        fixture_sql(db, set);
        expect(db, STEPS_LIKE("kiosk.revenue.example.gov", "Replace the certificate with one over a new key of at least 2048 bits%"), 1);
        free(set);
    }
    /* a self-signed one has no CA to ask */
    fixture_sql(db, "UPDATE certificate_now SET record = 'accepted', issuer = 'self-signed', worst_rule = 'C04', rules = '{C04}', found_rule = "
                    "'C04', time = 'ok', "
                    "safe_until = current_date + 90 WHERE name = 'kiosk.revenue.example.gov'");
    expect(db, "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'kiosk.revenue.example.gov' AND "
               "s.what LIKE 'Make the next one shorter-lived%'", 1);
    fixture_sql(db, "ROLLBACK");
}

/* Where the policy forbids foreign CAs, one step is told of their certificates, and none that keeps them. */
static void a_forbidden_issuer_is_replaced(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct document document;
    fixture_sql(db, "BEGIN; UPDATE certificate_now SET time = 'expiring', record_step = 'R', candidate_record = NULL, rules = '{C06,R01,R02}', "
                    "worst_rule = 'C06', severity_rank = 2, "
                    "not_after = now() + interval '3 days', safe_until = current_date - 9, found_by = current_date + 9, found_rule = 'R01' WHERE "
                    "name = 'maps.transport.example.gov'");
    expect(db, STEPS_LIKE("maps.transport.example.gov", "%Renew it today%"), 0);
    expect(db, "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'maps.transport.example.gov' AND "
               "s.what LIKE 'Renew it today%'", 1);
    fixture_sql(db, "UPDATE policy SET document = document || '{\"forbid_foreign\": true}'");
    expect(db, STEPS_LIKE("maps.transport.example.gov", "Replace it with one of your own or an approved CA%"), 1);
    fixture_sql(db, "UPDATE certificate_now SET record = 'accepted' WHERE name = 'maps.transport.example.gov'");
    expect(db, STEPS_LIKE("maps.transport.example.gov", "Replace it with a certificate of your own or an approved CA%"), 1);
    fixture_sql(db, "UPDATE certificate_now SET record = 'unmanaged', time = 'ok', safe_until = current_date + 90, not_after = now() + interval "
                    "'99 days' "
                    "WHERE name = 'maps.transport.example.gov'");
    expect(db, STEPS_LIKE("maps.transport.example.gov", "Replace it with one of your own or an approved CA%"), 1);
    fixture_sql(db, "ROLLBACK");
    for (int is_forbidden = 0; is_forbidden < 2; is_forbidden++) {
        if (!document_open(&document, db, &(struct document_options){.written_by = "certsweep", .is_of_letters = true}, &err) ||
            !document_fill(&document, &err))
            fail_msg("%s", err.text);
        expect(db, "SELECT count(*) FROM document_rule WHERE id = 'R02' AND is_replacing", is_forbidden);
        /* an owner has none of our commands */
        expect(db, "SELECT count(*) FROM document_rule WHERE next_step LIKE '%certsweep%' OR next_step LIKE '%rule book%'", 0);
        document_close(&document);
        fixture_sql(db, is_forbidden ? "UPDATE policy SET document = document - 'forbid_foreign'" : "UPDATE policy SET document = document || "
                                                                                                    "'{\"forbid_foreign\": true}'");
    }
}

/* A served one has the name of a record, and another key and number: the command that links them is offered, also where something was found of it. */
static void what_has_a_records_name_is_linked(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, "
                    "not_before, not_after) SELECT 1, sha256('linked'), now() - interval '3 days', 'account.csv', 991, '{}', '{}', 'feed01', 'filing.courts.example.gov', "
                    "now() - interval '100 days', now() + interval '9 days'");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    static const char *const steps[][2] = {{"R01", "If it is that of the record, link it (certsweep managed link %s --record %s --reason TEXT): "
                                                   "probably account.csv:991"},
                                           {"H01", "If account.csv:991 is its record: certsweep managed link %s --record %s --reason TEXT. Then: "}};
    char *ids[] = {test_rows(db, "SELECT left(encode(sha256, 'hex'), 12) FROM certificate_now WHERE name = 'filing.courts.example.gov'"),
                   test_rows(db, "SELECT id FROM managed_record WHERE line = 991")};
    for (size_t i = 0; i < 2; i++)
        ids[i][strcspn(ids[i], "\n")] = '\0';
    fixture_sql(db, "CREATE TEMP TABLE found_kept AS SELECT certificate, found_rule FROM certificate_now WHERE name = 'filing.courts.example.gov'");
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char *set = xasprintf("UPDATE certificate_now SET found_rule = '%s' WHERE name = 'filing.courts.example.gov'", steps[i][0]);
        char *wanted = xasprintf(steps[i][1], ids[0], ids[1]);
        fixture_sql(db, set);
        char *told = test_rows(db, "SELECT s.next_step FROM next_step s JOIN certificate_now n USING (certificate) "
                                   "WHERE n.name = 'filing.courts.example.gov'");
        if (strncmp(told, wanted, strlen(wanted)) != 0)
            fail_msg("%s: %s, not %s", steps[i][0], told, wanted);
        free(set);
        free(wanted);
        free(told);
    }
    fixture_sql(db, "UPDATE certificate_now n SET found_rule = k.found_rule FROM found_kept k WHERE k.certificate = n.certificate");
    free(ids[0]);
    free(ids[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_day_is_after_the_last_safe_day),
        cmocka_unit_test(a_certificate_has_the_first_day_of_all_that_is_told_of_it),
        cmocka_unit_test(a_certificate_has_one_step_in_all_lists),
        cmocka_unit_test(without_a_last_safe_day_none_is_after_the_end),
        cmocka_unit_test(what_ended_and_is_revoked_has_one_earliest_day),
        cmocka_unit_test(days_are_those_of_the_policys_zone),
        cmocka_unit_test(a_finding_tells_its_certificate),
        cmocka_unit_test(what_is_over_asks_for_nothing),
        cmocka_unit_test(the_document_tells_the_same_days),
        cmocka_unit_test(what_asks_for_the_same_stands_together),
        cmocka_unit_test(what_ends_and_is_served_nowhere_is_counted),
        cmocka_unit_test(a_replaced_record_is_not_unseen),
        cmocka_unit_test(records_without_a_command_lead_to_what_was_asked),
        cmocka_unit_test(a_record_ends_on_its_day_in_the_zone),
        cmocka_unit_test(a_linked_record_is_found_by_its_name),
        cmocka_unit_test(records_that_ended_unseen_are_counted_and_listed),
        cmocka_unit_test(a_record_is_its_certificates_owners),
        cmocka_unit_test(only_of_another_ca_is_adopted),
        cmocka_unit_test(what_must_be_replaced_is_not_renewed),
        cmocka_unit_test(a_forbidden_issuer_is_replaced),
        cmocka_unit_test(what_has_a_records_name_is_linked),
        cmocka_unit_test(verdicts_and_their_days_are_of_one_policy),
    };
    return cmocka_run_group_tests(tests, world_setup, test_cluster_teardown);
}
