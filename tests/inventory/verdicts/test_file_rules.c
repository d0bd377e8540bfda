/* Certificates and keys at rest: what the rules about files hit, and which files make a certificate one to be managed. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdio.h>
#include <stdlib.h>

enum { STORE = 1, SAMPLE = 2, PACKAGED = 4, REPOSITORY = 8, PROGRAM = 16 };

static struct made_cert *ca;

static struct made_cert *leaf(const char *subject, const char *not_before, const char *not_after)
{
    return cert_make(&(struct cert_recipe){.subject = subject, .sans = "DNS:a.example", .issuer = ca, .not_before = not_before,
                                           .not_after = not_after});
}

static void put_certificate(struct db *db, const char *path, int marks, const struct made_cert *certificate)
{
    fixture_sql(db, "DISCARD TEMP");            /* a replay hides what is written here */
    fixture_lie(db, &(struct fixture_lying){.path = path, .marks = marks, .certificate = certificate});
}

static void put_key(struct db *db, const char *path, int mode, int marks, int64_t certificate, bool is_encrypted)
{
    char *key = xasprintf("SELECT spki_sha256 FROM certificate_own WHERE certificate = %lld", (long long)certificate);
    fixture_sql(db, "DISCARD TEMP");            /* a replay hides what is written here */
    fixture_lie(db, &(struct fixture_lying){.path = path, .mode = mode, .marks = marks, .key_of = key, .key_is_encrypted = is_encrypted});
    free(key);
}

static void run(struct db *db)
{
    struct error err = {0};
    struct reconcile_options options = {0};
    fixture_sql(db, "DISCARD TEMP");
    assert_true(clock_parse_us("2026-02-01", &options.as_of_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

static void expect(struct db *db, const char *rule, int64_t certificate, const char *evidence)
{
    char *all = xasprintf("SELECT count(*) FROM hit WHERE rule = '%s'", rule);
    char *sql = xasprintf("SELECT count(*) FROM hit WHERE rule = '%s' AND certificate = %lld AND evidence @> '%s'", rule,
                          (long long)certificate, evidence);
    if (test_number(db, all) != 1 || test_number(db, sql) != 1)
        fail_msg("%s: %lld hits, %lld as expected", rule, (long long)test_number(db, all), (long long)test_number(db, sql));
    free(sql);
    free(all);
}

static int64_t made(struct db *db, struct made_cert *cert)
{
    return fixture_made(db, cert);
}

static int empty(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "DISCARD TEMP");
    fixture_sql(db, "TRUNCATE file_judged, owner_import, owner_rule, site, endpoint, certificate, chain, chain_certificate, observation, answer_span, endpoint_block, event, endpoint_now, "
                    "recompute, policy, certificate_now, endpoint_judged, endpoint_unconfirmed, record_judged, finding, verdict_past, now_count, owner_basis, dirty, "
                    "reconcile_run, file_place, file_state, file_state_certificate, file_state_key, file_state_use, file_span, file_now "
                    "RESTART IDENTITY CASCADE; INSERT INTO site (name) VALUES ('default')");
    fixture_trust_clear(db);
    return 0;
}

/* One is served with a key that all may read; the keys of others are safe, encrypted, or of none that is served. Whose file it is in has that
 * finding, and nothing of the certificate. */
static void keys_that_all_may_read(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *certs[3];
    int64_t ids[3];
    for (int i = 0; i < 3; i++) {
        char address[32];
        snprintf(address, sizeof address, "127.60.10.%d", 1 + i);
        certs[i] = leaf(i == 0 ? "CN=open" : i == 1 ? "CN=safe" : "CN=locked", NULL, NULL);
        fixture_serve(db, &(struct fixture_served){.address = address, .chain = {certs[i]}});
        ids[i] = made(db, certs[i]);
    }
    run(db);            /* knows the facts of all */
    put_key(db, "/etc/ssl/open.key", 0644, 0, ids[0], false);
    put_key(db, "/etc/ssl/safe.key", 0640, 0, ids[1], false);
    put_key(db, "/etc/ssl/locked.key", 0644, 0, ids[2], true);
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('owners.csv', 2); "
                    "INSERT INTO owner_rule (import, line, first_address, last_address, path_prefix, owner, contacts, text) SELECT (SELECT max(id) FROM owner_import), * FROM (VALUES "
                    "(2, inet '127.60.10.0', inet '127.60.10.255', NULL, 'Web team', '{}'::text[], 'web'), (3, NULL, NULL, '/etc/ssl', 'Batch', '{}', 'batch')) v; "
                    "INSERT INTO dirty SELECT 1, id FROM certificate");
    run(db);
    for (int i = 0; i < 3; i++) {
        char *sql = xasprintf("SELECT count(*) FROM certificate_now n JOIN owner_basis o ON o.id = n.owner_basis WHERE n.certificate = %lld AND o.owner = '%s'", (long long)ids[i],
                              "Web team");
        assert_int_equal(test_number(db, sql), 1);
        free(sql);
    }
    expect(db, "K21", ids[0], "{\"file\": \"web1:/etc/ssl/open.key\", \"mode\": \"644\"}");
    assert_int_equal(test_number(db, "SELECT count(*) FROM certificates_wanted('{\"owner\":\"Batch\"}', NULL)"), 0);
    char *rules = test_rows(db, "SELECT rule FROM findings_wanted('{\"owner\":\"batch\"}', NULL, NULL)");
    assert_string_equal(rules, "K21\n");
    free(rules);
    assert_int_equal(test_number(db, "SELECT count(*) FROM findings_wanted('{\"owner\":\"batch\",\"name\":\"other.example\"}', NULL, NULL)"), 0);
    assert_int_equal(test_number(db, "SELECT count(*) FROM findings_wanted('{\"owner\":\"Web team\",\"rule\":[\"K21\"]}', NULL, NULL)"), 1);
    assert_int_equal(test_number(db, "SELECT count(*) FROM file_judged"), 0);
    fixture_sql(db, "DISCARD TEMP; UPDATE file_state SET mode = 384 WHERE mode = 420; INSERT INTO dirty SELECT 1, "
                    "id FROM certificate");     /* they were closed */
    run(db);
    assert_int_equal(test_number(db, "SELECT count(*) FROM key_judged"), 0);
    for (int i = 0; i < 3; i++)
        cert_make_free(certs[i]);
}

static void keys_in_repositories(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *kept = leaf("CN=kept", NULL, NULL), *apart = leaf("CN=apart", NULL, NULL);
    int64_t kept_id = made(db, kept), apart_id = made(db, apart);
    put_certificate(db, "/srv/git/kept.pem", REPOSITORY, kept);
    put_certificate(db, "/etc/ssl/apart.pem", 0, apart);
    run(db);
    put_key(db, "/srv/git/kept.key", 0600, REPOSITORY, kept_id, false);
    put_key(db, "/srv/git/apart.key", 0600, REPOSITORY, apart_id, false);
    fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate");
    run(db);
    expect(db, "K22", kept_id, "{\"file\": \"web1:/srv/git/kept.key\"}");
    cert_make_free(kept);
    cert_make_free(apart);
}

static void certificates_in_programs(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *own = leaf("CN=built-in", NULL, NULL), *packaged = leaf("CN=packaged", NULL, NULL);
    int64_t own_id = made(db, own), packaged_id = made(db, packaged);
    put_certificate(db, "/usr/local/bin/app", PROGRAM, own);
    put_certificate(db, "/usr/bin/app", PROGRAM | PACKAGED, packaged);
    run(db);
    expect(db, "F01", own_id, "{\"file\": \"web1:/usr/local/bin/app\"}");
    /* What lies in a package is known, but nobody here has to manage it. */
    char *sql = xasprintf("SELECT count(*) FROM certificate_now WHERE is_leaf AND certificate = %lld", (long long)own_id);
    assert_int_equal(test_number(db, sql), 1);
    free(sql);
    sql = xasprintf("SELECT count(*) FROM certificate_now WHERE certificate = %lld", (long long)packaged_id);
    assert_int_equal(test_number(db, sql), 0);
    free(sql);
    cert_make_free(own);
    cert_make_free(packaged);
}

static void roots_in_trust_stores(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *old = cert_make(&(struct cert_recipe){.subject = "CN=Old Root", .is_ca = 1, .not_before = "20100101000000Z",
                                                            .not_after = "20200101000000Z"});
    struct made_cert *lone = cert_make(&(struct cert_recipe){.subject = "CN=Lone Root", .is_ca = 1, .not_before = "20200101000000Z",
                                                             .not_after = "20400101000000Z"});
    int64_t old_id = made(db, old), lone_id = made(db, lone);
    put_certificate(db, "/etc/ssl/old-bundle.crt", STORE, old);
    put_certificate(db, "/etc/ssl/lone-root.crt", 0, lone);       /* no trust store */
    run(db);
    expect(db, "F02", old_id, "{\"fault\": \"expired\", \"file\": \"web1:/etc/ssl/old-bundle.crt\"}");
    char *policy = xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256(''), '', jsonb_build_object("
                             "'trust_stores', jsonb_build_array(jsonb_build_object('name', 'x', 'kind', 'public', 'certificates', "
                             "jsonb_build_array(encode(sha256, 'hex'))))) FROM certificate WHERE id = %lld RETURNING id) "
                             "INSERT INTO policy_use (policy) SELECT id FROM p", (long long)made(db, ca));
    fixture_sql(db, policy);
    free(policy);
    put_certificate(db, "/etc/ssl/known-bundle.crt", STORE, ca);
    put_certificate(db, "/etc/ssl/other-bundle.crt", STORE, lone);
    fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate");
    run(db);
    char *sql = xasprintf("SELECT count(*) FROM hit WHERE rule = 'F02' AND certificate = %lld AND evidence ->> 'fault' = 'unknown'",
                          (long long)lone_id);
    assert_int_equal(test_number(db, sql), 1);
    free(sql);
    assert_int_equal(test_number(db, "SELECT count(*) FROM hit WHERE rule = 'F02'"), 2);    /* not that of the public store */
    /* As grave as what could be signed with it. */
    static const struct { const char *known, *severity; } grave[] = {
        {"SELECT", "medium"},
        {"INSERT INTO root_distrust SELECT 'Chrome', NULL, sha256, false, now() - interval '30 days' FROM certificate WHERE id = %lld", "medium"},
        {"UPDATE root_distrust SET not_after = '2020-01-01' WHERE root_sha256 = (SELECT sha256 FROM certificate WHERE id = %lld)", "high"},
        {"INSERT INTO key_weakness (spki_sha256, weakness, evidence) SELECT spki_sha256, 'known_key', '{}' FROM certificate_own "
         "WHERE certificate = %lld", "critical"},
    };
    for (size_t i = 0; i < sizeof grave / sizeof *grave; i++) {
        const char *split = strstr(grave[i].known, "%lld");
        sql = split == NULL ? xstrdup(grave[i].known)
                            : xasprintf("%.*s%lld%s", (int)(split - grave[i].known), grave[i].known, (long long)lone_id, split + 4);
        fixture_sql(db, sql);
        fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate");
        run(db);
        free(sql);
        sql = xasprintf("SELECT count(*) FROM hit WHERE rule = 'F02' AND certificate = %lld AND severity = '%s'", (long long)lone_id, grave[i].severity);
        if (test_number(db, sql) != 1)
            fail_msg("F02 is not %s after %s", grave[i].severity, grave[i].known);
        free(sql);
    }
    fixture_sql(db, "DELETE FROM key_weakness; DELETE FROM root_distrust WHERE not_after = '2020-01-01'");
    fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate");
    run(db);
    /* No other rule judges what is there to be trusted; a CA with its private key beside it is one to be managed. */
    assert_int_equal(test_number(db, "SELECT count(*) FROM hit WHERE rule <> 'F02'"), 0);
    assert_int_equal(test_number(db, "SELECT count(*) FROM certificate_now"), 0);
    put_key(db, "/root/ca/lone.key", 0600, 0, lone_id, false);
    fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate");
    run(db);
    sql = xasprintf("SELECT count(*) FROM certificate_now WHERE is_leaf AND certificate = %lld", (long long)lone_id);
    assert_int_equal(test_number(db, sql), 1);
    free(sql);
    cert_make_free(old);
    cert_make_free(lone);
}

/* The file that the web server's configuration names was renewed; the server was not reloaded. */
static void renewals_that_no_service_has_loaded(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *served = leaf("CN=a.example", "20250301000000Z", "20260301000000Z");
    struct made_cert *renewed = leaf("CN=a.example", "20260105000000Z", "20270105000000Z");
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.9", .chain = {served}});
    int64_t served_id = made(db, served);
    put_certificate(db, "/etc/ssl/a.pem", 0, renewed);
    run(db);
    assert_int_equal(test_number(db, "SELECT count(*) FROM hit WHERE rule = 'F03'"), 0);    /* put aside, for all we know */
    fixture_sql(db, "DISCARD TEMP");
    char *sql = xasprintf("INSERT INTO file_state_use VALUES (%lld, 0, 'nginx', 'ssl_certificate', '/etc/ssl/a.pem', 7)",
                          (long long)fixture_lie(db, &(struct fixture_lying){.path = "/etc/nginx/nginx.conf"}));
    fixture_sql(db, sql);
    free(sql);
    fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate");
    run(db);
    expect(db, "F03", served_id, "{\"file\": \"web1:/etc/ssl/a.pem\", \"service\": \"nginx\"}");
    cert_make_free(served);
    cert_make_free(renewed);
}

/* "openssl req -x509" makes CA certificates; the new one's key may be in no file that was read. */
static void renewals_of_self_signed_certificates(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct cert_recipe recipe = {.subject = "CN=self.example", .sans = "DNS:self.example", .is_ca = 1, .not_before = "20250301000000Z", .not_after = "20260301000000Z"};
    struct made_cert *served = cert_make(&recipe);
    recipe.not_before = "20260105000000Z";
    recipe.not_after = "20270105000000Z";
    struct made_cert *renewed = cert_make(&recipe);
    recipe = (struct cert_recipe){.subject = "CN=self.example", .sans = "DNS:self.example", .issuer = ca, .not_before = "20250301000000Z", .not_after = "20260301000000Z"};
    struct made_cert *other = cert_make(&recipe);       /* an authority of the same name renews no leaf */
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.9", .chain = {served}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.10", .chain = {other}});
    put_certificate(db, "/etc/ssl/self.pem", 0, renewed);
    char *sql = xasprintf("INSERT INTO file_state_use VALUES (%lld, 0, 'nginx', 'ssl_certificate', '/etc/ssl/self.pem', 7)",
                          (long long)fixture_lie(db, &(struct fixture_lying){.path = "/etc/nginx/nginx.conf"}));
    fixture_sql(db, sql);
    free(sql);
    run(db);
    expect(db, "F03", made(db, served), "{\"file\": \"web1:/etc/ssl/self.pem\", \"service\": \"nginx\"}");
    cert_make_free(served);
    cert_make_free(renewed);
    cert_make_free(other);
}

static int setup(void **state)
{
    ca = cert_make(&(struct cert_recipe){.subject = "CN=Files CA", .is_ca = 1, .not_before = "20200101000000Z",
                                         .not_after = "20400101000000Z"});
    return test_cluster_setup(state);
}

/* A certificate belongs to the owners of its files, too. */
static void owners_of_files(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *both = leaf("CN=both", NULL, NULL);
    struct made_cert *lying = cert_make(&(struct cert_recipe){.subject = "CN=lying", .issuer = ca, .key = "RSA:1024"});      /* K02 */
    fixture_serve(db, &(struct fixture_served){.address = "127.60.11.1", .chain = {both}});
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('o.csv', 3); INSERT INTO owner_rule (import, line, first_address, last_address, "
                    "host_suffix, path_prefix, owner, contacts, text) SELECT max(id), line, a, a, h, p, o, '{}', o FROM owner_import, (VALUES "
                    "(1, inet '127.60.11.1', NULL, NULL, 'Net'), (2, NULL, 'web1', '/srv/app', 'App'), (3, NULL, NULL, '/srv', 'Files')) v (line, a, h, p, o) "
                    "GROUP BY line, a, h, p, o");
    put_certificate(db, "/srv/app/both.pem", 0, both);
    put_certificate(db, "/srv/x/lying.pem", 0, lying);
    put_certificate(db, "/etc/lying.pem", 0, lying);
    run(db);
    char *rows = test_rows(db, "SELECT n.name, b.owner, n.place_count FROM certificate_now n LEFT JOIN owner_basis b ON b.id = n.owner_basis WHERE is_leaf ORDER BY 1");
    assert_string_equal(rows, "both|shared by App; Net|1\nlying|Files|0\n");
    free(rows);
    rows = test_rows(db, "SELECT p.path, b.owner FROM file_judged j JOIN file_place p ON p.id = j.place LEFT JOIN owner_basis b ON b.id = j.owner_basis ORDER BY 1");
    assert_string_equal(rows, "/etc/lying.pem|\n/srv/app/both.pem|App\n/srv/x/lying.pem|Files\n");
    free(rows);
    /* each site counts what lies in its files */
    assert_int_equal(test_number(db, "SELECT sum(count) FROM now_count JOIN site ON site.id = site WHERE subject = 'certificates' AND value = 'served or managed'"), 2);
    assert_int_equal(test_number(db, "SELECT sum(count) FROM now_count JOIN site ON site.id = site WHERE subject = 'certificates' AND value = 'served now'"), 1);
    /* and the findings of a site are those that its summary counts */
    rows = test_rows(db, "SELECT name, (SELECT count(*) FROM findings_wanted(jsonb_build_object('site', name), NULL, NULL) f WHERE f.rule = 'K02') = 1,"
                         "  (SELECT count(*) FROM findings_wanted(jsonb_build_object('site', name), NULL, NULL)) = "
                         "(SELECT coalesce(sum(count), 0) FROM now_count c WHERE c.site = site.id AND subject = 'severity') FROM site ORDER BY 1");
    assert_string_equal(rows, "default|t|t\n");
    free(rows);
    cert_make_free(both);
    cert_make_free(lying);
}

static void of_an_earlier_day_are_the_files_of_then(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct made_cert *earlier = leaf("CN=earlier", NULL, NULL), *later = leaf("CN=later", NULL, NULL);
    fixture_lie(db, &(struct fixture_lying){.path = "/srv/changes.pem", .certificate = earlier, .time = "2026-01-05"});
    fixture_lie(db, &(struct fixture_lying){.path = "/srv/changes.pem", .certificate = later, .time = "2026-01-20"});
    static const char *const days[][2] = {{"2026-01-01", ""}, {"2026-01-07", "earlier\n"}, {"2026-02-01", "later\n"}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct reconcile_options options = {0};
        assert_true(clock_parse_us(days[i][0], &options.as_of_us));
        fixture_sql(db, "DISCARD TEMP");
        if (!reconcile_run(db, &options, NULL, &err))
            fail_msg("%s", err.text);
        char *rows = test_rows(db, "SELECT own.common_names[1] FROM file_certificate_now f JOIN certificate_own own USING (certificate) WHERE f.path = '/srv/changes.pem'");
        assert_string_equal(rows, days[i][1]);
        free(rows);
        assert_int_equal(test_number(db, "SELECT count(*) FROM file_judged j JOIN file_place p ON p.id = j.place WHERE p.path = '/srv/changes.pem'"), i > 0);
    }
    cert_make_free(earlier);
    cert_make_free(later);
}

static int teardown(void **state)
{
    cert_make_free(ca);
    return test_cluster_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keys_that_all_may_read, empty),
        cmocka_unit_test_setup(keys_in_repositories, empty),
        cmocka_unit_test_setup(certificates_in_programs, empty),
        cmocka_unit_test_setup(roots_in_trust_stores, empty),
        cmocka_unit_test_setup(renewals_that_no_service_has_loaded, empty),
        cmocka_unit_test_setup(renewals_of_self_signed_certificates, empty),
        cmocka_unit_test_setup(owners_of_files, empty),
        cmocka_unit_test_setup(of_an_earlier_day_are_the_files_of_then, empty),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
