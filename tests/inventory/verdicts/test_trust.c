/* trust.h: paths without the clock, completed chains, stores that change. */
#include "inventory/facts/facts.h"
#include "inventory/policy/policy.h"
#include "inventory/verdicts/trust.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdlib.h>
#include <string.h>

static struct made_cert *root, *middle, *leaf, *stranger;

static void update(struct db *db)
{
    struct error err = {0};
    if (!facts_update(db, &err) || !policy_ensure(db, &err) || !trust_update(db, &err))
        fail_msg("%s", err.text);
}

static void expect(struct db *db, const char *rows)
{
    char *found = test_rows(db, "SELECT f.common_name, t.chain IS NOT NULL, t.store, t.found, t.not_after AT TIME ZONE 'UTC', "
                                "array_length(t.path, 1), t.detail FROM trust t JOIN certificate_facts f USING (certificate) "
                                "ORDER BY 1, 2, 3");
    assert_string_equal(found, rows);
    free(found);
}

/* A store by a policy's hand: kind public or private, one root. */
static void store_set(struct db *db, const char *kind, const struct made_cert *certificate)
{
    int64_t id = fixture_made(db, certificate);
    char *sql = xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256(random()::text::bytea), '', "
        "jsonb_build_object('trust_stores', jsonb_build_array(jsonb_build_object('name', 'x', 'kind', '%s', 'certificates', "
        "jsonb_build_array(encode(sha256, 'hex'))))) FROM certificate WHERE id = %lld RETURNING id) INSERT INTO policy_use (policy) "
        "SELECT id FROM p", kind, (long long)id);
    fixture_sql(db, sql);
    free(sql);
}

static void a_path_is_found_whatever_the_clock_says(void **state)
{
    struct test_cluster *cluster = *state;
    store_set(cluster->db, "public", root);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.1", .chain = {leaf, middle}});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.2", .chain = {stranger}});
    update(cluster->db);
    expect(cluster->db, "leaf|t|known|f|||the store is empty\nleaf|t|public|t|2011-06-30 00:00:00|3|\n"
                        "stranger|t|known|f|||the store is empty\nstranger|t|public|f|||self-signed certificate\n");
}

static void another_store_is_another_answer(void **state)
{
    struct test_cluster *cluster = *state;
    store_set(cluster->db, "private", root);
    update(cluster->db);
    expect(cluster->db, "leaf|t|known|t|2011-06-30 00:00:00|3|\nleaf|t|public|f|||self-signed certificate in certificate chain\n"
                        "stranger|t|known|f|||self-signed certificate\nstranger|t|public|f|||self-signed certificate\n");
}

static void a_chain_that_ends_too_early_is_completed(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *alone = cert_make(&(struct cert_recipe){.subject = "CN=alone", .issuer = middle});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.3", .chain = {alone}});
    update(cluster->db);
    char *rows = test_rows(cluster->db, "SELECT t.found, t.detail FROM trust t JOIN certificate_facts f USING (certificate) "
                                        "WHERE common_name = 'alone' AND store = 'known'");
    assert_string_equal(rows, "t|the chain as sent is incomplete: completed from the inventory\n");
    free(rows);
    cert_make_free(alone);
}

static int setup(void **state)
{
    root = cert_make(&(struct cert_recipe){.subject = "CN=root", .is_ca = 1, .not_before = "20100101000000Z",
                                           .not_after = "20300101000000Z"});
    middle = cert_make(&(struct cert_recipe){.subject = "CN=middle", .is_ca = 1, .issuer = root,
                       .not_before = "20100101000000Z", .not_after = "20110630000000Z", .key = "RSA:1024", .hash = "SHA1"});
    leaf = cert_make(&(struct cert_recipe){.subject = "CN=leaf", .issuer = middle});
    stranger = cert_make(&(struct cert_recipe){.subject = "CN=stranger"});
    return test_cluster_setup(state);
}

static int teardown(void **state)
{
    cert_make_free(root);
    cert_make_free(middle);
    cert_make_free(leaf);
    cert_make_free(stranger);
    return test_cluster_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_found_whatever_the_clock_says),
        cmocka_unit_test(another_store_is_another_answer),
        cmocka_unit_test(a_chain_that_ends_too_early_is_completed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
