/* facts.h: each stored certificate gets its row, whatever it is. With CERTSWEEP_SHARED, every certificate of the
 * corpora there. */
#include "inventory/certificate/pem.h"
#include "inventory/facts/facts.h"
#include "inventory/facts/keys_gcd.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "probes/base/memory.h"

#include <dirent.h>
#include <gmp.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void update(struct db *db)
{
    struct error err = {0};
    if (!facts_update(db, &err))
        fail_msg("%s", err.text);
}

static void a_certificate_gets_its_row_and_names(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "O=A \"quoted\\\\\" one,CN=www.example",
        .sans = "DNS:b.example,DNS:A.example,DNS:b.example,IP:127.60.1.1", .serial = 0x0abc});
    fixture_made(cluster->db, made);
    update(cluster->db);
    char *rows = test_rows(cluster->db, "SELECT serial_number, common_name, not_after AT TIME ZONE 'UTC', key_algorithm, "
        "key_curve, dns_names, ip_names, name_set, is_self_signed, broken, subject_attributes FROM certificate_facts");
    assert_string_equal(rows, "abc|www.example|2026-03-31 23:59:59|ec|P-256|{b.example,a.example,b.example}|{127.60.1.1}|"
        "{127.60.1.1,a.example,b.example}|t|{}|{\"O=A \\\"quoted\\\\\\\\\\\" one\",CN=www.example}\n");
    free(rows);
    rows = test_rows(cluster->db, "SELECT kind, name, address FROM certificate_name ORDER BY ordinal");
    assert_string_equal(rows, "dns|b.example|\ndns|a.example|\ndns|b.example|\nip|127.60.1.1|127.60.1.1\n"
                              "common_name|www.example|\n");
    free(rows);
    cert_make_free(made);
}

static void what_is_no_certificate_has_a_row_too(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_certificate(cluster->db, "not DER at all", 14);
    fixture_certificate(cluster->db, "\x30\x00", 2);
    update(cluster->db);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE 'structure' = ANY (broken)"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE not_after IS NOT NULL AND "
                                              "'structure' = ANY (broken)"), 0);
}

static void facts_of_another_version_are_computed_anew(void **state)
{
    struct test_cluster *cluster = *state;
    update(cluster->db);
    int64_t count = test_number(cluster->db, "SELECT count(*) FROM certificate_facts");
    fixture_sql(cluster->db, "UPDATE certificate_own SET facts_version = 0, subject = 'old'");
    update(cluster->db);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE facts_version > 0"), count);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE subject = 'old'"), 0);
}

/* The SQL that judges names agrees with OpenSSL's (but for names with a leading dot, which it takes as a suffix). */
static void names_match_in_sql_as_in_openssl(void **state)
{
    struct test_cluster *cluster = *state;
    static const char *const sans[] = {"DNS:a.example", "DNS:*.w.example", "DNS:*.example", "", "DNS:a.example,DNS:B.example",
                                       "DNS:*"};
    static const char *const hosts[] = {"a.example", "A.EXAMPLE", "x.w.example", "x.y.w.example", "w.example", "cn.example",
                                        "b.example", "example"};
    for (size_t i = 0; i < sizeof sans / sizeof *sans; i++) {
        fixture_sql(cluster->db, "TRUNCATE certificate CASCADE");
        struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=cn.example", .sans = sans[i]});
        fixture_made(cluster->db, made);
        update(cluster->db);
        for (size_t j = 0; j < sizeof hosts / sizeof *hosts; j++) {
            char *sql = xasprintf("SELECT certificate_matches_name(dns_names, ARRAY[common_name], '%s')::int "
                                  "FROM certificate_facts", hosts[j]);
            if (test_number(cluster->db, sql) != X509_check_host(made->x509, hosts[j], 0, 0, NULL))
                fail_msg("%s for %s: SQL and OpenSSL differ", sans[i], hosts[j]);
            free(sql);
        }
        cert_make_free(made);
    }
}

/* What thousands share is one row; the rest of each certificate is its own. */
static void certificates_of_one_kind_share_a_profile(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "TRUNCATE certificate CASCADE");
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Some CA", .is_ca = 1});
    struct made_cert *made[4];
    for (size_t i = 0; i < 4; i++) {
        char *subject = xasprintf("CN=host%zu.example", i);
        made[i] = cert_make(&(struct cert_recipe){.subject = subject, .issuer = ca, .key = i == 3 ? "P-384" : "P-256",
            .extension = {"extendedKeyUsage", "serverAuth,clientAuth", "certificatePolicies", "DER:300a3008060667810c010202",
                          "authorityInfoAccess", "OCSP;URI:http://ocsp.example/"}});
        fixture_made(cluster->db, made[i]);
        free(subject);
        if (i == 1)
            update(cluster->db);
    }
    fixture_made(cluster->db, ca);
    update(cluster->db);
    char *rows = test_rows(cluster->db, "SELECT issuer, key_curve, security_bits, quantum_level, kinds, validation, ocsp_urls, count(*) "
        "FROM profile p JOIN certificate_own o ON o.profile = p.id GROUP BY p.id ORDER BY count(*) DESC, is_ca");
    assert_string_equal(rows, "CN=Some CA,O=Agency|P-256|128|0|{server,client}|ov|{http://ocsp.example/}|3\n"
                              "CN=Some CA,O=Agency|P-384|192|0|{server,client}|ov|{http://ocsp.example/}|1\n"
                              "CN=Some CA,O=Agency|P-256|128|0|{ca}||{}|1\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE issuer = 'CN=Some CA,O=Agency' "
                                              "AND common_name LIKE 'host_.example' AND NOT is_ca"), 4);
    assert_int_equal(test_number(cluster->db, "SELECT count(DISTINCT id) FROM dirty WHERE kind = 1 AND id IN (SELECT certificate "
                                              "FROM certificate_own)"), 5);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM facts_pending"), 0);
    for (size_t i = 0; i < 4; i++)
        cert_make_free(made[i]);
    cert_make_free(ca);
}

static void names_have_the_forms_that_are_searched(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "TRUNCATE certificate CASCADE");
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=Host.Example.CA.gov",
        .sans = "DNS:*.dmv.ca.gov,DNS:xn--mnchen-3ya.example,DNS:localhost,DNS:a b,DNS:*.co.uk,DNS:www.example.com."});
    fixture_made(cluster->db, made);
    update(cluster->db);
    char *rows = test_rows(cluster->db, "SELECT name, reversed, registrable, unicode, bytes IS NULL FROM certificate_name ORDER BY ordinal");
    assert_string_equal(rows, "*.dmv.ca.gov|gov.ca.dmv|ca.gov||t\nxn--mnchen-3ya.example|example.xn--mnchen-3ya|"
        "xn--mnchen-3ya.example|m\xc3\xbcnchen.example|t\nlocalhost|localhost|||t\na b||||t\n*.co.uk|uk.co|||t\n"
        "www.example.com.|com.example.www|example.com||t\nHost.Example.CA.gov|gov.ca.example.host|ca.gov||t\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_name WHERE left(reversed, 300) >= 'gov.ca.' "
                                              "AND left(reversed, 300) < 'gov.ca/'"), 2);
    cert_make_free(made);
}

static void a_weak_key_is_told_once_for_all_its_certificates(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "TRUNCATE certificate CASCADE");
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=one.example"});
    struct made_cert *twin = cert_make(&(struct cert_recipe){.subject = "CN=two.example", .same_key = made});
    struct made_cert *sound = cert_make(&(struct cert_recipe){.subject = "CN=sound.example"});
    uint8_t point[65];
    size_t len;
    EVP_PKEY_get_octet_string_param(made->key, "pub", point, sizeof point, &len);
    for (struct made_cert *each = made; each != NULL; each = each == made ? twin : NULL)
        ((uint8_t *)memmem(each->der, each->len, point, len))[64] ^= 1;
    fixture_made(cluster->db, made);
    fixture_made(cluster->db, twin);
    fixture_made(cluster->db, sound);
    update(cluster->db);
    char *rows = test_rows(cluster->db, "SELECT weakness, count(*) FROM key_weakness JOIN certificate_own USING (spki_sha256) GROUP BY 1");
    assert_string_equal(rows, "point_off_curve|2\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM public_key"), 0);
    cert_make_free(made);
    cert_make_free(twin);
    cert_make_free(sound);
}

/* The modulus of an RSA certificate replaced by another of the same length: nothing verifies, all is read. */
static void store_with_modulus(struct db *db, const char *name, const mpz_t n)
{
    char *subject = xasprintf("CN=%s", name);
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = subject, .key = "RSA:512"});
    BIGNUM *own = NULL;
    uint8_t from[64], to[64];
    EVP_PKEY_get_bn_param(made->key, "n", &own);
    BN_bn2bin(own, from);
    BN_free(own);
    mpz_export(to, NULL, 1, 1, 1, 0, n);
    memcpy(memmem(made->der, made->len, from, sizeof from), to, sizeof to);
    fixture_made(db, made);
    cert_make_free(made);
    free(subject);
}

static void prime_make(mpz_t prime, gmp_randstate_t randomness)
{
    do {
        mpz_urandomb(prime, randomness, 254);
        mpz_setbit(prime, 255);
        mpz_setbit(prime, 254);
        mpz_nextprime(prime, prime);
    } while (mpz_sizeinbase(prime, 2) != 256);
}

static void gcd(struct db *db, struct keys_gcd_report *report)
{
    struct error err = {0};
    const struct keys_gcd_options options = {0};
    update(db);
    if (!keys_gcd_run(db, &options, report, &err))
        fail_msg("%s", err.text);
}

/* Asked again, nothing is tested twice; a key that comes later accuses the old one with which it shares. */
static void keys_that_share_a_prime_are_found_whenever_they_come(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "TRUNCATE certificate CASCADE");
    gmp_randstate_t randomness;
    gmp_randinit_mt(randomness);
    mpz_t prime[8], n;
    mpz_init(n);
    for (size_t i = 0; i < 8; i++) {
        mpz_init(prime[i]);
        prime_make(prime[i], randomness);
    }
    struct keys_gcd_report report;
    static const struct { const char *name; size_t p, q; } first[] = {{"a.example", 0, 1}, {"b.example", 2, 3}, {"sound.example", 4, 5}};
    for (size_t i = 0; i < 3; i++) {
        mpz_mul(n, prime[first[i].p], prime[first[i].q]);
        store_with_modulus(cluster->db, first[i].name, n);
    }
    mpz_clrbit(n, 0);                           /* even: never in the product */
    store_with_modulus(cluster->db, "even.example", n);
    do
        prime_make(prime[7], randomness), mpz_mul_2exp(n, prime[7], 256), mpz_add_ui(n, n, 1), mpz_nextprime(n, n);
    while (mpz_sizeinbase(n, 2) != 512);
    store_with_modulus(cluster->db, "prime.example", n);
    gcd(cluster->db, &report);
    assert_int_equal(report.moduli, 5);
    assert_int_equal(report.compared, 4);
    assert_int_equal(report.excluded, 1);
    assert_int_equal(report.primes, 1);
    assert_int_equal(report.shared, 0);
    gcd(cluster->db, &report);
    assert_int_equal(report.tested + report.compared, 0);
    fixture_sql(cluster->db, "DELETE FROM dirty");
    mpz_mul(n, prime[6], prime[1]);
    store_with_modulus(cluster->db, "late.example", n);
    gcd(cluster->db, &report);
    assert_int_equal(report.tested, 1);
    assert_int_equal(report.shared, 2);
    char *rows = test_rows(cluster->db, "SELECT common_name, weakness FROM key_weakness JOIN certificate_facts USING (spki_sha256) "
        "WHERE weakness IN ('shared_prime', 'modulus_prime', 'modulus_even', 'multiple') ORDER BY 1");
    assert_string_equal(rows, "a.example|shared_prime\neven.example|modulus_even\nlate.example|shared_prime\nprime.example|modulus_prime\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM shared_prime s JOIN shared_prime t USING (prime_sha256) "
                                              "WHERE s.modulus_sha256 < t.modulus_sha256"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM dirty JOIN certificate_facts ON id = certificate WHERE kind = 1 "
                                              "AND common_name = 'a.example'"), 1);
    for (size_t i = 0; i < 8; i++)
        mpz_clear(prime[i]);
    mpz_clear(n);
    gmp_randclear(randomness);
}

static size_t file_store(struct db *db, const char *path)
{
    FILE *file = fopen(path, "rb");
    static char text[1 << 20];
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof text, file), count = 0;
    if (file != NULL)
        fclose(file);
    struct pem_reader reader = pem_reader_of(text, len);
    for (struct pem_block block; pem_next(&reader, &block);) {
        if (block.der != NULL && strcmp(block.label, "CERTIFICATE") == 0) {
            fixture_certificate(db, block.der, block.len);
            count++;
        }
        free(block.der);
    }
    return count;
}

static size_t folder_store(struct db *db, const char *shared, const char *name)
{
    char *folder = xasprintf("%s/corpora/%s", shared, name);
    DIR *dir = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            count += file_store(db, path);
        free(path);
    }
    if (dir != NULL)
        closedir(dir);
    free(folder);
    return count;
}

/* Every fact of a certificate that an inventory is asked for (NIST SP 1800-16B, CycloneDX 1.7, PCI DSS 4.0.1 and the products' own lists), and the
 * column that has it. What is computed from these is judged or shown: life used (`report certificate`), wildcards (C12), lints (findings). */
static void every_fact_has_its_column(void **state)
{
    struct test_cluster *cluster = *state;
    static const struct { const char *fact, *columns; } facts[] = {
        {"the certificate as it was sent", "certificate.der"}, {"hashes", "certificate.sha256 certificate_facts.sha1 certificate_facts.spki_sha256"},
        {"serial number, version", "certificate_facts.serial_number certificate_facts.version"},
        {"subject, each attribute, common name", "certificate_facts.subject certificate_facts.subject_attributes certificate_facts.common_names"},
        {"names: DNS, IP, e-mail, URI, other", "certificate_facts.dns_names certificate_facts.ip_names certificate_name.kind certificate_name.bytes"},
        {"number of names", "certificate_facts.name_set certificate_facts.names_omitted"},
        {"issuer, its key, certificate, root", "certificate_facts.issuer certificate_facts.authority_key_id edge.authority authority_certificate.certificate ca_path.certificates"},
        {"validity", "certificate_facts.not_before certificate_facts.not_after certificate_facts.is_short_lived"},
        {"public key", "certificate_facts.key_algorithm certificate_facts.key_bits certificate_facts.key_curve certificate_facts.rsa_exponent"},
        {"signature", "certificate_facts.signature_algorithm certificate_facts.signature_hash certificate_facts.signature_parameters"},
        {"usages", "certificate_facts.key_usage certificate_facts.extended_key_usage certificate_facts.kinds"},
        {"basic constraints", "certificate_facts.is_ca certificate_facts.path_len"},
        {"policies, validation", "certificate_facts.policies certificate_facts.policy_qualifiers certificate_facts.validation"},
        {"revocation pointers, access", "certificate_facts.crl_urls certificate_facts.ocsp_urls certificate_facts.ca_issuer_urls"},
        {"key identifiers", "certificate_facts.subject_key_id certificate_facts.authority_key_id"},
        {"timestamps and who runs their logs", "certificate_facts.sct_count certificate_facts.sct_logs certificate_facts.sct_times_ms ct_log.operator"},
        {"must-staple, name constraints", "certificate_facts.must_staple certificate_facts.name_constraints"},
        {"other extensions", "certificate_facts.extensions certificate_facts.critical_extensions certificate_facts.duplicate_extensions"},
        {"self-signed", "certificate_facts.is_self_signed certificate_facts.is_self_issued"},
        {"state: not yet, active, expired, revoked with date and reason", "certificate_now.time certificate_now.is_revoked certificate_now.revoked_at revocation.reason"},
        {"how revocation was checked, and when", "crl.source crl.this_update revocation_asked.asked_at revocation_asked.fault ocsp_good.this_update"},
        {"strength, against a quantum computer too", "certificate_facts.security_bits certificate_facts.quantum_level"},
        {"lint results", "finding.rule finding.evidence certificate_facts.name_faults certificate_facts.broken"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        char *sql = xasprintf("SELECT count(*) FROM string_to_table('%s', ' ') x WHERE NOT EXISTS (SELECT FROM information_schema.columns "
                              "WHERE table_name || '.' || column_name = x)", facts[i].columns);
        if (test_number(cluster->db, sql) != 0)
            fail_msg("%s: one of %s is no column", facts[i].fact, facts[i].columns);
        free(sql);
    }
}

static void every_certificate_of_the_corpora_is_stored(void **state)
{
    struct test_cluster *cluster = *state;
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, the corpora are not read\n");
        skip();
    }
    fixture_sql(cluster->db, "TRUNCATE certificate CASCADE");
    fixture_sql(cluster->db, "BEGIN");
    size_t count = folder_store(cluster->db, shared, "zlint") + folder_store(cluster->db, shared, "zlint/smime")
                   + folder_store(cluster->db, shared, "boringssl-parse-certificate")
                   + folder_store(cluster->db, shared, "badkeys");
    fixture_sql(cluster->db, "COMMIT");
    assert_true(count > 700);
    update(cluster->db);
    int64_t stored = test_number(cluster->db, "SELECT count(*) FROM certificate");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts"), stored);
    print_message("%zu certificates read, %lld distinct, %lld with broken fields\n", count, (long long)stored,
                  (long long)test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE broken <> '{}'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_gets_its_row_and_names),
        cmocka_unit_test(what_is_no_certificate_has_a_row_too),
        cmocka_unit_test(facts_of_another_version_are_computed_anew),
        cmocka_unit_test(names_match_in_sql_as_in_openssl),
        cmocka_unit_test(certificates_of_one_kind_share_a_profile),
        cmocka_unit_test(names_have_the_forms_that_are_searched),
        cmocka_unit_test(a_weak_key_is_told_once_for_all_its_certificates),
        cmocka_unit_test(keys_that_share_a_prime_are_found_whenever_they_come),
        cmocka_unit_test(every_fact_has_its_column),
        cmocka_unit_test(every_certificate_of_the_corpora_is_stored),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
