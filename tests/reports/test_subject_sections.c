/* The functions of 0160_subject_sections.sql say of one subject what the views say of all: they are written anew only because planning the
 * views takes a session longer than everything else. And what `find` reads. */
#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>

static struct db *db;

static int setup(void **state)
{
    if (world_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    return 0;
}

static void expect_none(const char *sql)
{
    char *rows = test_rows(db, sql);
    assert_string_equal(rows, "");
    free(rows);
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

static void a_certificate_tells_what_was_found_at_its_places(void **state)
{
    (void)state;
    const char *said = "(SELECT DISTINCT j.certificate, f.rule FROM endpoint_judged j JOIN finding f ON f.endpoint = j.endpoint AND f.certificate <> j.certificate) ",
               *told = "(SELECT p.subject, p.rule FROM place_findings(ARRAY(SELECT certificate FROM certificate_now), '{}') p) ";
    char *sql = xasprintf("(%s EXCEPT ALL %s) UNION ALL (%s EXCEPT ALL %s)", said, told, told, said);
    expect_none(sql);
    free(sql);
    assert_true(test_number(db, "SELECT count(*) FROM place_findings(ARRAY(SELECT certificate FROM certificate_now), '{\"severity\": [\"critical\", \"high\"]}') "
                                "WHERE said ~ '^(critical|high): .*, at [a-z]+ [0-9.]+:[0-9]+'") > 0);
}

/* "hit (C06)" and "expiring (T-dates)" say nothing to who does not know the program. */
static void the_history_of_verdicts_is_told_in_words(void **state)
{
    (void)state;
    assert_true(test_number(db, "SELECT count(*) FROM verdict_past WHERE axis = 'policy'") > 0 && test_number(db, "SELECT count(*) FROM verdict_past WHERE axis <> 'policy'") > 0);
    expect_none("SELECT v.axis, l.value FROM verdict_past v CROSS JOIN LATERAL certificate_lines(v.certificate) l LEFT JOIN rule r ON r.id = v.rule "
                "WHERE l.section = 'history' AND l.item = v.axis AND l.at = v.since GROUP BY v.axis, v.value, v.rule, r.title, v.until, l.value "
                "HAVING l.value ~ '[A-Z]-[a-z]' OR l.value ~ '^hit'");
    assert_int_equal(test_number(db, "SELECT count(*) FROM verdict_past v WHERE NOT EXISTS (SELECT FROM certificate_lines(v.certificate) l LEFT JOIN rule r ON r.id = v.rule "
                                     "WHERE l.section = 'history' AND l.item = v.axis AND l.at = v.since "
                                     "AND starts_with(l.value, CASE v.axis WHEN 'policy' THEN v.rule || ': ' || r.title || '; until 20' ELSE v.value END))"), 0);
}

static void evidence_is_told_in_words(void **state)
{
    (void)state;
    expect_none("SELECT e, evidence_text(e), told FROM (VALUES (NULL::jsonb, NULL), ('{}', NULL), ('{\"a\": null, \"b_c\": 1}', 'b c 1'), "
                "('{\"t\": \"2026-01-01T00:00:00.5+00:00\", \"u_v\": true, \"w\": false}', 't 2026-01-01T00:00:00Z; not w; u v'), ('{\"places\": 3}', '3 places'), "
                "('{\"places\": 1, \"addresses\": 1}', '1 place; 1 address'), ('{\"days\": 400, \"limit_days\": 398, \"rest_percent\": 5}', "
                "'400 days; limit 398 days; rest 5 %'), ('{\"o\": {\"p\": 1, \"q\": [\"x\", \"y\"]}}', 'o p 1, q x, y'), "
                "('{\"a\": [1, {\"address\": \"192.0.2.1\", \"certificates\": [\"v\"]}]}', 'a 1, address 192.0.2.1, certificates v'), "
                "('{\"key_bits\": 1024, \"minimum\": 2048}', 'key of 1024 bits; at least 2048 asked for'), "
                "('{\"bits\": 160, \"curve\": \"secp160r1\", \"minimum\": 224}', '160 bits; curve secp160r1; at least 224 asked for'), "
                "('{\"names\": 120, \"maximum\": 100}', '120 names; at most 100 allowed'), "
                "('{\"logs\": 1, \"wanted\": 3, \"counted\": 1, \"embedded\": 2, \"operators\": [\"Sectigo\"]}', "
                "'2 timestamps embedded; from 1 log; 1 counts; all of Sectigo, and browsers want a second operator; browsers want 3'), "
                "('{\"logs\": 0, \"wanted\": 2, \"counted\": 0, \"embedded\": 0, \"operators\": null}', '0 timestamps embedded; browsers want 2'), "
                "('{\"extension\": false, \"common_name\": \"a\"}', 'no extension of names; common name a'), "
                "('{\"protocol\": \"smtp\", \"offered_once\": false}', 'protocol smtp; STARTTLS was never offered'), "
                "('{\"roca\": {}}', 'the modulus has the fingerprint of the broken library'), ('{\"point_off_curve\": {}, "
                "\"known_key\": {\"source\": \"Debian\"}}', "
                "'its private key is published (Debian); its point is not on the curve'), ('{\"small_factor\": {\"factor\": 107}}', "
                "'the modulus is divisible by 107'), "
                "('{\"an_odd\": {}}', 'an odd'), ('{\"not_after\": \"2026-01-01T00:00:00+00:00\", \"step_days\": 30}', "
                "'valid until 2026-01-01T00:00:00Z; in its last 30 days'), "
                "('{\"suites\": [\"A\", \"B\"], \"seen_by\": [\"posture\"], \"expected\": \"key exchange by ECDHE\"}', "
                "'suites A, B; seen when asked for; expected key exchange by ECDHE'), "
                "('{\"minimum\": \"TLSv1.2\", \"seen_by\": [\"default\"], \"versions\": [\"SSLv3\"]}', "
                "'versions SSLv3; seen in a usual handshake; at least TLSv1.2 asked for'), "
                "('{\"curve\": \"secp256k1\", \"bits\": 256, \"allowed\": [\"P-256\", \"P-384\"]}', '256 bits; curve secp256k1; P-256, "
                "P-384 allowed')) x (e, told) WHERE evidence_text(e) IS DISTINCT FROM told");
    expect_none("SELECT rule, evidence FROM finding WHERE coalesce(evidence_text(evidence), '') = ''");
    expect_none("SELECT evidence, evidence_text(evidence) FROM finding WHERE evidence_text(evidence) ~ '[][{}]' AND evidence::text !~ '\"[^\"]*[][{}][^\"]*\"'");
}

static void owners_are_known_once_each_whoever_adds_them(void **state)
{
    (void)state;
    fixture_sql(db, "BEGIN; INSERT INTO owner_basis (key, owner, contacts, evidence) SELECT md5(o)::uuid, o, '{}', 'e' FROM unnest(ARRAY['Zebra Team', 'zebra team', 'Ox']) o; "
                    "INSERT INTO owner_basis (key, owner, contacts, evidence) VALUES (md5('ZEBRA')::uuid, 'ZEBRA TEAM', '{}', 'e')");
    expect_none("(SELECT lower(owner) FROM owner_basis EXCEPT SELECT key FROM owner_known) UNION ALL (SELECT key FROM owner_known EXCEPT SELECT lower(owner) FROM owner_basis)");
    fixture_sql(db, "UPDATE certificate_now SET owner_basis = (SELECT min(id) FROM owner_basis WHERE lower(owner) = 'zebra team') WHERE certificate = (SELECT min(certificate) "
                    "FROM certificate_now WHERE is_leaf)");
    assert_int_equal(test_number(db, "SELECT count(*) FROM found_owners('{\"argument\": \"zebra\"}') WHERE owner = 'Zebra Team'"), 1);
    assert_int_equal(test_number(db, "SELECT count(*) FROM found_owners('{\"argument\": \"BRA te\"}')"), 1);
    fixture_sql(db, "ROLLBACK");
}

/* Of owners that earlier rules named and to whom nothing belongs there is one line, with their number; a command that would be refused there is not. */
static void former_owners_are_one_line(void **state)
{
    (void)state;
    fixture_sql(db, "BEGIN; INSERT INTO owner_basis (key, owner, contacts, evidence) SELECT md5(o)::uuid, o, '{}', 'e' FROM unnest(ARRAY['Okapi One', 'Okapi Two', 'Okapi Three']) o; "
                    "UPDATE certificate_now SET owner_basis = (SELECT id FROM owner_basis WHERE owner = 'Okapi Two') WHERE certificate = (SELECT min(certificate) FROM certificate_now WHERE is_leaf); "
                    "DELETE FROM ending_count");
    char *rows = test_rows(db, "SELECT concat_ws('|', owner, certificates, former) FROM found_owners('{\"argument\": \"okapi\"}')");
    assert_string_equal(rows, "Okapi Two|1\n2\n");
    free(rows);
    rows = test_rows(db, "SELECT concat_ws('|', owner, certificates, former) FROM found_owners('{\"argument\": \"okapi\", \"within\": 100000}')");
    assert_true(strcmp(rows, "Okapi Two|1\n") == 0 || rows[0] == '\0');
    free(rows);
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
        cmocka_unit_test(who_is_trusted_by_whom_is_what_the_paths_say),
        cmocka_unit_test(the_issuer_of_one_is_told_as_in_lists),
        cmocka_unit_test(a_certificate_tells_what_was_found_at_its_places),
        cmocka_unit_test(evidence_is_told_in_words),
        cmocka_unit_test(the_history_of_verdicts_is_told_in_words),
        cmocka_unit_test(owners_are_known_once_each_whoever_adds_them),
        cmocka_unit_test(former_owners_are_one_line),
        cmocka_unit_test(a_certificate_is_found_by_indexes),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
