/* Random PKIs against X509_verify_cert(): where OpenSSL finds a path, so do we; and what we find, OpenSSL accepts when it gets that
 * path alone (it follows one issuer of each name and does not turn back). And the chains of BoringSSL's corpus, where it is there. */
#include "inventory/certificate/pem.h"
#include "inventory/facts/facts.h"
#include "inventory/policy/policy.h"
#include "inventory/verdicts/trust/trust.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <dirent.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOTS = 3, CAS = 14, CERTIFICATES_MAX = 128, LEAVES = 40, WORLDS = 6 };

struct world {
    struct made_cert *roots[ROOTS], *cas[CAS];          /* the first certificate of each CA, which holds its key */
    struct made_cert *all[CERTIFICATES_MAX];            /* everything but the leaves */
    int64_t ids[CERTIFICATES_MAX];
    size_t count;
};

static unsigned chance(unsigned out_of)
{
    return (unsigned)random() % out_of;
}

static const struct made_cert *somebody(const struct world *world, size_t cas)
{
    size_t pick = chance((unsigned)(ROOTS + cas));
    return pick < ROOTS ? world->roots[pick] : world->cas[pick - ROOTS];
}

static struct made_cert *ca_certificate(const struct world *world, size_t i, const struct made_cert *same_key, size_t cas)
{
    char subject[32], constraints[48];
    snprintf(subject, sizeof subject, "CN=ca %zu", i);
    struct cert_recipe recipe = {.subject = subject, .sans = "", .same_key = same_key, .issuer = somebody(world, cas)};
    snprintf(constraints, sizeof constraints, "critical,CA:TRUE,pathlen:%u", chance(3));
    size_t n = 0;
    recipe.extension[n++] = "basicConstraints";
    recipe.extension[n++] = chance(3) == 0 ? constraints : "critical,CA:TRUE";
    if (chance(8) == 0) {
        recipe.extension[n++] = "nameConstraints";
        recipe.extension[n++] = chance(2) == 0 ? "critical,permitted;DNS:one.example" : "critical,excluded;DNS:one.example";
    }
    if (chance(10) == 0) {
        recipe.extension[n++] = "keyUsage";
        recipe.extension[n++] = "digitalSignature";
    }
    return cert_make(&recipe);
}

static void world_make(struct world *world)
{
    *world = (struct world){.count = 0};
    for (size_t i = 0; i < ROOTS; i++) {
        char subject[32];
        snprintf(subject, sizeof subject, "CN=root %zu", i);
        world->all[world->count++] = world->roots[i] = cert_make(&(struct cert_recipe){.subject = subject, .is_ca = 1});
    }
    for (size_t i = 0; i < CAS; i++)
        world->all[world->count++] = world->cas[i] = ca_certificate(world, i, NULL, i);
    for (size_t i = 0; i < CAS; i++)        /* cross-signed by any CA, itself and those below it included */
        for (unsigned more = chance(3); more > 0; more--)
            world->all[world->count++] = ca_certificate(world, i, world->cas[i], CAS);
}

static bool openssl_finds(const struct world *world, X509 *leaf, const char *path)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    for (size_t i = 0; i < 2; i++)          /* the third root is in no store */
        X509_STORE_add_cert(store, world->roots[i]->x509);
    for (size_t i = 0; i < world->count; i++) {
        char id[32];
        snprintf(id, sizeof id, ",%lld,", (long long)world->ids[i]);
        if (path == NULL || strstr(path, id) != NULL)
            sk_X509_push(others, world->all[i]->x509);
    }
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf, others);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
    X509_VERIFY_PARAM_set_auth_level(param, 0);
    bool ok = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    sk_X509_free(others);
    X509_STORE_free(store);
    return ok;
}

static void update(struct db *db)
{
    struct error err = {0};
    if (!facts_update(db, &err) || !policy_ensure(db, &err) || !trust_update(db, &err))
        fail_msg("%s", err.text);
}

static void stores_set(struct db *db, int64_t one, int64_t other)
{
    char *sql = xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256(random()::text::bytea), '', "
        "jsonb_build_object('trust_stores', jsonb_build_array(jsonb_build_object('name', 'x', 'kind', 'private', 'certificates', "
        "jsonb_agg(encode(sha256, 'hex'))))) FROM certificate WHERE id IN (%lld, %lld) RETURNING id) INSERT INTO policy_use (policy) "
        "SELECT id FROM p", (long long)one, (long long)other);
    fixture_sql(db, sql);
    free(sql);
}

/* The sound paths of the certificate, each as ",1,2,3,". */
static char *paths_of(struct db *db, int64_t certificate)
{
    char *sql = xasprintf("SELECT ',' || array_to_string(q.certificates, ',') || ',' FROM certificate_path p JOIN ca_path q ON q.id = p.path "
                          "WHERE p.certificate = %lld AND p.fault IS NULL AND p.store_name = 'x'", (long long)certificate);
    char *rows = test_rows(db, sql);
    free(sql);
    return rows;
}

static void world_clear(struct db *db)
{
    fixture_sql(db, "TRUNCATE certificate, chain, chain_certificate, policy RESTART IDENTITY CASCADE");
    fixture_trust_clear(db);
}

static void leaf_compare(struct db *db, const struct world *world, const struct made_cert *leaf, int64_t id, unsigned seed, size_t *found)
{
    char *paths = paths_of(db, id), *rest = paths;
    if (paths[0] == '\0' && openssl_finds(world, leaf->x509, NULL))
        fail_msg("world %u: OpenSSL finds a path of certificate %lld", seed, (long long)id);
    for (char *path; (path = strsep(&rest, "\n")) != NULL && path[0] != '\0'; ++*found)
        if (!openssl_finds(world, leaf->x509, path))
            fail_msg("world %u: OpenSSL refuses %s of certificate %lld", seed, path, (long long)id);
    free(paths);
}

static void random_worlds_are_judged_as_openssl_judges(void **state)
{
    struct test_cluster *cluster = *state;
    size_t found = 0;
    for (unsigned seed = 1; seed <= WORLDS; seed++) {
        struct world world;
        struct made_cert *leaves[LEAVES];
        int64_t ids[LEAVES];
        srandom(seed);
        world_make(&world);
        world_clear(cluster->db);
        for (size_t i = 0; i < LEAVES; i++) {
            char subject[64];
            snprintf(subject, sizeof subject, "CN=w%u.%s.example", seed, chance(2) == 0 ? "one" : "two");
            leaves[i] = cert_make(&(struct cert_recipe){.subject = subject, .issuer = somebody(&world, CAS)});
            ids[i] = fixture_made(cluster->db, leaves[i]);
        }
        for (size_t i = 0; i < world.count; i++) {
            world.ids[i] = fixture_made(cluster->db, world.all[i]);
            if (i % 7 == 6)
                update(cluster->db);        /* piece by piece, as an inventory grows */
        }
        stores_set(cluster->db, world.ids[0], world.ids[1]);
        update(cluster->db);
        for (size_t i = 0; i < LEAVES; i++)
            leaf_compare(cluster->db, &world, leaves[i], ids[i], seed, &found);
        for (size_t i = 0; i < LEAVES; i++)
            cert_make_free(leaves[i]);
        for (size_t i = 0; i < world.count; i++)
            cert_make_free(world.all[i]);
    }
    print_message("%zu paths compared\n", found);
    assert_true(found > WORLDS * LEAVES / 4);
}

/* What the corpus expects beyond signatures, names, basic constraints, path length, key usage and purposes is no part of a path here: dates and
 * weak keys are columns and rules (H03, K01, C02), no client of the web checks policies, a critical extension that nobody knows is not
 * judged yet (RFC 5280, 4.2), and an anchor is taken without its own constraints (RFC 5280, 6.1.1 d) except that it must be a CA. One
 * certificate alone is its own anchor. */
enum { NOTHING = 0, SERVER = 1, CLIENT = 2, BOTH = 3, ANY = 4 };
static const struct { const char *folder; bool found; int purposes; } corpus[] = {
    {"target-and-intermediate", true, BOTH}, {"intermediate-eku-clientauth", true, CLIENT},
    {"intermediate-eku-any-and-clientauth", true, BOTH},        /* RFC 5280, 4.2.1.12: any is any; BoringSSL warns of it */
    {"intermediate-eku-server-gated-crypto/sha1-chain.pem", true, SERVER},      /* server-gated cryptography is a server's, as OpenSSL reads it */
    {"intermediate-eku-server-gated-crypto/sha256-chain.pem", true, SERVER}, {"intermediate-eku-mlsclientauth", true, NOTHING},
    {"intermediate-eku-mlsclientauth-extra", true, NOTHING}, {"policies-ok", true, ANY}, {"policies-inhibit-anypolicy-by-root-ok", true, ANY},
    {"policies-inhibit-anypolicy-by-root-fail", true, ANY}, {"policies-inhibit-mapping-by-root-fail", true, ANY},
    {"policies-required-by-root-ok", true, ANY}, {"policies-required-by-root-fail", true, ANY}, {"target-has-pathlen-but-not-ca", true, ANY},
    {"target-msapplicationpolicies-and-eku", true, SERVER}, {"target-not-end-entity", true, ANY}, {"target-unknown-critical-extension", true, ANY},
    {"target-unknown-critical-extension/target_only.pem", true, ANY}, {"unknown-critical-policy-qualifier", true, ANY},
    {"unknown-non-critical-policy-qualifier", true, ANY}, {"target-serverauth-various-keyusages/ec-decipherOnly.pem", true, SERVER},
    {"target-serverauth-various-keyusages/ec-digitalSignature.pem", true, SERVER},
    {"target-serverauth-various-keyusages/ec-keyAgreement.pem", true, SERVER},
    {"target-serverauth-various-keyusages/ec-keyEncipherment.pem", true, SERVER},
    {"target-serverauth-various-keyusages/rsa-decipherOnly.pem", true, SERVER},
    {"target-serverauth-various-keyusages/rsa-digitalSignature.pem", true, SERVER},
    {"target-serverauth-various-keyusages/rsa-keyAgreement.pem", true, SERVER},
    {"target-serverauth-various-keyusages/rsa-keyEncipherment.pem", true, SERVER}, {"target-selfsigned", true, SERVER},
    {"issuer-and-subject-not-byte-for-byte-equal/anchor.pem", true, ANY},
    {"incorrect-trust-anchor", false, ANY}, {"intermediate-basic-constraints-ca-false", false, ANY},
    {"intermediate-basic-constraints-not-critical", true, ANY}, {"intermediate-lacks-signing-key-usage", false, ANY},
    {"intermediate-wrong-signature-no-authority-key-identifier", false, ANY}, {"issuer-and-subject-not-byte-for-byte-equal/target.pem", true, ANY},
    {"non-self-signed-root", true, ANY}, {"target-wrong-signature", false, ANY}, {"violates-basic-constraints-pathlen-0", false, ANY},
    {"violates-pathlen-1-from-root", false, ANY}, {"basic-constraints-pathlen-0-self-issued", true, ANY}, {"target-signed-using-ecdsa", true, ANY},
    {"target-has-512bit-rsa-key", true, ANY}, {"target-signed-with-sha1", true, ANY}, {"expired-intermediate", true, ANY}, {"expired-root", true, ANY},
    {"intermediate-unknown-non-critical-extension", true, ANY}, {"root-basic-constraints-ca-false", false, ANY},
    {"target-has-keycertsign-but-not-ca", true, ANY}, {"root-lacks-basic-constraints", true, ANY},
};

static size_t chain_read(struct db *db, const char *path, int64_t *ids, size_t max)
{
    struct file_bytes file;
    struct error err = {0};
    size_t count = 0;
    if (!file_bytes_open(&file, path, &err))
        fail_msg("%s", err.text);
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    for (struct pem_block block; pem_next(&reader, &block); free(block.der))
        if (strcmp(block.label, "CERTIFICATE") == 0 && block.der != NULL && count < max)
            ids[count++] = fixture_certificate(db, block.der, block.len);
    file_bytes_close(&file);
    return count;
}

static void the_corpus_is_judged_as_boringssl_judges(void **state)
{
    struct test_cluster *cluster = *state;
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, the corpora are not read\n");
        skip();
    }
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) {
        int64_t ids[16];
        char *path = xasprintf("%s/corpora/boringssl-verify-chain/%s%s", shared, corpus[i].folder, strstr(corpus[i].folder, ".pem") == NULL ? "/chain.pem" : "");
        world_clear(cluster->db);
        size_t count = chain_read(cluster->db, path, ids, 16);
        stores_set(cluster->db, ids[count - 1], ids[count - 1]);
        update(cluster->db);
        char *paths = paths_of(cluster->db, ids[0]);
        char *sql = xasprintf("SELECT coalesce(bit_or(purposes), 0) & 3 FROM certificate_path WHERE certificate = %lld AND fault IS NULL", (long long)ids[0]);
        int64_t purposes = test_number(cluster->db, sql);
        free(sql);
        bool is_right = (paths[0] != '\0') == corpus[i].found && (corpus[i].purposes == ANY || purposes == corpus[i].purposes);
        if (!is_right)
            print_message("%s: %s, purposes %lld\n", corpus[i].folder, paths[0] == '\0' ? "no path" : "a path", (long long)purposes);
        wrong += !is_right;
        free(paths);
        free(path);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_worlds_are_judged_as_openssl_judges),
        cmocka_unit_test(the_corpus_is_judged_as_boringssl_judges),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
