#include "tests/reports/document/world.h"

#include "inventory/policy/policy.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum issuer { STATE, INTERNAL, MERIDIAN, HARBOR, LAB, SELF, ISSUERS };
enum { NORTH = 1, KNOWN = 2, BEFORE = 4, OLD_TLS = 8, STATIC_RSA = 16, UNTESTED = 32, HYBRID = 64, TWICE = 128 };

/* Days from now. KNOWN: in the managed set; BEFORE: there at the first judging. */
static const struct thing {
    const char *name;
    enum issuer issuer;
    const char *key, *hash;
    int begins, ends;
    int is;
} things[WORLD_CERTIFICATES] = {
    {"payments.revenue.example.gov", STATE, "RSA:2048", NULL, -369, -4, KNOWN | BEFORE | TWICE},
    {"efile.revenue.example.gov", STATE, "RSA:2048", NULL, -356, 9, KNOWN | BEFORE | TWICE | HYBRID},
    {"kiosk.revenue.example.gov", INTERNAL, "RSA:1024", NULL, -167, 198, BEFORE | OLD_TLS | STATIC_RSA},
    {"mail.revenue.example.gov", STATE, "RSA:2048", NULL, -299, 66, KNOWN | BEFORE | HYBRID},
    {"appeals.revenue.example.gov", MERIDIAN, "P-256", NULL, -147, 53, HYBRID},
    {"portal.revenue.example.gov", STATE, "P-256", NULL, -107, 258, KNOWN | BEFORE | STATIC_RSA},
    {"forms.revenue.example.gov", STATE, "P-256", NULL, -60, 140, KNOWN | BEFORE | HYBRID},
    {"api.revenue.example.gov", STATE, "P-384", NULL, -40, 160, KNOWN | BEFORE | HYBRID},
    {"intake.health.example.gov", STATE, "RSA:2048", NULL, -246, 119, KNOWN | BEFORE},
    {"labs.health.example.gov", STATE, "RSA:2048", NULL, -351, 14, KNOWN | BEFORE},
    {"ldap.health.example.gov", INTERNAL, "RSA:2048", NULL, -100, 265, KNOWN | BEFORE | UNTESTED},
    {"imaging.health.example.gov", SELF, "RSA:2048", NULL, -900, 2700, NORTH | OLD_TLS | STATIC_RSA},
    {"scanner.health.example.gov", INTERNAL, "RSA:2048", NULL, -80, 285, KNOWN | BEFORE | OLD_TLS},
    {"records.health.example.gov", STATE, "P-256", NULL, -30, 170, KNOWN | BEFORE | HYBRID},
    {"clinic.health.example.gov", STATE, "P-256", NULL, -22, 178, KNOWN | BEFORE | HYBRID},
    {"permits.transport.example.gov", STATE, "RSA:2048", NULL, -364, 1, KNOWN | BEFORE},
    {"forms.transport.example.gov", STATE, "RSA:2048", NULL, -322, 43, KNOWN | BEFORE | OLD_TLS | STATIC_RSA | TWICE},
    {"cameras.transport.example.gov", MERIDIAN, "RSA:2048", NULL, -300, 494, BEFORE},
    {"maps.transport.example.gov", HARBOR, "P-256", NULL, -50, 40, BEFORE | HYBRID},
    {"depot.transport.example.gov", STATE, "P-256", NULL, -7, 193, KNOWN | HYBRID},
    {"tolls.transport.example.gov", STATE, "RSA:2048", NULL, -214, 81, KNOWN | BEFORE | HYBRID},
    {"fleet.transport.example.gov", STATE, "P-256", NULL, -58, 142, KNOWN | BEFORE | HYBRID},
    {"camera.parks.example.gov", LAB, "RSA:2048", "SHA1", -247, 118, BEFORE | OLD_TLS},
    {"booking.parks.example.gov", MERIDIAN, "RSA:2048", NULL, -52, 148, BEFORE | HYBRID},
    {"trails.parks.example.gov", HARBOR, "P-256", NULL, -17, 73, NORTH | HYBRID},
    {"passes.parks.example.gov", STATE, "P-256", NULL, -66, 134, KNOWN | BEFORE | HYBRID},
    {"shop.parks.example.gov", STATE, "RSA:4096", NULL, -69, 131, KNOWN | BEFORE | HYBRID},
    {"docket.courts.example.gov", INTERNAL, "RSA:2048", NULL, -264, 101, BEFORE},
    {"filing.courts.example.gov", INTERNAL, "RSA:2048", NULL, -200, 165, BEFORE | STATIC_RSA},
    {"video.courts.example.gov", INTERNAL, "RSA:2048", NULL, -278, 87, KNOWN},
    {"legacy.courts.example.gov", INTERNAL, "RSA:2048", NULL, -120, 245, BEFORE | STATIC_RSA},
    {"juror.courts.example.gov", STATE, "P-256", NULL, -10, 190, KNOWN | BEFORE | HYBRID},
    {"backup.tech.example.gov", INTERNAL, "RSA:2048", NULL, -90, 275, KNOWN | BEFORE | UNTESTED},
    {"vpn.tech.example.gov", STATE, "P-256", NULL, -20, 180, KNOWN | BEFORE | HYBRID},
    {"id.tech.example.gov", STATE, "P-384", NULL, -25, 175, KNOWN | BEFORE | HYBRID},
    {"mail.tech.example.gov", STATE, "P-256", NULL, -21, 172, KNOWN | BEFORE | HYBRID},
    {"status.tech.example.gov", STATE, "P-256", NULL, -31, 169, KNOWN | BEFORE | HYBRID},
    {"git.tech.example.gov", INTERNAL, "P-256", NULL, -45, 320, KNOWN | BEFORE | HYBRID},
    {"wiki.tech.example.gov", INTERNAL, "P-256", NULL, -44, 321, KNOWN | BEFORE | HYBRID},
    {"printer.tech.example.gov", INTERNAL, "RSA:2048", NULL, -70, 295, NORTH},
};

static void run(struct db *db, const char *sql, size_t count, const char *const *params)
{
    struct error err = {0};
    if (!db_exec_params(db, sql, count, params, &err))
        fail_msg("%s: %s", sql, err.text);
}

static void make_owners(struct db *db)
{
    static const char *const owners[WORLD_OWNERS][2] = {
        {"revenue", "Department of Revenue"},   {"health", "Department of Health"}, {"transport", "Department of Transport"},
        {"parks", "Parks Service"},             {"courts", "Courts Administration"}, {"tech", "Office of Technology"}};
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('owners.csv', 6)");
    for (size_t i = 0; i < WORLD_OWNERS; i++)
        run(db, "INSERT INTO owner_rule (import, line, name_suffix, owner, contacts, text) SELECT max(id), (SELECT count(*) + 2 FROM owner_rule), "
                "$1 || '.example.gov', $2, ARRAY['tls@' || $1 || '.example.gov'], $1 FROM owner_import", 2, owners[i]);
}

/* path: mkstemp()'s template. */
static void write_roots(char *path, const struct made_cert *const roots[2])
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < 2; i++) {
        char *pem = cert_make_pem(roots[i]);
        assert_int_equal(write(fd, pem, strlen(pem)), strlen(pem));
        free(pem);
    }
    close(fd);
}

static void use_policy(struct db *db, const struct made_cert *const issuers[ISSUERS])
{
    struct error err = {0};
    char path[] = "/tmp/certsweep-world.XXXXXX", *text, private_path[] = "/tmp/certsweep-world.XXXXXX";
    write_roots(path, (const struct made_cert *const[]){issuers[MERIDIAN], issuers[HARBOR]});
    write_roots(private_path, (const struct made_cert *const[]){issuers[STATE], issuers[INTERNAL]});
    text = xasprintf("[policy]\nname = Example State 2026-3\nday_starts_at = 00:00\n[own ca: State of Example]\nissuer = O=State of Example\n"
                     "[clause: 1]\ntitle = Strong keys\nsource = Standard 4.1\nrules = K02\n[clause: 2]\ntitle = Current protocols\nsource = Standard 4.2\n"
                     "rules = P03\n[clause: 3]\ntitle = Somebody looks\nnote = people say so\n"
                     "[trust store: Demo]\nkind = public\nfile = %s\n[trust store: State]\nkind = private\nfile = %s\n", path, private_path);
    struct policy *policy = policy_parse("world.ini", text, &err);
    if (policy == NULL || !policy_use(db, policy, &err))
        fail_msg("%s", err.text);
    policy_destroy(policy);
    unlink(path);
    unlink(private_path);
    free(text);
}

static void manage(struct db *db, const struct made_cert *made)
{
    uint8_t hash[32];
    char text[2 + 65] = "\\x";
    SHA256(made->der, made->len, hash);
    hex_format(hash, sizeof hash, text + 2);
    const char *params[] = {text};
    run(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256) "
            "SELECT id, $1::bytea, now() - interval '30 days', 'account.csv', 7, '{}', '{}', $1::bytea FROM managed_source", 1, params);
}

static void ask_posture(struct db *db, const char *endpoint, int is)
{
    const char *params[] = {endpoint, (is & OLD_TLS) != 0 ? "accepted" : "refused", (is & STATIC_RSA) != 0 ? "accepted" : "refused",
                            SQL_DAY((is & BEFORE) != 0 ? -22 : -1)};            /* before the first judging, if it was there then */
    run(db, "INSERT INTO posture (endpoint, item, time, value, scan) SELECT $1::bigint, i.item, $4::timestamptz, i.value, "
            "(SELECT max(id) FROM scan) FROM (VALUES ('tls10', $2), ('tls11', $2), ('sslv3', 'refused'), ('static_rsa', $3)) i (item, value)",
        4, params);
}

static void serve(struct db *db, const struct thing *thing, unsigned number, const struct made_cert *made, const struct made_cert *issuer)
{
    for (unsigned place = 0; place < ((thing->is & TWICE) != 0 ? 2U : 1U); place++) {
        char *address = xasprintf("%s.%u.%u", (thing->is & NORTH) != 0 ? "198.51" : "192.0", 2 + number / 120, 5 + number % 120 * 2 + place);
        int64_t id = fixture_serve(db, &(struct fixture_served){
            .site = (thing->is & NORTH) != 0 ? "north" : "capitol", .address = address, .server_name = made == NULL ? NULL : "",
            .from = SQL_DAY((thing->is & BEFORE) != 0 ? -21 : -2), .to = SQL_DAY(0), .tls_version = (thing->is & HYBRID) != 0 ? 0x0304 : 0x0303,
            .cipher_suite = (thing->is & HYBRID) != 0 ? 0x1301 : 0xc02f, .chain = {made, issuer == made ? NULL : issuer}});
        char *endpoint = xasprintf("%lld", (long long)id);
        if ((thing->is & UNTESTED) == 0)
            ask_posture(db, endpoint, thing->is);
        const char *group[] = {endpoint, (thing->is & HYBRID) != 0 ? "4588" : "29"};
        run(db, "UPDATE endpoint_now SET named_group = $2::integer WHERE endpoint = $1::bigint", 2, group);
        free(endpoint);
        free(address);
    }
}

static void make_thing(struct db *db, unsigned number, const struct made_cert *const issuers[ISSUERS])
{
    const struct thing *thing = &things[number % WORLD_CERTIFICATES];
    unsigned copy = number / WORLD_CERTIFICATES;
    char *name = copy == 0 ? xstrdup(thing->name) : xasprintf("n%u-%s", copy, thing->name), *subject = xasprintf("CN=%s", name);
    struct made_cert *made = cert_make(&(struct cert_recipe){
        .subject = subject, .key = copy == 0 || strcmp(thing->key, "RSA:1024") == 0 ? thing->key : "P-256", .hash = thing->hash,
        .not_before = ASN1_DAY(thing->begins), .not_after = ASN1_DAY(thing->ends + (int)(copy % 60)), .issuer = issuers[thing->issuer]});
    serve(db, thing, number, made, thing->issuer == SELF ? made : issuers[thing->issuer]);
    if ((thing->is & KNOWN) != 0)
        manage(db, made);
    cert_make_free(made);
    free(subject);
    free(name);
}

static void judge(struct db *db, int days)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW, .present_us = ((int64_t)time(NULL) + days * 86400) * 1000000};
    if (!reconcile_run(db, days == 0 ? NULL : &options, NULL, &err))
        fail_msg("%s", err.text);
}

/* Two nights at each site. */
static void make_runs(struct db *db)
{
    fixture_sql(db, "INSERT INTO site (name) VALUES ('capitol'), ('north') ON CONFLICT DO NOTHING");
    fixture_sql(db,
        "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count, last_at, finished_at) "
        "SELECT md5(site.name || d)::uuid, site.id, 1, now() - make_interval(days => d), "
        "       CASE site.name WHEN 'capitol' THEN '{\"targets\":[\"192.0.2.0/24\",\"@names.txt\"]}' ELSE '{\"targets\":[\"198.51.2.0/24\"]}' END, "
        "       CASE site.name WHEN 'capitol' THEN E'ports 25,443-445\\n192.0.2.0-192.0.2.255\\n' ELSE E'ports 443\\n198.51.2.0-198.51.2.255\\n' END, '', 1290, 1, now() - make_interval(days => d), now() - make_interval(days => d) "
        "FROM site, unnest('{21,0}'::integer[]) d WHERE site.name <> 'default'");
    fixture_sql(db, "INSERT INTO scan_outcome (scan, outcome, count) SELECT s.id, o.id, CASE o.id WHEN 1 THEN 41 WHEN 5 THEN 2 WHEN 10 THEN 1209 "
                    "ELSE 38 END FROM scan s, outcome o WHERE o.id IN (1, 5, 10, 12)");
}

/* Days are counted while it is made and while it is judged: midnight shall not fall between. */
static void wait_for_midnight(void)
{
    while (time(NULL) % 86400 > 86400 - 90)
        sleep(1);
}

void world_make(struct db *db, unsigned count)
{
    static const char *const names[ISSUERS] = {"O=State of Example,CN=Example State TLS CA 2", "O=State of Example,CN=Example State Internal CA",
                                               "O=Meridian,CN=Meridian Public TLS R3", "O=Harbor,CN=Harbor Free TLS E1", "O=Parks Lab,CN=Parks Lab CA", NULL};
    struct made_cert *issuers[ISSUERS] = {NULL};
    for (enum issuer i = STATE; i < SELF; i++)
        issuers[i] = cert_make(&(struct cert_recipe){.subject = names[i], .is_ca = 1, .not_before = ASN1_DAY(-2000), .not_after = ASN1_DAY(3000)});
    wait_for_midnight();
    make_runs(db);
    make_owners(db);
    use_policy(db, (const struct made_cert *const *)issuers);
    fixture_sql(db, "INSERT INTO managed_source (name) VALUES ('account'); INSERT INTO managed_import (source, imported_at, files, record_count, "
                    "bad_count) SELECT id, now() - interval '30 days', '{account.csv}', 29, 0 FROM managed_source");
    for (int late = 0; late < 2; late++) {
        fixture_sql(db, "BEGIN");
        for (unsigned i = 0; i < count; i++)
            if (((things[i % WORLD_CERTIFICATES].is & BEFORE) == 0) == late)
                make_thing(db, i, (const struct made_cert *const *)issuers);
        fixture_sql(db, "COMMIT");
        if (late == 0)
            judge(db, -21);
    }
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who, until) SELECT 'accept', sha256, 'Replaced with the new filing system', "
                    "'Security Assurance', now() + interval '120 days' FROM certificate_own JOIN certificate c ON c.id = certificate "
                    "WHERE common_names[1] = 'legacy.courts.example.gov'");
    judge(db, 0);
    for (size_t i = 0; i < ISSUERS; i++)
        cert_make_free(issuers[i]);
}

void world_serve_month(struct db *db)
{
    struct error err = {0};
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=month.parks.example.gov", .not_before = ASN1_DAY(-10), .not_after = ASN1_DAY(20)});
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.251", .chain = {made}});
    cert_make_free(made);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

void world_record(struct db *db, const char *subject, int ends)
{
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = subject, .not_before = ASN1_DAY(-300), .not_after = ASN1_DAY(ends)});
    char *id = xasprintf("%lld", (long long)fixture_made(db, made));
    struct error err = {0};
    if (!db_exec_params(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256) "
                            "SELECT s.id, c.sha256, now() - interval '3 days', 'account.csv', 50 + c.id, '{}', '{}', c.sha256 FROM managed_source s, certificate c WHERE c.id = $1::bigint",
                        1, (const char *[]){id}, &err))
        fail_msg("%s", err.text);
    free(id);
    cert_make_free(made);
}

void world_record_unseen(struct db *db, const char *serial, const char *name, const char *owner, int ends)
{
    struct error err = {0};
    char *days = xasprintf("%d", ends);
    const char *params[] = {serial, name, owner, days};
    if (!db_exec_params(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, "
                            "order_number, common_name, owner, not_before, not_after) "
                            "SELECT 1, sha256(convert_to($1, 'UTF8')), now() - interval '3 days', 'account.csv', 900, ARRAY[$2], CASE WHEN "
                            "$3::text IS NULL THEN '{}' ELSE ARRAY['desk@library.example'] END, "
                            "$1, 'A-' || $1, $2, $3, now() - interval '300 days', now() + $4::integer * interval '1 day'", 4, params, &err) ||
        !db_exec_params(db, "INSERT INTO managed_location (record, name, port) SELECT id, $2, 443 FROM managed_record WHERE serial_number = "
                            "$1", 2, params, &err))
        fail_msg("%s", err.text);
    free(days);
}

int world_setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    world_make(((struct test_cluster *)*state)->db, WORLD_CERTIFICATES);
    return 0;
}
