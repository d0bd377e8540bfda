/* Reports over a judged inventory: what each contains, what it leaves out, and that hostile names do no harm. */
#include "inventory/policy/policy_packs.h"
#include "inventory/policy/policy.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/check.h"
#include "reports/render.h"
#include "reports/report_columns.h"
#include "reports/report_filter.h"
#include "reports/report_schema.h"
#include "reports/screen.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <jansson.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* An hour more, so that a certificate has that many days left while the test runs. */
static const char *asn1_day(int days)
{
    return fixture_moment(FIXTURE_ASN1, days * INT64_C(86400) + 3600);
}

static void serve(struct db *db, const char *site, const char *address, int version, const struct made_cert *made)
{
    fixture_serve(db, &(struct fixture_served){.site = site, .address = address, .from = SQL_DAY(-3), .to = SQL_DAY(-1),
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
                  ? discovery_write(&(struct document_options){.site = site}, db, out, &err)
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

/* --- filters and sums ---------------------------------------------------------------------------------- */

/* Runs "NAME --option value ..." and gives the number of rows; SIZE_MAX where it is refused, with the reason in err. */
static size_t rows_of(struct db *db, const char *command, struct error *err)
{
    char words[256];
    struct report_filter *filter = report_filter_create();
    struct report_options options = {0};
    size_t rows = SIZE_MAX;
    char *text = NULL;
    size_t len;
    snprintf(words, sizeof words, "%s", command);
    const struct report *report = report_find(strtok(words, " "));
    assert_non_null(report);
    bool ok = true;
    for (char *option; ok && (option = strtok(NULL, " ")) != NULL;)
        ok = report_filter_set(filter, option + 2, strtok(NULL, " "), err);
    options.filter = report_filter_text(filter);
    FILE *out = open_memstream(&text, &len);
    if (ok && report_filter_check(filter, db, policy_packs_offer, err) && !report_write(report, &options, db, &render_csv, out, &rows, err))
        rows = SIZE_MAX;
    fclose(out);
    free(text);
    report_filter_destroy(filter);
    return rows;
}

static void expect_rows(struct db *db, const char *command, size_t count)
{
    struct error err = {0};
    size_t rows = rows_of(db, command, &err);
    if (rows != count)
        fail_msg("%s: %zd rows, expected %zu: %s", command, (ssize_t)rows, count, err.text);
}

static void expect_refused(struct db *db, const char *command, const char *word)
{
    struct error err = {0};
    if (rows_of(db, command, &err) != SIZE_MAX || err.kind != ERROR_USAGE || strstr(err.text, word) == NULL)
        fail_msg("%s: not refused, or not by \"%s\": %s", command, word, err.text);
}

/* What "more" of a first page of one row is. */
static void expect_more(struct db *db, const char *name, const char *more)
{
    char *text = NULL;
    size_t len;
    struct error err = {0};
    const struct report_options options = {.limit = 1};
    FILE *out = open_memstream(&text, &len);
    assert_true(report_write(report_find(name), &options, db, &render_json, out, NULL, &err));
    fclose(out);
    if (strstr(text, more) == NULL)
        fail_msg("%s: no %s in %s", name, more, text);
    free(text);
}

static void expect_file(struct db *db, const char *path, const char *owner, const char *findings)
{
    char *text = NULL;
    size_t len, rows = 0;
    struct error err = {0};
    char *filter = xasprintf("{\"path\":\"%s\"}", path);
    FILE *out = open_memstream(&text, &len);
    assert_true(report_write(report_find("files"), &(struct report_options){.filter = filter}, db, &render_json, out, &rows, &err));
    fclose(out);
    json_t *all = json_loads(text, 0, NULL), *row;
    size_t i;
    json_array_foreach(json_object_get(all, "rows"), i, row) {
        char *said = json_dumps(json_object_get(row, "findings"), JSON_COMPACT | JSON_ENCODE_ANY);
        const char *whose = json_string_value(json_object_get(row, "owner"));
        if (strcmp(said, findings) != 0 || strcmp(whose == NULL ? "" : whose, owner) != 0)
            fail_msg("%s: %s of %s in %s", path, said, whose, text);
        free(said);
    }
    assert_true(rows > 0);
    json_decref(all);
    free(text);
    free(filter);
}

/* What was found of a file is told of this one, and not of each other that holds the same key or certificate; it is the file's owner's. */
static void expect_findings_of_files(struct db *db, const struct made_cert *lying)
{
    static const char key[] = "SELECT spki_sha256 FROM certificate_own WHERE 'sound.example' = ANY (common_names)";
    fixture_lie(db, &(struct fixture_lying){.host = "web3.example", .path = "/key/open.key", .key_of = key});
    fixture_lie(db, &(struct fixture_lying){.host = "web3.example", .path = "/key/closed.key", .mode = 0600, .key_of = key});
    fixture_lie(db, &(struct fixture_lying){.host = "web3.example", .path = "/git/kept.key", .mode = 0600, .marks = 8, .key_of = key});
    fixture_lie(db, &(struct fixture_lying){.host = "web3.example", .path = "/bin/program", .mode = 0600, .marks = 16, .certificate = lying});
    fixture_sql(db, "DELETE FROM finding; UPDATE certificate_now SET owner_basis = NULL WHERE name = 'sound.example'; "
                    "INSERT INTO key_judged SELECT p.id, n.certificate, p.site, (SELECT id FROM owner_basis WHERE owner = 'Files') "
                    "FROM file_place p, certificate_now n WHERE p.path = '/key/open.key' AND n.name = 'sound.example'; "
                    "INSERT INTO finding SELECT c.id, 0, r.rule, 1, 2, '{}', now(), NULL FROM certificate c, "
                    "unnest('{F01,F02,K02,K21,K22}'::text[]) r (rule)");
    expect_file(db, "/key/open.key", "Files", "[\"K02\",\"K21\"]");
    expect_file(db, "/key/closed.key", "", "[\"K02\"]");
    expect_file(db, "/git/kept.key", "", "[\"K02\",\"K22\"]");
    expect_file(db, "/bin/program", "", "[\"F01\",\"K02\"]");
}

static void files_and_whose_they_are(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct made_cert *lying = cert_make(&(struct cert_recipe){.subject = "CN=lying.example"}), *store = cert_make(&(struct cert_recipe){.subject = "CN=Root", .is_ca = 1});
    fixture_sql(db, "BEGIN");
    expect_more(db, "unmanaged", "\"more\": 1,");
    fixture_lie(db, &(struct fixture_lying){.host = "web1.example", .path = "/srv/app/a.pem", .time = "2026-01-10", .certificate = lying});
    fixture_lie(db, &(struct fixture_lying){.host = "web2.example", .path = "/etc/ssl/roots.pem", .time = "2026-01-10", .marks = 1, .certificate = store});
    fixture_lie(db, &(struct fixture_lying){.host = "web2.example", .path = "/etc/ssl/a.pem", .time = "2026-01-10", .certificate = lying,
                                            .key_of = "SELECT decode(repeat('ab', 32), 'hex')"});
    fixture_sql(db, "INSERT INTO owner_basis (key, owner, contacts, evidence) VALUES ('00000000-0000-0000-0000-00000000f11e', 'Files', '{}', 'line 9'); "
                    "INSERT INTO file_judged SELECT p.id, c.certificate, p.site, (SELECT id FROM owner_basis WHERE owner = 'Files') FROM file_place p "
                    "JOIN file_now n ON n.place = p.id JOIN file_state_certificate c USING (state) WHERE p.path LIKE '/srv/%'");
    expect_more(db, "unmanaged", "\"more\": null,");          /* those in files alone are not among what is counted */
    expect_more(db, "certificates", "\"more\": 2,");
    expect_rows(db, "files", 4);
    expect_rows(db, "files --site default", 4);
    expect_rows(db, "files --site far", 0);
    expect_rows(db, "files --host web1.example", 1);
    expect_rows(db, "files --host *.Example", 4);
    expect_rows(db, "files --host web3", 0);
    expect_rows(db, "files --path /srv/", 1);
    expect_rows(db, "files --path /etc/ssl", 3);
    expect_rows(db, "files --path /etc/ssl/a.pem", 2);
    expect_rows(db, "files --path /et", 0);
    expect_rows(db, "files --owner files", 1);
    expect_rows(db, "files --network 10.0.0.0/8", 0);
    char *text = written(db, "files", NULL, &render_csv);
    assert_non_null(strstr(text, "\"web2.example\",\"/etc/ssl/roots.pem\",\"\",\"trust store of 1\","));
    assert_non_null(strstr(text, "\"web2.example\",\"/etc/ssl/a.pem\",\"\",\"private key (ec 256)\","));
    free(text);
    expect_findings_of_files(db, lying);
    assert_true(db_exec(db, "ROLLBACK", &err));
    cert_make_free(lying);
    cert_make_free(store);
}

static void filters_narrow_and_add_up(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    expect_rows(db, "certificates", 3);
    expect_rows(db, "certificates --name weak.example", 1);
    expect_rows(db, "certificates --name *.example", 3);
    expect_rows(db, "certificates --name w?ak.*", 1);
    expect_rows(db, "certificates --network 127.60.9.2", 2);
    expect_rows(db, "certificates --network 127.60.9.2 --site far", 1);
    expect_rows(db, "certificates --network 127.60.9.1/32 --site far", 0);
    expect_rows(db, "certificates --network 2001:db8::/32", 0);
    expect_rows(db, "certificates --port 443", 3);
    expect_rows(db, "certificates --port 444", 0);
    expect_rows(db, "certificates --issuer agency", 3);
    expect_rows(db, "certificates --issuer elsewhere", 0);
    expect_rows(db, "certificates --rule K02", 1);
    expect_rows(db, "certificates --rule p03", 2);        /* found at the places that serve it */
    expect_rows(db, "certificates --owner none", 3);
    expect_rows(db, "certificates --source ca", 1);
    expect_rows(db, "certificates --ours yes", 1);
    expect_rows(db, "certificates --within 6", 1);
    expect_rows(db, "certificates --due overdue", 1);      /* ends in 5 days, and a renewal takes 14 */
    expect_rows(db, "certificates --due 90", 0);
    expect_rows(db, "certificates --due 91-400", 2);
    expect_rows(db, "findings --due overdue --rule K02", 1);
    expect_rows(db, "recorded --name nothing.example", 0);
    expect_rows(db, "endpoints", 3);
    expect_rows(db, "endpoints --name weak.example", 1);
    expect_rows(db, "endpoints --network 127.60.9.0/24 --site far", 1);
    expect_rows(db, "endpoints --rule P03", 2);
    expect_rows(db, "endpoints --rule K02", 1);
    expect_rows(db, "endpoints --source ca", 1);
    expect_rows(db, "findings --rule K02,P03", 3);
    expect_rows(db, "findings --rule K02 --severity low", 0);
    expect_rows(db, "findings --rule P03 --name weak.example", 1);
    expect_rows(db, "findings --rule P03 --network 127.60.9.2 --site far", 1);
    expect_rows(db, "unmanaged --within 6", 1);
    expect_refused(db, "changes --since 2100-01-01", "changes are told until 20");
}

/* A filter's bounds are functions that query: called for each row, they took a summary of 100,000 certificates half a minute. */
static void the_bounds_of_what_is_due_are_computed_once(void **state)
{
    struct error err = {0};
    struct db_result *plan = db_query(((struct test_cluster *)*state)->db,
                                      "EXPLAIN SELECT count(*) FROM certificates_wanted('{\"due\": [0, 30]}', NULL) WHERE is_leaf", 0, NULL, &err);
    assert_non_null(plan);
    for (size_t row = 0; row < db_rows(plan); row++)
        if (strstr(db_value(plan, row, 0), "due_end(") != NULL)
            fail_msg("for each row: %s", db_value(plan, row, 0));
    db_result_destroy(plan);
}

static void what_does_not_exist_is_refused_by_name(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    expect_refused(db, "certificates --owner Nobody", "none");
    expect_refused(db, "certificates --owner =none", "no owner is called so");
    expect_refused(db, "certificates --owner =", "expected a name");
    expect_refused(db, "certificates --due soon", "8-30");
    expect_refused(db, "certificates --due 30-8", "8-30");
    expect_refused(db, "certificates --due 8-30x", "8-30");
    expect_refused(db, "certificates --site elsewhere", "default, far");
    expect_refused(db, "findings --rule K99", "K02");
    expect_refused(db, "findings --severity grave", "critical, high");
    expect_refused(db, "certificates --source other", "ca");
    expect_refused(db, "certificates --kind tea", "code_signing");
    expect_refused(db, "certificates --network 10.0.0.0/33", "--network");
    expect_refused(db, "certificates --network example", "--network");
    expect_refused(db, "changes --since 2026-13-45", "--since");
    expect_refused(db, "certificates --within 0", "100000");
    expect_refused(db, "certificates --port 0", "65535");
    expect_refused(db, "certificates --port 99999", "65535");
}

static void whatever_names_it_finds_it(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char command[160];
    char *hash = test_rows(db, "SELECT left(encode(sha256, 'hex'), 15) FROM certificate_now WHERE name = 'weak.example'");
    char *serial = test_rows(db, "SELECT serial_number FROM certificate_own WHERE 'weak.example' = ANY (common_names)");
    hash[15] = serial[strcspn(serial, "\n")] = '\0';
    snprintf(command, sizeof command, "find --argument %s", hash);
    expect_rows(db, command, 1);
    hash[7] = '\0';
    snprintf(command, sizeof command, "find --argument %s", hash);
    expect_rows(db, command, 1);
    snprintf(command, sizeof command, "find --argument 0x00%s", serial);
    if (strlen(serial) >= 6)            /* shorter digits are too common to search for */
        expect_rows(db, command, 1);
    expect_rows(db, "find --argument weak.example", 1);
    expect_rows(db, "find --argument WEAK.*", 1);
    expect_rows(db, "find --argument 127.60.9.2", 2);
    expect_rows(db, "find --argument 127.60.9.2:443", 2);
    expect_rows(db, "find --argument 127.60.9.2:443 --site far", 1);
    expect_rows(db, "find --argument 127.60.9.2:444", 0);
    expect_rows(db, "find --argument 300.1.1.1", 0);
    expect_rows(db, "find --argument Agency", 1);          /* the issuer */
    expect_rows(db, "find --argument nothing.example", 0);
    char *text = NULL;
    size_t len, rows;
    struct error err = {0};
    struct report_options options = {.filter = "{\"argument\":\"weak.example\"}"};
    FILE *out = open_memstream(&text, &len);
    assert_true(report_write(report_find("certificate"), &options, db, &render_table, out, &rows, &err));
    fclose(out);
    assert_non_null(strstr(text, "RSA 1024"));
    assert_non_null(strstr(text, "K02"));
    assert_non_null(strstr(text, "127.60.9.2:443"));
    assert_null(strstr(text, "sound.example"));
    free(text);
    options.filter = "{\"argument\":\"127.60.9.2\"}";
    options.site = "far";
    out = open_memstream(&text, &len);
    assert_true(report_write(report_find("endpoint"), &options, db, &render_table, out, &rows, &err));
    fclose(out);
    assert_non_null(strstr(text, "far 127.60.9.2:443"));
    assert_non_null(strstr(text, "untested"));
    assert_null(strstr(text, "default 127"));
    free(text);
    free(hash);
    free(serial);
}

static void the_screen_names_its_site_and_a_command_that_runs(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const sites[] = {NULL, "default", "far"};
    static const char *const heads[] = {"All sites (default, far): 1 certificate is past its last safe day; 2 of 3 stand in no managed source.\n3 certificates served at 3 places.\n",
                                        "Site default: 1 certificate is past its last safe day; 1 of 2 stands in no managed source.\n2 certificates served at 2 places.\n",
                                        "Site far: nothing that is served has ended, and nothing must be renewed within a week; 1 of 1 stands in no managed source.\n"};
    for (size_t i = 0; i < 3; i++) {
        char *text = NULL;
        size_t len;
        struct error err = {0};
        FILE *out = open_memstream(&text, &len);
        assert_true(screen_print(db, sites[i], out, &err));
        fclose(out);
        assert_memory_equal(text, heads[i], strlen(heads[i]));
        char *next = strstr(text, "\nNext: certsweep report ");
        assert_non_null(next);
        next[strlen(next) - 1] = '\0';
        if (rows_of(db, next + 24, &err) == 0 || err.kind != ERROR_NONE)
            fail_msg("%s: no row, or refused: %s", next, err.text);
        free(text);
    }
}

/* The line of a check; yours. */
static char *check_said(struct db *db, const struct check_options *options, enum check_state *state)
{
    char *text = NULL;
    size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    assert_true(check_print(db, options, out, state, &err));
    fclose(out);
    return text;
}

static char *metrics_said(struct db *db)
{
    char *text = NULL;
    size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    assert_true(check_metrics_print(db, out, &err));
    fclose(out);
    return text;
}

/* One line, performance data, a state; of an owner, an endpoint, or all. */
static void expect_state(struct db *db, const char *filter, long long max_age, enum check_state expected, const char *line)
{
    const struct check_options options = {.filter = filter, .critical_days = 6, .warning_days = 30, .max_age_hours = max_age};
    enum check_state state;
    char *text = check_said(db, &options, &state);
    assert_int_equal(state, expected);
    if (strncmp(text, line, strlen(line)) != 0)
        fail_msg("%s is not %s", text, line);
    assert_non_null(strstr(text, " | served="));
    assert_string_equal(strchr(text, '\n'), "\n");
    free(text);
}

/* What the targets name themselves, and what the scan asks where they name none. */
static void ports_that_were_not_asked_are_not_told(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const struct { const char *targets, *space, *names, *told; } cases[] = {
        {"\"mail.example:2525\"", "", "t", "none"}, {"\"10.0.0.1:2525\"", "ports 2525\n10.0.0.1\n", "f", "none"},
        {"\"[2001:db8::1]:25,587\",\"a.example@[2001:db8::1]:25-27\",\"b.example@10.0.0.1:@mail\"", "ports 25,587\n2001:db8::1\n", "t", "none"},
        {"\"mail.example\"", "", "t", "ports 25,443"}, {"\"2001:db8::25\"", "ports 25,443\n2001:db8::25\n", "f", "ports 25,443"},
        {"\"[2001:db8::25]\"", "ports 25,443\n2001:db8::25\n", "f", "ports 25,443"}, {"\"10.0.0.1:2525\",\"10.0.0.0/24\"", "ports 25,443\n10.0.0.0\n", "f", "ports 25,443"},
        {"\"@list\"", "ports 2525\n10.0.0.1\nports 8443\n10.0.0.2\n", "f", "ports 2525\nports 8443"}, {"\"@list\"", "ports 25,443\n10.0.0.1\n", "f", "ports 25,443"},
        {"\"@list\"", "ports 2525\n10.0.0.1\n", "t", "ports 25,443"}, {"\"@list\"", "", "f", "ports 25,443"},
        {"\"10.0.0.1:2525 10.0.0.2\"", "ports 2525\n10.0.0.1\nports 25,443\n10.0.0.2\n", "f", "ports 25,443"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        char *plan = xasprintf("{\"targets\":[%s],\"ports\":\"25,443\"}", cases[i].targets);
        const char *params[] = {plan, cases[i].space, cases[i].names};
        struct db_result *row = db_query(db, "SELECT coalesce(ports_asked($1, $2, $3::boolean), 'none')", 3, params, &err);
        if (row == NULL || strcmp(db_value(row, 0, 0), cases[i].told) != 0)
            fail_msg("%s: %s, not %s", plan, row == NULL ? err.text : db_value(row, 0, 0), cases[i].told);
        db_result_destroy(row);
        free(plan);
    }
}

/* "tls_alert" is no reason that people understand. */
static void every_outcome_has_words(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *bare = test_rows(db, "SELECT name FROM outcome WHERE outcome_text(name) IS NULL OR strpos(outcome_text(name), ' ') = 0 ORDER BY id");
    assert_string_equal(bare, "");
    free(bare);
    assert_int_equal(test_number(db, "SELECT count(DISTINCT outcome_text(name)) - count(*) FROM outcome"), 0);
}

/* The wrong way round nothing would ever be a warning. */
static void critical_days_are_not_more_than_warning_days(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct check_options options = {.filter = "{}", .critical_days = 9, .warning_days = 5, .max_age_hours = 26};
    struct error err = {0};
    enum check_state result;
    assert_false(check_print(db, &options, stderr, &result, &err));
    assert_string_equal(err.text, "--warning 5 is less than --critical 9: a certificate is first a warning, then critical, so the warning needs as many days or more");
    options.warning_days = 9;
    assert_true(check_print(db, &options, stderr, &result, &err));
}

static void a_monitoring_system_is_answered(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    expect_state(db, "{}", 26, CHECK_CRITICAL, "CERTSWEEP CRITICAL - 3 certificates served: 0 ended, 1 end within 6 days, 1 within 30, 2 unmanaged; ");
    fixture_sql(db, "BEGIN; UPDATE certificate_now SET record = 'not judged' WHERE record = 'unmanaged'");
    expect_state(db, "{}", 26, CHECK_CRITICAL, "CERTSWEEP CRITICAL - 3 certificates served: 0 ended, 1 end within 6 days, 1 within 30, unmanaged not judged for 2; ");
    fixture_sql(db, "ROLLBACK");
    expect_state(db, "{\"network\":\"127.60.9.2\",\"site\":\"far\"}", 26, CHECK_WARNING, "CERTSWEEP WARNING - 1 certificate served: 0 ended, 0 end within 6 days");
    expect_state(db, "{\"port\":444}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");      /* is it spelled wrongly, is it down? */
    char *text = metrics_said(db);
    assert_non_null(strstr(text, "\ncertsweep_count{site=\"\",subject=\"served record\",value=\"unmanaged\"} 2\n"));
    assert_non_null(strstr(text, "\ncertsweep_count{site=\"far\",subject=\"served record\",value=\"unmanaged\"} 1\n"));
    assert_non_null(strstr(text, "\ncertsweep_judged_seconds 1"));
    assert_null(strstr(text, "subject=\"deployed\""));
    char *places = xasprintf("subject=\"deployment\",value=\"unknown here\"} %lld\n", (long long)test_number(db, "SELECT coalesce(sum(count), 0) FROM now_count WHERE site = 0 "
                             "AND subject = 'deployed' AND value = 'unknown here'"));
    assert_non_null(strstr(text, places));              /* places, as the summary has them */
    free(places);
    free(text);
    expect_state(db, "{}", -1, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - the verdicts are 0 hours old");
}

/* Of what is over and served nowhere there is nothing to watch; of what is in force and not seen there is. */
static void what_is_over_is_no_reason_to_wake_anybody(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "BEGIN; DELETE FROM finding; DELETE FROM endpoint_judged; UPDATE certificate_now SET time = 'expired', place_count = 0");
    expect_state(db, "{}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 3 certificates, all over and served nowhere; 0 critical and 0 high findings | served=0");
    expect_state(db, "{\"issuer\":\"Agency\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 3 certificates, all over");
    expect_state(db, "{\"network\":\"127.60.9.2\",\"site\":\"far\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 1 certificate, which is over and served nowhere");
    expect_state(db, "{\"site\":\"default\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 2 certificates, all over");
    expect_state(db, "{\"port\":444}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    expect_state(db, "{\"owner\":\"Nobody Such\"}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    expect_state(db, "{\"owner\":\"\"}", 26, CHECK_OK, "CERTSWEEP OK - 0 certificates without owner");
    /* whose a place was is known by the ranges of the rules alone */
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('o.csv', 3); INSERT INTO owner_rule (import, line, site, first_address, "
                    "last_address, owner, contacts, text) "
                    "SELECT max(i.id), v.n, v.site, v.a, v.b, v.owner, '{}', '' FROM owner_import i, (VALUES (1, 'far', inet '127.60.9.2', "
                    "inet '127.60.9.2', 'Far'), "
                    "(2, 'default', '127.60.9.0', '127.60.9.255', 'Near'), (3, NULL, '127.60.10.0', '127.60.10.9', 'Elsewhere')) v (n, site, a, b, "
                    "owner) GROUP BY v.n, v.site, v.a, v.b, v.owner; "
                    "UPDATE reconcile_run SET basis = regexp_replace(basis, ' owners \\d+ ', "
                    "' owners ' || (SELECT max(id) FROM owner_import) || ' ')");
    expect_state(db, "{\"owner\":\"far\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 1 certificate, which is over and served nowhere");
    expect_state(db, "{\"owner\":\"Near\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 2 certificates, all over");
    expect_state(db, "{\"owner\":\"Near\",\"network\":\"127.60.9.2\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 1 certificate");
    expect_state(db, "{\"owner\":\"Near\",\"site\":\"far\"}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    expect_state(db, "{\"owner\":\"Elsewhere\"}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    fixture_sql(db, "UPDATE certificate_now SET time = 'ok' WHERE name = 'sound.example'");         /* is it down? */
    expect_state(db, "{\"owner\":\"Near\"}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    expect_state(db, "{}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    expect_state(db, "{\"network\":\"127.60.9.1\"}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there");
    expect_state(db, "{\"network\":\"127.60.9.2\"}", 26, CHECK_OK, "CERTSWEEP OK - nothing in force: 2 certificates, all over");
    fixture_sql(db, "INSERT INTO dirty SELECT 1, id FROM certificate LIMIT 1");
    expect_state(db, "{}", 26, CHECK_UNKNOWN, "CERTSWEEP UNKNOWN - no certificate is served there of what is judged, and what was loaded is not judged yet");
    fixture_sql(db, "ROLLBACK");
}

static void rows_are_sorted_grouped_and_limited(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *text = NULL;
    size_t len, rows;
    struct report_options options = {.sort = "-name", .limit = 2};
    FILE *out = open_memstream(&text, &len);
    assert_true(report_write(report_find("certificates"), &options, db, &render_json, out, &rows, &err));
    fclose(out);
    assert_int_equal(rows, 2);
    const char *weak = strstr(text, "\"name\":\"weak.example\""), *sound = strstr(text, "\"name\":\"sound.example\"");
    assert_true(weak != NULL && sound != NULL && weak < sound);
    assert_non_null(strstr(text, "\"more\": 1,"));
    assert_non_null(strstr(text, "\"not_judged\": 0"));
    assert_non_null(strstr(text, "Z\""));
    free(text);

    options = (struct report_options){.group = "record"};
    out = open_memstream(&text, &len);
    assert_true(report_write(report_find("certificates"), &options, db, &render_csv, out, &rows, &err));
    fclose(out);
    assert_string_equal(text, "\"record\",\"count\"\r\n\"unmanaged\",\"2\"\r\n\"managed\",\"1\"\r\n");
    free(text);

    options = (struct report_options){.group = "record", .sort = "record", .limit = 1};
    out = open_memstream(&text, &len);
    assert_true(report_write(report_find("certificates"), &options, db, &render_json, out, &rows, &err));
    fclose(out);
    assert_non_null(strstr(text, "{\"record\":\"managed\",\"count\":1}"));
    assert_non_null(strstr(text, "\"more\": 1,"));
    assert_non_null(strstr(text, "\"as_of\": \"20"));
    free(text);
    options = (struct report_options){.group = "record", .sort = "-name"};
    assert_false(report_write(report_find("certificates"), &options, db, &render_csv, stderr, &rows, &err));
    assert_non_null(strstr(err.text, "record or by count"));

    err = (struct error){0};
    options = (struct report_options){.sort = "nothing"};
    assert_false(report_write(report_find("certificates"), &options, db, &render_csv, stderr, &rows, &err));
    assert_non_null(strstr(err.text, "--sort nothing"));
}

static void places_come_as_targets(void **state)
{
    struct test_cluster *cluster = *state;
    char *text = written(cluster->db, "endpoints", "far", &render_targets);
    assert_string_equal(text, "# certsweep scan --site far\n127.60.9.2:443\n");
    free(text);
    text = written(cluster->db, "endpoints", NULL, &render_targets);        /* a scan is of one site */
    assert_non_null(strstr(text, " of other sites; --site NAME takes one\n"));
    free(text);
    text = written(cluster->db, "unmanaged", "default", &render_targets);
    assert_string_equal(text, "127.60.9.2:443\n");
    free(text);
}

static void the_same_facts_give_the_same_bytes(void **state)
{
    struct test_cluster *cluster = *state;
    const struct renderer *const formats[] = {&render_csv, &render_json, &render_jsonl, &render_table, &render_targets};
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        if (reports_all[i]->argument != NULL)
            continue;
        for (size_t f = 0; f < 5; f++) {
            char *first = written(cluster->db, reports_all[i]->name, NULL, formats[f]);
            char *again = written(cluster->db, reports_all[i]->name, NULL, formats[f]);
            assert_string_equal(first, again);
            free(first);
            free(again);
        }
    }
}

/* --- JSON Schemas --------------------------------------------------------------------------------------- */

static bool type_allows(const json_t *type, const json_t *value)
{
    static const char *const names[] = {[JSON_OBJECT] = "object", [JSON_ARRAY] = "array",   [JSON_STRING] = "string",
                                        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_NULL] = "null"};
    if (json_is_string(type))
        return strcmp(json_string_value(type), names[json_typeof(value)]) == 0 ||
               (strcmp(json_string_value(type), "number") == 0 && json_is_integer(value));
    for (size_t i = 0; i < json_array_size(type); i++)
        if (type_allows(json_array_get(type, i), value))
            return true;
    return false;
}

static bool is_time(const char *text)
{
    int used = 0, number[6];
    char rest[24];
    return sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%23s%n", &number[0], &number[1], &number[2], &number[3], &number[4], &number[5], rest, &used) == 7 &&
           text[used] == '\0' && rest[strlen(rest) - 1] == 'Z';
}

/* What the schemas of the reports use of JSON Schema. */
static void hold_against(const json_t *schema, const json_t *value, const char *where)
{
    const json_t *type = json_object_get(schema, "type"), *one = json_object_get(schema, "const"), *some = json_object_get(schema, "enum");
    const char *key, *format = json_string_value(json_object_get(schema, "format"));
    json_t *member, *name;
    size_t i;
    if (type != NULL && !type_allows(type, value))
        fail_msg("%s: another type", where);
    if (one != NULL && !json_equal(one, value))
        fail_msg("%s: another value", where);
    bool found = some == NULL;
    json_array_foreach(some, i, member)
        found = found || json_equal(member, value);
    if (!found)
        fail_msg("%s: none of the enum", where);
    if (format != NULL && json_is_string(value) && !is_time(json_string_value(value)))
        fail_msg("%s: no RFC 3339 time: %s", where, json_string_value(value));
    json_array_foreach(json_object_get(schema, "required"), i, name)
        if (json_object_get(value, json_string_value(name)) == NULL)
            fail_msg("%s: no %s", where, json_string_value(name));
    json_object_foreach(json_object_get(schema, "properties"), key, member)
        if (json_object_get(value, key) != NULL)
            hold_against(member, json_object_get(value, key), key);
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
        if (json_object_get(schema, "properties") != NULL && json_object_get(json_object_get(schema, "properties"), key) == NULL)
            fail_msg("%s: %s is not in the schema", where, key);
    if (json_is_array(value))
        json_array_foreach((json_t *)(uintptr_t)value, i, member)
            hold_against(json_object_get(schema, "items"), member, where);
}

static char *schema_text(const struct report *report)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    report_schema_write(report, out);
    fclose(out);
    return text;
}

static void the_schemas_in_the_repository_are_those_of_the_reports(void **state)
{
    (void)state;
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        char *text = schema_text(reports_all[i]), path[256], *kept = xcalloc(1, 65536);
        snprintf(path, sizeof path, "%s/reports/schema/%s.json", CERTSWEEP_SOURCE_DIR, reports_all[i]->name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            fail_msg("%s is missing: certsweep report columns %s --format schema", path, reports_all[i]->name);
        kept[fread(kept, 1, 65535, file)] = '\0';
        fclose(file);
        assert_string_equal(kept, text);
        free(kept);
        free(text);
    }
}

static void each_report_obeys_its_schema(void **state)
{
    struct test_cluster *cluster = *state;
    size_t rows = 0;
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        struct error err = {0};
        char *text = NULL;
        size_t len;
        struct report_options options = {.filter = reports_all[i]->argument == NULL ? NULL
                                                   : strcmp(reports_all[i]->name, "endpoint") == 0 ? "{\"argument\":\"127.60.9.2\"}"
                                                                                                 : "{\"argument\":\"weak.example\"}"};
        FILE *out = open_memstream(&text, &len);
        if (!report_write(reports_all[i], &options, cluster->db, &render_json, out, NULL, &err))
            fail_msg("%s: %s", reports_all[i]->name, err.text);
        fclose(out);
        char *schema_source = schema_text(reports_all[i]);
        json_t *schema = json_loads(schema_source, 0, NULL), *document = json_loads(text, 0, NULL);
        assert_non_null(schema);
        assert_non_null(document);
        hold_against(schema, document, reports_all[i]->name);
        rows += json_array_size(json_object_get(document, "rows"));
        json_decref(schema);
        json_decref(document);
        free(schema_source);
        free(text);
    }
    assert_true(rows > 50);
}

static void each_column_has_a_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; reports_all[i] != NULL; i++)
        for (size_t c = 0; c < report_column_count(reports_all[i]); c++)
            if (report_column_meaning(reports_all[i]->columns[c].key) == NULL)
                fail_msg("%s: %s", reports_all[i]->name, reports_all[i]->columns[c].key);
}

static void the_page_is_whole_and_holds_no_strangers_markup(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, "discovery", NULL, NULL);
    assert_null(strstr(page, "<script>alert"));
    assert_non_null(strstr(page, "&lt;script&gt;"));
    assert_non_null(strstr(page, "weak.<wbr>example"));
    assert_non_null(strstr(page, "</html>"));
    free(page);
}

/* A check that was OK by an older policy is a warning, one that was critical stays so, and both say why; Prometheus gets a number. */
static void expect_outdated(struct db *db, bool is_outdated)
{
    static const char *const filters[] = {"{\"network\":\"127.60.9.1\"}", "{}"};
    for (size_t i = 0; i < 2; i++) {
        const struct check_options options = {.filter = filters[i], .critical_days = i == 0 ? 0 : 6, .warning_days = i == 0 ? 0 : 30, .max_age_hours = 26};
        fixture_sql(db, i == 0 ? "BEGIN; DELETE FROM finding; UPDATE certificate_now SET record = 'managed'" : "BEGIN");
        enum check_state state;
        char *text = check_said(db, &options, &state), *metrics = metrics_said(db);
        fixture_sql(db, "ROLLBACK");
        assert_int_equal(state, i == 1 ? CHECK_CRITICAL : is_outdated ? CHECK_WARNING : CHECK_OK);
        const char *said = strstr(text, "; judged before the policy in use since 20");
        assert_true(said == NULL || strstr(said, " UTC and the owner rules in use (certsweep reconcile)") != NULL);
        assert_int_equal(said != NULL && said < strchr(text, '|'), is_outdated);
        assert_non_null(strstr(metrics, is_outdated ? "\ncertsweep_outdated 1\n" : "\ncertsweep_outdated 0\n"));
        free(text);
        free(metrics);
    }
}

/* The last test: another policy is in force from here on. */
static void compliance_tells_each_clause_and_never_passes_what_was_not_asked(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    expect_rows(db, "compliance", 0);
    struct policy *policy = policy_parse("clauses.ini",
                                         "[policy]\nname = house\nmin_rsa_bits = 2048\n"
                                         "[clause: 1]\ntitle = Keys are strong\nsource = House rules, 1\nrules = K02\n"
                                         "[clause: 2]\ntitle = Suites are strong\nsource = House rules, 2\nrules = S03\n"
                                         "[clause: 3]\ntitle = People are trained\nsource = House rules, 3\n"
                                         "[clause: 4]\ntitle = Signatures are strong\nsource = House rules, 4\nrules = C01\n"
                                         "[clause: 5]\ntitle = Keys are whole\nsource = House rules, 5\nrules = K05, K06\n", &err);
    if (policy == NULL || !policy_use(db, policy, &err))
        fail_msg("%s", err.text);
    struct db_result *kept = db_query(db, "SELECT count(*) > 0 FROM ending_count", 0, NULL, &err);
    assert_string_equal(db_value(kept, 0, 0), "t");     /* days are those that the last run counted by */
    db_result_destroy(kept);
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('owners.csv', 0)");        /* both are newer then, and both are named */
    char *before = written(db, "compliance", NULL, &render_csv);        /* nobody has judged by it yet */
    assert_null(strstr(before, "\"pass\""));
    assert_null(strstr(before, "\"fail\""));
    assert_non_null(strstr(before, "\"not tested\",\"0\",\"3\",\"certificates\""));
    assert_non_null(strstr(before, "judged before the policy in use since 20"));
    assert_non_null(strstr(before, "# judged before the policy in use since 20"));
    assert_non_null(strstr(before, " UTC and the owner rules in use. Next: certsweep reconcile"));
    free(before);
    before = written(db, "findings", NULL, &render_json);
    assert_non_null(strstr(before, "\"reason\": \"judged before the policy in use since 20"));
    assert_null(strstr(before, "\"waiting\": 0"));
    free(before);
    before = written(db, "discovery", NULL, NULL);
    assert_non_null(strstr(before, "All of it was judged before the policy in use since 20"));
    assert_non_null(strstr(before, " UTC and the owner rules in use: verdicts may be others by that"));
    free(before);
    expect_outdated(db, true);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    policy_destroy(policy);
    expect_outdated(db, false);
    before = written(db, "findings", NULL, &render_json);
    assert_non_null(strstr(before, "\"reason\": null"));
    free(before);
    expect_rows(db, "compliance", 5);
    expect_rows(db, "compliance --pack house", 5);
    expect_refused(db, "compliance --pack other", "house");
    char *rows = written(db, "compliance", NULL, &render_csv);
    assert_non_null(strstr(rows, "\"1\",\"Keys are strong\",\"fail\",\"1\",\"3\",\"certificates\""));
    assert_non_null(strstr(rows, "\"2\",\"Suites are strong\",\"not tested\",\"0\",\"3\",\"places\""));       /* RC4 was not asked */
    assert_non_null(strstr(rows, "\"3\",\"People are trained\",\"not tested\""));
    assert_non_null(strstr(rows, "certsweep report findings --rule K02"));
    assert_non_null(strstr(rows, "\"found by K02\""));                  /* each row says why */
    assert_non_null(strstr(rows, "\"no rule proves it: somebody must look\""));
    assert_non_null(strstr(rows, "\"asked of all, and C01 found nothing\""));
    assert_non_null(strstr(rows, "\"asked of all, and its 2 rules found nothing\""));
    free(rows);
    rows = written(db, "compliance", "empty", &render_csv);
    assert_non_null(strstr(rows, "\"not applicable\",\"0\",\"0\",\"certificates\",\"K02\",\"nothing that it is about is served or recorded\""));
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unmanaged_holds_what_no_source_tells),
        cmocka_unit_test(a_site_is_shown_alone),
        cmocka_unit_test(expiring_holds_what_ends_soon_and_the_day_to_ask),
        cmocka_unit_test(weak_holds_keys_and_versions_with_their_rule),
        cmocka_unit_test(foreign_is_empty_and_summary_counts),
        cmocka_unit_test(filters_narrow_and_add_up),
        cmocka_unit_test(the_bounds_of_what_is_due_are_computed_once),
        cmocka_unit_test(files_and_whose_they_are),
        cmocka_unit_test(what_does_not_exist_is_refused_by_name),
        cmocka_unit_test(whatever_names_it_finds_it),
        cmocka_unit_test(the_screen_names_its_site_and_a_command_that_runs),
        cmocka_unit_test(ports_that_were_not_asked_are_not_told),
        cmocka_unit_test(every_outcome_has_words),
        cmocka_unit_test(critical_days_are_not_more_than_warning_days),
        cmocka_unit_test(a_monitoring_system_is_answered),
        cmocka_unit_test(what_is_over_is_no_reason_to_wake_anybody),
        cmocka_unit_test(rows_are_sorted_grouped_and_limited),
        cmocka_unit_test(places_come_as_targets),
        cmocka_unit_test(the_same_facts_give_the_same_bytes),
        cmocka_unit_test(the_schemas_in_the_repository_are_those_of_the_reports),
        cmocka_unit_test(each_report_obeys_its_schema),
        cmocka_unit_test(each_column_has_a_meaning),
        cmocka_unit_test(the_page_is_whole_and_holds_no_strangers_markup),
        cmocka_unit_test(compliance_tells_each_clause_and_never_passes_what_was_not_asked),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
