/* trust.h: edges verified once, paths without the clock, stores that change, hostile shapes that stay bounded. */
#include "inventory/facts/facts.h"
#include "inventory/policy/policy.h"
#include "inventory/verdicts/trust/edges.h"
#include "inventory/verdicts/trust/stores.h"
#include "inventory/verdicts/trust/trust.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/test_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct made_cert *root, *middle, *leaf, *stranger;

static void update(struct db *db)
{
    struct error err = {0};
    if (!facts_update(db, &err) || !policy_ensure(db, &err) || !trust_update(db, &err))
        fail_msg("%s", err.text);
}

static struct made_cert *ca_make(const char *subject, const struct made_cert *issuer)
{
    return cert_make(&(struct cert_recipe){.subject = subject, .is_ca = 1, .issuer = issuer});
}

static struct made_cert *leaf_make(const char *subject, const struct made_cert *issuer)
{
    return cert_make(&(struct cert_recipe){.subject = subject, .issuer = issuer});
}

/* Stores it and forgets it. */
static void add(struct db *db, struct made_cert *made)
{
    fixture_made(db, made);
    cert_make_free(made);
}

static void expect(struct db *db, const char *sql, const char *rows)
{
    char *found = test_rows(db, sql);
    assert_string_equal(found, rows);
    free(found);
}

/* Certificates of that common name: kind of store, length, end, fault, weak. */
static void expect_paths(struct db *db, const char *common_name, const char *rows)
{
    char *sql = xasprintf("SELECT p.store_kind, cardinality(q.certificates) + (q.ca <> p.certificate)::int, "
                          "(p.not_after AT TIME ZONE 'UTC')::date, p.fault, p.is_weak "
                          "FROM certificate_path p JOIN ca_path q ON q.id = p.path JOIN certificate_facts f ON f.certificate = p.certificate "
                          "WHERE f.common_name = '%s' ORDER BY 1, 2, 3, 4", common_name);
    expect(db, sql, rows);
    free(sql);
}

/* Stores by a policy's hand, each with one root. */
struct store_of {
    const char *name, *kind;
    const struct made_cert *root;
};

static void stores_set(struct db *db, const struct store_of *stores, size_t count)
{
    char *list = xstrdup("");
    for (size_t i = 0; i < count; i++) {
        int64_t id = fixture_made(db, stores[i].root);
        char *longer = xasprintf("%s%sjsonb_build_object('name', '%s', 'kind', '%s', 'certificates', jsonb_build_array((SELECT "
                                 "encode(sha256, 'hex') FROM certificate WHERE id = %lld)))", list, i == 0 ? "" : ", ", stores[i].name,
                                 stores[i].kind, (long long)id);
        free(list);
        list = longer;
    }
    char *sql = xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) VALUES ('t', sha256(random()::text::bytea), '', "
                          "jsonb_build_object('trust_stores', jsonb_build_array(%s))) RETURNING id) "
                          "INSERT INTO policy_use (policy) SELECT id FROM p", list);
    fixture_sql(db, sql);
    free(sql);
    free(list);
}

static void store_set(struct db *db, const char *kind, const struct made_cert *certificate)
{
    stores_set(db, &(struct store_of){"x", kind, certificate}, 1);
}

static void a_path_is_found_whatever_the_clock_says(void **state)
{
    struct test_cluster *cluster = *state;
    store_set(cluster->db, "public", root);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.1", .chain = {leaf, middle}});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.2", .chain = {stranger}});
    update(cluster->db);
    expect_paths(cluster->db, "leaf", "public|3|2011-06-30||f\n");
    expect_paths(cluster->db, "middle", "public|2|2011-06-30||f\n");
    expect_paths(cluster->db, "stranger", "");
}

static void another_store_is_another_answer(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "TRUNCATE dirty");
    store_set(cluster->db, "private", root);
    update(cluster->db);
    expect_paths(cluster->db, "leaf", "private|3|2011-06-30||f\n");
    expect_paths(cluster->db, "stranger", "");
}

static void what_hangs_below_a_changed_path_is_judged_again(void **state)
{
    struct test_cluster *cluster = *state;
    static const char dirty[] = "SELECT DISTINCT f.common_name FROM dirty d JOIN certificate_facts f ON f.certificate = d.id AND d.kind = 1 "
                                "WHERE f.common_name IN ('leaf', 'middle', 'stranger') ORDER BY 1";
    store_set(cluster->db, "private", stranger);
    fixture_sql(cluster->db, "TRUNCATE dirty");
    update(cluster->db);
    expect(cluster->db, dirty, "leaf\nmiddle\nstranger\n");
    expect_paths(cluster->db, "leaf", "");
    expect_paths(cluster->db, "stranger", "private|1|2026-03-31||f\n");         /* trusted by itself */
    fixture_sql(cluster->db, "TRUNCATE dirty");
    update(cluster->db);
    expect(cluster->db, "SELECT count(*) FROM dirty", "0\n");
    store_set(cluster->db, "private", root);
    update(cluster->db);
}

static void a_leaf_without_its_chain_has_the_paths_of_who_signed_it(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *alone = leaf_make("CN=alone", middle);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.3", .chain = {alone}});
    update(cluster->db);
    expect_paths(cluster->db, "alone", "private|3|2011-06-30||f\n");
    cert_make_free(alone);
}

static void a_leaf_that_came_before_its_ca_is_tried_again(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *late = ca_make("CN=late CA", root);
    add(cluster->db, leaf_make("CN=early", late));
    update(cluster->db);
    expect_paths(cluster->db, "early", "");
    fixture_sql(cluster->db, "TRUNCATE dirty");
    add(cluster->db, late);
    update(cluster->db);
    expect_paths(cluster->db, "early", "private|3|2026-03-31||f\n");
    expect(cluster->db, "SELECT DISTINCT f.common_name FROM dirty d JOIN certificate_facts f ON f.certificate = d.id WHERE f.common_name "
                        "= 'early'", "early\n");
}

static void cross_signs_share_one_edge(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=other root", .is_ca = 1, .not_after = "20400101000000Z"});
    struct made_cert *ca = ca_make("CN=crossed", root);
    stores_set(cluster->db, (struct store_of[]){{"x", "private", root}, {"y", "public", other}}, 2);
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=Crossed", .is_ca = 1, .issuer = other, .same_key = ca,
                                                     .not_after = "20350101000000Z"}));     /* the same name in other letters */
    add(cluster->db, leaf_make("CN=below the crossed", ca));
    add(cluster->db, ca);
    update(cluster->db);
    expect_paths(cluster->db, "below the crossed", "private|3|2026-03-31||f\npublic|3|2026-03-31||f\n");
    expect(cluster->db, "SELECT p.store_kind, (p.ca_not_after AT TIME ZONE 'UTC')::date FROM certificate_path p JOIN certificate_facts f "
                        "USING (certificate) WHERE common_name = 'below the crossed' ORDER BY 1", "private|2026-03-31\npublic|2035-01-01\n");
    expect(cluster->db, "SELECT count(*), sum(e.tries) FROM edge e JOIN certificate_facts f ON f.certificate = e.child WHERE common_name = "
                        "'below the crossed'", "1|0\n");        /* found at the anchored one */
    cert_make_free(other);
}

static void bounds_of_a_path_make_it_faulty(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *zero = cert_make(&(struct cert_recipe){.subject = "CN=zero", .issuer = root, .sans = "",
        .extension = {"basicConstraints", "critical,CA:TRUE,pathlen:0"}});
    struct made_cert *below = ca_make("CN=below zero", zero), *deeper = ca_make("CN=below zero", below);      /* self-issued by name */
    struct made_cert *no_sign = cert_make(&(struct cert_recipe){.subject = "CN=no sign", .issuer = root, .is_ca = 1,
        .extension = {"keyUsage", "digitalSignature"}});
    struct made_cert *no_ca = leaf_make("CN=no ca", root);
    struct made_cert *mail = cert_make(&(struct cert_recipe){.subject = "CN=mail CA", .issuer = root, .is_ca = 1,
        .extension = {"extendedKeyUsage", "emailProtection"}});
    struct made_cert *md5 = cert_make(&(struct cert_recipe){.subject = "CN=md5 CA", .issuer = middle, .is_ca = 1, .hash = "MD5"});
    struct made_cert *small = cert_make(&(struct cert_recipe){.subject = "CN=small CA", .issuer = root, .is_ca = 1, .key = "RSA:512"});
    add(cluster->db, leaf_make("CN=leaf of zero", zero));
    add(cluster->db, leaf_make("CN=too deep", below));
    add(cluster->db, leaf_make("CN=even deeper", deeper));
    add(cluster->db, leaf_make("CN=signed by no sign", no_sign));
    add(cluster->db, leaf_make("CN=signed by a leaf", no_ca));
    add(cluster->db, leaf_make("CN=by mail", mail));
    add(cluster->db, leaf_make("CN=by md5", md5));
    add(cluster->db, leaf_make("CN=by small", small));
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=itself md5", .issuer = middle, .hash = "MD5"}));
    struct made_cert *all[] = {zero, below, deeper, no_sign, no_ca, mail, md5, small};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        add(cluster->db, all[i]);
    update(cluster->db);
    expect_paths(cluster->db, "leaf of zero", "private|3|2026-03-31||f\n");
    expect_paths(cluster->db, "too deep", "private|4|2026-03-31|path length|f\n");
    expect_paths(cluster->db, "even deeper", "private|5|2026-03-31|path length|f\n");
    expect_paths(cluster->db, "signed by no sign", "private|3|2026-03-31|key usage|f\n");
    expect_paths(cluster->db, "signed by a leaf", "");
    expect_paths(cluster->db, "by md5", "private|4|2011-06-30||t\n");
    expect_paths(cluster->db, "by small", "private|3|2026-03-31||t\n");
    expect_paths(cluster->db, "itself md5", "private|3|2011-06-30||t\n");
    expect_paths(cluster->db, "by mail", "private|3|2026-03-31||f\n");
    expect(cluster->db, "SELECT p.purposes FROM certificate_path p JOIN certificate_facts f USING (certificate) WHERE common_name = 'by mail'",
           "4\n");
}

/* Of which length, and how strong it is at its weakest place. */
static void a_path_tells_its_weakest_hash_and_key(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *old = cert_make(&(struct cert_recipe){.subject = "CN=old CA", .is_ca = 1, .issuer = root, .key = "RSA:2048", .hash = "SHA1"});
    struct made_cert *below = cert_make(&(struct cert_recipe){.subject = "CN=below old", .is_ca = 1, .issuer = old, .key = "P-384"});
    add(cluster->db, leaf_make("CN=leaf below old", below));
    add(cluster->db, below);
    add(cluster->db, old);
    update(cluster->db);
    expect(cluster->db, "SELECT DISTINCT p.length, p.hash, p.security_bits FROM certificate_path p JOIN certificate_facts f USING (certificate) "
                        "WHERE f.common_name = 'leaf below old'", "3|sha1|112\n");
}

static void names_are_held_against_constraints(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *bound = cert_make(&(struct cert_recipe){.subject = "CN=bound CA", .issuer = root, .is_ca = 1,
        .extension = {"nameConstraints", "critical,permitted;DNS:agency.example,excluded;DNS:secret.agency.example"}});
    add(cluster->db, leaf_make("CN=www.agency.example", bound));
    add(cluster->db, leaf_make("CN=www.other.example", bound));
    update(cluster->db);
    add(cluster->db, bound);        /* known only now: its children are looked at then */
    update(cluster->db);
    bound = NULL;
    expect_paths(cluster->db, "www.agency.example", "private|3|2026-03-31||f\n");
    expect_paths(cluster->db, "www.other.example", "private|3|2026-03-31|name constraints|f\n");
    expect(cluster->db, "SELECT name FROM name_violation", "dns:www.other.example\n");
    expect(cluster->db, "SELECT count(*) FROM name_pending", "0\n");
}

static void a_child_that_comes_later_is_held_against_them_too(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *bound = cert_make(&(struct cert_recipe){.subject = "CN=second bound", .issuer = root, .is_ca = 1,
        .extension = {"nameConstraints", "critical,excluded;DNS:example"}});
    fixture_made(cluster->db, bound);
    update(cluster->db);
    add(cluster->db, leaf_make("CN=later.example", bound));
    update(cluster->db);
    expect_paths(cluster->db, "later.example", "private|3|2026-03-31|name constraints|f\n");
    cert_make_free(bound);
}

static void a_self_made_ca_has_no_path_and_loops_end(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *alone = ca_make("CN=self-made", NULL), *a = ca_make("CN=loop a", root), *b = ca_make("CN=loop b", a);
    add(cluster->db, leaf_make("CN=of self-made", alone));
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=loop a", .is_ca = 1, .issuer = b, .same_key = a}));
    add(cluster->db, leaf_make("CN=of loop", a));
    add(cluster->db, alone);
    add(cluster->db, a);
    add(cluster->db, b);
    update(cluster->db);
    expect_paths(cluster->db, "of self-made", "");
    expect_paths(cluster->db, "self-made", "");
    expect(cluster->db, "SELECT e.authority IS NOT NULL FROM edge e JOIN certificate_facts f ON f.certificate = e.child WHERE common_name = "
                        "'of self-made'", "t\n");
    expect_paths(cluster->db, "of loop", "private|3|2026-03-31||f\n");
}

/* A hundred foreign CAs with one name, and a leaf of a trusted CA of that name, with another one's key identifier. */
static void namesakes_cost_sixteen_tries_and_the_anchored_is_found(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *right = cert_make(&(struct cert_recipe){.subject = "CN=namesake", .issuer = root, .is_ca = 1,
        .extension = {"subjectKeyIdentifier", "0102"}});
    struct made_cert *unknown = cert_make(&(struct cert_recipe){.subject = "CN=namesake", .is_ca = 1});
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=of the right one", .issuer = right,
        .extension = {"2.5.29.35", "DER:30048002FFFF"}}));                    /* a key identifier of no key */
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=of nobody here", .issuer = unknown}));
    cert_make_free(unknown);
    add(cluster->db, right);
    for (int i = 0; i < 100; i++)
        add(cluster->db, ca_make("CN=namesake", NULL));
    update(cluster->db);
    expect_paths(cluster->db, "of the right one", "private|3|2026-03-31||f\n");
    static const char tries[] = "SELECT e.tries, e.untried, e.authority FROM edge e JOIN certificate_facts f ON f.certificate = e.child "
                                "WHERE common_name = 'of nobody here'";
    expect(cluster->db, tries, "16|t|\n");
    for (int i = 0; i < 3; i++)
        add(cluster->db, ca_make("CN=namesake", NULL));
    update(cluster->db);
    expect(cluster->db, tries, "16|t|\n");
}

static void the_key_identifier_finds_one_of_many(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *right = cert_make(&(struct cert_recipe){.subject = "CN=crowd", .is_ca = 1,
        .extension = {"subjectKeyIdentifier", "0A0B0C"}});
    fixture_made(cluster->db, right);
    update(cluster->db);
    for (int i = 0; i < 40; i++)
        add(cluster->db, ca_make("CN=crowd", NULL));
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=in the crowd", .issuer = right,
        .extension = {"2.5.29.35", "DER:300580030A0B0C"}}));
    cert_make_free(right);
    update(cluster->db);
    expect(cluster->db, "SELECT e.tries, e.authority IS NOT NULL FROM edge e JOIN certificate_facts f ON f.certificate = e.child "
                        "WHERE common_name = 'in the crowd'", "1|t\n");
}

static void a_copied_key_does_not_take_the_leaf_away(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *thief = ca_make("CN=thief", NULL), *ca = ca_make("CN=victim CA", root);
    /* Signed by another CA, with the victim's name and key: the same authority, and no path of its own. */
    add(cluster->db, cert_make(&(struct cert_recipe){.subject = "CN=victim CA", .is_ca = 1, .issuer = thief, .same_key = ca,
        .not_after = "20400101000000Z"}));
    add(cluster->db, leaf_make("CN=victim", ca));
    add(cluster->db, thief);
    update(cluster->db);
    expect_paths(cluster->db, "victim", "");
    add(cluster->db, ca);
    update(cluster->db);
    expect_paths(cluster->db, "victim", "private|3|2026-03-31||f\n");
}

/* As when another process stores it in the middle of a run. */
static void a_ca_that_comes_after_authorities_were_made_waits_for_the_next_run(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct made_cert *late = ca_make("CN=in the middle", root);
    struct namesakes_cache *cache = namesakes_cache_create();
    add(cluster->db, leaf_make("CN=of the middle", late));
    add(cluster->db, late);
    if (!facts_update(cluster->db, &err) || !edges_find(cluster->db, cache, EDGES_OF_ALL, &err))
        fail_msg("%s", err.text);
    namesakes_cache_destroy(cache);
    expect_paths(cluster->db, "of the middle", "");
    update(cluster->db);
    expect_paths(cluster->db, "of the middle", "private|3|2026-03-31||f\n");
    expect(cluster->db, "SELECT count(*) FROM trust_pending", "0\n");
}

static void a_forged_signature_is_no_edge(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *forged = leaf_make("CN=forged", middle);
    forged->der[forged->len - 1] ^= 1;
    add(cluster->db, forged);
    update(cluster->db);
    expect_paths(cluster->db, "forged", "");
    expect(cluster->db, "SELECT e.authority FROM edge e JOIN certificate_facts f ON f.certificate = e.child WHERE common_name = 'forged'", "\n");
}

static void what_cannot_be_read_holds_up_nothing(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_certificate(cluster->db, "\x30\x03\x02\x01\x01", 5);
    fixture_certificate(cluster->db, "", 0);
    add(cluster->db, leaf_make("CN=after the broken", middle));
    update(cluster->db);
    expect_paths(cluster->db, "after the broken", "private|3|2011-06-30||f\n");
    expect(cluster->db, "SELECT count(*) FROM trust_pending", "0\n");
}

static void a_root_of_the_managed_set_is_trusted_at_once(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *managed = cert_make(&(struct cert_recipe){.subject = "CN=Managed root", .is_ca = 1});
    fixture_made(cluster->db, managed);
    fixture_sql(cluster->db, "INSERT INTO managed_source (name) VALUES ('roots'); INSERT INTO managed_record (source, key, valid_from, file, line, "
                             "contacts, name_set, sha256) SELECT s.id, sha256, now(), 'r.pem', 1, '{}', '{}', sha256 FROM managed_source s, certificate "
                             "WHERE certificate.id = (SELECT max(id) FROM certificate)");
    update(cluster->db);
    expect(cluster->db, "SELECT count(*) FROM ca_path p JOIN trust_store s ON s.id = p.store WHERE s.name = 'managed'", "1\n");
    fixture_sql(cluster->db, "TRUNCATE dirty");
    update(cluster->db);
    expect(cluster->db, "SELECT count(*) FROM dirty", "0\n");
    cert_make_free(managed);
}

static void the_systems_roots_are_a_public_store(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *public_root = ca_make("CN=system root", NULL);
    char path[] = "/tmp/certsweep-roots-XXXXXX", *pem = cert_make_pem(public_root);
    FILE *file = fdopen(mkstemp(path), "w");
    fprintf(file, "# a comment\n%s-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", pem);        /* one bad root */
    fclose(file);
    add(cluster->db, leaf_make("CN=of the system", public_root));
    setenv("CERTSWEEP_ROOTS", path, 1);
    update(cluster->db);
    expect_paths(cluster->db, "of the system", "public|2|2026-03-31||f\n");
    setenv("CERTSWEEP_ROOTS", "/dev/null", 1);
    update(cluster->db);
    expect_paths(cluster->db, "of the system", "");
    unlink(path);
    free(pem);
    cert_make_free(public_root);
}

/* The administrator added two roots to the package's; one of them is also in the package. */
static void added_roots_are_a_private_store(void **state)
{
    static const char by_store[] = "SELECT s.name, s.kind, count(*) FROM trust_store s JOIN store_root r ON r.store = s.id WHERE s.sha256 IS NOT NULL "
                                   "GROUP BY 1, 2 ORDER BY 1";
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct made_cert *made[] = {ca_make("CN=of the package", NULL), ca_make("CN=added and of the package", NULL), ca_make("CN=added", NULL)};
    char *pem[3], *all, *added;
    test_folder_make(NULL);
    for (size_t i = 0; i < 3; i++)
        pem[i] = cert_make_pem(made[i]);
    all = xasprintf("%s%s%s", pem[0], pem[1], pem[2]);
    added = xasprintf("%s%s", pem[1], pem[2]);
    assert_int_equal(mkdir(at("package"), 0700) | mkdir(at("local"), 0700), 0);
    write_file(at("all"), all);
    write_file(at("package/a.crt"), pem[0]);
    write_file(at("package/b.crt"), pem[1]);
    write_file(at("local/c.crt"), added);
    write_file(at("local/not-read.pem"), pem[0]);
    const struct root_places places = {.file = at("all"), .package = at("package"), .local = at("local")}, named = {.file = "/dev/null"};
    assert_true(stores_update_from(cluster->db, &places, &err) && stores_update_from(cluster->db, &places, &err));
    expect(cluster->db, by_store, LOCAL_ROOTS_STORE "|private|1\nsystem|public|2\n");
    assert_true(stores_update_from(cluster->db, &named, &err));
    expect(cluster->db, by_store, "");
    for (size_t i = 0; i < 3; i++) {
        free(pem[i]);
        cert_make_free(made[i]);
    }
    free(all);
    free(added);
    test_folder_remove(NULL);
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
        cmocka_unit_test(what_hangs_below_a_changed_path_is_judged_again),
        cmocka_unit_test(a_leaf_without_its_chain_has_the_paths_of_who_signed_it),
        cmocka_unit_test(a_leaf_that_came_before_its_ca_is_tried_again),
        cmocka_unit_test(cross_signs_share_one_edge),
        cmocka_unit_test(bounds_of_a_path_make_it_faulty),
        cmocka_unit_test(a_path_tells_its_weakest_hash_and_key),
        cmocka_unit_test(names_are_held_against_constraints),
        cmocka_unit_test(a_child_that_comes_later_is_held_against_them_too),
        cmocka_unit_test(a_self_made_ca_has_no_path_and_loops_end),
        cmocka_unit_test(namesakes_cost_sixteen_tries_and_the_anchored_is_found),
        cmocka_unit_test(the_key_identifier_finds_one_of_many),
        cmocka_unit_test(a_copied_key_does_not_take_the_leaf_away),
        cmocka_unit_test(a_ca_that_comes_after_authorities_were_made_waits_for_the_next_run),
        cmocka_unit_test(a_forged_signature_is_no_edge),
        cmocka_unit_test(what_cannot_be_read_holds_up_nothing),
        cmocka_unit_test(a_root_of_the_managed_set_is_trusted_at_once),
        cmocka_unit_test(the_systems_roots_are_a_public_store),
        cmocka_unit_test(added_roots_are_a_private_store),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
