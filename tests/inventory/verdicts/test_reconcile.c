/* reconcile.h: every axis value, every step of the match ladder, replay at another date. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct reconcile_account account;

static void run(struct db *db, const char *as_of)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW, .everything = true};       /* the fixture keeps no list */
    if (as_of != NULL)
        assert_true(clock_parse_us(as_of, &options.as_of_us));
    if (!reconcile_run(db, &options, &account, &err))
        fail_msg("%s", err.text);
}

/* The present, as if it were that day. */
static void run_on(struct db *db, const char *day)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW, .everything = true};
    assert_true(clock_parse_us(day, &options.present_us));
    fixture_sql(db, "DISCARD TEMP");
    if (!reconcile_run(db, &options, &account, &err))
        fail_msg("%s", err.text);
}

static void expect(struct db *db, const char *sql, const char *rows)
{
    char *found = test_rows(db, sql);
    if (strcmp(found, rows) != 0)
        fail_msg("%s\nfound:\n%swanted:\n%s", sql, found, rows);
    free(found);
}

static int empty(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "DISCARD TEMP");       /* what a replay left stands before the tables of the present */
    fixture_sql(cluster->db, "TRUNCATE site, endpoint, posture, server_test, certificate, chain, chain_certificate, staple, observation, quiet, sighting, answer_span, confirmation, endpoint_block, event, endpoint_now, recompute, managed_source, owner_import, "
                             "policy, decision, decision_filter, match_now, certificate_now, endpoint_judged, endpoint_unconfirmed, record_judged, finding, verdict_past, now_count, owner_basis, dirty, "
                             "reconcile_run RESTART IDENTITY CASCADE");
    fixture_trust_clear(cluster->db);
    return 0;
}

static void source(struct db *db)
{
    fixture_sql(db, "INSERT INTO managed_source (name) VALUES ('ca'); INSERT INTO managed_import (source, imported_at, files, "
                    "record_count, bad_count) VALUES (1, '2026-01-02', '{ca.csv}', 1, 0)");
}

static void policy(struct db *db, const char *document)
{
    const char *params[] = {document};
    struct error err = {0};
    if (!db_exec_params(db, "WITH p AS (INSERT INTO policy (name, sha256, text, document) VALUES ('test', "
                            "sha256(convert_to($1, 'UTF8')), $1, $1::jsonb) RETURNING id) INSERT INTO policy_use (policy) "
                            "SELECT id FROM p", 1, params, &err))
        fail_msg("%s", err.text);
}

static void hash_of(const struct made_cert *made, char hex[65])
{
    uint8_t hash[32];
    SHA256(made->der, made->len, hash);
    hex_format(hash, sizeof hash, hex);
}

static const char issuers[] = "SELECT f.common_name, j.value, j.rule FROM judged j JOIN certificate_facts f USING (certificate) "
                              "WHERE axis = 'issuer' ORDER BY 1";
static const char records[] = "SELECT f.common_name, j.value, j.rule FROM judged j JOIN certificate_facts f USING (certificate) "
                              "WHERE axis = 'record' ORDER BY 1";
static const char times[] = "SELECT f.common_name, j.value FROM judged j "
                            "JOIN certificate_facts f USING (certificate) WHERE axis = 'time' ORDER BY 1";
static const char deployments[] = "SELECT f.common_name, e.address, j.value FROM judged j LEFT JOIN certificate_facts f USING "
                                  "(certificate) LEFT JOIN endpoint e ON e.id = j.endpoint WHERE axis = 'deployment' ORDER BY 1, 2, 3";

static void without_source_and_own_ca_nothing_is_judged(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.2.1", .chain = {made, ca}});
    run(cluster->db, "2026-02-01");
    expect(cluster->db, records, "www.example|not judged|R-none\n");
    expect(cluster->db, issuers, "www.example|not judged|I-none\n");
    expect(cluster->db, deployments, "www.example|127.60.2.1|not judged\n");
    expect(cluster->db, "SELECT DISTINCT evidence ->> 'next_command' FROM judged WHERE value = 'not judged' ORDER BY 1",
           "certsweep managed import FILE --source NAME\ncertsweep policy use FILE (with an [own ca: NAME] section)\n");
    expect(cluster->db, "SELECT action, axes_what FROM next_step", "import|Say what is managed: certsweep managed import --source NAME FILE\n");
    cert_make_free(made);
    cert_make_free(ca);
}

/* What changed, judged as if it were that day. */
static void run_changes_on(struct db *db, const char *day)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW};
    assert_true(clock_parse_us(day, &options.present_us));
    if (!reconcile_run(db, &options, &account, &err))
        fail_msg("%s", err.text);
}

/* What a capture alone has shown counts as served for 90 days, and again when somebody sees it again; what a scan found stays. */
static void a_capture_speaks_for_the_present_for_a_time(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char places[] = "SELECT e.address, j.stale_at::date FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint ORDER BY 1",
                      old[] = "SELECT e.address, unconfirmed_text(u.last_seen) FROM endpoint_unconfirmed u JOIN endpoint e ON e.id = u.endpoint";
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *seen = cert_make(&(struct cert_recipe){.subject = "CN=seen.example", .issuer = ca, .key = "RSA:1024", .not_after = "20270101000000Z"}),
                     *found = cert_make(&(struct cert_recipe){.subject = "CN=found.example", .issuer = ca, .not_after = "20270101000000Z"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.2.1", .chain = {seen, ca}, .from = "2026-01-01", .is_captured = true});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.2.2", .chain = {found, ca}, .from = "2026-01-01"});
    fixture_sql(db, "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
                    "SELECT gen_random_uuid(), id, 2, now(), '', '', '', 1, 1 FROM site");
    run_changes_on(db, "2026-03-31");
    expect(db, places, "127.60.2.1|2026-04-01\n127.60.2.2|\n");
    assert_int_equal(test_number(db, "SELECT count(*) FROM finding WHERE rule = 'K02'"), 1);
    run_changes_on(db, "2026-04-02");           /* time alone has passed */
    expect(db, places, "127.60.2.2|\n");
    expect(db, old, "127.60.2.1|last seen 2026-01-01, not confirmed since\n");
    expect(db, "SELECT n.name, n.place_count, n.is_judged, n.is_leaf FROM certificate_now n WHERE record IS NOT NULL ORDER BY 1",
           "found.example|1|t|t\nseen.example|0|f|f\n");
    assert_int_equal(test_number(db, "SELECT count(*) FROM finding WHERE rule = 'K02'"), 0);
    assert_int_equal(test_number(db, "SELECT sum(count) FROM now_count WHERE site = 0 AND value = 'not confirmed'"), 1);
    fixture_sql(db, "INSERT INTO sighting (scan, hour, endpoint, role, outcome, chain, sct_count, protocol, first_at, last_at, count) SELECT 1, "
                    "'2026-04-03', endpoint, 1, 1, chain, 0, 'tls', '2026-04-03', '2026-04-03', 1 FROM sighting");
    run_changes_on(db, "2026-04-04");
    expect(db, places, "127.60.2.1|2026-07-02\n127.60.2.2|\n");
    expect(db, old, "");
    assert_int_equal(test_number(db, "SELECT count(*) FROM now_count WHERE value = 'not confirmed'"), 0);
    run(db, "2026-07-03");                      /* a report of another day goes by that day */
    expect(db, places, "127.60.2.2|\n");
    expect(db, old, "127.60.2.1|last seen 2026-04-03, not confirmed since\n");
    /* a record of it: its place was asked, too long ago; of another place nothing is known */
    source(db);
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, common_name, sha256) SELECT 1, sha256(convert_to(x, 'UTF8')), '2026-01-02', 'ca.csv', 2, '{}', "
                    "'{}', x, sha256(convert_to(x, 'UTF8')) FROM unnest('{long,never}'::text[]) x; "
                    "INSERT INTO managed_location (record, address) SELECT id, CASE common_name WHEN 'long' THEN '127.60.2.1' ELSE '127.60.2.9' END::inet FROM managed_record");
    run(db, "2026-07-04");
    expect(db, "SELECT r.common_name, j.deployment, j.reason FROM record_judged j JOIN managed_record r ON r.id = j.record ORDER BY 1", "long|not judged|how long ago?\nnever|not judged|\n");
    expect(db, "SELECT DISTINCT j.evidence ->> 'next_command' FROM judged j WHERE j.rule = 'D-recorded' ORDER BY 1", "certsweep scan 127.60.2.1\ncertsweep scan 127.60.2.9\n");
    cert_make_free(seen);
    cert_make_free(found);
    cert_make_free(ca);
}

static void each_issuer_value_in_its_order(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *own = cert_make(&(struct cert_recipe){.subject = "O=Own Ltd,CN=Own CA", .is_ca = 1});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=Other CA", .is_ca = 1});
    struct made_cert *public = cert_make(&(struct cert_recipe){.subject = "CN=Public CA", .is_ca = 1});
    struct made_cert *private = cert_make(&(struct cert_recipe){.subject = "CN=Private CA", .is_ca = 1});
    struct made_cert *approved = cert_make(&(struct cert_recipe){.subject = "CN=Approved CA", .is_ca = 1});
    struct made_cert *leaves[] = {
        cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=a-own", .issuer = own}),
        cert_make(&(struct cert_recipe){.subject = "O=Stranger,CN=b-own-for-others", .issuer = own}),
        cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=c-own-too-late", .issuer = own, .not_before = "20260202000000Z"}),
        cert_make(&(struct cert_recipe){.subject = "CN=d-approved", .issuer = approved}),
        cert_make(&(struct cert_recipe){.subject = "CN=e-foreign", .issuer = public}),
        cert_make(&(struct cert_recipe){.subject = "CN=f-private", .issuer = private}),
        cert_make(&(struct cert_recipe){.subject = "CN=g-unknown", .issuer = other}),
        cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=h-self"}),
    };
    for (size_t i = 0; i < 8; i++) {
        char *address = xasprintf("127.60.3.%zu", i + 1);
        fixture_serve(cluster->db, &(struct fixture_served){.address = address, .chain = {leaves[i]}});
        free(address);
    }
    char public_hash[65], private_hash[65];
    hash_of(public, public_hash);
    hash_of(private, private_hash);
    fixture_made(cluster->db, public);
    fixture_made(cluster->db, private);
    char *document = xasprintf("{\"own_cas\": [{\"name\": \"ours\", \"issuer\": [\"O=Own*\"], \"subject\": [\"O=Agency\"], "
        "\"from\": \"2026-01-01\", \"until\": \"2026-02-01\"}], \"approved_cas\": [{\"issuer\": [\"CN=Approved*\"]}], "
        "\"trust_stores\": [{\"name\": \"a\", \"kind\": \"public\", \"certificates\": [\"%s\"]}, "
        "{\"name\": \"b\", \"kind\": \"private\", \"certificates\": [\"%s\"]}]}", public_hash, private_hash);
    policy(cluster->db, document);
    free(document);
    run(cluster->db, "2026-02-10");
    expect(cluster->db, issuers, "a-own|own|I-own-names\nb-own-for-others|unknown|I-no-path\nc-own-too-late|unknown|I-no-path\n"
        "d-approved|approved|I-approved-names\ne-foreign|foreign|I-public-path\nf-private|private|I-known-path\n"
        "g-unknown|unknown|I-no-path\nh-self|self-signed|I-self-signed\n");
    for (size_t i = 0; i < 8; i++)
        cert_make_free(leaves[i]);
    cert_make_free(own);
    cert_make_free(public);
    cert_make_free(private);
    cert_make_free(other);
    cert_make_free(approved);
}

static void record_add(struct db *db, const char *columns, const char *values)
{
    char *sql = xasprintf("INSERT INTO managed_record (source, key, valid_from, file, line, contacts%s%s) SELECT 1, "
                          "sha256(convert_to(clock_timestamp()::text, 'UTF8')), '2026-01-02', 'ca.csv', 2, '{}'%s%s",
                          columns[0] == '\0' ? "" : ", ", columns, values[0] == '\0' ? "" : ", ", values);
    fixture_sql(db, sql);
    free(sql);
}

/* A certificate's fields as a source would list them: "sha1, name_set" and the expressions for them over certificate_facts f. */
static void record_of(struct db *db, const char *name, const char *columns, const char *values)
{
    char *sql = xasprintf("INSERT INTO managed_record (source, key, valid_from, file, line, contacts, %s) SELECT 1, "
                          "sha256(convert_to(clock_timestamp()::text, 'UTF8')), '2026-01-02', 'ca.csv', 2, '{}', %s "
                          "FROM certificate_facts f JOIN certificate c ON c.id = f.certificate WHERE f.common_name = '%s'", columns, values, name);
    fixture_sql(db, sql);
    free(sql);
}

static void decide(struct db *db, const char *kind, const char *name, const char *until)
{
    char *sql = xasprintf("INSERT INTO decision (kind, sha256, reason, who, made_at, until%s) SELECT '%s', c.sha256, 'a printer', 'ann', '2026-01-10', %s%s%s%s "
                          "FROM certificate c JOIN certificate_facts f ON c.id = f.certificate WHERE common_name = '%s'",
                          strcmp(kind, "link") == 0 ? ", source, record_key" : "", kind, until == NULL ? "NULL" : "'", until == NULL ? "" : until,
                          until == NULL ? "" : "'", strcmp(kind, "link") == 0 ? ", 1, (SELECT key FROM managed_record ORDER BY id LIMIT 1)" : "", name);
    fixture_sql(db, sql);
    free(sql);
}

/* What was served once is known for ever, and counts only as long as a server, the managed set or a file has it. */
static void what_is_served_no_more_counts_nowhere(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1}), *issues[3];
    static const char *const subjects[] = {"CN=first.example", "CN=second.example", "CN=third.example"};
    for (int i = 0; i < 3; i++)
        issues[i] = cert_make(&(struct cert_recipe){.subject = subjects[i], .issuer = ca, .serial = 0x201 + i, .not_after = "20260301000000Z"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.2.1", .chain = {issues[0], ca}, .from = "2026-01-01", .to = "2026-01-10", .closed = "2026-01-11"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.2.1", .chain = {issues[1], ca}, .from = "2026-01-11", .to = "2026-01-20", .closed = "2026-01-21"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.2.1", .chain = {issues[2], ca}, .from = "2026-01-21"});
    run(db, "2026-01-22");
    static const char known[] = "SELECT count(*), count(*) FILTER (WHERE is_leaf) FROM certificate_now WHERE record IS NOT NULL",
                      counted[] = "SELECT (SELECT count FROM now_count WHERE site = 0 AND value = 'served or managed'), (SELECT sum(count) FROM ending_count), "
                                  "(SELECT sum(certificates) FROM owner_count), (SELECT sum(lasting) FROM owner_count), "
                                  "(SELECT count(*) FROM certificates_wanted('{}', NULL) n WHERE n.is_leaf)";
    expect(db, known, "3|1\n");
    expect(db, counted, "1|1|1|1|1\n");
    source(db);
    record_of(db, "first.example", "sha256, name_set, not_before, not_after", "c.sha256, f.name_set, f.not_before, f.not_after");
    run(db, "2026-01-23");
    expect(db, known, "3|2\n");
    expect(db, counted, "2|2|2|2|2\n");
    /* By issuer and serial number it is managed, too, and rules judge it; by the serial number of another issuer's it is not. */
    record_of(db, "second.example", "name_set, serial_number, issuer, issuer_folded", "'{}', f.serial_number, f.issuer, f.issuer_folded");
    run(db, "2026-03-02");
    expect(db, "SELECT n.name, n.record_step, n.is_leaf, n.is_judged FROM certificate_now n WHERE n.record = 'managed' ORDER BY 1",
           "first.example|R-sha256|t|t\nsecond.example|R-issuer-serial|t|t\n");
    expect(db, "SELECT n.name FROM finding f JOIN certificate_now n USING (certificate) WHERE f.rule = 'C05' ORDER BY 1",
           "first.example\nsecond.example\nthird.example\n");
    fixture_sql(db, "UPDATE managed_record SET issuer = 'CN=Else', issuer_folded = 'cn=else' WHERE serial_number IS NOT NULL; INSERT INTO dirty SELECT 3, id FROM managed_record");
    run(db, "2026-03-03");
    expect(db, "SELECT n.name FROM finding f JOIN certificate_now n USING (certificate) WHERE f.rule = 'C05' ORDER BY 1", "first.example\nthird.example\n");
    for (int i = 0; i < 3; i++)
        cert_make_free(issues[i]);
    cert_make_free(ca);
}

static void each_step_of_the_match_ladder(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "C=US,CN=Big CA", .is_ca = 1});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "O=Other,CN=Other CA", .is_ca = 1});
    static const struct { const char *name; long serial; bool by_other, is_self; } leaf[] = {
        {"a-sha256", 0x100, false, false}, {"b-sha1", 0x101, false, false}, {"c-issuer", 0x102, false, false}, {"d-issuer-cn", 0x103, false, false},
        {"e-serial-name", 0x4e00000000000004, false, false}, {"f-serial-date", 0x4e00000000000005, false, false},
        {"g-serial-short", 0x106, false, false}, {"h-serial-contradicted", 0x4e00000000000007, false, false},
        {"i-serial-alone", 0x4e00000000000008, false, false}, {"j-serial-twice", 0x4e00000000000009, false, false},
        {"k-serial-twice", 0x4e00000000000009, true, false}, {"l-key", 0x10b, false, false}, {"m-key-alone", 0x10c, false, false},
        {"n-key-self-signed", 0x10d, false, true}, {"o-key-other-issuer", 0x10e, true, false}, {"p-names", 0x10f, false, false},
        {"q-common-name", 0x110, false, false}, {"r-nothing", 0x111, false, false}, {"s-revoked", 0x112, false, false},
        {"t-accepted", 0x113, false, false}, {"u-ignored", 0x114, false, false}, {"v-adopted", 0x115, false, false},
        {"w-linked", 0x116, false, false}, {"x-requested", 0x117, false, false},
        {"y-issuer-part", 0x118, false, false}, {"z-issuer-else", 0x119, false, false},
    };
    enum { COUNT = sizeof leaf / sizeof *leaf };
    struct made_cert *leaves[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char *address = xasprintf("127.60.4.%zu", i + 1), *subject = xasprintf("CN=%s", leaf[i].name);
        leaves[i] = cert_make(&(struct cert_recipe){.subject = subject, .serial = leaf[i].serial,
                                                    .issuer = leaf[i].is_self ? NULL : leaf[i].by_other ? other : ca});
        fixture_serve(db, &(struct fixture_served){.address = address, .chain = {leaves[i]}});
        free(address);
        free(subject);
    }
    run(db, NULL);
    static const char key[] = "spki_sha256, common_name, issuer, issuer_folded, name_set";
    record_of(db, "a-sha256", "name_set, sha256", "'{}', c.sha256");
    record_of(db, "b-sha1", "name_set, sha1", "'{}', f.sha1");
    record_of(db, "c-issuer", "name_set, serial_number, issuer, issuer_folded", "'{}', f.serial_number, 'CN=Big CA,C=US', 'c=us,cn=big ca'");
    record_of(db, "d-issuer-cn", "name_set, serial_number, issuer", "'{}', f.serial_number, 'big ca'");
    record_of(db, "e-serial-name", "name_set, serial_number, common_name", "'{}', f.serial_number, 'e-serial-name'");
    record_of(db, "f-serial-date", "name_set, serial_number, not_after", "'{}', f.serial_number, date_trunc('day', f.not_after)");
    record_of(db, "g-serial-short", "name_set, serial_number, common_name", "'{}', f.serial_number, 'else.example'");
    record_of(db, "h-serial-contradicted", "name_set, serial_number, common_name, not_after", "'{}', f.serial_number, 'h-serial-contradicted', '2031-01-01'");
    record_of(db, "i-serial-alone", "name_set, serial_number", "'{}', f.serial_number");
    record_of(db, "j-serial-twice", "name_set, serial_number, not_after", "'{}', f.serial_number, f.not_after");
    record_of(db, "l-key", key, "f.spki_sha256, 'l-key', f.issuer, f.issuer_folded, '{}'");
    record_of(db, "m-key-alone", key, "f.spki_sha256, 'else.example', f.issuer, f.issuer_folded, '{}'");
    record_of(db, "n-key-self-signed", key, "f.spki_sha256, 'n-key-self-signed', NULL, NULL, '{}'");
    record_of(db, "o-key-other-issuer", key, "f.spki_sha256, 'o-key-other-issuer', 'C=US,CN=Big CA', 'c=us,cn=big ca', '{}'");
    record_of(db, "p-names", "name_set, subject_folded", "f.name_set, f.subject_folded");
    record_of(db, "q-common-name", "name_set, common_name", "'{}', 'q-common-name'");
    record_of(db, "s-revoked", "name_set, sha256, status, revoked_at", "'{}', c.sha256, 'revoked', '2026-01-20'");
    record_of(db, "x-requested", "name_set, common_name, status", "'{}', 'x-requested', 'requested'");
    record_of(db, "y-issuer-part", "name_set, serial_number, issuer, issuer_folded", "'{}', f.serial_number, 'CN = Big CA', 'cn=big ca'");
    record_of(db, "z-issuer-else", "name_set, serial_number, issuer, issuer_folded", "'{}', f.serial_number, 'CN=Big CA,O=Else', 'cn=big ca,o=else'");
    decide(db, "accept", "t-accepted", "2026-06-01");
    decide(db, "ignore", "u-ignored", NULL);
    decide(db, "adopt", "v-adopted", NULL);
    decide(db, "link", "w-linked", NULL);
    decide(db, "mute", "r-nothing", "2026-05-01");
    run(db, "2026-02-01");
    expect(db, records, "a-sha256|managed|R-sha256\nb-sha1|managed|R-sha1\nc-issuer|managed|R-issuer-serial\nd-issuer-cn|managed|R-issuer-serial\n"
        "e-serial-name|managed|R-serial\nf-serial-date|managed|R-serial\ng-serial-short|unmanaged|R-unmatched\n"
        "h-serial-contradicted|unmanaged|R-common-name\ni-serial-alone|unmanaged|R-serial-only\nj-serial-twice|unmanaged|R-ambiguous\n"
        "k-serial-twice|unmanaged|R-ambiguous\nl-key|managed|R-key\nm-key-alone|unmanaged|R-key-only\nn-key-self-signed|unmanaged|R-key-only\n"
        "o-key-other-issuer|unmanaged|R-key-only\np-names|unmanaged|R-names\nq-common-name|unmanaged|R-common-name\nr-nothing|unmanaged|R-unmatched\n"
        "s-revoked|unmanaged|R-not-in-force\nt-accepted|accepted|R-accepted\nu-ignored|ignored|R-ignored\nv-adopted|managed|R-adopted\n"
        "w-linked|managed|R-linked\nx-requested|unmanaged|R-unmatched\ny-issuer-part|managed|R-issuer-serial\nz-issuer-else|unmanaged|R-unmatched\n");
    expect(db, "SELECT f.common_name, n.muted_until::date FROM certificate_now n JOIN certificate_facts f USING (certificate) "
               "WHERE muted_until IS NOT NULL", "r-nothing|2026-05-01\n");
    expect(db, "SELECT DISTINCT deployment FROM endpoint_judged j JOIN certificate_facts f USING (certificate) WHERE f.common_name = 's-revoked'",
           "revoked but served\n");
    expect(db, "SELECT f.common_name, x.endpoint <> 0, left(x.evidence ->> 'revoked_at', 10) FROM finding x JOIN certificate_facts f USING (certificate) "
               "WHERE x.rule = 'R15'", "s-revoked|t|2026-01-20\n");
    assert_int_equal(reconcile_count(&account, "record", "managed"), 10);
    run(db, "2026-06-02");         /* the acceptance has run out */
    expect(db, "SELECT j.value FROM judged j JOIN certificate_facts f USING (certificate) WHERE axis = 'record' AND "
               "common_name = 't-accepted'", "unmanaged\n");
    for (size_t i = 0; i < COUNT; i++)
        cert_make_free(leaves[i]);
    cert_make_free(ca);
    cert_make_free(other);
}

/* Names prove nothing where the key of that name is known: genuine and forged under one issuer and serial number. */
static void an_impostor_is_neither_own_nor_managed(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Agency CA", .is_ca = 1});
    struct made_cert *fake = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Agency CA", .is_ca = 1});
    struct made_cert *genuine = cert_make(&(struct cert_recipe){.subject = "CN=a.example", .issuer = ca, .serial = 0x4e00000000000001});
    struct made_cert *impostor = cert_make(&(struct cert_recipe){.subject = "CN=b.example", .issuer = fake, .serial = 0x4e00000000000001});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.9.1", .chain = {genuine, ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.9.2", .chain = {impostor}});
    char hash[65];
    hash_of(ca, hash);
    char *document = xasprintf("{\"own_cas\": [{\"name\": \"ours\", \"issuer\": [\"O=Agency\"]}], \"trust_stores\": [{\"name\": \"b\", "
                               "\"kind\": \"private\", \"certificates\": [\"%s\"]}]}", hash);
    policy(db, document);
    free(document);
    run(db, NULL);
    record_of(db, "a.example", "name_set, serial_number, issuer, issuer_folded", "'{}', f.serial_number, f.issuer, f.issuer_folded");
    run(db, "2026-02-01");
    expect(db, issuers, "a.example|own|I-own\nb.example|unknown|I-not-signed\n");
    expect(db, records, "a.example|managed|R-issuer-serial\nb.example|unmanaged|R-impostor\n");
    expect(db, "SELECT f.common_name, j.severity, j.evidence ->> 'reason' FROM judged j JOIN certificate_facts f USING (certificate) WHERE rule = 'R12'",
           "b.example|critical|the key of its issuer has not signed it\n");
    run_on(db, "2026-02-01");
    expect(db, "SELECT action, next_step FROM next_step ORDER BY 1",
           "investigate|Find out who runs it, today: it has the issuer and serial number of a managed certificate, and another key\n"
           "none|None until its renewal is due on 2026-03-02\n");
    cert_make_free(ca);
    cert_make_free(fake);
    cert_make_free(genuine);
    cert_make_free(impostor);
}

/* R12 and R13: the CA's own fault, appliances that share a CA's name and a short number, and a managed key under other names. */
static void a_managed_key_or_number_elsewhere(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Agency CA", .is_ca = 1});
    struct made_cert *one = cert_make(&(struct cert_recipe){.subject = "CN=a.example", .issuer = ca, .serial = 0x4e00000000000001});
    struct made_cert *two = cert_make(&(struct cert_recipe){.subject = "CN=b.example", .issuer = ca, .serial = 0x4e00000000000001});
    struct made_cert *box = cert_make(&(struct cert_recipe){.subject = "CN=box-1", .issuer = ca, .serial = 1});
    struct made_cert *box_two = cert_make(&(struct cert_recipe){.subject = "CN=box-2", .issuer = ca, .serial = 1});
    struct made_cert *ours = cert_make(&(struct cert_recipe){.subject = "CN=c.example", .same_key = one, .issuer = ca});
    struct made_cert *foreign = cert_make(&(struct cert_recipe){.subject = "CN=d.else", .same_key = one});
    const struct made_cert *const all[] = {one, two, box, box_two, ours, foreign};
    for (size_t i = 0; i < 6; i++) {
        char *address = xasprintf("127.60.11.%zu", i + 1);
        fixture_serve(db, &(struct fixture_served){.address = address, .chain = {all[i], i == 5 ? NULL : ca}});
        free(address);
    }
    policy(db, "{\"own_cas\": [{\"issuer\": [\"O=Agency\"]}], \"own_suffixes\": [\"example\"]}");
    run(db, NULL);
    record_of(db, "a.example", "name_set, sha256, serial_number, issuer, issuer_folded, spki_sha256, common_name",
              "f.name_set, c.sha256, f.serial_number, f.issuer, f.issuer_folded, f.spki_sha256, f.common_name");
    record_of(db, "box-1", "name_set, sha256, serial_number, issuer, issuer_folded, spki_sha256",
              "'{}', c.sha256, f.serial_number, f.issuer, f.issuer_folded, f.spki_sha256");
    run(db, "2026-02-01");
    expect(db, "SELECT f.common_name, j.rule, j.severity, j.evidence ->> 'reason' FROM judged j JOIN certificate_facts f USING (certificate) "
               "WHERE rule IN ('R12', 'R13') ORDER BY 1, 2",
           "b.example|R12|critical|one key of its issuer has signed both\nc.example|R13|medium|\nd.else|R13|critical|\n");
    /* An account that tells the issuer and the number alone fits both: it is as much the CA's fault. */
    fixture_sql(db, "UPDATE managed_record SET sha256 = NULL, spki_sha256 = NULL, name_set = '{}', common_name = NULL");
    run(db, "2026-02-02");
    expect(db, "SELECT f.common_name, j.severity, j.evidence ->> 'reason' FROM judged j JOIN certificate_facts f USING (certificate) WHERE rule = 'R12' ORDER BY 1",
           "a.example|critical|one key of its issuer has signed both\nb.example|critical|one key of its issuer has signed both\n");
    expect(db, "SELECT DISTINCT j.deployment, j.reason FROM record_judged j JOIN managed_record r ON r.id = j.record WHERE length(r.serial_number) > 4",
           "not judged|which certificate?\n");
    for (size_t i = 0; i < 6; i++)
        cert_make_free((struct made_cert *)all[i]);
    cert_make_free(ca);
}

static void each_time_value_by_replay(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *year = cert_make(&(struct cert_recipe){.subject = "CN=year", .issuer = ca, .not_before = "20260101000000Z",
                                                             .not_after = "20261231235959Z"});
    struct made_cert *weeks = cert_make(&(struct cert_recipe){.subject = "CN=weeks", .issuer = ca, .not_before = "20260101000000Z",
                                                              .not_after = "20260216235959Z"});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.5.1", .from = "2025-12-01", .chain = {year, ca}});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.5.2", .from = "2025-12-01", .chain = {weeks, ca}});
    static const struct { const char *as_of, *rows; } cases[] = {
        {"2025-12-31", "weeks|not yet\nyear|not yet\n"},
        {"2026-01-05", "weeks|ok\nyear|ok\n"},
        {"2026-02-02", "weeks|renewal due\nyear|ok\n"},
        {"2026-02-10", "weeks|expiring\nyear|ok\n"},
        {"2026-02-16 23:59:59", "weeks|expiring\nyear|ok\n"},
        {"2026-02-17", "weeks|expired\nyear|ok\n"},
        {"2026-10-15", "weeks|expired\nyear|renewal due\n"},
        {"2026-12-10", "weeks|expired\nyear|expiring\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(cluster->db, cases[i].as_of);
        expect(cluster->db, times, cases[i].rows);
    }
    fixture_sql(cluster->db, "DISCARD TEMP");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM verdict"), 0);         /* replays change no verdict */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM reconcile_run WHERE is_replay"), 8);
    cert_make_free(year);
    cert_make_free(weeks);
    cert_make_free(ca);
}

/* Between a run and the earliest next_change_at nothing changes; at that moment something does. */
static void next_change_at_is_kept(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca, .not_after = "20261231235959Z"});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.5.3", .from = "2025-12-01", .chain = {made, ca}});
    static const char state_of[] = "SELECT axis, rule, value, severity, evidence ->> 'step_days' FROM judged ORDER BY 1, 2";
    char next[64] = "2025-12-31 00:00:00", *before = xstrdup("");
    for (int changes = 0;; changes++) {
        run(cluster->db, next);
        char *now = test_rows(cluster->db, state_of);
        free(before);
        before = now;
        char *due = test_rows(cluster->db, "SELECT min(next_change_at) AT TIME ZONE 'UTC', "
                                           "(min(next_change_at) - interval '1 millisecond') AT TIME ZONE 'UTC' FROM judged");
        if (due[0] == '|') {
            assert_true(changes >= 5);
            free(due);
            break;
        }
        *strchr(due, '\n') = '\0';
        char *just_before = strchr(due, '|');
        *just_before++ = '\0';
        run(cluster->db, just_before);
        now = test_rows(cluster->db, state_of);
        assert_string_equal(now, before);
        free(now);
        snprintf(next, sizeof next, "%s", due);
        free(due);
    }
    assert_non_null(strstr(before, "C05"));
    free(before);
    cert_make_free(made);
    cert_make_free(ca);
}

static void each_deployment_value(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *old = cert_make(&(struct cert_recipe){.subject = "CN=b-old", .sans = "DNS:b", .issuer = ca});
    struct made_cert *new = cert_make(&(struct cert_recipe){.subject = "CN=b-new", .sans = "DNS:b", .issuer = ca,
                                                            .not_before = "20260120000000Z"});
    static const char *const subjects[] = {"CN=a-right", "CN=c-elsewhere", "CN=d-unknown", "CN=e-no-place", "CN=f-not-seen",
                                           "CN=g-silent", "CN=h-never-asked", "CN=i-nowhere"};
    struct made_cert *leaves[8];
    for (size_t i = 0; i < 8; i++)
        leaves[i] = cert_make(&(struct cert_recipe){.subject = subjects[i], .issuer = ca});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.6.1", .chain = {leaves[0], ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.6.2", .chain = {old, ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.6.3", .chain = {leaves[1], ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.6.4", .chain = {leaves[2], ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.6.5", .chain = {leaves[3], ca}});
    struct made_cert *const managed[] = {leaves[0], old, leaves[1], leaves[3], leaves[4], leaves[5], leaves[6], leaves[7], new};
    static const char *const locations[] = {"127.60.6.1", "127.60.6.2", "127.60.6.9", NULL, "127.60.6.4", "127.60.6.66",
                                            "127.60.6.77", NULL, "127.60.6.2"};
    for (size_t i = 0; i < 9; i++) {
        int64_t id = fixture_made(db, managed[i]);
        struct cert *cert = cert_parse(managed[i]->der, managed[i]->len);
        char *values = xasprintf("ARRAY['%s'], (SELECT sha256 FROM certificate WHERE id = %lld), to_timestamp(%lld)",
                                 cert->names[0].text, (long long)id, (long long)cert->not_before);
        record_add(db, "name_set, sha256, not_before", values);
        free(values);
        cert_destroy(cert);
        if (locations[i] != NULL) {
            char *sql = xasprintf("INSERT INTO managed_location (record, address, port) SELECT max(id), '%s', 443 FROM managed_record", locations[i]);
            fixture_sql(db, sql);
            free(sql);
        }
    }
    fixture_sql(db, "INSERT INTO endpoint_state (endpoint, last_outcome) SELECT id, 1 FROM endpoint ON CONFLICT (endpoint) DO NOTHING");
    fixture_sql(db, "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
                    "SELECT gen_random_uuid(), id, 1, now(), '', '', '', 1, 1 FROM site; "
                    "INSERT INTO quiet VALUES ((SELECT min(id) FROM scan), '127.60.6.0/24', 443, 6, 12, '2026-01-20', '2026-01-20', "
                    "set_bit(0::bit(256), 66, 1))");
    run(db, "2026-02-01");
    expect(db, deployments,
        "a-right|127.60.6.1|as recorded\nb-new|127.60.6.2|recorded but not seen\nb-old|127.60.6.2|superseded but served\n"
        "c-elsewhere|127.60.6.3|other known\nc-elsewhere||not judged\nd-unknown|127.60.6.4|unknown here\n"
        "e-no-place|127.60.6.5|not located\nf-not-seen|127.60.6.4|recorded but not seen\ng-silent||unreachable\n"
        "h-never-asked||not judged\ni-nowhere||not located\n");
    expect(db, "SELECT DISTINCT evidence ->> 'next_command' FROM judged WHERE axis = 'deployment' AND value = 'not judged' ORDER BY 1",
           "certsweep scan 127.60.6.77:443\ncertsweep scan 127.60.6.9:443\n");
    assert_int_equal(reconcile_count(&account, "policy", "R03"), 1);
    for (size_t i = 0; i < 8; i++)
        cert_make_free(leaves[i]);
    cert_make_free(old);
    cert_make_free(new);
    cert_make_free(ca);
}

/* Superseded: by what took its place elsewhere, or by an order; never by a twin with another kind of key, a node's own certificate or a
 * later one that was never seen. */
static void what_supersedes_and_what_does_not(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=CA", .is_ca = 1, .key = "RSA:1024"});
    struct {
        const char *name, *key, *not_before, *address, *from, *closed;
    } const shown[] = {
        {"a-taken", NULL, "20260101000000Z", "127.60.12.1", "2026-01-05", "2026-01-20"}, {"a-taken", NULL, "20260118000000Z", "127.60.12.1", "2026-01-20", NULL},
        {"a-taken", NULL, "20260101000000Z", "127.60.12.2", "2026-01-05", NULL},        /* the other node still has the first */
        {"b-twin", "RSA:2048", "20260101000000Z", "127.60.12.3", "2026-01-05", "2026-01-20"}, {"b-twin", NULL, "20260118000000Z", "127.60.12.3", "2026-01-20", NULL},
        {"b-twin", "RSA:2048", "20260101000000Z", "127.60.12.4", "2026-01-05", NULL},
        {"c-node", NULL, "20260101000000Z", "127.60.12.5", "2026-01-05", NULL}, {"c-node", NULL, "20260118000000Z", "127.60.12.6", "2026-01-20", NULL},
        {"d-order", NULL, "20260101000000Z", "127.60.12.7", "2026-01-05", NULL},
        {"e-later", NULL, "20260101000000Z", "127.60.12.8", "2026-01-05", NULL},
        {"f-link", NULL, "20260101000000Z", "127.60.12.9", "2026-01-05", NULL},
    };
    enum { COUNT = sizeof shown / sizeof *shown };
    struct made_cert *made[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char *subject = xasprintf("CN=%s", shown[i].name);
        size_t same = i;                /* the same certificate at two places */
        for (size_t before = 0; before < i && same == i; before++)
            if (strcmp(shown[before].name, shown[i].name) == 0 && strcmp(shown[before].not_before, shown[i].not_before) == 0)
                same = before;
        made[i] = same < i ? made[same] : cert_make(&(struct cert_recipe){.subject = subject, .issuer = ca, .key = shown[i].key,
            .not_before = shown[i].not_before, .not_after = "20260620000000Z"});
        fixture_serve(db, &(struct fixture_served){.address = shown[i].address, .from = shown[i].from, .closed = shown[i].closed, .chain = {made[i], ca}});
        free(subject);
    }
    run(db, NULL);
    record_of(db, "d-order", "name_set, sha256, order_number, not_before", "f.name_set, c.sha256, '7', f.not_before");
    record_of(db, "d-order", "name_set, serial_number, order_number, replaces, not_before", "f.name_set, 'beef', '8', '7', '2026-01-25'");
    record_of(db, "e-later", "name_set, sha256, order_number, not_before", "f.name_set, c.sha256, '9', f.not_before");
    record_of(db, "e-later", "name_set, serial_number, order_number, not_before, delivered_at", "f.name_set, 'cafe', '10', '2026-01-25', '2026-01-26'");
    record_of(db, "f-link", "name_set, sha256, replaced_by, not_before", "f.name_set, c.sha256, 'f00d', f.not_before");
    record_of(db, "f-link", "name_set, serial_number, not_before", "'{f-new}', 'f00d', '2026-01-25'");
    run_on(db, "2026-02-01");
    expect(db, "SELECT f.common_name, host(e.address), j.deployment FROM endpoint_judged j JOIN certificate_facts f USING (certificate) JOIN endpoint e ON e.id = j.endpoint "
               "WHERE j.deployment = 'superseded but served' ORDER BY 1, 2",
           "a-taken|127.60.12.2|superseded but served\nd-order|127.60.12.7|superseded but served\nf-link|127.60.12.9|superseded but served\n");
    expect(db, "SELECT n.name, f.evidence ? 'newer', f.evidence ? 'newer_record' FROM finding f JOIN certificate_now n USING (certificate) WHERE f.rule = 'R03' ORDER BY 1",
           "a-taken|t|f\nd-order|f|t\nf-link|f|t\n");
    expect(db, "SELECT n.name, s.action FROM next_step s JOIN certificate_now n USING (certificate) WHERE s.action = 'install' ORDER BY 1",
           "a-taken|install\nd-order|install\nf-link|install\n");
    expect(db, "SELECT name FROM certificate_now WHERE candidate_record IS NOT NULL ORDER BY 1", "d-order\ne-later\n");
    expect(db, "SELECT r.order_number, j.deployment FROM record_judged j JOIN managed_record r ON r.id = j.record ORDER BY 1", "10|never served\n8|not located\n|not located\n");
    expect(db, "SELECT (SELECT sum(count) FROM now_count WHERE site = 0 AND subject = 'severity') = (SELECT count(*) FROM finding)", "t\n");
    expect(db, "SELECT count(*) > 0 FROM finding f JOIN certificate_now n USING (certificate) WHERE NOT n.is_leaf", "t\n");       /* of a CA */
    run_on(db, "2026-06-01");           /* the renewal of e is due, and exists already */
    expect(db, "SELECT s.action, s.next_step FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'e-later'",
           "install|Install the renewed one (order 10, since 2026-01-25) at 1 place; this one ends 2026-06-20\n");
    for (size_t i = 0; i < COUNT; i++) {
        bool is_first = true;
        for (size_t before = 0; before < i; before++)
            is_first = is_first && made[before] != made[i];
        if (is_first)
            cert_make_free(made[i]);
    }
    cert_make_free(ca);
}

/* What is served nowhere any more, and was renewed, asks for nothing: its place shows another of the same names, of whatever issuer and key; or its record
 * was replaced. */
static void what_was_replaced_asks_for_nothing(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *other_ca = cert_make(&(struct cert_recipe){.subject = "O=Else,CN=CA", .is_ca = 1});
    static const char *const names[] = {"a-place", "b-order", "c-later", "d-ends-first", "e-elsewhere", "f-alone"};
    enum { COUNT = sizeof names / sizeof *names };
    struct made_cert *old[COUNT], *new[COUNT] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        char *subject = xasprintf("CN=%s", names[i]), *address = xasprintf("127.60.14.%zu", i);
        old[i] = cert_make(&(struct cert_recipe){.subject = subject, .issuer = ca, .key = "RSA:2048",
                                                   .not_before = "20250801000000Z", .not_after = "20260205000000Z"});
        fixture_made(db, old[i]);
        if (i == 0 || i == 4) {
            new[i] = cert_make(&(struct cert_recipe){.subject = subject, .issuer = other_ca, .not_before = "20260110000000Z", .not_after = "20270110000000Z"});
            fixture_serve(db, &(struct fixture_served){.address = address, .from = "2026-01-05", .closed = "2026-01-20", .chain = {old[i], ca}});
            fixture_serve(db, &(struct fixture_served){.address = address, .from = "2026-01-20", .chain = {new[i], other_ca}});
        }
        free(subject);
        free(address);
    }
    fixture_serve(db, &(struct fixture_served){.address = "127.60.14.99", .from = "2026-01-05", .chain = {old[4], ca}});
    run(db, NULL);
    for (size_t i = 0; i < COUNT; i++) {
        char *values = xasprintf("f.name_set, c.sha256, 'old%zu', f.not_before, f.not_after", i);
        record_of(db, names[i], "name_set, sha256, order_number, not_before, not_after", values);
        free(values);
    }
    record_add(db, "name_set, serial_number, order_number, replaces, not_before", "'{b-order}', 'beef', 'new1', 'old1', '2026-01-11'");
    record_add(db, "name_set, serial_number, order_number, not_before, not_after", "'{c-later}', 'cafe', 'new2', '2026-01-12', '2027-01-12'");
    record_add(db, "name_set, serial_number, order_number, not_before, not_after", "'{d-ends-first}', 'f00d', 'new3', '2026-01-13', '2026-02-04'");
    run_on(db, "2026-02-01");
    static const char steps[] = "SELECT n.name, s.action, s.act_by IS NULL, CASE WHEN n.replaced_by IS NULL THEN s.what ELSE regexp_replace(s.what, '[0-9a-f]{12}', 'X') END "
        "FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.not_after < '2026-03-01' "
        "AND is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) ORDER BY 1";
    expect(db, steps, "a-place|none|t|None: replaced by X since 2026-01-20, and served nowhere\n"
                      "b-order|none|t|None: replaced by order new1 since 2026-01-11, and served nowhere\n"
                      "c-later|none|t|None: replaced by order new2 since 2026-01-12, and served nowhere\n");
    /* One whose key others may have is valid still. */
    fixture_sql(db, "INSERT INTO key_weakness (spki_sha256, weakness, evidence) SELECT spki_sha256, 'known_key', '{}' FROM certificate_own JOIN certificate_now USING (certificate) "
                    "WHERE name = 'a-place' AND place_count = 0");
    run_on(db, "2026-02-01");
    expect(db, "SELECT name FROM certificate_now WHERE replaced_at IS NOT NULL ORDER BY 1", "b-order\nc-later\n");
    fixture_sql(db, "DELETE FROM key_weakness");
    for (size_t i = 0; i < COUNT; i++) {
        cert_make_free(old[i]);
        if (new[i] != NULL)
            cert_make_free(new[i]);
    }
    cert_make_free(ca);
    cert_make_free(other_ca);
}

/* A record whose certificate nobody has seen, with its place; '' none. */
static void record_at(struct db *db, const char *address, const char *columns, const char *values)
{
    record_add(db, columns, values);
    char *sql = xasprintf("INSERT INTO managed_location (record, address, port) SELECT max(id), '%s', 443 FROM managed_record", address);
    if (address[0] != '\0')
        fixture_sql(db, sql);
    free(sql);
}

/* Whatever its place says: by its account's word it was replaced, also where that names the other one by its order or serial number, and where its place is
 * silent. A later record of its names is no such word where the place shows another certificate, nor is an order that was not issued yet. */
static void a_replaced_record_is_replaced_wherever_it_was(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=other", .issuer = ca});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.15.1", .from = "2026-01-05", .chain = {other, ca}});
    fixture_sql(db, "INSERT INTO endpoint_state (endpoint, last_outcome) SELECT id, 1 FROM endpoint ON CONFLICT (endpoint) DO NOTHING");
    fixture_sql(db, "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
                    "SELECT gen_random_uuid(), id, 1, '2026-01-20', '', '', '', 1, 1 FROM site; "
                    "INSERT INTO quiet VALUES ((SELECT min(id) FROM scan), '127.60.15.0/24', 443, 6, 12, '2026-01-20', '2026-01-20', "
                    "set_bit(0::bit(256), 9, 1))");
    static const char columns[] = "common_name, name_set, serial_number, order_number, status, replaces, replaced_by, not_before, not_after";
    static const char *const bought[][2] = {
        {"127.60.15.1", "'a-told', '{a-told}', 'a1', NULL, 'replaced', NULL, NULL, '2025-06-01', '2026-02-20'"},
        {"127.60.15.1", "'b-names', '{b-names}', 'b1', NULL, NULL, NULL, NULL, '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{b-names}', 'b2', NULL, NULL, NULL, NULL, '2026-01-10', '2027-01-10'"},
        {"127.60.15.1", "'c-order', '{c-order}', 'c1', 'old3', 'issued', NULL, NULL, '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{c-else}', 'c2', 'new3', NULL, 'old3', NULL, '2026-01-10', '2027-01-10'"},
        {"127.60.15.1", "'d-serial', '{d-serial}', 'd1', NULL, 'issued', NULL, NULL, '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{d-else}', 'd2', 'new4', NULL, 'd1', NULL, '2026-01-10', '2027-01-10'"},
        {"127.60.15.9", "'e-silent', '{e-silent}', 'e1', NULL, NULL, NULL, NULL, '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{e-silent}', 'e2', NULL, NULL, NULL, NULL, '2026-01-10', '2027-01-10'"},
        {"127.60.15.9", "'f-ordered', '{f-ordered}', 'f1', NULL, 'issued', NULL, 'new6', '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{f-else}', NULL, 'new6', 'requested', NULL, NULL, NULL, NULL"},
        {"127.60.15.9", "'g-by', '{g-by}', 'ab1', NULL, 'issued', NULL, 'new7', '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{g-else}', NULL, 'new7', NULL, NULL, NULL, '2026-01-10', '2027-01-10'"},
        {"", "'h-by-serial', '{h-by-serial}', 'ab2', NULL, 'issued', NULL, 'ab3', '2025-06-01', '2026-02-20'"},
        {"", "NULL, '{h-else}', 'ab3', NULL, NULL, NULL, NULL, '2026-01-10', '2027-01-10'"},
    };
    for (size_t i = 0; i < sizeof bought / sizeof bought[0]; i++)
        record_at(db, bought[i][0], columns, bought[i][1]);
    run_on(db, "2026-02-01");
    expect(db, "SELECT r.common_name, j.deployment, w.order_number, j.outcome IS NULL FROM record_judged j JOIN managed_record r ON r.id = j.record "
               "LEFT JOIN managed_record w ON w.id = j.newer_record WHERE r.common_name IS NOT NULL ORDER BY 1",
           "a-told|replaced||t\nb-names|recorded but not seen||f\nc-order|replaced|new3|t\nd-serial|replaced|new4|t\ne-silent|replaced||t\n"
           "f-ordered|unreachable||f\ng-by|replaced|new7|t\nh-by-serial|replaced||t\n");
    expect(db, "SELECT name FROM unseen_record WHERE name LIKE '_-%' AND name NOT LIKE '%-else' ORDER BY 1", "b-names\ne-silent\nf-ordered\n");
    expect(db, "SELECT evidence->>'expected' FROM finding WHERE rule = 'R05'", "[\"b-names\"]\n");
    fixture_sql(db, "UPDATE managed_record SET not_after = '2026-01-30' WHERE common_name IS NOT NULL");
    expect(db, "SELECT common_name FROM records_unseen() WHERE not_after < '2026-02-01' ORDER BY 1", "f-ordered\n");
    cert_make_free(other);
    cert_make_free(ca);
}

/* A person has linked a certificate with another name to the record: where it is served, the record is where it should be, unless its place shows another. */
static void a_linked_record_is_where_its_certificate_is(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *linked = cert_make(&(struct cert_recipe){.subject = "CN=linked", .issuer = ca});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=other", .issuer = ca});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.16.1", .from = "2026-01-05", .chain = {linked, ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.16.2", .from = "2026-01-05", .chain = {other, ca}});
    fixture_sql(db, "INSERT INTO endpoint_state (endpoint, last_outcome) SELECT id, 1 FROM endpoint ON CONFLICT (endpoint) DO NOTHING");
    record_add(db, "common_name, name_set, not_before, not_after", "'bought', '{bought}', '2025-06-01', '2026-06-01'");
    run_on(db, "2026-02-01");
    static const char judged[] = "SELECT r.common_name, j.deployment FROM record_judged j JOIN managed_record r ON r.id = j.record";
    expect(db, judged, "bought|not located\n");
    decide(db, "link", "linked", NULL);
    run_on(db, "2026-02-01");
    expect(db, judged, "");
    expect(db, "SELECT name, record, record_step FROM certificate_now WHERE name = 'linked'", "linked|managed|R-linked\n");
    fixture_sql(db, "INSERT INTO managed_location (record, address, port) SELECT id, '127.60.16.9', 443 FROM managed_record");
    run_on(db, "2026-02-02");
    expect(db, judged, "");                                     /* nobody has asked there */
    fixture_sql(db, "UPDATE managed_location SET address = '127.60.16.2'");
    run_on(db, "2026-02-03");
    expect(db, judged, "bought|recorded but not seen\n");
    fixture_sql(db, "DELETE FROM managed_location; UPDATE decision SET undone_at = '2026-02-03'");
    run_on(db, "2026-02-04");
    expect(db, judged, "bought|not located\n");
    cert_make_free(other);
    cert_make_free(linked);
    cert_make_free(ca);
}

/* R04, R05, R11: what records promise of places and what is there. */
static void what_is_served_against_what_was_bought(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    policy(db, "{\"test_window_days\": 25}");
    static const char *const names[] = {"a-one", "b-two", "c-unused", "d-fresh", "e-wanted", "f-renewed", "g-listed", "f-renewed"};
    enum { COUNT = sizeof names / sizeof *names };
    struct made_cert *made[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char *subject = xasprintf("CN=%s", names[i]);
        made[i] = cert_make(&(struct cert_recipe){.subject = subject, .not_before = i == 7 ? "20260110000000Z" : "20260102000000Z", .not_after = "20261231000000Z"});
        fixture_made(db, made[i]);
        free(subject);
    }
    const struct { size_t cert; const char *address, *name; } shown[] = {
        {0, "127.60.13.1", NULL}, {0, "127.60.13.2", NULL}, {1, "127.60.13.3", NULL}, {7, "127.60.13.4", NULL}, {6, "127.60.13.5", "a.example"}, {6, "127.60.13.5", "b.example"}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        fixture_serve(db, &(struct fixture_served){.address = shown[i].address, .server_name = shown[i].name, .chain = {made[shown[i].cert]}});
    run(db, NULL);                      /* facts, from which the records below are made */
    static const struct { const char *name, *columns, *values, *place; } promised[] = {
        {"a-one", "servers", "'1'", NULL}, {"b-two", "servers", "'2'", NULL}, {"c-unused", "delivered_at", "'2026-01-03'", NULL},
        {"d-fresh", "delivered_at", "'2026-01-20'", NULL}, {"e-wanted", "servers", "NULL", "127.60.13.3"},
        {"g-listed", "servers", "'https://a.example:8443/shop, c.example'", NULL}};
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++) {
        char *columns = xasprintf("name_set, sha256, not_before, not_after, common_name, %s", promised[i].columns);
        char *values = xasprintf("f.name_set, c.sha256, f.not_before, f.not_after, f.common_name, %s", promised[i].values);
        record_of(db, promised[i].name, columns, values);
        if (promised[i].place != NULL) {
            char *sql = xasprintf("INSERT INTO managed_location (record, address, port) SELECT max(id), '%s', 443 FROM managed_record", promised[i].place);
            fixture_sql(db, sql);
            free(sql);
        }
        free(columns);
        free(values);
    }
    /* The one before the renewal that is served at 127.60.13.4. */
    record_add(db, "name_set, sha256, not_before, not_after", "ARRAY['f-renewed'], (SELECT sha256 FROM certificate ORDER BY id LIMIT 1 OFFSET 5), '2026-01-02', '2026-12-31'");
    fixture_sql(db, "INSERT INTO managed_location (record, address, port) SELECT max(id), '127.60.13.4', 443 FROM managed_record");
    /* A record that tells neither names nor the first day is about a certificate that has them. */
    record_add(db, "name_set, sha256", "'{}', (SELECT sha256 FROM certificate ORDER BY id LIMIT 1 OFFSET 5)");
    fixture_sql(db, "INSERT INTO managed_location (record, address, port) SELECT max(id), '127.60.13.4', 443 FROM managed_record");
    run_on(db, "2026-02-01");
    expect(db, "SELECT f.rule, coalesce(n.name, host(e.address)), f.evidence ->> 'hosts', f.evidence ->> 'others', f.evidence ->> 'expected' FROM finding f "
               "LEFT JOIN certificate_now n USING (certificate) LEFT JOIN endpoint e ON e.id = f.endpoint WHERE f.rule IN ('R04', 'R05', 'R11') ORDER BY 1, 2",
           "R04|c-unused|||\nR04|e-wanted|||\nR04|f-renewed|||\nR05|127.60.13.3|||[\"e-wanted\"]\nR11|a-one|2||\nR11|g-listed||[\"b.example\"]|\n");
    expect(db, "SELECT j.deployment, r.common_name FROM record_judged j JOIN managed_record r ON r.id = j.record ORDER BY 1, 2",
           "never served|c-unused\nnever served|d-fresh\nrecorded but not seen|e-wanted\n");
    run_on(db, "2026-02-14");           /* twenty-five days after the delivery of d: time alone does it */
    expect(db, "SELECT n.name FROM finding f JOIN certificate_now n USING (certificate) WHERE f.rule = 'R04' ORDER BY 1", "c-unused\nd-fresh\ne-wanted\nf-renewed\n");
    fixture_sql(db, "INSERT INTO served_before SELECT certificate, '2026-01-15' FROM certificate_now WHERE name = 'c-unused'");    /* as `db prune` does */
    run_on(db, "2026-02-15");
    expect(db, "SELECT n.name FROM finding f JOIN certificate_now n USING (certificate) WHERE f.rule = 'R04' ORDER BY 1", "d-fresh\ne-wanted\nf-renewed\n");
    expect(db, "SELECT r.common_name FROM record_judged j JOIN managed_record r ON r.id = j.record WHERE j.deployment = 'never served'", "d-fresh\n");
    for (size_t i = 0; i < COUNT; i++)
        cert_make_free(made[i]);
}

/* One address at two sites: a record of one site says nothing of the other; a record that names no site cannot say that its
 * certificate is missing. */
static void a_record_is_judged_at_its_site(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *one = cert_make(&(struct cert_recipe){.subject = "CN=one"});
    struct made_cert *two = cert_make(&(struct cert_recipe){.subject = "CN=two"});
    struct made_cert *three = cert_make(&(struct cert_recipe){.subject = "CN=three"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.6.1", .chain = {one}});
    fixture_serve(db, &(struct fixture_served){.site = "branch", .address = "127.60.6.1", .chain = {two}});
    fixture_sql(db, "INSERT INTO endpoint_state (endpoint, last_outcome) SELECT id, 1 FROM endpoint ON CONFLICT (endpoint) DO NOTHING");
    const struct made_cert *const managed[] = {one, two, three};
    static const char *const sites[] = {"default", "default", NULL};
    for (size_t i = 0; i < 3; i++) {
        char hash[65], *values;
        fixture_made(db, managed[i]);
        hash_of(managed[i], hash);
        values = xasprintf("'{}', '\\x%s'", hash);
        record_add(db, "name_set, sha256", values);
        free(values);
        values = xasprintf("INSERT INTO managed_location (record, site, address) SELECT max(id), (SELECT id FROM site WHERE name = '%s'), "
                           "'127.60.6.1' FROM managed_record", sites[i] == NULL ? "" : sites[i]);
        fixture_sql(db, values);
        free(values);
    }
    run(db, "2026-02-01");
    expect(db, "SELECT f.common_name, s.name, j.value, j.evidence ->> 'reason' FROM judged j JOIN certificate_facts f USING (certificate) "
               "LEFT JOIN endpoint e ON e.id = j.endpoint LEFT JOIN site s ON s.id = e.site WHERE axis = 'deployment' ORDER BY 1, 2",
           "one|default|as recorded|\nthree||not judged|which site?\ntwo|branch|other known|\ntwo|default|recorded but not seen|\n");
    cert_make_free(one);
    cert_make_free(two);
    cert_make_free(three);
}

static void a_verdict_lasts_until_it_differs(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.key = "RSA:1024"});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.7.1", .chain = {made}});
    run(cluster->db, NULL);
    expect(cluster->db, "SELECT rule, severity FROM report_policy_hit WHERE rule = 'K02'", "K02|high\n");
    int64_t count = test_number(cluster->db, "SELECT count(*) FROM verdict");
    run(cluster->db, NULL);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM verdict"), count);
    source(cluster->db);
    run(cluster->db, NULL);
    expect(cluster->db, "SELECT value, until IS NULL FROM verdict WHERE axis = 'record' ORDER BY until",
           "not judged|f\nunmanaged|t\n");
    expect(cluster->db, "SELECT count(*) FROM verdict WHERE until < since", "0\n");
    cert_make_free(made);
}

/* As of another day a finding has begun when it was found, if that was before; and on that day, if it is new by then. */
static void a_finding_of_another_day_began_when_it_was_found(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char began[] = "SELECT rule, since::date FROM finding WHERE rule IN ('K02', 'C06') ORDER BY 1";
    struct made_cert *made = cert_make(&(struct cert_recipe){.key = "RSA:1024", .not_before = "20260101000000Z", .not_after = "20270101000000Z"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.7.1", .from = "2026-01-02", .chain = {made}});
    run_on(db, "2026-01-10");
    run_on(db, "2026-01-20");
    expect(db, began, "K02|2026-01-10\n");
    run(db, "2026-12-10");
    expect(db, began, "C06|2026-12-10\nK02|2026-01-10\n");
    expect(db, "SELECT act_by FROM finding f, due_setting s, finding_due(false, NULL, f.rule, '', '', f.severity_rank, f.since, NULL, NULL, false, NULL, s.act_days, s.zone) "
               "WHERE rule = 'K02'", "2026-02-09\n");
    run(db, "2026-01-15");
    expect(db, began, "K02|2026-01-10\n");
    run(db, "2026-01-05");
    expect(db, began, "K02|2026-01-05\n");
    fixture_sql(db, "DISCARD TEMP; UPDATE serving SET closed_at = '2026-01-25'");
    run_on(db, "2026-01-30");
    expect(db, began, "");
    run(db, "2026-01-22");
    expect(db, began, "K02|2026-01-10\n");
    cert_make_free(made);
}

/* Reports read views: after a replay those of this session are of that day, and the present is as before. */
static void views_tell_the_day_of_a_replay(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    source(db);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1});
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example", .issuer = ca, .not_after = "20260401000000Z"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.1", .from = "2026-01-15", .closed = "2026-03-20", .chain = {made, ca}});
    run_on(db, "2026-02-01");
    record_of(db, "a.example", "name_set, sha256, order_number", "'{}', c.sha256, '4711'");
    run_on(db, "2026-03-25");
    char *present = test_rows(db, "SELECT action, next_step, act_by FROM next_step");
    run(db, "2026-03-10");
    expect(db, "SELECT as_of::date FROM report_as_of", "2026-03-10\n");
    /* H01 has 30 days */
    expect(db, "SELECT action, axes_what, act_by::date FROM next_step",
           "renew|Request the renewal by 2026-03-17 (order 4711); it ends 2026-04-01|2026-03-03\n");
    expect(db, "SELECT time, place_count, record FROM report_certificate", "renewal due|1|managed\n");
    run(db, "2026-03-22");
    expect(db, "SELECT n.place_count, s.action FROM certificate_now n JOIN next_step s USING (certificate)", "0|unseen\n");
    run(db, "2025-12-01");
    expect(db, "SELECT count(*) FROM report_certificate", "0\n");
    fixture_sql(db, "DISCARD TEMP");
    expect(db, "SELECT action, next_step, act_by FROM next_step", present);
    free(present);
    cert_make_free(made);
    cert_make_free(ca);
}

/* As of an earlier day, what answered after it had not yet: a span of confirmations that holds the day had answered at it. */
static void last_seen_tells_the_day_of_a_replay(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .from = "2026-01-15", .to = "2026-01-20", .chain = {made}});
    fixture_sql(db, "INSERT INTO confirmation (block, variant, scan, first_at, last_at, bits) "
                    "SELECT e.id >> 12, 1, v.scan, v.first_at, v.last_at, set_bit(repeat('0', 4096)::bit(4096), (e.id & 4095)::integer, 1) FROM endpoint e, "
                    "(VALUES (1, '2026-02-01'::timestamptz, '2026-02-02'::timestamptz), (2, '2026-03-01', '2026-03-03')) v (scan, first_at, last_at); "
                    "INSERT INTO endpoint_block SELECT DISTINCT id >> 12, 2, '2026-03-03'::timestamptz, '2026-02-02'::timestamptz FROM endpoint");
    static const char seen[] = "SELECT e.last_seen AT TIME ZONE 'UTC', c.last_seen AT TIME ZONE 'UTC' FROM endpoints_last_seen(%s) e, "
                               "certificates_last_seen(ARRAY(SELECT id FROM certificate)) c";
    static const struct { const char *day, *rows; } cases[] = {
        {"2026-01-25", "2026-01-20 00:00:00|2026-01-20 00:00:00\n"},
        {"2026-02-10", "2026-02-02 00:00:00|2026-02-02 00:00:00\n"},
        {"2026-03-02", "2026-03-02 00:00:00|2026-03-02 00:00:00\n"},
        {NULL, "2026-03-03 00:00:00|2026-03-03 00:00:00\n"},
    };
    run_on(db, "2026-03-25");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_sql(db, "DISCARD TEMP");
        if (cases[i].day != NULL)
            run(db, cases[i].day);
        for (int whole = 0; whole < 2; whole++) {
            char *sql = xasprintf(seen, whole ? "NULL" : "ARRAY(SELECT id FROM endpoint)");
            expect(db, sql, cases[i].rows);
            free(sql);
        }
    }
    cert_make_free(made);
}

/* A certificate at two places, of which the one that was scanned last did not answer then: when it answered before counts, where that is later
 * than what the other place says. */
static void last_seen_is_that_of_the_place_seen_last(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .from = "2026-01-15", .to = "2026-01-20", .chain = {made}});
    fixture_sql(db, "SELECT setval('place_id', 5000)");        /* of another block */
    fixture_serve(db, &(struct fixture_served){.address = "127.60.11.2", .from = "2026-01-15", .to = "2026-01-20", .chain = {made}});
    fixture_sql(db, "INSERT INTO confirmation (block, variant, scan, first_at, last_at, bits) "
                    "SELECT e.id >> 12, 1, v.scan, v.last_at, v.last_at, set_bit(repeat('0', 4096)::bit(4096), (e.id & 4095)::integer, 1) "
                    "FROM endpoint e JOIN (VALUES (0, 2, '2026-03-03'::timestamptz), (1, 3, '2026-03-10')) v (block, scan, last_at) ON v.block = e.id >> 12; "
                    "DELETE FROM endpoint_block; INSERT INTO endpoint_block VALUES (0, 2, '2026-03-03', '2026-02-02'), (1, 4, '2026-03-20', '2026-03-10')");
    run_on(db, "2026-03-25");
    static const char seen[] = "SELECT s.last_seen AT TIME ZONE 'UTC' FROM certificates_last_seen(ARRAY(SELECT id FROM certificate)%s) s WHERE s.last_seen IS NOT NULL";
    for (int whole = 0; whole < 2; whole++) {           /* more than 5,000, and most of all: read otherwise */
        char *sql = xasprintf(seen, whole ? " || ARRAY(SELECT generate_series(-6000, -1)::bigint)" : "");
        expect(db, sql, "2026-03-10 00:00:00\n");
        free(sql);
    }
    cert_make_free(made);
}

static void an_owner_is_found_by_the_first_matching_line(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=www.health.example"});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.8.1", .chain = {made}});
    fixture_serve(db, &(struct fixture_served){.site = "branch", .address = "127.60.8.1", .chain = {made}});
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('owners.csv', 3); INSERT INTO owner_rule (import, line, site, "
        "first_address, last_address, name_suffix, owner, contacts, text) VALUES "
        "(1, 2, 'branch', '127.60.8.0', '127.60.8.255', NULL, 'Branch', '{b@example}', 'branch,127.60.8.0/24'), "
        "(1, 3, NULL, NULL, NULL, 'health.example', 'Health', '{h@example}', ',,health.example'), "
        "(1, 4, NULL, '127.0.0.0', '127.255.255.255', NULL, 'Everyone', '{}', ',127.0.0.0/8')");
    run(db, NULL);
    expect(db, "SELECT site, owner, owner_evidence FROM report_place ORDER BY 1",
           "branch|Branch|owners.csv:2: branch,127.60.8.0/24\ndefault|Health|owners.csv:3: ,,health.example\n");
    expect(db, "SELECT name, owner, place_count, time, severity FROM report_certificate",
           "www.health.example|shared by Branch; Health|2|expired|critical\n");
    cert_make_free(made);
}

/* A program of before schema 0205, connected over the upgrade, adds owners without their names and without what is urgent: the summary told
 * them as nobody's, until everything was judged again. */
static void an_owner_that_an_older_program_counted_gets_its_name_by_the_next_run(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=www.health.example"});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=nobody.example"});
    static const char counts[] = "SELECT owner, certificates, urgent FROM owner_count ORDER BY 1", told[] = "Health|1|1\n|1|1\n";
    fixture_serve(db, &(struct fixture_served){.address = "127.60.8.1", .chain = {made}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.9.1", .chain = {other}});
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('owners.csv', 1); INSERT INTO owner_rule (import, line, name_suffix, owner, contacts, text) "
                    "VALUES (1, 2, 'health.example', 'Health', '{h@example}', ',,health.example')");
    run_on(db, "2036-01-01");
    expect(db, counts, told);
    fixture_sql(db, "UPDATE owner_count SET owner = NULL, urgent = 0 WHERE owner = 'Health'; INSERT INTO dirty SELECT 1, id FROM certificate");
    run_changes_on(db, "2036-01-02");
    expect(db, counts, told);
    cert_make_free(made);
    cert_make_free(other);
}

/* Rows that are deleted leave their space behind, and statistics over partitions are made by nobody else. */
static void the_next_run_reads_no_more_than_it_must(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    policy(db, "{}");
    fixture_sql(db, "INSERT INTO dirty SELECT 1, n FROM generate_series(1000001, 1020000) n; "
                    "INSERT INTO answer_span (endpoint, role, variant, from_at) SELECT n, 1, 1, '2026-01-01' FROM generate_series(1, 5000) n");
    assert_true(test_number(db, "SELECT pg_relation_size('dirty')") > 0);
    run(db, NULL);
    assert_int_equal(test_number(db, "SELECT pg_relation_size('dirty')"), 0);
    assert_true(test_number(db, "SELECT n_distinct * -100 FROM pg_stats WHERE tablename = 'answer_span' AND attname = 'endpoint' AND inherited") > 90);
}

/* A load that goes on builds its own. */
static void what_a_killed_load_left_out_is_there_for_judging(void **state)
{
    struct test_cluster *cluster = *state;
    struct db *db = cluster->db;
    struct error err = {0};
    struct db *loader = db_open(test_cluster_dsn(cluster), &err);
    if (loader == NULL)
        fail_msg("%s", err.text);
    policy(db, "{}");
    fixture_sql(loader, "SELECT pg_advisory_lock(4849283742); SELECT indexes_put_aside('load', '{endpoint_key, answer_span_endpoint}', 'endpoint', 5000)");
    run(db, NULL);
    assert_int_equal(test_number(db, "SELECT count(*) FROM index_aside"), 2);
    db_close(loader);
    for (int i = 0; i < 500 && test_number(db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") > 0; i++)
        usleep(10000);
    run(db, NULL);
    assert_int_equal(test_number(db, "SELECT count(*) FROM index_aside"), 0);
    assert_int_equal(test_number(db, "SELECT count(*) FROM pg_indexes WHERE indexname IN ('endpoint_key', 'answer_span_endpoint')"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_next_run_reads_no_more_than_it_must, empty),
        cmocka_unit_test_setup(what_a_killed_load_left_out_is_there_for_judging, empty),
        cmocka_unit_test_setup(without_source_and_own_ca_nothing_is_judged, empty),
        cmocka_unit_test_setup(a_capture_speaks_for_the_present_for_a_time, empty),
        cmocka_unit_test_setup(what_is_served_no_more_counts_nowhere, empty),
        cmocka_unit_test_setup(each_issuer_value_in_its_order, empty),
        cmocka_unit_test_setup(each_step_of_the_match_ladder, empty),
        cmocka_unit_test_setup(an_impostor_is_neither_own_nor_managed, empty),
        cmocka_unit_test_setup(a_managed_key_or_number_elsewhere, empty),
        cmocka_unit_test_setup(each_time_value_by_replay, empty),
        cmocka_unit_test_setup(next_change_at_is_kept, empty),
        cmocka_unit_test_setup(each_deployment_value, empty),
        cmocka_unit_test_setup(what_supersedes_and_what_does_not, empty),
        cmocka_unit_test_setup(what_was_replaced_asks_for_nothing, empty),
        cmocka_unit_test_setup(a_replaced_record_is_replaced_wherever_it_was, empty),
        cmocka_unit_test_setup(a_linked_record_is_where_its_certificate_is, empty),
        cmocka_unit_test_setup(what_is_served_against_what_was_bought, empty),
        cmocka_unit_test_setup(a_record_is_judged_at_its_site, empty),
        cmocka_unit_test_setup(a_verdict_lasts_until_it_differs, empty),
        cmocka_unit_test_setup(a_finding_of_another_day_began_when_it_was_found, empty),
        cmocka_unit_test_setup(views_tell_the_day_of_a_replay, empty),
        cmocka_unit_test_setup(last_seen_tells_the_day_of_a_replay, empty),
        cmocka_unit_test_setup(last_seen_is_that_of_the_place_seen_last, empty),
        cmocka_unit_test_setup(an_owner_is_found_by_the_first_matching_line, empty),
        cmocka_unit_test_setup(an_owner_that_an_older_program_counted_gets_its_name_by_the_next_run, empty),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
