/* The functions of 0160_subject_sections.sql say of one subject what the views say of all: they are written anew only because planning the
 * views takes a session longer than everything else. Over the invented inventory, and over axes thrown together, which nobody would invent. */
#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 12               /* of 14 actions in all; a round has WORLD_CERTIFICATES rows */

static struct db *db;

static int setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    world_make(db, WORLD_CERTIFICATES);
    return 0;
}

/* %s: a salt. A value of a list for each row, the same in each run; `pick(i)` is a number of the row and the salt. */
static const char thrown[] =
    "UPDATE certificate_now n SET is_leaf = true,"
    " record = (ARRAY['managed', 'managed', 'unmanaged', 'accepted', 'ignored', 'not judged'])[1 + pg_temp.pick(certificate, 'a%s', 6)],"
    " record_step = (ARRAY['R-impostor', 'R-ambiguous', 'R-names', 'R-not-in-force', 'R-sha256', 'R-none', 'R-unmatched', NULL])[1 + pg_temp.pick(certificate, 'b%s', 8)],"
    " issuer = (ARRAY['own', 'foreign', 'approved', 'private'])[1 + pg_temp.pick(certificate, 'c%s', 4)],"
    " time = (ARRAY['ok', 'renewal due', 'expiring', 'expired', 'not yet', 'unknown'])[1 + pg_temp.pick(certificate, 'd%s', 6)],"
    " not_after = CASE WHEN pg_temp.pick(certificate, 'e%s', 9) > 0 THEN now() + make_interval(days => pg_temp.pick(certificate, 'f%s', 200) - 60) END,"
    " place_count = pg_temp.pick(certificate, 'g%s', 3), superseded_count = greatest(0, pg_temp.pick(certificate, 'h%s', 9) - 6),"
    " is_revoked = pg_temp.pick(certificate, 'i%s', 10) = 0,"
    " revoked_at = CASE WHEN pg_temp.pick(certificate, 'j%s', 5) = 0 THEN now() - interval '9 days' END,"
    " is_automatic = pg_temp.pick(certificate, 'k%s', 3) = 0,"
    " severity_rank = 1 + pg_temp.pick(certificate, 'l%s', 5),"
    " record_id = (SELECT r.id FROM managed_record r WHERE pg_temp.pick(certificate, 'm%s', 3) > 0 ORDER BY pg_temp.pick(r.id + certificate, 'n%s', 9999) LIMIT 1),"
    " newer_record = (SELECT r.id FROM managed_record r WHERE pg_temp.pick(certificate, 'o%s', 3) = 0 ORDER BY pg_temp.pick(r.id + certificate, 'p%s', 9999) LIMIT 1),"
    " candidate_record = (SELECT r.id FROM managed_record r WHERE pg_temp.pick(certificate, 'q%s', 3) = 0 ORDER BY pg_temp.pick(r.id + certificate, 'r%s', 9999) LIMIT 1),"
    " newer_certificate = (SELECT c.id FROM certificate c WHERE pg_temp.pick(n.certificate, 's%s', 3) = 0 ORDER BY pg_temp.pick(c.id + n.certificate, 't%s', 9999) LIMIT 1),"
    " decision = (SELECT d.id FROM decision d ORDER BY pg_temp.pick(d.id + certificate, 'u%s', 9999) LIMIT 1),"
    " worst_rule = (SELECT r.id FROM rule r ORDER BY pg_temp.pick(certificate, r.id || '%s', 9999) LIMIT 1)";

static void throw(int round)
{
    char *sql = malloc(2 * sizeof thrown), *out = sql;
    for (const char *at = thrown; *at != '\0'; at++) {
        bool is_salt = at[0] == '%' && at[1] == 's';
        *out++ = is_salt ? (char)('a' + round) : *at;
        at += is_salt;
    }
    *out = '\0';
    fixture_sql(db, sql);
    free(sql);
}

static void expect_none(const char *sql)
{
    char *rows = test_rows(db, sql);
    assert_string_equal(rows, "");
    free(rows);
}

static void the_next_step_of_one_is_that_of_the_list(void **state)
{
    (void)state;
    fixture_sql(db, "BEGIN; CREATE FUNCTION pg_temp.pick(id bigint, salt text, count integer) RETURNS integer LANGUAGE sql AS "
                    "$$ SELECT (hashtextextended(salt || id, 0) & 2147483647)::integer % count $$; CREATE TEMP TABLE told_action (action text); "
                    "UPDATE policy SET document = document || '{\"forbid_foreign\": false, \"allowed_suffixes\": [\"gov\"], \"zone\": \"America/Los_Angeles\"}'");
    for (int round = 0; round < ROUNDS; round++) {
        throw(round);
        fixture_sql(db, "INSERT INTO told_action SELECT action FROM next_step");
        expect_none("SELECT n.certificate, s.action, s.next_step_long, s.act_by, o.said, o.act_by "
                    "FROM certificate_now n LEFT JOIN owner_basis b ON b.id = n.owner_basis JOIN next_step s USING (certificate) "
                    "CROSS JOIN LATERAL next_step_of((SELECT x FROM certificate_now x WHERE x.certificate = n.certificate), b.owner, b.contacts) o "
                    "WHERE (s.next_step_long, s.act_by) IS DISTINCT FROM (o.said, o.act_by) LIMIT 3");
    }
    assert_int_equal(test_number(db, "SELECT count(DISTINCT action) FROM told_action"), 14);
    fixture_sql(db, "ROLLBACK");
}

static void who_is_trusted_by_whom_is_what_the_paths_say(void **state)
{
    (void)state;
    assert_true(test_number(db, "SELECT count(*) FROM certificate_path") > 0);
    expect_none("(SELECT certificate, store_name, store_kind, root, not_after, is_weak, fault FROM certificate_path "
                " EXCEPT ALL SELECT * FROM certificates_trusted(ARRAY(SELECT id FROM certificate))) "
                "UNION ALL (SELECT * FROM certificates_trusted(ARRAY(SELECT id FROM certificate)) "
                " EXCEPT ALL SELECT certificate, store_name, store_kind, root, not_after, is_weak, fault FROM certificate_path)");
}

/* Where several paths are equally good, either root may be told. */
static void the_issuer_of_one_is_told_as_in_lists(void **state)
{
    (void)state;
    expect_none("SELECT n.certificate, t.told, o.told FROM certificate_now n JOIN certificate_facts f USING (certificate) "
                "CROSS JOIN (VALUES ('I-self-signed'), ('I-none'), ('I-not-signed'), ('I-own'), ('I-approved'), ('I-names'), ('I-public'), (NULL)) v (step) "
                "CROSS JOIN (VALUES ('Agency'), (NULL)) p (predicate) "
                "CROSS JOIN LATERAL (SELECT regexp_replace(evidence_text(issuer_evidence(v.step, p.predicate, n.certificate)), 'root sha256 [0-9a-f]{64}', 'root') AS told) t "
                "CROSS JOIN LATERAL (SELECT regexp_replace(issuer_text(v.step, p.predicate, n.certificate, f.issuer), 'root sha256 [0-9a-f]{64}', 'root') AS told) o "
                "WHERE t.told IS DISTINCT FROM o.told LIMIT 3");
}

static void evidence_of_one_is_told_as_in_lists(void **state)
{
    (void)state;
    expect_none("SELECT e, evidence_text(e), evidence_told(e) FROM (SELECT evidence FROM finding UNION ALL SELECT value::jsonb FROM (VALUES "
                "(NULL), ('{}'), ('{\"a\": null, \"b_c\": 1}'), ('{\"t\": \"2026-01-01T00:00:00.5+00:00\", \"u\": true, \"n\": \"\"}'), "
                "('{\"a\": [1, {\"b\": 2}], \"o\": {\"p\": 1}}'), ('{\"o\": {\"p\": 1}}')) v (value)) x (e) "
                "WHERE evidence_text(e) IS DISTINCT FROM evidence_told(e)");
}

static void owners_are_known_once_each_whoever_adds_them(void **state)
{
    (void)state;
    fixture_sql(db, "BEGIN; INSERT INTO owner_basis (key, owner, contacts, evidence) SELECT md5(o)::uuid, o, '{}', 'e' FROM unnest(ARRAY['Zebra Team', 'zebra team', 'Ox']) o; "
                    "INSERT INTO owner_basis (key, owner, contacts, evidence) VALUES (md5('ZEBRA')::uuid, 'ZEBRA TEAM', '{}', 'e')");
    expect_none("(SELECT lower(owner) FROM owner_basis EXCEPT SELECT key FROM owner_known) UNION ALL (SELECT key FROM owner_known EXCEPT SELECT lower(owner) FROM owner_basis)");
    assert_int_equal(test_number(db, "SELECT count(*) FROM found_owners('{\"argument\": \"zebra\"}') WHERE owner = 'Zebra Team'"), 1);
    assert_int_equal(test_number(db, "SELECT count(*) FROM found_owners('{\"argument\": \"BRA te\"}')"), 1);
    fixture_sql(db, "ROLLBACK");
}

/* Each way of naming a certificate has an index that fits: one by hash does not find the beginning of one. */
static void a_certificate_is_found_by_indexes(void **state)
{
    (void)state;
    static const char *const asked[] = {"abcdef", "0123456789abcdef0123456789abcdef01234567", "1234567890", "www.example"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        fixture_sql(db, "DISCARD PLANS; BEGIN; SET LOCAL enable_seqscan = off; CREATE TEMP TABLE before AS "
                        "SELECT relid, seq_scan FROM pg_stat_xact_user_tables");
        char *sql = xasprintf("SELECT count(*) FROM certificates_found('%s')", asked[i]);
        free(test_rows(db, sql));
        free(sql);
        expect_none("SELECT s.relname FROM pg_stat_xact_user_tables s JOIN before b USING (relid) "
                    "WHERE s.relname IN ('certificate', 'certificate_own', 'certificate_name') AND s.seq_scan > b.seq_scan");
        fixture_sql(db, "ROLLBACK");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_step_of_one_is_that_of_the_list),
        cmocka_unit_test(who_is_trusted_by_whom_is_what_the_paths_say),
        cmocka_unit_test(the_issuer_of_one_is_told_as_in_lists),
        cmocka_unit_test(evidence_of_one_is_told_as_in_lists),
        cmocka_unit_test(owners_are_known_once_each_whoever_adds_them),
        cmocka_unit_test(a_certificate_is_found_by_indexes),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
