/* Revocation lists and stapled answers: what they say, of whom, from when to when, and what they cannot say. Rules H08, H10, P11, P12. */
#include "inventory/policy/policy.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/revocation/crl_files.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAR "20400101000000Z"

static struct made_cert *root, *ca, *no_crl, *leaf, *other, *sharded;

struct listed {
    const struct made_cert *certificate;
    const char *at;
    int reason;                     /* CRLReason; 0: none given */
};

struct list_recipe {
    const struct made_cert *issuer;
    const char *from, *to;          /* thisUpdate and nextUpdate */
    struct listed entries[3];
    const char *extension[2];       /* name and value, "critical,..." */
    bool pem, forged, unknown_critical;
};

static X509_REVOKED *entry_make(const struct listed *listed)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *at = ASN1_TIME_new();
    ASN1_TIME_set_string_X509(at, listed->at);
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(listed->certificate->x509));
    X509_REVOKED_set_revocationDate(entry, at);
    ASN1_TIME_free(at);
    if (listed->reason != 0) {
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
        ASN1_ENUMERATED_set(reason, listed->reason);
        X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0);
        ASN1_ENUMERATED_free(reason);
    }
    return entry;
}

/* A file with the list; its path is to be freed, and the file removed, by file_forget(). */
static char *list_make(const struct list_recipe *recipe)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *time = ASN1_TIME_new();
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(recipe->issuer->x509));
    ASN1_TIME_set_string_X509(time, recipe->from);
    X509_CRL_set1_lastUpdate(crl, time);
    if (recipe->to != NULL) {
        ASN1_TIME_set_string_X509(time, recipe->to);
        X509_CRL_set1_nextUpdate(crl, time);
    }
    ASN1_TIME_free(time);
    for (size_t i = 0; i < 3 && recipe->entries[i].certificate != NULL; i++)
        X509_CRL_add0_revoked(crl, entry_make(&recipe->entries[i]));
    if (recipe->extension[0] != NULL) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, NULL, NULL, NULL, crl, 0);
        X509V3_set_ctx_nodb(&context);
        X509_EXTENSION *extension = X509V3_EXT_conf(NULL, &context, recipe->extension[0], recipe->extension[1]);
        assert_non_null(extension);
        X509_CRL_add_ext(crl, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_CRL_sign(crl, recipe->forged ? root->key : recipe->issuer->key, EVP_sha256());
    char *path = xstrdup("/tmp/certsweep-crl-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "wb");
    assert_int_equal(recipe->pem ? PEM_write_X509_CRL(file, crl) : i2d_X509_CRL_fp(file, crl), 1);
    fclose(file);
    X509_CRL_free(crl);
    return path;
}

static struct crl_account load(struct db *db, const struct list_recipe *recipe)
{
    struct error err = {0};
    struct crl_account account;
    char *path = list_make(recipe);
    const char *const paths[] = {path};
    if (!crl_files_load(db, paths, 1, &account, &err))
        fail_msg("%s", err.text);
    unlink(path);
    free(path);
    return account;
}

static void run(struct db *db, const char *as_of)
{
    struct error err = {0};
    struct reconcile_options options = {0};
    assert_true(clock_parse_us(as_of, &options.as_of_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

/* Rules of revocation that hit the certificate on that day, with severity and a part of their evidence. */
static void expect(struct db *db, const char *as_of, const char *name, const char *rows)
{
    run(db, as_of);
    char *sql = xasprintf("SELECT h.rule, h.severity, h.evidence ->> 'reason' FROM hit h JOIN certificate_facts f USING (certificate) WHERE "
                          "f.common_name = '%s' AND h.rule IN ('H08', 'H10', 'P11', 'P12') ORDER BY 1", name);
    char *found = test_rows(db, sql);
    if (strcmp(found, rows) != 0)
        fail_msg("%s at %s: %s", name, as_of, found);
    free(found);
    free(sql);
}

static void nothing_is_asked_without_lists(void **state)
{
    struct test_cluster *cluster = *state;
    expect(cluster->db, "2026-02-01", "leaf", "P12|info|\n");
}

static void a_list_says_who_is_revoked_and_who_is_not(void **state)
{
    struct test_cluster *cluster = *state;
    struct crl_account account = load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260125000000Z", .to = "20260210000000Z",
        .entries = {{leaf, "20260120000000Z", 1}}});
    assert_int_equal(account.loaded, 1);
    expect(cluster->db, "2026-02-01", "leaf", "H08|critical|key compromise\nP12|info|\n");
    expect(cluster->db, "2026-02-01", "other", "P12|info|\n");
    expect(cluster->db, "2026-01-19", "leaf", "H10|info|no list of its issuer is current and complete\nP12|info|\n");
    expect(cluster->db, "2026-02-11", "other", "H10|info|no list of its issuer is current and complete\nP12|info|\n");     /* stale */
    expect(cluster->db, "2026-02-11", "leaf", "H08|critical|key compromise\nP12|info|\n");      /* revoked is revoked */
}

static void revoked_stays_known_when_the_list_drops_it(void **state)
{
    struct test_cluster *cluster = *state;
    struct list_recipe recipe = {.issuer = ca, .from = "20260211000000Z", .to = "20260310000000Z", .pem = true};
    struct crl_account account = load(cluster->db, &recipe);
    assert_int_equal(account.loaded, 1);
    expect(cluster->db, "2026-02-12", "leaf", "H08|critical|key compromise\nP12|info|\n");
}

static void a_hold_is_released_with_its_date(void **state)
{
    struct test_cluster *cluster = *state;
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260212000000Z", .to = "20260310000000Z",
        .entries = {{other, "20260211000000Z", 6}}});
    expect(cluster->db, "2026-02-13", "other", "H08|high|hold\nP12|info|\n");
    fixture_sql(cluster->db, "TRUNCATE dirty");
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260220000000Z", .to = "20260310000000Z"});
    assert_true(test_number(cluster->db, "SELECT count(*) FROM dirty d JOIN certificate_facts f ON f.certificate = d.id WHERE f.common_name "
                                         "= 'other'") > 0);
    expect(cluster->db, "2026-02-21", "other", "P12|info|\n");
    expect(cluster->db, "2026-02-13", "other", "H08|high|hold\nP12|info|\n");       /* as it was then */
    /* An older list that comes late changes nothing. */
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260215000000Z", .to = "20260310000000Z",
        .entries = {{other, "20260211000000Z", 6}}});
    expect(cluster->db, "2026-02-21", "other", "P12|info|\n");
}

static void a_delta_adds_and_releases_but_vouches_for_nobody(void **state)
{
    struct test_cluster *cluster = *state;
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260312000000Z", .to = "20260320000000Z",
        .extension = {"2.5.29.27", "critical,DER:020101"}, .entries = {{other, "20260311000000Z", 6}}});
    expect(cluster->db, "2026-03-13", "other", "H08|high|hold\nP12|info|\n");
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260314000000Z", .to = "20260320000000Z",
        .extension = {"2.5.29.27", "critical,DER:020101"}, .entries = {{other, "20260313120000Z", 8}}});
    expect(cluster->db, "2026-03-15", "other", "H10|info|no list of its issuer is current and complete\nP12|info|\n");
}

static void a_list_counts_only_within_its_scope(void **state)
{
    struct test_cluster *cluster = *state;
    static const char idp[] = "2.5.29.28";
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260321000000Z", .to = "20260331000000Z",
        .extension = {idp, "critical,DER:3003" "8201FF"}});                     /* onlyContainsCACerts */
    expect(cluster->db, "2026-03-22", "other", "H10|info|the current lists do not cover it\nP12|info|\n");
    load(cluster->db, &(struct list_recipe){.issuer = ca, .from = "20260322000000Z", .to = "20260331000000Z",
        .extension = {"issuingDistributionPoint", "critical,fullname:URI:http://crl.example/7.crl"}});
    expect(cluster->db, "2026-03-23", "other", "H10|info|the current lists do not cover it\nP12|info|\n");
    expect(cluster->db, "2026-03-23", "sharded", "");
}

static void what_cannot_be_used_is_told_and_not_stored(void **state)
{
    struct test_cluster *cluster = *state;
    int64_t before = test_number(cluster->db, "SELECT count(*) FROM crl");
    static const struct list_recipe bad[] = {
        {.from = "20260125000000Z", .to = "20260210000000Z", .forged = true},
        {.from = "20260125000000Z", .to = "20260210000000Z", .extension = {"2.5.29.99", "critical,DER:0500"}},
        {.from = "20260125000000Z", .to = "20260210000000Z", .extension = {"2.5.29.28", "critical,DER:30038401FF"}},       /* indirect */
    };
    for (size_t i = 0; i < 3; i++) {
        struct list_recipe recipe = bad[i];
        recipe.issuer = ca;
        struct crl_account account = load(cluster->db, &recipe);
        assert_int_equal(account.bad, 1);
        assert_int_equal(account.loaded, 0);
    }
    struct crl_account account = load(cluster->db, &(struct list_recipe){.issuer = no_crl, .from = "20260125000000Z"});
    assert_int_equal(account.bad, 1);           /* its key usage has no cRLSign */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM crl"), before);
}

static void a_folder_is_walked_and_a_list_is_taken_once(void **state)
{
    struct test_cluster *cluster = *state;
    char folder[] = "/tmp/certsweep-crls-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = list_make(&(struct list_recipe){.issuer = ca, .from = "20260126000000Z", .to = "20260127000000Z"});
    char *one = xasprintf("%s/one.crl", folder), *two = xasprintf("%s/two.crl", folder), *text = xasprintf("%s/readme.txt", folder);
    assert_int_equal(link(path, one) + rename(path, two), 0);
    FILE *file = fopen(text, "w");
    fputs("no list\n", file);
    fclose(file);
    struct error err = {0};
    struct crl_account account;
    const char *const paths[] = {folder};
    assert_true(crl_files_load(cluster->db, paths, 1, &account, &err));
    assert_int_equal(account.loaded, 1);
    assert_int_equal(account.known, 1);
    assert_int_equal(account.bad, 1);
    unlink(one);
    unlink(two);
    unlink(text);
    rmdir(folder);
    free(path);
    free(one);
    free(two);
    free(text);
}

/* A response for the certificate, signed by signer (the CA, or a responder that it made). */
static void staple_add(struct db *db, const struct made_cert *certificate, const struct made_cert *signer, int status, int reason,
                       const char *from, const char *to)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), certificate->x509, ca->x509);
    ASN1_TIME *times[3];
    const char *texts[] = {from, to, "20260120000000Z"};
    for (size_t i = 0; i < 3; i++) {
        times[i] = ASN1_TIME_new();
        ASN1_TIME_set_string(times[i], texts[i]);
    }
    OCSP_basic_add1_status(basic, id, status, reason, status == V_OCSP_CERTSTATUS_REVOKED ? times[2] : NULL, times[0], times[1]);
    OCSP_basic_sign(basic, signer->x509, signer->key, EVP_sha256(), NULL, signer == ca ? OCSP_NOCERTS : 0);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    uint8_t *der = NULL;
    int len = i2d_OCSP_RESPONSE(response, &der);
    char *hex = xmalloc(2 * (size_t)len + 1);
    hex_format(der, (size_t)len, hex);
    char *sql = xasprintf("INSERT INTO staple (sha256, der) SELECT sha256(x), x FROM (SELECT decode('%s', 'hex') AS x) d", hex);
    fixture_sql(db, sql);
    free(sql);
    free(hex);
    OPENSSL_free(der);
    for (size_t i = 0; i < 3; i++)
        ASN1_TIME_free(times[i]);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
}

static void a_stapled_answer_counts_like_a_list(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *responder = cert_make(&(struct cert_recipe){.subject = "CN=responder", .issuer = ca, .extension = {"extendedKeyUsage", "OCSPSigning"}});
    struct made_cert *server = cert_make(&(struct cert_recipe){.subject = "CN=no responder", .issuer = ca, .extension = {"extendedKeyUsage", "serverAuth"}});
    struct made_cert *stranger = cert_make(&(struct cert_recipe){.subject = "CN=stranger", .extension = {"extendedKeyUsage", "OCSPSigning"}});
    staple_add(cluster->db, other, server, V_OCSP_CERTSTATUS_REVOKED, 1, "20260321000000Z", "20260331000000Z");
    staple_add(cluster->db, other, stranger, V_OCSP_CERTSTATUS_REVOKED, 1, "20260321000000Z", "20260331000000Z");
    expect(cluster->db, "2026-03-23", "other", "H10|info|the current lists do not cover it\nP12|info|\n");       /* neither may answer */
    staple_add(cluster->db, other, responder, V_OCSP_CERTSTATUS_GOOD, 0, "20260321000000Z", "20260325000000Z");
    expect(cluster->db, "2026-03-23", "other", "P12|info|\n");
    expect(cluster->db, "2026-03-26", "other", "H10|info|the current lists do not cover it\nP12|info|\n");
    staple_add(cluster->db, other, ca, V_OCSP_CERTSTATUS_REVOKED, 4, "20260326000000Z", "20260331000000Z");
    expect(cluster->db, "2026-03-27", "other", "H08|critical|superseded\nP12|info|\n");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM staple_pending"), 0);
    cert_make_free(responder);
    cert_make_free(server);
    cert_make_free(stranger);
}

static void a_staple_of_an_unknown_ca_waits_and_garbage_does_not(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *late = cert_make(&(struct cert_recipe){.subject = "CN=late CA", .is_ca = 1, .issuer = root, .not_after = FAR});
    struct made_cert *early = cert_make(&(struct cert_recipe){.subject = "CN=early", .issuer = late}), *saved = ca;
    fixture_sql(cluster->db, "INSERT INTO staple (sha256, der) VALUES (sha256('\\x3003'), '\\x3003')");
    ca = late;
    staple_add(cluster->db, early, late, V_OCSP_CERTSTATUS_REVOKED, 1, "20260121000000Z", "20260331000000Z");
    ca = saved;
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.12.9", .from = "2026-01-01", .chain = {early}});
    run(cluster->db, "2026-02-01");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM staple_pending"), 1);
    fixture_made(cluster->db, late);
    expect(cluster->db, "2026-02-01", "early", "H08|critical|key compromise\n");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM staple_pending"), 0);
    cert_make_free(late);
    cert_make_free(early);
}

static void a_promised_staple_must_come(void **state)
{
    struct test_cluster *cluster = *state;
    expect(cluster->db, "2026-02-01", "must staple", "P11|high|\n");
    fixture_sql(cluster->db, "UPDATE observation SET staple = (SELECT min(id) FROM staple)");
    expect(cluster->db, "2026-02-01", "must staple", "");
    expect(cluster->db, "2026-02-01", "leaf", "H08|critical|key compromise\n");
}

static void what_a_revoked_ca_signed_is_revoked_with_it(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "TRUNCATE dirty");
    load(cluster->db, &(struct list_recipe){.issuer = root, .from = "20260125000000Z", .to = "20260210000000Z",
        .entries = {{ca, "20260128000000Z", 2}}});
    assert_true(test_number(cluster->db, "SELECT count(*) FROM dirty d JOIN certificate_facts f ON f.certificate = d.id WHERE f.common_name "
                                         "= 'sharded'") > 0);
    expect(cluster->db, "2026-02-01", "sharded", "H08|critical|CA compromise\n");
    expect(cluster->db, "2026-01-27", "sharded", "");
}

static int setup(void **state)
{
    root = cert_make(&(struct cert_recipe){.subject = "CN=root", .is_ca = 1, .not_after = FAR});
    ca = cert_make(&(struct cert_recipe){.subject = "CN=lists CA", .is_ca = 1, .issuer = root, .not_after = FAR});
    no_crl = cert_make(&(struct cert_recipe){.subject = "CN=no lists CA", .is_ca = 1, .issuer = root, .not_after = FAR,
                                             .extension = {"keyUsage", "keyCertSign"}});
    leaf = cert_make(&(struct cert_recipe){.subject = "CN=leaf", .issuer = ca, .not_after = "20260630000000Z", .serial = 0x1234,
                     .extension = {"authorityInfoAccess", "OCSP;URI:http://ocsp.example"}});
    other = cert_make(&(struct cert_recipe){.subject = "CN=other", .issuer = ca, .not_after = "20260630000000Z", .serial = 0x99,
                      .extension = {"authorityInfoAccess", "OCSP;URI:http://ocsp.example"}});
    sharded = cert_make(&(struct cert_recipe){.subject = "CN=sharded", .issuer = ca, .not_after = "20260630000000Z",
                        .extension = {"crlDistributionPoints", "URI:http://crl.example/7.crl"}});
    struct made_cert *must = cert_make(&(struct cert_recipe){.subject = "CN=must staple", .issuer = ca, .extension = {"tlsfeature", "status_request"}});
    if (test_cluster_setup(state) != 0)
        return -1;
    struct test_cluster *cluster = *state;
    const struct made_cert *served[] = {leaf, other, sharded, must};
    for (int i = 0; i < 4; i++)
        fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.12.1", .port = 1000 + i, .from = "2026-01-01", .chain = {served[i], ca}});
    cert_make_free(must);
    fixture_made(cluster->db, no_crl);
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
    struct made_cert *all[] = {root, ca, no_crl, leaf, other, sharded};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cert_make_free(all[i]);
    return test_cluster_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_asked_without_lists),
        cmocka_unit_test(a_list_says_who_is_revoked_and_who_is_not),
        cmocka_unit_test(revoked_stays_known_when_the_list_drops_it),
        cmocka_unit_test(a_hold_is_released_with_its_date),
        cmocka_unit_test(a_delta_adds_and_releases_but_vouches_for_nobody),
        cmocka_unit_test(a_list_counts_only_within_its_scope),
        cmocka_unit_test(what_cannot_be_used_is_told_and_not_stored),
        cmocka_unit_test(a_folder_is_walked_and_a_list_is_taken_once),
        cmocka_unit_test(a_stapled_answer_counts_like_a_list),
        cmocka_unit_test(a_staple_of_an_unknown_ca_waits_and_garbage_does_not),
        cmocka_unit_test(a_promised_staple_must_come),
        cmocka_unit_test(what_a_revoked_ca_signed_is_revoked_with_it),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
