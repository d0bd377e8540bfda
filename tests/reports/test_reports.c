/* Reports over a judged inventory: what stands in each, what does not, and what a hostile name cannot do. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "reports/discovery.h"
#include "reports/render.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "20260101000000Z", so many days from now. */
static const char *asn1_day(int days)
{
    static char texts[8][32];
    static unsigned next;
    char *text = texts[next++ % 8];
    time_t when = time(NULL) + days * 86400 + 3600;
    struct tm tm;
    strftime(text, 32, "%Y%m%d%H%M%SZ", gmtime_r(&when, &tm));
    return text;
}

static const char *sql_day(int days)
{
    static char texts[4][32];
    static unsigned next;
    char *text = texts[next++ % 4];
    time_t when = time(NULL) + days * 86400;
    struct tm tm;
    strftime(text, 32, "%Y-%m-%d %H:%M:%S+00", gmtime_r(&when, &tm));
    return text;
}

static void serve(struct db *db, const char *site, const char *address, int version, const struct made_cert *made)
{
    fixture_serve(db, &(struct fixture_served){.site = site, .address = address, .from = sql_day(-3), .to = sql_day(-1),
                                               .tls_version = version, .chain = {made}});
}

static void manage(struct db *db, const struct made_cert *made)
{
    uint8_t hash[32];
    char text[2 + 65] = "\\x";
    SHA256(made->der, made->len, hash);
    hex_format(hash, sizeof hash, text + 2);
    const char *params[] = {text};
    struct error err = {0};
    fixture_sql(db, "INSERT INTO managed_source (name) VALUES ('ca') ON CONFLICT DO NOTHING; "
                    "INSERT INTO managed_import (source, imported_at, files, record_count, bad_count) "
                    "SELECT id, now() - interval '1 day', '{ca.csv}', 1, 0 FROM managed_source");
    if (!db_exec_params(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256) "
                            "SELECT id, $1::bytea, now() - interval '1 day', 'ca.csv', 7, '{}', '{}', $1::bytea "
                            "FROM managed_source", 1, params, &err))
        fail_msg("%s", err.text);
}

/* Managed and sound; unmanaged, short and on TLS 1.0; unmanaged at another site, with a name that is markup. */
static int setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Agency CA", .is_ca = 1});
    struct made_cert *sound = cert_make(&(struct cert_recipe){.subject = "CN=sound.example", .issuer = ca,
        .not_before = asn1_day(-10), .not_after = asn1_day(170)});
    struct made_cert *weak = cert_make(&(struct cert_recipe){.subject = "CN=weak.example", .issuer = ca, .key = "RSA:1024",
        .not_before = asn1_day(-85), .not_after = asn1_day(5)});
    struct made_cert *hostile = cert_make(&(struct cert_recipe){.subject = "CN=<script>alert(1)</script>",
        .sans = "DNS:far.example", .issuer = ca, .not_before = asn1_day(-10), .not_after = asn1_day(170)});
    serve(db, NULL, "127.60.9.1", 0, sound);
    serve(db, NULL, "127.60.9.2", 0x0301, weak);
    serve(db, "far", "127.60.9.2", 0x0301, hostile);
    manage(db, sound);
    struct error err = {0};
    if (!reconcile_run(db, NULL, NULL, &err)) {
        print_error("%s\n", err.text);
        return -1;
    }
    cert_make_free(ca);
    cert_make_free(sound);
    cert_make_free(weak);
    cert_make_free(hostile);
    return 0;
}

static char *written(struct db *db, const char *name, const char *site, const struct renderer *renderer)
{
    char *text = NULL;
    size_t len = 0;
    struct error err = {0};
    struct report_options options = {.site = site};
    FILE *out = open_memstream(&text, &len);
    bool ok = strcmp(name, "discovery") == 0
                  ? discovery_write(&options, db, out, &err)
                  : report_write(report_find(name), &options, db, renderer, out, NULL, &err);
    fclose(out);
    if (!ok)
        fail_msg("%s: %s", name, err.text);
    return text;
}

static void expect(struct db *db, const char *name, const char *site, const char *there, const char *not_there)
{
    char *text = written(db, name, site, &render_csv);
    if (there != NULL && strstr(text, there) == NULL)
        fail_msg("%s: no %s in\n%s", name, there, text);
    if (not_there != NULL && strstr(text, not_there) != NULL)
        fail_msg("%s: %s stands in\n%s", name, not_there, text);
    free(text);
}

static void unmanaged_holds_what_no_source_tells(void **state)
{
    struct test_cluster *cluster = *state;
    expect(cluster->db, "unmanaged", NULL, "weak.example", "sound.example");
    expect(cluster->db, "unmanaged", NULL, "127.60.9.2:443", NULL);
}

static void a_site_is_shown_alone(void **state)
{
    struct test_cluster *cluster = *state;
    expect(cluster->db, "unmanaged", "far", "script", "weak.example");
    expect(cluster->db, "unmanaged", "default", "weak.example", "script");
    expect(cluster->db, "weak", "far", NULL, "weak.example");
    expect(cluster->db, "expiring", "far", NULL, "weak.example");
}

static void expiring_holds_what_ends_soon_and_the_day_to_ask(void **state)
{
    struct test_cluster *cluster = *state;
    expect(cluster->db, "expiring", NULL, "\"expiring\",\"5\"", "sound.example");
}

static void weak_holds_keys_and_versions_with_their_rule(void **state)
{
    struct test_cluster *cluster = *state;
    expect(cluster->db, "weak", NULL, "K02", "sound.example");
    expect(cluster->db, "weak", NULL, "P03", NULL);
    expect(cluster->db, "weak", NULL, "TLSv1.0", NULL);
    expect(cluster->db, "weak", NULL, "\"far 127.60.9.2:443\"", NULL);        /* another host than the default site's */
}

static void foreign_is_empty_and_summary_counts(void **state)
{
    struct test_cluster *cluster = *state;
    char *rows = written(cluster->db, "foreign", NULL, &render_csv);
    assert_null(strstr(rows, "example"));
    free(rows);
    expect(cluster->db, "summary", NULL, "\"certificates\",\"served now\",\"3\"", NULL);
    expect(cluster->db, "summary", NULL, "\"record\",\"unmanaged\",\"2\"", NULL);
    expect(cluster->db, "summary", NULL, "\"record\",\"managed\",\"1\"", NULL);
}

static void the_page_is_whole_and_holds_no_strangers_markup(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, "discovery", NULL, NULL);
    assert_null(strstr(page, "<script"));
    assert_non_null(strstr(page, "&lt;script&gt;"));
    assert_non_null(strstr(page, "weak.<wbr>example"));
    assert_non_null(strstr(page, "3</strong><span>certificates served"));
    assert_non_null(strstr(page, "were not asked what else they accept"));
    assert_non_null(strstr(page, "</html>"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unmanaged_holds_what_no_source_tells),
        cmocka_unit_test(a_site_is_shown_alone),
        cmocka_unit_test(expiring_holds_what_ends_soon_and_the_day_to_ask),
        cmocka_unit_test(weak_holds_keys_and_versions_with_their_rule),
        cmocka_unit_test(foreign_is_empty_and_summary_counts),
        cmocka_unit_test(the_page_is_whole_and_holds_no_strangers_markup),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
