/* The rules about paths and chains (H01-H07, C21), each with what it hits and what it misses. */
#include "inventory/policy/policy.h"
#include "inventory/roots/root_programmes.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdlib.h>
#include <string.h>

#define FAR "20400101000000Z"

static struct made_cert *root, *middle, *foreign_root;

static void run(struct db *db)
{
    struct error err = {0};
    struct reconcile_options options = {0};
    assert_true(clock_parse_us("2026-02-01", &options.as_of_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

/* Rules about paths and chains that hit the leaf of this name, with a part of their evidence. */
static void expect(struct db *db, const char *name, const char *rows)
{
    char *sql = xasprintf("SELECT h.rule, coalesce(h.evidence ->> 'reason', h.evidence ->> 'violates', h.evidence #>> '{faults,0,fault}', "
                          "h.evidence ->> 'missing') FROM hit h JOIN certificate_facts f USING (certificate) WHERE f.common_name = '%s' "
                          "AND h.rule IN ('H01', 'H02', 'H04', 'H05', 'H06', 'H07') ORDER BY 1", name);
    char *found = test_rows(db, sql);
    if (strcmp(found, rows) != 0)
        fail_msg("%s: %s", name, found);
    free(found);
    free(sql);
}

static struct made_cert *leaf_make(const char *subject, const struct made_cert *issuer)
{
    return cert_make(&(struct cert_recipe){.subject = subject, .issuer = issuer});
}

/* Serves the leaf, made and forgotten here, with what is sent beside it. */
static void serve(struct db *db, struct made_cert *leaf, const struct made_cert *one, const struct made_cert *two)
{
    static int port = 1000;
    fixture_serve(db, &(struct fixture_served){.address = "127.60.11.1", .port = ++port, .from = "2026-01-01", .chain = {leaf, one, two}});
    cert_make_free(leaf);
}

static void a_path_to_a_root_of_a_store_is_asked_for(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *ended = cert_make(&(struct cert_recipe){.subject = "CN=ended CA", .is_ca = 1, .issuer = root, .not_after = "20260110000000Z"});
    serve(cluster->db, leaf_make("CN=sound", middle), middle, NULL);
    serve(cluster->db, leaf_make("CN=foreign", foreign_root), foreign_root, NULL);
    serve(cluster->db, leaf_make("CN=itself", NULL), NULL, NULL);
    serve(cluster->db, leaf_make("CN=ended", ended), ended, NULL);
    struct made_cert *nobody = leaf_make("CN=nobody CA", NULL);
    serve(cluster->db, leaf_make("CN=of nobody", nobody), NULL, NULL);
    run(cluster->db);
    expect(cluster->db, "sound", "");
    expect(cluster->db, "foreign", "H01|the CA that signed it leads to no root of a trust store\nH05|root sent\n");
    expect(cluster->db, "itself", "");
    expect(cluster->db, "ended", "H01|each path is outside its dates\nH04|\n");
    expect(cluster->db, "of nobody", "H01|signed by no known CA\n");
    cert_make_free(ended);
    cert_make_free(nobody);
}

static void a_missing_intermediate_is_named(void **state)
{
    struct test_cluster *cluster = *state;
    serve(cluster->db, leaf_make("CN=alone", middle), NULL, NULL);
    serve(cluster->db, leaf_make("CN=of the root", root), NULL, NULL);
    run(cluster->db);
    expect(cluster->db, "alone", "H02|CN=middle\n");
    expect(cluster->db, "of the root", "");
}

static void an_untidy_chain_is_told(void **state)
{
    struct test_cluster *cluster = *state;
    serve(cluster->db, leaf_make("CN=turned", middle), root, middle);
    serve(cluster->db, leaf_make("CN=twice", middle), middle, middle);
    serve(cluster->db, leaf_make("CN=stranger beside", middle), foreign_root, middle);
    run(cluster->db);
    expect(cluster->db, "turned", "H05|misordered\n");
    expect(cluster->db, "twice", "H05|duplicate\n");
    expect(cluster->db, "stranger beside", "H05|unrelated\n");
    char *rows = test_rows(cluster->db, "SELECT DISTINCT severity FROM hit h JOIN certificate_facts f USING (certificate) WHERE rule = 'H05' "
                                        "AND f.common_name IN ('twice', 'foreign') ORDER BY 1");
    assert_string_equal(rows, "info\nlow\n");
    free(rows);
}

static void a_weak_intermediate_is_told_and_a_roots_own_signature_is_not(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *sha1 = cert_make(&(struct cert_recipe){.subject = "CN=sha1 CA", .is_ca = 1, .issuer = root, .hash = "SHA1", .not_after = FAR});
    struct made_cert *small = cert_make(&(struct cert_recipe){.subject = "CN=small CA", .is_ca = 1, .issuer = root, .key = "RSA:1024", .not_after = FAR});
    struct made_cert *old_root = cert_make(&(struct cert_recipe){.subject = "CN=old root", .is_ca = 1, .hash = "SHA1", .not_after = FAR});
    serve(cluster->db, leaf_make("CN=by sha1", sha1), sha1, NULL);
    serve(cluster->db, leaf_make("CN=by small", small), small, NULL);
    serve(cluster->db, leaf_make("CN=by old root", old_root), old_root, NULL);
    run(cluster->db);
    expect(cluster->db, "by sha1", "H06|\n");
    expect(cluster->db, "by small", "H06|\n");
    expect(cluster->db, "by old root", "H01|the CA that signed it leads to no root of a trust store\nH05|root sent\n");
    cert_make_free(sha1);
    cert_make_free(small);
    cert_make_free(old_root);
}

static void what_a_ca_may_not_issue_is_told(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *bound = cert_make(&(struct cert_recipe){.subject = "CN=bound", .is_ca = 1, .issuer = root, .not_after = FAR,
        .extension = {"nameConstraints", "critical,permitted;DNS:agency.example"}});
    struct made_cert *mail = cert_make(&(struct cert_recipe){.subject = "CN=mail", .is_ca = 1, .issuer = root, .not_after = FAR,
        .extension = {"extendedKeyUsage", "emailProtection"}});
    struct made_cert *zero = cert_make(&(struct cert_recipe){.subject = "CN=zero", .issuer = root, .sans = "", .not_after = FAR,
        .extension = {"basicConstraints", "critical,CA:TRUE,pathlen:0"}});
    struct made_cert *below = cert_make(&(struct cert_recipe){.subject = "CN=below", .is_ca = 1, .issuer = zero, .not_after = FAR});
    serve(cluster->db, leaf_make("CN=www.agency.example", bound), bound, NULL);
    serve(cluster->db, leaf_make("CN=www.other.example", bound), bound, NULL);
    serve(cluster->db, leaf_make("CN=by mail", mail), mail, NULL);
    serve(cluster->db, leaf_make("CN=by zero", zero), zero, NULL);
    serve(cluster->db, leaf_make("CN=by below", below), below, zero);
    run(cluster->db);
    expect(cluster->db, "www.agency.example", "");
    expect(cluster->db, "www.other.example", "H07|name constraints\n");
    expect(cluster->db, "by mail", "H07|purpose\n");
    expect(cluster->db, "by zero", "");
    expect(cluster->db, "by below", "H01|each path breaks its bounds: path length\nH07|path length\n");
    cert_make_free(bound);
    cert_make_free(mail);
    cert_make_free(zero);
    cert_make_free(below);
}

/* Who distrusts the certificate of this name, and what it was issued after. */
static void expect_distrust(struct db *db, const char *name, const char *rows)
{
    char *sql = xasprintf("SELECT d ->> 'programme', d ->> 'from_version', left(d ->> 'issued_after', 10) FROM hit h JOIN certificate_facts f "
                          "USING (certificate), jsonb_array_elements(h.evidence -> 'distrusted_by') d WHERE h.rule = 'C21' AND f.common_name "
                          "= '%s' ORDER BY 1", name);
    char *found = test_rows(db, sql);
    if (strcmp(found, rows) != 0)
        fail_msg("%s: %s", name, found);
    free(found);
    free(sql);
}

static void what_a_distrusted_ca_issued_later_is_told(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *public_root = cert_make(&(struct cert_recipe){.subject = "CN=public root", .is_ca = 1, .not_after = FAR});
    struct made_cert *kept = cert_make(&(struct cert_recipe){.subject = "CN=kept root", .is_ca = 1, .not_after = FAR});
    struct made_cert *crossed = cert_make(&(struct cert_recipe){.subject = "CN=crossed", .is_ca = 1, .issuer = public_root, .not_after = FAR});
    struct made_cert *again = cert_make(&(struct cert_recipe){.subject = "CN=crossed", .is_ca = 1, .issuer = kept, .same_key = crossed, .not_after = FAR});
    struct made_cert *certificates[] = {public_root, kept, crossed, again};
    for (size_t i = 0; i < 4; i++)
        fixture_made(cluster->db, certificates[i]);
    fixture_sql(cluster->db, "WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256('2'), '', jsonb_build_object("
        "'trust_stores', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', encode(sha256, 'hex'), 'kind', 'public', 'certificates', "
        "jsonb_build_array(encode(sha256, 'hex')), 'platform', CASE WHEN n = 0 THEN 'Java' END, 'from_version', CASE WHEN n = 0 THEN '17' END, "
        "'issued_until', CASE WHEN n = 0 THEN '2026-01-05' END))) FROM (SELECT sha256, row_number() OVER (ORDER BY id) - 1 AS n FROM certificate "
        "WHERE id IN (SELECT id FROM certificate ORDER BY id DESC LIMIT 4)) c WHERE n < 2)) RETURNING id) INSERT INTO policy_use (policy) "
        "SELECT id FROM p");
    serve(cluster->db, leaf_make("CN=early public", public_root), NULL, NULL);
    serve(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=late public", .issuer = public_root, .not_before = "20260110000000Z"}), NULL, NULL);
    serve(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=late crossed", .issuer = crossed, .not_before = "20260110000000Z"}), crossed, NULL);
    run(cluster->db);
    expect_distrust(cluster->db, "early public", "");
    expect_distrust(cluster->db, "late public", "Java|17|2026-01-05\n");
    expect_distrust(cluster->db, "late crossed", "");          /* another root vouches for it */
    fixture_sql(cluster->db, "INSERT INTO root_distrust SELECT 'Browser', NULL, sha256, false, '2025-12-31' FROM certificate WHERE id IN "
        "(SELECT certificate FROM certificate_facts WHERE common_name IN ('public root', 'kept root'))");
    run(cluster->db);
    expect_distrust(cluster->db, "early public", "Browser||2025-12-31\n");
    expect_distrust(cluster->db, "late crossed", "Browser||2025-12-31\n");
    for (size_t i = 0; i < 4; i++)
        cert_make_free(certificates[i]);
}

static void expect_issuer(struct db *db, const char *name, const char *value)
{
    char *sql = xasprintf("SELECT a.issuer FROM axes a JOIN certificate_facts f USING (certificate) WHERE f.common_name = '%s'", name);
    char *found = test_rows(db, sql);
    assert_string_equal(found, value);
    free(found);
    free(sql);
}

static void md5_and_small_keys_make_nobody_own(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *own = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=own root", .is_ca = 1, .key = "RSA:2048", .not_after = FAR});
    struct made_cert *small = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=own small", .is_ca = 1, .issuer = own, .key = "RSA:768", .not_after = FAR});
    char *sql = xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256('3'), '', jsonb_build_object('own_cas', "
        "'[{\"name\": \"a\", \"issuer\": [\"O=Agency\"]}]'::jsonb, 'trust_stores', jsonb_build_array(jsonb_build_object('name', 'own', 'kind', "
        "'private', 'certificates', jsonb_build_array(encode(sha256, 'hex'))))) FROM certificate WHERE id = %lld RETURNING id) INSERT INTO "
        "policy_use (policy) SELECT id FROM p", (long long)fixture_made(cluster->db, own));
    fixture_sql(cluster->db, sql);
    serve(cluster->db, leaf_make("CN=own sound", own), NULL, NULL);
    serve(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=own md5", .issuer = own, .hash = "MD5"}), NULL, NULL);
    serve(cluster->db, leaf_make("CN=own by small", small), small, NULL);
    run(cluster->db);
    expect_issuer(cluster->db, "own sound", "own\n");
    expect_issuer(cluster->db, "own md5", "private\n");
    expect_issuer(cluster->db, "own by small", "private\n");
    free(sql);
    cert_make_free(own);
    cert_make_free(small);
}

static int setup(void **state)
{
    root = cert_make(&(struct cert_recipe){.subject = "CN=root", .is_ca = 1, .not_after = FAR});
    middle = cert_make(&(struct cert_recipe){.subject = "CN=middle", .is_ca = 1, .issuer = root, .not_after = FAR});
    foreign_root = cert_make(&(struct cert_recipe){.subject = "CN=foreign root", .is_ca = 1, .not_after = FAR});
    if (test_cluster_setup(state) != 0)
        return -1;
    struct test_cluster *cluster = *state;
    fixture_made(cluster->db, middle);
    char *sql = xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256(''), '', jsonb_build_object("
        "'trust_stores', jsonb_build_array(jsonb_build_object('name', 'x', 'kind', 'private', 'certificates', jsonb_build_array("
        "encode(sha256, 'hex'))))) FROM certificate WHERE id = %lld RETURNING id) INSERT INTO policy_use (policy) SELECT id FROM p",
        (long long)fixture_made(cluster->db, root));
    fixture_sql(cluster->db, sql);
    free(sql);
    return 0;
}

static int teardown(void **state)
{
    cert_make_free(root);
    cert_make_free(middle);
    cert_make_free(foreign_root);
    return test_cluster_teardown(state);
}

/* The database and the table that needs none say the same of what is distrusted from a day on. */
static void distrust_is_told_alike_in_both_places(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct db_result *rows = db_query(cluster->db, "SELECT encode(root_sha256, 'hex'), programme, by_sct, not_after::date, coalesce(from_version, '') "
                                                   "FROM root_distrust", 0, NULL, &err);
    assert_non_null(rows);
    assert_true(db_rows(rows) > 30);
    for (size_t row = 0; row < db_rows(rows); row++) {
        struct root_programme found[ROOT_PROGRAMMES_MAX];
        uint8_t sha256[32];
        assert_true(hex_parse(db_value(rows, row, 0), sha256, sizeof sha256));
        size_t count = root_programmes_find(sha256, found, NULL), i = 0;
        while (i < count && strcmp(found[i].programme, db_value(rows, row, 1)) != 0)
            i++;
        assert_true(i < count);
        assert_int_equal(found[i].distrust_by_sct, db_value(rows, row, 2)[0] == 't');
        assert_string_equal(found[i].distrust_day, db_value(rows, row, 3));
        assert_string_equal(found[i].distrust_version, db_value(rows, row, 4));
    }
    db_result_destroy(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distrust_is_told_alike_in_both_places),
        cmocka_unit_test(a_path_to_a_root_of_a_store_is_asked_for),
        cmocka_unit_test(a_missing_intermediate_is_named),
        cmocka_unit_test(an_untidy_chain_is_told),
        cmocka_unit_test(a_weak_intermediate_is_told_and_a_roots_own_signature_is_not),
        cmocka_unit_test(what_a_ca_may_not_issue_is_told),
        cmocka_unit_test(what_a_distrusted_ca_issued_later_is_told),
        cmocka_unit_test(md5_and_small_keys_make_nobody_own),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
