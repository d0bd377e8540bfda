/* rules/: every rule hits what it should and nothing else, and says in its head what a person needs. */
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/rules/rules.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct made_cert *ca, *public_ca;

static void run(struct db *db, const char *as_of)
{
    struct error err = {0};
    struct reconcile_options options = {0};
    assert_true(clock_parse_us(as_of, &options.as_of_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT count(*) FROM hit h JOIN rule r ON r.id = h.rule WHERE r.is_of_places <> (h.endpoint IS NOT NULL)"), 0);
}

static void every_rule_says_what_a_person_needs(void **state)
{
    (void)state;
    static const char *const keys[] = {"title", "version", "severity", "source", "next step", "applies to"};
    for (const struct rule *rule = rules_all; rule->id != NULL; rule++) {
        for (size_t i = 0; i < 6; i++) {
            char *text = rule_head(rule, keys[i]);
            if (text == NULL || text[0] == '\0')
                fail_msg("%s has no %s", rule->id, keys[i]);
            free(text);
        }
        char *own = xasprintf("'%s'", rule->id);
        assert_non_null(strstr(rule->sql, own));
        free(own);
        if (rule != rules_all)
            assert_true(strcmp(rule[-1].id, rule->id) != 0);
    }
    assert_ptr_equal(rule_find("k02"), rule_find("K02"));
    assert_null(rule_find("Z99"));
}

/* One leaf at one place, judged as of 2026-02-01 unless a case says otherwise. hits: rules it must hit; misses: rules
 * it must not. Rules that no case names on both sides are found by every_rule_has_both_sides. */
struct rule_case {
    const char *name, *hits, *misses;
    struct cert_recipe recipe;
    const char *server_name, *as_of;
    int tls_version, suite;
    bool public, alone;             /* issued by a root of the public store; self-signed */
    const char *policy;             /* settings of a document */
    const char *posture[2];         /* item and value */
    const char *severity;           /* of the first of the hits */
};

#define LONG_NAMES "DNS:a1,DNS:a2,DNS:a3"
/* What the public web asks of servers alone. */
#define WEB_RULES "C03 C09 C10 C11 C12 C13 C17 C18 C19 K17 F03 R04"
static const struct rule_case cases[] = {
    {.name = "sound", .misses = "K01 K02 K05 K06 K08 K09 K10 K11 K12 K13 K14 K15 K16 K18 K19 C01 C02 C04 C05 C06 C07 C08 C09 C12 C13 C14 C15 C16 C23 H03 H09 P01 P02 P03 "
                                "P16 S01 S02 S03 S04 S06 R01 R02 R03 R08"},
    {.name = "sound-public", .public = true, .misses = "C03 C10 C17 K14 R02",
     .recipe = {.extension = {"extendedKeyUsage", "serverAuth"}}},
    {.name = "rsa-512", .hits = "K01", .misses = "K02", .recipe = {.key = "RSA:512"}},
    {.name = "rsa-1024", .hits = "K02", .misses = "K01", .recipe = {.key = "RSA:1024"}},
    {.name = "rsa-2048", .misses = "K01 K02 K05 K06", .recipe = {.key = "RSA:2048"}},
    {.name = "rsa-2048-of-3072", .hits = "K02", .recipe = {.key = "RSA:2048"}, .policy = "\"min_rsa_bits\": 3072"},
    {.name = "rsa-2048-beyond-2030", .hits = "K03", .misses = "K04 K20", .alone = true,
     .recipe = {.key = "RSA:2048", .not_after = "20310601000000Z"}},
    {.name = "rsa-2048-public", .misses = "K04", .recipe = {.key = "RSA:2048"}, .public = true},
    {.name = "rsa-2056-public", .hits = "K04", .misses = "K02", .recipe = {.key = "RSA:2056"}, .public = true},
    {.name = "ed25519-public", .hits = "K17", .recipe = {.key = "ED25519"}, .public = true},
    {.name = "ed25519-private", .misses = "K17", .recipe = {.key = "ED25519"}},
    {.name = "curve-beyond-2031", .hits = "K20", .misses = "K03", .alone = true, .recipe = {.not_after = "20330101000000Z"}},
    {.name = "ec-192", .hits = "K14", .recipe = {.key = "P-192"}},
    {.name = "koblitz-public", .hits = "K14", .recipe = {.key = "secp256k1"}, .public = true},
    {.name = "koblitz-private", .misses = "K14", .recipe = {.key = "secp256k1"}},
    {.name = "md5", .hits = "C01", .misses = "C02", .recipe = {.hash = "MD5"}},
    {.name = "sha1", .hits = "C02", .misses = "C01", .recipe = {.hash = "SHA1"}},
    {.name = "sha1-allowed", .misses = "C02", .recipe = {.hash = "SHA1"}, .policy = "\"forbidden_signature_hashes\": []"},
    {.name = "825-days-counted-the-old-way", .public = true, .misses = "C03",
     .recipe = {.not_before = "20180302154934Z", .not_after = "20200604154934Z"}},
    {.name = "825-days-and-a-second", .public = true, .hits = "C03",
     .recipe = {.not_before = "20180302154934Z", .not_after = "20200604154935Z"}},
    {.name = "200-days-exactly", .public = true, .misses = "C03", .as_of = "2026-06-01",
     .recipe = {.not_before = "20260315000000Z", .not_after = "20260930235959Z"}},
    {.name = "200-days-and-a-second", .public = true, .hits = "C03", .as_of = "2026-06-01",
     .recipe = {.not_before = "20260315000000Z", .not_after = "20261001000000Z"}},
    {.name = "398-days-before-the-milestone", .public = true, .misses = "C03",
     .recipe = {.not_before = "20260101000000Z", .not_after = "20270202235959Z"}},
    {.name = "too-long-private", .hits = "C04", .misses = "C03",
     .recipe = {.not_before = "20260101000000Z", .not_after = "20300101000000Z"}, .policy = "\"max_validity_days_private\": 825"},
    {.name = "expired", .hits = "C05", .misses = "C06 C07", .as_of = "2026-04-01 00:00:00"},
    {.name = "last-second", .hits = "C07", .misses = "C05", .as_of = "2026-03-31 23:59:59"},
    {.name = "year-in-november", .hits = "C06", .misses = "C07", .as_of = "2026-11-15", .recipe = {.not_after = "20261231235959Z"}},
    /* 30 days and a third of its life are both reached: it is told once, and by its share */
    {.name = "half-year-in-june", .hits = "C07", .misses = "C06", .as_of = "2026-06-05", .recipe = {.not_after = "20260630235959Z"}},
    {.name = "year-in-may", .misses = "C06 C07", .as_of = "2026-05-15", .recipe = {.not_after = "20261231235959Z"}},
    {.name = "not-yet", .hits = "C08", .recipe = {.not_before = "20260301000000Z"}},
    {.name = "no-san", .hits = "C09", .recipe = {.sans = ""}},
    {.name = "no-host-in-san", .hits = "C09", .recipe = {.sans = "email:a@example"}},
    {.name = "mailbox", .misses = "C09", .recipe = {.sans = "email:a@example", .extension = {"extendedKeyUsage", "emailProtection"}}},
    {.name = "second-cn-outside", .hits = "C10", .recipe = {.subject = "CN=b.example,CN=outside.example", .sans = "DNS:b.example"}, .public = true},
    {.name = "cn-outside", .hits = "C10", .misses = "C09", .recipe = {.subject = "CN=outside.example", .sans = "DNS:b"}, .public = true},
    {.name = "wildcard", .hits = "C12", .recipe = {.sans = "DNS:*.example"}},
    {.name = "three-names-of-two", .hits = "C13", .recipe = {.sans = LONG_NAMES}, .policy = "\"max_names\": 2"},
    {.name = "three-names-of-others", .misses = "C13", .recipe = {.sans = LONG_NAMES},
     .policy = "\"max_names\": 2, \"own_cas\": [{\"issuer\": [\"O=Own\"]}]"},
    {.name = "self-signed", .hits = "C14", .severity = "medium", .alone = true},
    {.name = "self-signed-public-name", .hits = "C14", .severity = "high", .alone = true, .recipe = {.sans = "DNS:www.agency.gov,DNS:www.corp.local"}},
    {.name = "self-signed-inside", .hits = "C14", .severity = "medium", .alone = true, .recipe = {.sans = "DNS:www.corp.local"}},
    {.name = "self-signed-ca", .hits = "C14 C15", .alone = true, .recipe = {.is_ca = 1}},
    {.name = "self-signed-allowed", .misses = "C14", .alone = true, .policy = "\"forbid_self_signed\": false"},
    {.name = "ca-as-server", .hits = "C15", .misses = "C09", .recipe = {.is_ca = 1}},
    {.name = "negative-serial", .hits = "C16", .recipe = {.serial = -5}},
    {.name = "no-eku-public", .hits = "C17", .public = true},
    {.name = "email-eku-public", .hits = "C17", .public = true,
     .recipe = {.extension = {"extendedKeyUsage", "serverAuth,emailProtection"}}},
    {.name = "version-1", .hits = "C23 C09", .recipe = {.version = 1}},
    {.name = "internal-name-public", .hits = "C11", .recipe = {.sans = "DNS:mail.corp.local"}, .public = true},
    {.name = "internal-name-private", .misses = "C11 C18 C19", .recipe = {.sans = "DNS:mail.corp.local"}},
    {.name = "reserved-address-public", .hits = "C11", .recipe = {.sans = "DNS:a.example.com,IP:10.1.2.3"}, .public = true},
    {.name = "good-names-public", .misses = "C11", .recipe = {.sans = "DNS:a.example.com,DNS:*.example.co.uk,IP:8.8.8.8"}, .public = true},
    {.name = "reverse-zone-public", .misses = "C11", .recipe = {.sans = "DNS:1.2.3.4.in-addr.arpa"}, .public = true},
    {.name = "reverse-zone-late", .hits = "C11", .public = true, .as_of = "2026-06-01",
     .recipe = {.sans = "DNS:1.2.3.4.in-addr.arpa", .not_before = "20260316000000Z", .not_after = "20260601000000Z"}},
    {.name = "wildcard-of-suffix", .hits = "C12", .misses = "C11", .recipe = {.sans = "DNS:*.co.uk"}, .public = true},
    {.name = "no-pointer-no-sct", .hits = "C18 C19", .public = true},
    {.name = "no-pointer-six-days", .misses = "C18", .public = true,
     .recipe = {.not_before = "20260131000000Z", .not_after = "20260205235959Z"}},
    {.name = "crl-pointer", .misses = "C18", .recipe = {.extension = {"crlDistributionPoints", "URI:http://c.example/a.crl"}}, .public = true},
    {.name = "unknown-critical", .hits = "C27", .recipe = {.extension = {"1.3.6.1.4.1.99999.1", "critical,DER:0500"}}},
    {.name = "unknown-extension", .misses = "C27", .recipe = {.extension = {"1.3.6.1.4.1.99999.1", "DER:0500"}}},
    {.name = "localhost", .hits = "C20", .recipe = {.subject = "CN=localhost"}},
    {.name = "snake-oil", .hits = "C20", .alone = true, .recipe = {.subject = "O=Internet Widgits Pty Ltd,CN=a.example"}},
    {.name = "no-default", .misses = "C20", .alone = true, .recipe = {.subject = "O=Example Agency,CN=a.agency.gov"}},
    {.name = "code-signing-public", .misses = WEB_RULES, .public = true,
     .recipe = {.sans = "", .not_before = "20260101000000Z", .not_after = "20290101000000Z", .extension = {"extendedKeyUsage", "codeSigning"}}},
    {.name = "smime-public", .misses = WEB_RULES, .public = true,
     .recipe = {.sans = "email:a@corp.local", .subject = "CN=A Person", .not_before = "20260101000000Z", .not_after = "20290101000000Z",
                .extension = {"extendedKeyUsage", "emailProtection"}}},
    {.name = "ocsp-public", .misses = WEB_RULES, .public = true,
     .recipe = {.sans = "", .subject = "CN=OCSP 1", .not_before = "20260101000000Z", .not_after = "20290101000000Z",
                .extension = {"extendedKeyUsage", "OCSPSigning"}}},
    {.name = "client-public", .misses = WEB_RULES, .public = true,
     .recipe = {.sans = "email:a@corp.local", .subject = "CN=A Device", .not_before = "20260101000000Z", .not_after = "20290101000000Z",
                .extension = {"extendedKeyUsage", "clientAuth"}}},
    {.name = "time-stamping-public", .misses = WEB_RULES, .public = true,
     .recipe = {.sans = "", .subject = "CN=TSA", .not_before = "20260101000000Z", .not_after = "20290101000000Z",
                .extension = {"extendedKeyUsage", "critical,timeStamping"}}},
    {.name = "client-2027", .hits = "C17", .public = true, .as_of = "2027-04-01",
     .recipe = {.not_before = "20270316000000Z", .not_after = "20270501000000Z", .extension = {"extendedKeyUsage", "serverAuth,clientAuth"}}},
    {.name = "client-2026", .misses = "C17", .public = true, .recipe = {.extension = {"extendedKeyUsage", "serverAuth,clientAuth"}}},
    {.name = "precertificate-signing", .misses = "C17", .public = true,
     .recipe = {.extension = {"extendedKeyUsage", "serverAuth,1.3.6.1.4.1.11129.2.4.4"}}},
    {.name = "another-name", .hits = "H09", .server_name = "other.example"},
    {.name = "own-name", .misses = "H09", .server_name = "own-name"},
    {.name = "old-middle", .hits = "H03", .as_of = "2026-03-01", .recipe = {.subject = "CN=old-middle"}},
    {.name = "sslv2", .hits = "P01", .misses = "P03", .tls_version = 2},
    {.name = "sslv3", .hits = "P02", .misses = "P01", .tls_version = 0x0300},
    {.name = "tls10", .hits = "P03", .misses = "P02", .tls_version = 0x0301},
    {.name = "tls13", .misses = "P01 P02 P03 S01 S02 S03 S04 S06", .tls_version = 0x0304, .suite = 0x1301},
    {.name = "null", .hits = "S01", .misses = "S03 S06", .suite = 0x003b},
    {.name = "export", .hits = "S02", .misses = "S01", .suite = 0x0003},
    {.name = "rc4", .hits = "S03", .misses = "S04", .suite = 0x0005},
    {.name = "3des", .hits = "S04 S06", .misses = "S03 S08", .severity = "medium", .suite = 0x000a},
    {.name = "compression", .hits = "P06", .misses = "S05", .posture = {"compression", "accepted"}},
    {.name = "compression-refused", .misses = "P06", .posture = {"compression", "refused"}},
    {.name = "cleartext", .hits = "P16", .misses = "P06", .posture = {"cleartext_after_starttls", "accepted"}},
    {.name = "cbc-only", .hits = "S05", .misses = "S07", .posture = {"cbc_only", "accepted"}},
    {.name = "static-rsa", .hits = "S07", .misses = "S06 S08", .posture = {"static_rsa", "accepted"}},
    {.name = "dh-1024", .hits = "S08", .severity = "medium", .posture = {"dh_bits", "1024"}},
    {.name = "dh-768", .hits = "S08", .severity = "critical", .posture = {"dh_bits", "768"}},
    {.name = "dh-2048", .misses = "S08", .posture = {"dh_bits", "2048"}},
    {.name = "des", .hits = "S04", .severity = "high", .suite = 0x0009},
    {.name = "rc4-untested", .misses = "S03", .posture = {"rc4", "untested"}},
    {.name = "tls10-accepted", .hits = "P03", .posture = {"tls10", "accepted"}},
    {.name = "3des-listed", .hits = "S04", .misses = "S06", .posture = {"suite:TLSv1.2:TLS_RSA_WITH_3DES_EDE_CBC_SHA", "accepted"}},
    {.name = "no-tls13", .hits = "P05", .misses = "P04", .posture = {"tls13", "refused"}},
    {.name = "tls13-spoken", .misses = "P05", .posture = {"tls13", "accepted"}},
    {.name = "no-renegotiation", .hits = "P07", .misses = "P08", .posture = {"secure_renegotiation", "refused"}},
    {.name = "renegotiation", .misses = "P07", .posture = {"secure_renegotiation", "accepted"}},
    {.name = "no-ems", .hits = "P08", .misses = "P07", .posture = {"extended_master_secret", "refused"}},
    {.name = "no-hybrid", .hits = "P14", .posture = {"hybrid_groups", "refused"}},
    {.name = "hybrid", .misses = "P14", .posture = {"hybrid_groups", "accepted"}},
    {.name = "static-dh", .hits = "S09 S06", .suite = 0x0031},
    {.name = "ephemeral-dh", .hits = "S08", .misses = "S09", .severity = "low", .suite = 0x0033},
    {.name = "suite-not-listed", .hits = "S11", .suite = 0xc02f, .policy = "\"allowed_suites\": [\"TLS_AES_*\"]"},
    {.name = "suite-listed", .misses = "S11", .suite = 0x1301, .policy = "\"allowed_suites\": [\"TLS_AES_*\"]"},
    {.name = "no-list-of-suites", .misses = "S11", .suite = 0xc02f},
    {.name = "tls12-of-13", .hits = "P03", .tls_version = 0x0303, .policy = "\"min_tls_version\": \"TLSv1.3\""},
    {.name = "tls10-allowed", .misses = "P03", .tls_version = 0x0301, .policy = "\"min_tls_version\": \"TLSv1.0\""},
    {.name = "slash", .hits = "R08", .recipe = {.sans = "DNS:a/b.ca.gov"},
     .policy = "\"own_cas\": [{\"issuer\": [\"CN=Rules CA\"]}], \"prohibited_characters\": [\"/\"]"},
    {.name = "foreign-forbidden", .hits = "R02", .public = true,
     .policy = "\"forbid_foreign\": true, \"own_cas\": [{\"issuer\": [\"O=Own\"]}]"},
    {.name = "foreign-allowed", .misses = "R02", .public = true, .policy = "\"own_cas\": [{\"issuer\": [\"O=Own\"]}]"},
    {.name = "suffix-other", .hits = "R08", .recipe = {.sans = "DNS:a.example.com"},
     .policy = "\"own_cas\": [{\"issuer\": [\"CN=Rules CA\"]}], \"allowed_suffixes\": [\".ca.gov\"]"},
    {.name = "suffix-allowed", .misses = "R08", .recipe = {.sans = "DNS:a.ca.gov"},
     .policy = "\"own_cas\": [{\"issuer\": [\"CN=Rules CA\"]}], \"allowed_suffixes\": [\".ca.gov\"]"},
};

static void world_begin(struct db *db, const char *settings)
{
    fixture_sql(db, "DISCARD TEMP");
    fixture_sql(db, "TRUNCATE site, endpoint, posture, server_test, certificate, chain, chain_certificate, staple, observation, quiet, sighting, answer_span, confirmation, endpoint_block, event, endpoint_now, recompute, managed_source, owner_import, "
                    "policy, decision, certificate_now, endpoint_judged, endpoint_unconfirmed, record_judged, finding, verdict_past, now_count, owner_basis, dirty, "
                             "reconcile_run RESTART IDENTITY CASCADE");
    fixture_trust_clear(db);
    char *id = xasprintf("%lld", (long long)fixture_made(db, public_ca));
    const char *params[] = {settings == NULL ? "{}" : settings, id};
    struct error err = {0};
    if (!db_exec_params(db, "WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256(''), '', $1::jsonb || "
            "jsonb_build_object('trust_stores', jsonb_build_array(jsonb_build_object('name', 'x', 'kind', 'public', 'certificates', "
            "jsonb_build_array(encode(sha256, 'hex'))))) FROM certificate WHERE id = $2::bigint RETURNING id) "
            "INSERT INTO policy_use (policy) SELECT id FROM p", 2, params, &err))
        fail_msg("%s", err.text);
    free(id);
}

static bool hits(struct db *db, const char *rule)
{
    char *sql = xasprintf("SELECT count(*) FROM hit WHERE rule = '%s'", rule);
    bool found = test_number(db, sql) > 0;
    free(sql);
    return found;
}

static void expect_rules(struct db *db, const struct rule_case *c, const char *rules, bool wanted)
{
    char *copy = xstrdup(rules == NULL ? "" : rules), *rest = copy;
    for (char *rule; (rule = strsep(&rest, " ")) != NULL;)
        if (rule[0] != '\0' && hits(db, rule) != wanted)
            fail_msg("%s: rule %s %s", c->name, rule, wanted ? "does not hit" : "hits");
    free(copy);
}

static void case_run(struct db *db, const struct rule_case *c)
{
    char *settings = c->policy == NULL ? NULL : xasprintf("{%s}", c->policy), *subject = xasprintf("CN=%s", c->name);
    struct cert_recipe recipe = c->recipe;
    struct made_cert *issuer = c->public ? public_ca : ca;
    struct made_cert *middle = NULL;
    if (strcmp(c->name, "old-middle") == 0)
        issuer = middle = cert_make(&(struct cert_recipe){.subject = "CN=middle", .is_ca = 1, .issuer = ca,
                                                          .not_after = "20260228235959Z"});
    recipe.issuer = c->alone ? NULL : issuer;
    recipe.subject = recipe.subject == NULL ? subject : recipe.subject;
    struct made_cert *made = cert_make(&recipe);
    world_begin(db, settings);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.1", .server_name = c->server_name, .from = "2026-01-01",
        .tls_version = c->tls_version, .cipher_suite = c->suite, .chain = {made, c->alone ? NULL : issuer}});
    const char *const *posture = c->posture;
    struct error err = {0};
    if (posture[0] != NULL && !db_exec_params(db, "WITH s AS (INSERT INTO scan (scan_id, site, kind, started_at, plan, space, "
            "permutation_key, space_size, shard_count) SELECT gen_random_uuid(), id, 1, now(), '', '', '', 1, 1 FROM site RETURNING id) "
            "INSERT INTO posture (endpoint, item, time, value, scan) SELECT e.id, $1, '2026-01-20', $2, s.id FROM endpoint e, s",
            2, posture, &err))
        fail_msg("%s", err.text);
    run(db, c->as_of == NULL ? "2026-02-01" : c->as_of);
    expect_rules(db, c, c->hits, true);
    expect_rules(db, c, c->misses, false);
    if (c->severity != NULL) {
        char *sql = xasprintf("SELECT severity FROM hit WHERE rule = '%.3s'", c->hits), *severity = test_rows(db, sql);
        if (strncmp(severity, c->severity, strlen(c->severity)) != 0)
            fail_msg("%s: %s is %s", c->name, c->hits, severity);
        free(severity);
        free(sql);
    }
    cert_make_free(made);
    cert_make_free(middle);
    free(settings);
    free(subject);
}

/* RULE_CASE=dh: only the cases whose names have that word, for who works on one. */
static void each_rule_hits_what_it_should(void **state)
{
    struct test_cluster *cluster = *state;
    const char *word = getenv("RULE_CASE");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (word == NULL || strstr(cases[i].name, word) != NULL)
            case_run(cluster->db, &cases[i]);
}

/* K06 and K16 want keys that OpenSSL does not make lightly: their facts are set by hand. R01 and R03 are judged in
 * test_reconcile.c, paths and chains in trust/test_trust_rules.c, revocation in
 * revocation/test_revocation.c. */
static void rules_about_odd_keys(void **state)
{
    struct test_cluster *cluster = *state;
    static const struct { const char *facts, *rule; bool hit; } odd[] = {
        {"profile SET key_algorithm = 'rsa', key_bits = 2048, rsa_exponent = 3", "K06", true},
        {"profile SET key_algorithm = 'rsa', key_bits = 2048, rsa_exponent = 65537", "K06", false},
        {"profile SET key_algorithm = 'rsa', key_bits = 2048, rsa_exponent = power(2::numeric, 256) + 1", "K06", true},
        {"profile SET key_algorithm = 'dsa', key_bits = 2048, rsa_exponent = NULL", "K16", true},
        {"profile SET key_algorithm = 'ec', key_curve = NULL, key_bits = 256", "K16", false},
        {"certificate_own SET serial_bytes = 21", "C16", true},             /* 160 bits and a sign */
        {"certificate_own SET serial_bytes = 20", "C16", false},
        {"profile SET duplicate_extensions = '{2.5.29.17}'", "C24", true},
        {"profile SET duplicate_extensions = '{}'", "C24", false},
        {"certificate_own SET broken = '{not_after}'", "C25", true},
        {"certificate_own SET broken = '{limits}'", "C25", false},
        {"profile SET signature_algorithms_agree = false, signed_algorithm = 'sha1WithRSAEncryption'", "C26", true},
        {"profile SET signature_algorithms_agree = true", "C26", false},
        {"profile SET critical_extensions = '{2.5.29.19,2.5.29.30}'", "C27", false},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(cluster->db, NULL);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made}});
    run(cluster->db, "2026-02-01");
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char *sql = xasprintf("UPDATE %s", odd[i].facts);
        fixture_sql(cluster->db, sql);
        free(sql);
        run(cluster->db, "2026-02-01");
        if (hits(cluster->db, odd[i].rule) != odd[i].hit)
            fail_msg("%s for %s", odd[i].rule, odd[i].facts);
    }
    cert_make_free(made);
}

/* Timestamps of logs that one operator runs count once up to 180 days, twice above; a log that nobody lists has an operator of its own. */
static void timestamps_count_by_operator(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const struct { const char *logs; bool is_long, hit; } embedded[] = {
        {"Argon2026h1 Xenon2026h1", false, true}, {"Argon2026h1 Oak2026h1", false, false}, {"Argon2026h1 Argon2026h1", false, true},
        {"Argon2026h1 Xenon2026h1 Argon2026h2", true, true}, {"Argon2026h1 Xenon2026h1 Oak2026h1", true, false},
        {"Argon2026h1 unlisted", false, false}, {"Argon2026h1 Oak2026h1", true, true},
    };
    struct made_cert *made[2];
    for (int i = 0; i < 2; i++)
        made[i] = cert_make(&(struct cert_recipe){.issuer = public_ca, .not_before = "20260101000000Z",
                                                  .not_after = i == 0 ? "20260401000000Z" : "20261201000000Z"});
    for (size_t i = 0; i < sizeof embedded / sizeof *embedded; i++) {
        world_begin(db, NULL);
        fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made[embedded[i].is_long], public_ca}});
        run(db, "2026-02-01");
        char *sql = xasprintf("UPDATE certificate_own o SET sct_count = cardinality(l.ids), sct_logs = l.ids FROM (SELECT array_agg(coalesce(c.log_id, "
            "sha256('unlisted'))) AS ids FROM string_to_table('%s', ' ') x LEFT JOIN ct_log c ON c.name = x) l WHERE o.dns_names <> '{}'", embedded[i].logs);
        fixture_sql(db, sql);
        free(sql);
        run(db, "2026-02-01");
        if (hits(db, "C19") != embedded[i].hit)
            fail_msg("%s", embedded[i].logs);
    }
    cert_make_free(made[0]);
    cert_make_free(made[1]);
}

static void log_has(struct db *db, const struct made_cert *made)
{
    char *sql = xasprintf("INSERT INTO chain (sha256, length, leaf) SELECT sha256(sha256), 1, id FROM certificate WHERE id = %lld", (long long)fixture_made(db, made));
    fixture_sql(db, sql);
    free(sql);
}

/* Of our names alone, valid now, until it is served; a managed source may know it. */
static void logs_tell_what_no_scan_has_seen(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char ours[] = "SELECT string_agg(o.common_names[1], ' ' ORDER BY 1) FROM hit JOIN certificate_own o USING (certificate) WHERE rule = 'R10'";
    static const char *const names[] = {"logged.ours.example", "served.ours.example", "other.example", "ended.ours.example"};
    struct made_cert *made[4];
    world_begin(db, "{\"own_suffixes\": [\"ours.example\"]}");
    for (int i = 0; i < 4; i++) {
        char *subject = xasprintf("CN=%s", names[i]), *san = xasprintf("DNS:%s", names[i]);
        made[i] = cert_make(&(struct cert_recipe){.subject = subject, .sans = san, .issuer = ca, .not_before = "20260101000000Z", .serial = 0x7000 + i,
                                                  .not_after = i == 3 ? "20260120000000Z" : "20260401000000Z"});
        if (i == 1)
            fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made[i]}});
        else
            log_has(db, made[i]);
        free(subject);
        free(san);
    }
    fixture_sql(db, "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
                    "SELECT gen_random_uuid(), min(id), 4, '2026-01-01', '', '', '', 1, 1 FROM site");
    run(db, "2026-02-01");
    char *found = test_rows(db, ours);
    assert_string_equal(found, "logged.ours.example\n");
    free(found);
    assert_int_equal(test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf"), 1);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.3", .chain = {made[0]}});
    run(db, "2026-02-02");
    assert_false(hits(db, "R10"));
    for (int i = 0; i < 4; i++)
        cert_make_free(made[i]);
}

/* Two addresses of one name are compared; other names, and one address alone, are not. */
static void addresses_of_one_name_are_compared(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *one = cert_make(&(struct cert_recipe){.issuer = ca}), *other = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(cluster->db, NULL);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.2", .server_name = "a.example", .chain = {one}});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.3", .server_name = "a.example", .chain = {one}});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.4", .server_name = "b.example", .chain = {other}});
    run(cluster->db, "2026-02-01");
    assert_false(hits(cluster->db, "R06"));
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.5", .server_name = "a.example", .chain = {other}});
    run(cluster->db, "2026-02-02");
    assert_true(hits(cluster->db, "R06"));
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM hit WHERE rule = 'R06'"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT (evidence ->> 'addresses')::integer FROM hit WHERE rule = 'R06'"), 3);
    cert_make_free(one);
    cert_make_free(other);
}

/* A database that counts aborted handshakes: reported from fifty connections on, and when the server says that it is full. */
static void a_database_that_counts_is_told(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(cluster->db, NULL);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made}});
    fixture_sql(cluster->db, "UPDATE observation SET protocol = 'mysql', connections = 49, method = 1");
    run(cluster->db, "2026-02-01");
    assert_false(hits(cluster->db, "R14"));
    fixture_sql(cluster->db, "UPDATE observation SET connections = 50");
    run(cluster->db, "2026-02-02");
    assert_true(hits(cluster->db, "R14"));
    fixture_sql(cluster->db, "UPDATE observation SET connections = 1, detail = 'Host ''x'' is blocked because of many connection errors'");
    run(cluster->db, "2026-02-03");
    assert_true(hits(cluster->db, "R14"));
    /* A scan that found the same answer took as many connections again. */
    fixture_sql(cluster->db, "UPDATE observation SET connections = 25, detail = NULL");
    run(cluster->db, "2026-02-04");
    assert_false(hits(cluster->db, "R14"));
    fixture_sql(cluster->db, "INSERT INTO confirmation (block, variant, scan, first_at, last_at, bits) SELECT endpoint >> 12, 1, 1, '2026-01-20', "
                             "'2026-01-20', set_bit(0::bit(4096), (endpoint & 4095)::integer, 1) FROM observation");
    run(cluster->db, "2026-02-05");
    assert_true(hits(cluster->db, "R14"));
    cert_make_free(made);
}

/* What the tests of keys find (test_keys.c) is judged, each word by its own rule and by no other. */
static void rules_about_weak_keys(void **state)
{
    struct test_cluster *cluster = *state;
    static const struct { const char *rule, *words; } weak[] = {
        {"K05", "exponent_one exponent_even exponent_not_positive exponent_beyond_modulus"}, {"K08", "roca"},
        {"K09", "close_primes modulus_square"},
        {"K10", "small_factor modulus_even modulus_zero modulus_negative modulus_prime multiple"}, {"K11", "shared_prime"},
        {"K12", "known_key"}, {"K13", "pattern bit_bias small_private_exponent"},
        {"K15", "point_off_curve point_infinity explicit_parameters false_generator"},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(cluster->db, NULL);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made}});
    run(cluster->db, "2026-02-01");
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        char *sql = xasprintf("DELETE FROM key_weakness; INSERT INTO key_weakness (spki_sha256, weakness, evidence) SELECT spki_sha256, w, "
                              "'{}' FROM certificate_facts, string_to_table('%s', ' ') w WHERE NOT is_ca AND common_name = 'www.example'", weak[i].words);
        fixture_sql(cluster->db, sql);
        free(sql);
        run(cluster->db, "2026-02-01");
        for (size_t j = 0; j < sizeof weak / sizeof *weak; j++)
            if (hits(cluster->db, weak[j].rule) != (i == j))
                fail_msg("%s for %s", weak[j].rule, weak[i].words);
        sql = xasprintf("SELECT count(*) FROM hit, jsonb_object_keys(evidence) w WHERE rule = '%s'", weak[i].rule);
        size_t words = 1;
        for (const char *c = weak[i].words; *c != '\0'; c++)
            words += *c == ' ';
        assert_int_equal(test_number(cluster->db, sql), words);
        free(sql);
    }
    cert_make_free(made);
}

static void posture_items(struct db *db, const char *items)
{
    char *sql = xasprintf("DELETE FROM posture; WITH s AS (INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, "
        "space_size, shard_count) SELECT gen_random_uuid(), id, 1, now(), '', '', '', 1, 1 FROM site RETURNING id) "
        "INSERT INTO posture (endpoint, item, time, value, scan) SELECT e.id, split_part(i, '=', 1), '2026-01-20', split_part(i, '=', 2), s.id "
        "FROM endpoint e, s, unnest('{%s}'::text[]) i", items);
    fixture_sql(db, sql);
    free(sql);
}

/* What several answers, or the last one without a certificate, say together. */
static void rules_about_endpoints(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const struct { const char *items, *rule; bool hit; } asked[] = {
        {"tls12=refused,tls13=refused,tls10=accepted", "P04", true}, {"tls12=accepted,tls13=refused", "P04", false},
        {"suite_preference=client,suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA=accepted", "S10", true},
        {"suite_preference=client,suite:TLSv1.2:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256=accepted", "S10", false},
        {"suite_preference=server,suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA=accepted", "S10", false},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(db, NULL);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made}});
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        posture_items(db, asked[i].items);
        run(db, "2026-02-01");
        if (hits(db, asked[i].rule) != asked[i].hit)
            fail_msg("%s for %s", asked[i].rule, asked[i].items);
    }
    static const struct { const char *now, *rule; bool hit; } answers[] = {
        {"last_outcome = 8", "P09", true}, {"last_outcome = 1", "P09", false},
        {"named_group = 25497", "P15", true}, {"named_group = 4588", "P15", false},
    };
    fixture_sql(db, "INSERT INTO endpoint_now (endpoint) SELECT id FROM endpoint ON CONFLICT DO NOTHING");
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        char *sql = xasprintf("UPDATE endpoint_now SET %s", answers[i].now);
        fixture_sql(db, sql);
        free(sql);
        run(db, "2026-02-01");
        if (hits(db, answers[i].rule) != answers[i].hit)
            fail_msg("%s for %s", answers[i].rule, answers[i].now);
    }
    cert_make_free(made);
}

/* C22: another CA, the same names, at the same time; C16: the same issuer and number. */
static void certificates_are_compared(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *one = cert_make(&(struct cert_recipe){.issuer = ca, .serial = 0x1234567890abcdef}), *renewed = cert_make(&(struct cert_recipe){.issuer = ca, .serial = 78}),
                     *other = cert_make(&(struct cert_recipe){.issuer = public_ca, .serial = 0x1234567890abcdef}),
                     *again = cert_make(&(struct cert_recipe){.issuer = ca, .serial = 0x1234567890abcdef});
    world_begin(db, NULL);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.1", .chain = {one, ca}});
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .chain = {renewed, ca}});
    run(db, "2026-02-01");
    assert_false(hits(db, "C22"));
    assert_false(hits(db, "C16"));
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.3", .chain = {other}});
    run(db, "2026-02-01");
    assert_int_equal(test_number(db, "SELECT count(*) FROM hit WHERE rule = 'C22'"), 3);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.4", .chain = {again, ca}});
    run(db, "2026-02-01");
    assert_int_equal(test_number(db, "SELECT count(*) FROM hit WHERE rule = 'C16' AND severity = 'medium' AND evidence ? 'certificates_with_it'"), 2);
    run(db, "2027-02-01");      /* all have ended */
    assert_false(hits(db, "C22"));
    cert_make_free(one);
    cert_make_free(renewed);
    cert_make_free(other);
    cert_make_free(again);
}

static void rules_about_people(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const struct { const char *contacts, *settings; bool hit; } books[] = {
        {"{a@agency.gov}", "\"contacts_minimum\": 3", true}, {"{a@agency.gov,b@agency.gov,c@agency.gov}", "\"contacts_minimum\": 3", false},
        {"{web-team@agency.gov}", "\"contacts_minimum\": 3", false},
        {"{web-team@agency.gov}", "\"contacts_minimum\": 3, \"contacts_list_suffices\": false", true}, {"{}", "\"contacts_minimum\": 0", false},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    for (size_t i = 0; i < sizeof books / sizeof *books; i++) {
        char *settings = xasprintf("{%s}", books[i].settings);
        world_begin(db, settings);
        fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .server_name = "a.example", .chain = {made}});
        run(db, "2026-02-01");
        assert_false(hits(db, "R07"));      /* there is no rule book */
        char *sql = xasprintf("WITH i AS (INSERT INTO owner_import (file, imported_at, rule_count) VALUES ('o.csv', '2026-01-01', 1) RETURNING id) "
            "INSERT INTO owner_rule (import, line, owner, contacts, name_suffix, text) SELECT id, 2, 'Web', '%s', 'a.example', '' FROM i", books[i].contacts);
        fixture_sql(db, sql);
        free(sql);
        run(db, "2026-02-01");
        if (hits(db, "R07") != books[i].hit)
            fail_msg("R07 for %s, %s", books[i].contacts, books[i].settings);
        free(settings);
    }
    cert_make_free(made);
}

/* R09: accepted until a day that has passed. */
static void an_exception_ends(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(db, NULL);
    fixture_serve(db, &(struct fixture_served){.address = "127.60.10.2", .chain = {made}});
    fixture_sql(db, "WITH s AS (INSERT INTO managed_source (name) VALUES ('x') RETURNING id) INSERT INTO managed_import (source, imported_at, files, "
                    "record_count, bad_count) SELECT id, '2026-01-01', '{}', 0, 0 FROM s");
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who, made_at, until) SELECT 'accept', sha256, 'old device', 'me', '2026-01-16', "
                    "'2026-02-15' FROM certificate");
    run(db, "2026-02-01");
    assert_false(hits(db, "R09"));
    run(db, "2026-02-16");
    assert_true(hits(db, "R09"));
    cert_make_free(made);
}

/* K18: other names; K19: the same names, later. */
static void rules_about_keys_used_again(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *first = cert_make(&(struct cert_recipe){.subject = "CN=one.example", .issuer = ca});
    struct made_cert *renewed = cert_make(&(struct cert_recipe){.subject = "CN=one.example", .issuer = ca, .same_key = first,
                                                                .not_before = "20260115000000Z"});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=two.example", .issuer = ca, .same_key = first});
    world_begin(cluster->db, NULL);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.1", .chain = {first}});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.2", .chain = {renewed}});
    run(cluster->db, "2026-02-01");
    assert_false(hits(cluster->db, "K18"));
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM hit WHERE rule = 'K19'"), 1);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.3", .chain = {other}});
    run(cluster->db, "2026-02-01");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM hit WHERE rule = 'K18'"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM hit WHERE rule = 'K19'"), 1);
    cert_make_free(first);
    cert_make_free(renewed);
    cert_make_free(other);
}

static void what_is_gone_speaks_no_more(void **state)
{
    struct test_cluster *cluster = *state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.issuer = ca});
    world_begin(cluster->db, NULL);
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.10.2", .tls_version = 0x0301, .chain = {made}});
    run(cluster->db, "2026-02-01");
    assert_true(hits(cluster->db, "P03"));
    fixture_sql(cluster->db, "INSERT INTO endpoint_state (endpoint, gone_at) SELECT id, '2026-02-02' FROM endpoint "
                             "ON CONFLICT (endpoint) DO UPDATE SET gone_at = excluded.gone_at");
    run(cluster->db, "2026-02-03");
    assert_false(hits(cluster->db, "P03"));
    cert_make_free(made);
}

static bool named(const char *list, const char *rule)
{
    return list != NULL && strstr(list, rule) != NULL;
}

static void every_rule_has_both_sides(void **state)
{
    (void)state;
    static const char elsewhere[] = "C22 C24 C25 C26 K05 K06 K08 K09 K10 K11 K12 K13 K15 K16 K18 K19 P04 P09 P15 R01 R03 R04 R05 R06 R07 R09 R10 R11 R12 R13 R14 R15 S10 F01 F02 F03 K21 K22 C21 H01 H02 H04 H05 H06 H07 H08 H10 P11 P12";
    for (const struct rule *rule = rules_all; rule->id != NULL; rule++) {
        bool hit = named(elsewhere, rule->id), miss = hit;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            hit = hit || named(cases[i].hits, rule->id);
            miss = miss || named(cases[i].misses, rule->id);
        }
        if (!hit || !miss)
            fail_msg("%s has no case that %s", rule->id, hit ? "misses" : "hits");
    }
}

static int setup(void **state)
{
    ca = cert_make(&(struct cert_recipe){.subject = "CN=Rules CA", .key = "RSA:2048", .is_ca = 1, .not_before = "20200101000000Z",
                                         .not_after = "20400101000000Z"});
    public_ca = cert_make(&(struct cert_recipe){.subject = "CN=Public CA", .is_ca = 1, .not_before = "20200101000000Z",
                                                .not_after = "20400101000000Z"});
    return test_cluster_setup(state);
}

static int teardown(void **state)
{
    cert_make_free(ca);
    cert_make_free(public_ca);
    return test_cluster_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_says_what_a_person_needs),
        cmocka_unit_test(logs_tell_what_no_scan_has_seen),
        cmocka_unit_test(each_rule_hits_what_it_should),
        cmocka_unit_test(rules_about_odd_keys),
        cmocka_unit_test(timestamps_count_by_operator),
        cmocka_unit_test(addresses_of_one_name_are_compared),
        cmocka_unit_test(a_database_that_counts_is_told),
        cmocka_unit_test(rules_about_weak_keys),
        cmocka_unit_test(rules_about_endpoints),
        cmocka_unit_test(certificates_are_compared),
        cmocka_unit_test(rules_about_people),
        cmocka_unit_test(an_exception_ends),
        cmocka_unit_test(rules_about_keys_used_again),
        cmocka_unit_test(what_is_gone_speaks_no_more),
        cmocka_unit_test(every_rule_has_both_sides),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
