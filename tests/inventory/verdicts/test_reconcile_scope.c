/* reconcile.h: a run over what has changed gives the tables that a run over everything gives, whatever happened in which
 * order: answers, imports, decisions, silence, another policy, another rule book, time. */
#include "inventory/load/serving.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAVES = 12, PLACES = 6, STEPS = 60 };

static struct {
    struct made_cert *ca, *old_ca, *leaves[LEAVES];
    struct db *db;
    uint64_t random;
    int64_t present_us;
    int records;
} world;

static unsigned pick(unsigned count)
{
    world.random = world.random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(world.random >> 33) % count;
}

static void sql(char *text)
{
    fixture_sql(world.db, text);
    free(text);
}

static const char *now_text(void)
{
    static char text[CLOCK_TEXT_SIZE];
    clock_format_us(world.present_us, text);
    return text;
}

/* A place shows one leaf from now on, at one of two sites, with or without a name. If another of its names ends earlier, that one gave way to it, by an
 * event that may be dated months back or hours ahead. */
static void answer_changes(void)
{
    static const char *const names[] = {NULL, "b.example", "c.example"};
    unsigned at = pick(PLACES), leaf = pick(LEAVES);
    char *address = xasprintf("127.70.1.%u", at % 4);
    struct fixture_served served = {.site = at >= 4 ? "branch" : NULL, .address = address, .server_name = names[at % 3],
                                    .from = now_text(), .tls_version = pick(4) == 0 ? 0x0301 : 0,
                                    .chain = {world.leaves[leaf], leaf % 3 == 0 ? world.old_ca : world.ca}};
    sql(xasprintf("UPDATE serving s SET closed_at = '%s' FROM endpoint e JOIN site st ON st.id = e.site WHERE e.id = s.endpoint AND "
                  "s.closed_at IS NULL AND e.address = '%s' AND st.name = '%s'", now_text(), address, at >= 4 ? "branch" : "default"));
    int64_t id = fixture_serve(world.db, &served);
    sql(xasprintf("DELETE FROM endpoint_state WHERE endpoint = %lld; INSERT INTO endpoint_state (endpoint, last_outcome) "
                  "VALUES (%lld, 1); INSERT INTO dirty VALUES (2, %lld)", (long long)id, (long long)id, (long long)id));
    sql(xasprintf("INSERT INTO dirty SELECT 2, e.id FROM endpoint e JOIN site st ON st.id = e.site WHERE e.address = '%s' AND st.name = '%s'",
                  address, at >= 4 ? "branch" : "default"));
    unsigned before = pick(26);
    sql(xasprintf("INSERT INTO event (endpoint, kind, time, chain_before, chain_after) SELECT s.endpoint, 'changed', timestamptz '%s' + interval '12 hours' - "
                  "interval '%u days', coalesce((SELECT c.id FROM chain c JOIN certificate_own x ON x.certificate = c.leaf JOIN chain n ON n.id = s.chain "
                  "JOIN certificate_own y ON y.certificate = n.leaf WHERE x.name_set = y.name_set AND x.not_after < y.not_after ORDER BY c.id LIMIT 1), b.chain), s.chain "
                  "FROM answer_span s JOIN answer_span b ON b.endpoint = s.endpoint AND b.closed_at = '%s' AND b.chain <> s.chain "
                  "WHERE s.endpoint = %lld AND s.closed_at IS NULL", now_text(), before < 13 ? before * 25 : 330 + 2 * (before - 13), now_text(), (long long)id));
    free(address);
}

/* A capture sees a leaf at a place, which no scan may have found; or sees again what it had seen. */
static void capture_sees(void)
{
    char *address = xasprintf("127.70.1.%u", pick(4));
    struct fixture_served served = {.address = address, .from = now_text(), .is_captured = true, .chain = {world.leaves[pick(LEAVES)], world.ca}};
    sql(xasprintf("UPDATE answer_span s SET closed_at = '%s' FROM endpoint e WHERE e.id = s.endpoint AND s.closed_at IS NULL AND s.variant = 8 "
                  "AND e.address = '%s'", now_text(), address));
    sql(xasprintf("INSERT INTO dirty VALUES (2, %lld)", (long long)fixture_serve(world.db, &served)));
    free(address);
}

static void capture_sees_again(void)
{
    sql(xasprintf("INSERT INTO sighting (scan, hour, endpoint, role, outcome, chain, sct_count, protocol, first_at, last_at, count) SELECT 2, '%s', "
                  "s.endpoint, 1, 1, s.chain, 0, 'tls', '%s', '%s', 1 FROM answer_span s WHERE s.variant = 8 AND s.closed_at IS NULL AND s.endpoint "
                  "%% 2 = %u ON CONFLICT DO NOTHING", now_text(), now_text(), now_text(), pick(2)));
}

static void place_goes(void)
{
    sql(xasprintf("WITH one AS (SELECT id FROM endpoint ORDER BY md5(id::text || '%u') LIMIT 1), gone AS (UPDATE endpoint_state SET "
                  "gone_at = CASE WHEN gone_at IS NULL THEN timestamptz '%s' END FROM one WHERE endpoint = id) "
                  "INSERT INTO dirty SELECT 2, id FROM one", pick(1000), now_text()));
}

static void hash_of(const struct made_cert *made, char hex[65])
{
    uint8_t hash[32];
    SHA256(made->der, made->len, hash);
    for (int i = 0; i < 32; i++)
        sprintf(hex + 2 * i, "%02x", hash[i]);
}

/* A public log has one of the leaves, whether it is served or not. */
static void log_comes(void)
{
    const struct made_cert *leaf = world.leaves[pick(LEAVES)];
    char hex[65];
    hash_of(leaf, hex);
    fixture_made(world.db, leaf);
    sql(xasprintf("INSERT INTO chain (sha256, length, leaf) SELECT sha256('log' || sha256), 1, id FROM certificate WHERE sha256 = '\\x%s' ON CONFLICT DO NOTHING", hex));
    sql(xasprintf("INSERT INTO dirty SELECT 1, id FROM certificate WHERE sha256 = '\\x%s'", hex));
}

static void record_comes(void)
{
    unsigned leaf = pick(LEAVES), how = pick(10);
    static const char *const matches[] = {
        "sha256, name_set) SELECT c.sha256, '{}'",
        "sha1, name_set) SELECT f.sha1, '{}'",
        "serial_number, issuer_folded, issuer, name_set) SELECT f.serial_number, f.issuer_folded, f.issuer, '{}'",
        "serial_number, common_name, name_set) SELECT f.serial_number, lower(f.common_name), '{}'",
        "serial_number, name_set) SELECT f.serial_number, '{}'",
        "spki_sha256, name_set) SELECT f.spki_sha256, '{}'",
        "spki_sha256, common_name, name_set, issuer_folded) SELECT f.spki_sha256, lower(f.common_name), f.name_set, f.issuer_folded",
        "common_name, name_set) SELECT lower(f.common_name), f.name_set",
        "common_name, name_set) SELECT lower(f.common_name), '{}'",
        ("sha256, serial_number, issuer, issuer_folded, spki_sha256, name_set) SELECT sha256('other'), f.serial_number, f.issuer, "
         "f.issuer_folded, sha256('key'), f.name_set"),
    };
    static const char *const statuses[] = {"NULL", "NULL", "'issued'", "'revoked'", "'requested'", "'replaced'"};
    const char *split = strchr(matches[how], ')');
    char hex[65];
    hash_of(world.leaves[leaf], hex);
    sql(xasprintf("INSERT INTO managed_record (source, key, valid_from, file, line, contacts, not_before, not_after, owner, status, order_number, replaces, replaced_by, "
                  "auto_renewal, delivered_at, %.*s) SELECT 1, sha256('%d'), '%s', 'ca.csv', %d, '{}', '2026-0%u-01', %s, %s, %s, 'o%u', %s, %s, %s, %s, %s FROM certificate c "
                  "JOIN certificate_facts f ON f.certificate = c.id WHERE c.sha256 = '\\x%s'", (int)(split - matches[how]), matches[how], world.records,
                  now_text(), world.records, 1 + pick(6), pick(3) == 0 ? "'2026-07-01'" : "NULL", pick(2) == 0 ? "'Records'" : "NULL",
                  statuses[pick(6)], pick(4), pick(4) == 0 ? "'o1'" : "NULL", pick(5) == 0 ? "'o2'" : "NULL", pick(3) == 0 ? "true" : "NULL", pick(4) == 0 ? "'2026-01-05'" : "NULL", split + 1 + strlen(" SELECT "), hex));
    world.records++;
    unsigned where = pick(4);
    if (where == 0)
        sql(xasprintf("INSERT INTO managed_location (record, address, port) SELECT max(id), '127.70.1.%u', 443 FROM managed_record HAVING max(id) > 0", pick(5)));
    if (where == 1)
        sql(xasprintf("INSERT INTO managed_location (record, site, address) SELECT max(id), (SELECT min(id) FROM site), '127.70.1.%u' "
                      "FROM managed_record HAVING max(id) > 0", pick(5)));
    if (where == 2)
        sql(xasprintf("INSERT INTO managed_location (record, name) SELECT max(id), '%c.example' FROM managed_record HAVING max(id) > 0", (char)('a' + pick(3))));
}

/* The account tells of one that a place showed, until one of the same names took its place there. */
static void record_of_what_gave_way_comes(void)
{
    sql(xasprintf("INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, sha256) "
                  "SELECT 1, sha256('%d'), '%s', 'ca.csv', %d, '{}', '{}', c.sha256 FROM answer_span o JOIN answer_span n ON n.endpoint = o.endpoint AND n.closed_at IS NULL "
                  "JOIN chain oc ON oc.id = o.chain JOIN chain nc ON nc.id = n.chain JOIN certificate_own x ON x.certificate = oc.leaf "
                  "JOIN certificate_own y ON y.certificate = nc.leaf AND y.name_set = x.name_set AND y.not_before > x.not_before JOIN certificate c ON c.id = oc.leaf "
                  "WHERE o.closed_at IS NOT NULL ORDER BY md5(o.endpoint::text || '%u') LIMIT 1", world.records, now_text(), world.records, pick(1000)));
    world.records++;
}

static void record_ends(void)
{
    sql(xasprintf("UPDATE managed_record SET valid_to = '%s' WHERE id = (SELECT id FROM managed_record WHERE valid_to IS NULL "
                  "ORDER BY md5(id::text || '%u') LIMIT 1)", now_text(), pick(1000)));
}

static void decision_is_made(void)
{
    static const char *const kinds[] = {"accept", "ignore", "adopt", "mute", "link"};
    const char *kind = kinds[pick(5)];
    bool is_link = strcmp(kind, "link") == 0;
    sql(xasprintf("INSERT INTO decision (kind, sha256, reason, who, made_at, until, source, record_key) SELECT '%s', c.sha256, 'test', 'ann', '%s', "
                  "timestamptz '%s' + interval '%u days', %s FROM certificate c%s ORDER BY md5(c.id::text || '%u') LIMIT 1", kind, now_text(),
                  now_text(), 1 + pick(40), is_link ? "r.source, r.key" : "NULL, NULL",
                  is_link ? ", (SELECT source, key FROM managed_record ORDER BY id DESC LIMIT 1) r" : "", pick(1000)));
}

static void decision_is_taken_back(void)
{
    sql(xasprintf("UPDATE decision SET undone_at = '%s' WHERE id = (SELECT id FROM decision WHERE undone_at IS NULL ORDER BY md5(id::text || '%u') LIMIT 1)",
                  now_text(), pick(1000)));
}

/* For all certificates found while the filter is in force. */
static void filter_stands(void)
{
    static const char *const kinds[] = {"accept", "ignore", "adopt", "mute"};
    static const char *const conditions[] = {"name_like) VALUES ('b%', ", "owner_like) VALUES ('Branch', ", "issuer_kind) VALUES ('own', ",
                                             "network) VALUES ('127.70.1.2/31', "};
    const char *condition = conditions[pick(4)], *split = strchr(condition, ')');
    sql(xasprintf("INSERT INTO decision_filter (%.*s, text, kind, is_standing, reason, who, made_at, until) %s'f', '%s', true, 'test', 'ann', '%s', "
                  "timestamptz '%s' + interval '%u days')", (int)(split - condition), condition, split + 2, kinds[pick(4)], now_text(), now_text(), 1 + pick(20)));
    sql(xstrdup("INSERT INTO decision (kind, sha256, reason, who, made_at, until, filter) SELECT f.kind, n.sha256, f.reason, f.who, f.made_at, f.until, f.id "
                "FROM decision_filter f JOIN certificate_now n ON filter_finds(f, n) WHERE f.id = (SELECT max(id) FROM decision_filter)"));
}

static void silence_falls(void)
{
    sql(xasprintf("INSERT INTO quiet VALUES (1, '127.70.1.0/24', 443, 6, 12, '%s', '%s', ~ 0::bit(256)) ON CONFLICT (prefix, port, transport, "
                  "scan, outcome) DO UPDATE SET to_at = excluded.to_at", now_text(), now_text()));
}

/* The CAs are roots of a store (the old one in two of three), so paths begin and end. */
static void policy_changes(void)
{
    char ca[65], old_ca[65];
    unsigned which = pick(3);
    hash_of(world.ca, ca);
    hash_of(world.old_ca, old_ca);
    sql(xasprintf("WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 'p', sha256('%u'), '', '{\"min_rsa_bits\": %u, \"stale_after_days\": 12, \"own_suffixes\": [\"example\"], "
                  "\"own_cas\": [{\"issuer\": [\"CN=CA\"]}], \"trust_stores\": [{\"name\": \"x\", \"kind\": \"public\", \"certificates\": "
                  "[\"%s\", \"%s\"]}]}' ON CONFLICT (sha256) DO UPDATE SET text = '' RETURNING id) INSERT INTO policy_use (policy) SELECT id FROM p",
                  which, 1024 * (1 + pick(3)), ca, which == 0 ? ca : old_ca));
}

/* A revocation list that is soon too old, an entry dated ahead, an OCSP answer: each as its reader would store and mark it. */
static void list_comes(void)
{
    sql(xasprintf("INSERT INTO crl (sha256, source, authority, this_update, next_update, scope, points, is_complete, entry_count) "
                  "SELECT sha256('%u'), 'x.crl', id, '%s', timestamptz '%s' + interval '%u days', 'all', '{}', true, 0 FROM authority "
                  "ORDER BY md5(id::text || '%u') LIMIT 1 ON CONFLICT DO NOTHING; INSERT INTO dirty SELECT 1, child FROM edge",
                  pick(1000000), now_text(), now_text(), 1 + pick(20), pick(1000)));
}

static void revocation_comes(void)
{
    sql(xasprintf("WITH come AS (INSERT INTO revocation (authority, serial_number, revoked_at, reason, points, listed_at, source) "
                  "SELECT e.authority, f.serial_number, timestamptz '%s' + interval '%u days', 6, '{}', '%s', 'crl' FROM edge e "
                  "JOIN certificate_facts f ON f.certificate = e.child WHERE e.authority IS NOT NULL ORDER BY md5(e.child::text || '%u') LIMIT 1 "
                  "ON CONFLICT DO NOTHING RETURNING authority) INSERT INTO dirty SELECT 1, e.child FROM come JOIN edge e USING (authority)",
                  now_text(), pick(20), now_text(), pick(1000)));
}

static void answer_is_stapled(void)
{
    sql(xasprintf("WITH come AS (INSERT INTO ocsp_good SELECT e.authority, f.serial_number, '%s', timestamptz '%s' + interval '%u days' "
                  "FROM edge e JOIN certificate_facts f ON f.certificate = e.child WHERE e.authority IS NOT NULL ORDER BY md5(e.child::text || '%u') "
                  "LIMIT 1 ON CONFLICT (authority, serial_number) DO UPDATE SET this_update = excluded.this_update, "
                  "next_update = excluded.next_update RETURNING authority) INSERT INTO dirty SELECT 1, e.child FROM come JOIN edge e USING (authority)",
                  now_text(), now_text(), 1 + pick(20), pick(1000)));
}

static void rule_book_changes(void)
{
    sql(xasprintf("INSERT INTO owner_import (file, rule_count) VALUES ('owners.csv', 3); INSERT INTO owner_rule (import, line, site, "
        "first_address, last_address, name_suffix, issuer_like, owner, contacts, text) SELECT (SELECT max(id) FROM owner_import), * FROM (VALUES "
        "(2, NULL, inet '127.70.1.0', inet '127.70.1.%u', 'b.example', NULL, 'B', '{}'::text[], 'b'), "
        "(3, 'branch', NULL, NULL, NULL, '%%CA', 'Branch', '{}', 'branch'), (4, NULL, NULL, NULL, '%s', NULL, 'Names', '{}', 'names'), "
        "(5, NULL, '127.70.1.2', '127.70.1.2', NULL, NULL, 'Two', '{}', 'two')) v", pick(5), pick(2) == 0 ? "example" : "c.example"));
}

static void time_passes(void)
{
    world.present_us += (int64_t)(1 + pick(12)) * 86400 * 1000000;
}

static void (*const happenings[])(void) = {
    answer_changes, answer_changes, answer_changes, answer_changes, capture_sees, capture_sees, capture_sees_again, place_goes, record_comes, record_comes, record_comes, record_comes, record_comes,
    record_of_what_gave_way_comes, record_ends, decision_is_made, decision_is_made, decision_is_taken_back, filter_stands, silence_falls, policy_changes, rule_book_changes, time_passes, time_passes, time_passes,
    time_passes, list_comes, revocation_comes, answer_is_stapled, log_comes, log_comes,
};

static void run(bool everything)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW, .everything = everything, .present_us = world.present_us};
    if (!reconcile_run(world.db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

/* Reconcile finds owners of all places at once; the rule in its simplest form, each place against each line, must give the same
 * line. Returns how many places have an owner. */
static int owners_agree_with_the_plain_rule(void)
{
    static const char places[] =
        "SELECT st.name || ' ' || host(e.address) || ', names ' || n.names::text, coalesce(substring(o.evidence FROM '^owners.csv:([0-9]+)'), '0'), "
        "(SELECT coalesce(min(r.line), 0) FROM owner_rule_current r WHERE (r.site IS NULL OR r.site = st.name) "
        "AND (r.first_address IS NULL OR (e.address BETWEEN r.first_address AND r.last_address AND family(e.address) = family(r.first_address))) "
        "AND (r.name_suffix IS NULL OR EXISTS (SELECT FROM unnest(n.names) name WHERE name = r.name_suffix OR name LIKE '%.' || r.name_suffix)) "
        "AND (r.issuer_like IS NULL OR f.issuer ILIKE r.issuer_like)) "
        "FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint JOIN site st ON st.id = e.site "
        "JOIN certificate_facts f ON f.certificate = j.certificate LEFT JOIN owner_basis o ON o.id = j.owner_basis "
        "CROSS JOIN LATERAL (SELECT f.dns_names || lower(f.common_name) || e.server_name::text AS names) n";
    struct error err = {0};
    struct db_result *result = db_query(world.db, places, 0, NULL, &err);
    if (result == NULL)
        fail_msg("%s", err.text);
    int owned = 0;
    for (size_t i = 0; i < db_rows(result); i++) {
        if (strcmp(db_value(result, i, 1), db_value(result, i, 2)) != 0)
            fail_msg("%s: reconcile took line %s, the plain rule line %s", db_value(result, i, 0), db_value(result, i, 1), db_value(result, i, 2));
        owned += strcmp(db_value(result, i, 1), "0") != 0;
    }
    db_result_destroy(result);
    return owned;
}

/* The query finds what differs. */
static void nothing_differs(int step, const char *what, const char *sql)
{
    char *wrong = test_rows(world.db, sql);
    if (wrong[0] != '\0')
        fail_msg("step %d: %s:\n%s", step, what, wrong);
    free(wrong);
}

/* What is kept of renewals is what certificates, events and records say. */
static void renewals_agree_with_the_plain_rule(int step)
{
    nothing_differs(step, "renewals kept, and by the plain rule",
        "WITH renewed AS (SELECT DISTINCT a.certificate FROM report_as_of r JOIN event e ON e.kind = 'changed' AND e.time + interval '1 year' > r.as_of "
        "AND e.time <= r.as_of JOIN chain cb ON cb.id = e.chain_before JOIN chain ca ON ca.id = e.chain_after JOIN certificate_own b ON b.certificate = cb.leaf "
        "JOIN certificate_own a ON a.certificate = ca.leaf WHERE a.name_set = b.name_set AND a.not_after > b.not_after), "
        "owned AS (SELECT DISTINCT n.certificate, coalesce(po.owner, o.owner, '') AS owner FROM certificate_now n "
        "LEFT JOIN (SELECT certificate, owner_basis FROM endpoint_judged UNION SELECT certificate, owner_basis FROM file_judged) p "
        "ON p.certificate = n.certificate AND p.owner_basis IS NOT NULL "
        "LEFT JOIN owner_basis po ON po.id = p.owner_basis LEFT JOIN owner_basis o ON o.id = n.owner_basis), "
        "lived AS (SELECT o.owner, (date_part('epoch', n.not_after - n.not_before) / 86400)::numeric AS days, "
        "coalesce(m.auto_renewal, false) OR n.is_automatic AS is_automatic, n.not_after - n.not_before <= interval '100 days' AS is_short, x.certificate IS NOT NULL AS is_renewed "
        "FROM report_as_of r CROSS JOIN certificate_now n "
        "LEFT JOIN managed_record m ON m.id = n.record_id LEFT JOIN renewed x USING (certificate) JOIN owned o USING (certificate) "
        "WHERE n.is_leaf AND n.not_after > n.not_before AND n.not_after >= r.as_of), "
        "plain AS (SELECT owner, count(*), count(*) FILTER (WHERE is_automatic), count(*) FILTER (WHERE is_short AND NOT is_automatic), count(*) FILTER (WHERE is_renewed AND NOT is_short AND NOT is_automatic), "
        "count(*) FILTER (WHERE is_renewed), sum(round(365000000 / days)), sum(round(365000000 / least(days, 398))), "
        "sum(round(365000000 / least(days, 200))), sum(round(365000000 / least(days, 100))), sum(round(365000000 / least(days, 47))), "
        "coalesce(sum(round(365000000 / least(days, 47))) FILTER (WHERE NOT is_automatic AND NOT is_short), 0) FROM lived GROUP BY owner), "
        "kept AS (SELECT coalesce(owner, ''), lasting, automatic, presumed, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47 "
        "FROM owner_count WHERE lasting > 0) "
        "(SELECT 'kept', * FROM kept EXCEPT ALL SELECT 'kept', * FROM plain) UNION ALL (SELECT 'plain', * FROM plain EXCEPT ALL SELECT 'plain', * FROM kept)");
}

/* What is kept of last safe days and ends is what the lists of them hold. */
static void what_is_due_agrees_with_the_lists(int step)
{
    nothing_differs(step, "what is due as it is kept, and by the lists",
        "WITH kept AS (SELECT * FROM renewals_due('{}', NULL, NULL)), plain AS (SELECT * FROM renewals_due('{\"due\": [null, 90]}', NULL, NULL)), "
        "kept_of_site AS (SELECT s.name, c.value, c.count FROM now_count c JOIN site s ON s.id = c.site WHERE c.subject = 'to renew'), "
        "plain_of_site AS (SELECT s.name, v.value, v.count FROM site s "
        "CROSS JOIN LATERAL renewals_due(jsonb_build_object('site', s.name), NULL, NULL) d "
        "CROSS JOIN LATERAL (VALUES ('overdue', d.overdue), ('0-7', d.week), ('8-30', d.month), ('31-60', d.two_months), ('61-90', d.three_months)) v (value, count) "
        "WHERE d.is_total AND v.count > 0), "
        "hours AS (SELECT date_trunc('hour', ends_at, 'UTC'), count(*) FROM certificate_now WHERE is_leaf AND isfinite(ends_at) GROUP BY 1) "
        "SELECT 'kept', k::text FROM (SELECT * FROM kept EXCEPT ALL SELECT * FROM plain) k UNION ALL "
        "SELECT 'plain', p::text FROM (SELECT * FROM plain EXCEPT ALL SELECT * FROM kept) p UNION ALL "
        "SELECT 'kept', k::text FROM (SELECT * FROM kept_of_site EXCEPT ALL SELECT * FROM plain_of_site) k UNION ALL "
        "SELECT 'plain', p::text FROM (SELECT * FROM plain_of_site EXCEPT ALL SELECT * FROM kept_of_site) p UNION ALL "
        "SELECT 'kept', k::text FROM (SELECT hour, count FROM ending_count EXCEPT ALL SELECT * FROM hours) k UNION ALL "
        "SELECT 'plain', p::text FROM (SELECT * FROM hours EXCEPT ALL SELECT hour, count FROM ending_count) p UNION ALL "
        "SELECT 'ending', w.days || ' days' FROM report_as_of r, (VALUES (0), (1), (30), (90), (400)) w (days) "
        "WHERE leaves_ending(r.as_of, r.as_of + make_interval(days => w.days)) <> (SELECT count(*) FROM certificate_now n "
        "WHERE n.is_leaf AND n.ends_at >= r.as_of AND n.ends_at < r.as_of + make_interval(days => w.days))");
}

/* The places kept of each certificate are those that a list would find. */
static void places_kept_are_those_found(int step)
{
    nothing_differs(step, "places as they are kept, and as they are found",
        "SELECT certificate, n.places, p.places FROM (SELECT certificate, places FROM certificate_now WHERE places IS NOT NULL OR place_count > 0) n "
        "FULL JOIN (SELECT * FROM certificate_places(ARRAY(SELECT DISTINCT certificate FROM endpoint_judged), '{}')) p USING (certificate) "
        "WHERE n.places IS DISTINCT FROM p.places");
}

/* The first day kept of each certificate is that of its findings and of those at its places, each by itself. */
static void first_days_kept_are_those_of_findings(int step)
{
    nothing_differs(step, "the first day of findings as it is kept, and by each of them",
        "SELECT certificate, n.found_by, n.found_rule, f.day FROM certificate_now n FULL JOIN (SELECT certificate, min(day) AS day FROM ("
        "SELECT n.certificate, finding_act_by(f.rule, f.severity_rank, f.since, 'infinity', CASE WHEN n.is_revoked THEN "
        "coalesce(n.revoked_at, f.since) END, s.act_days, s.zone) AS day "
        "FROM due_setting s CROSS JOIN finding f JOIN certificate_now n USING (certificate) UNION ALL "
        "SELECT j.certificate, finding_act_by(f.rule, f.severity_rank, f.since, NULL, NULL, s.act_days, s.zone) "
        "FROM due_setting s CROSS JOIN finding f JOIN endpoint_judged j USING (endpoint) WHERE f.certificate = 0) f WHERE day IS NOT NULL "
        "GROUP BY certificate) f USING (certificate) "
        "WHERE n.found_by IS DISTINCT FROM f.day OR (n.found_by IS NULL) <> (n.found_rule IS NULL)");
    nothing_differs(step, "the last safe day as it is kept, and by the policy's terms",
        "SELECT n.certificate, n.safe_until, t.ask_by FROM certificate_now n JOIN certificate_term t USING (certificate) WHERE n.safe_until "
        "IS DISTINCT FROM t.ask_by");
}

static void what_changed_and_everything_agree(void **state)
{
    struct test_cluster *cluster = *state;
    world.db = cluster->db;
    world.random = 20261130;
    assert_true(clock_parse_us("2026-01-10", &world.present_us));
    world.ca = cert_make(&(struct cert_recipe){.subject = "CN=CA", .is_ca = 1, .not_after = "20280101000000Z"});
    world.old_ca = cert_make(&(struct cert_recipe){.subject = "CN=Old CA", .key = "RSA:1024", .is_ca = 1, .not_after = "20260401000000Z"});
    for (unsigned i = 0; i < LEAVES; i++) {
        char *subject = xasprintf("CN=%c.example", (char)('a' + i / 3));
        world.leaves[i] = cert_make(&(struct cert_recipe){.subject = subject, .issuer = i % 3 == 0 ? world.old_ca : world.ca,
            .key = i % 4 == 0 ? "RSA:2048" : NULL, .same_key = i % 5 == 4 ? world.leaves[i - 2] : NULL,
            .extension = {"crlDistributionPoints", "URI:http://crl.example/ca.crl"},
            .not_before = i % 3 == 2 ? "20260104000000Z" : NULL, .not_after = i % 2 == 0 ? "20260315000000Z" : "20270101000000Z"});
        free(subject);
    }
    fixture_sql(world.db, "INSERT INTO site (name) VALUES ('default'), ('branch'); INSERT INTO managed_source (name) VALUES ('ca'); "
        "INSERT INTO managed_import (source, imported_at, files, record_count, bad_count) VALUES (1, '2026-01-02', '{ca.csv}', 1, 0); "
        "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
        "SELECT gen_random_uuid(), 1, kind, now(), '', '', '', 1, 1 FROM unnest('{1, 2, 4}'::smallint[]) kind");
    static const char numbers[] = "SELECT site, subject, value, count::text FROM now_count UNION ALL "
                                  "SELECT 0, 'owner', owner_key::text, o::text FROM owner_count o ORDER BY 1, 2, 3";
    int owned = 0;
    int64_t unconfirmed = 0, of_cas = 0, automatic = 0, presumed = 0, by_hand = 0, unknown = 0, due = 0, replaced = 0, replaced_by_record = 0;
    run(true);
    for (int step = 0; step < STEPS; step++) {
        for (unsigned i = 0, count = 1 + pick(6); i < count; i++)
            happenings[pick(sizeof happenings / sizeof *happenings)]();
        run(false);
        what_is_due_agrees_with_the_lists(step);
        places_kept_are_those_found(step);
        first_days_kept_are_those_of_findings(step);
        char *before = test_rows(world.db, numbers);
        run(true);
        char *after = test_rows(world.db, numbers);
        if (test_number(world.db, "SELECT changed FROM reconcile_run ORDER BY id DESC LIMIT 1") != 0)
            fail_msg("step %d: a run over everything finds what the run before it had missed:\n%s%s%s%s%s", step,
                     test_rows(world.db, "SELECT what, count FROM written WHERE count > 0"),
                     test_rows(world.db, "SELECT * FROM compared_finding"), test_rows(world.db, "SELECT row_to_json(c), row_to_json(n) FROM compared_endpoint c LEFT JOIN new_endpoint n ON n.ctid = c.at"),
                     test_rows(world.db, "SELECT row_to_json(c), row_to_json(n) FROM compared_certificate c LEFT JOIN new_certificate n ON n.certificate = c.now"),
                     test_rows(world.db, "SELECT row_to_json(c), row_to_json(n), row_to_json(r) FROM changed_record c LEFT JOIN new_record n USING (record) "
                                         "LEFT JOIN managed_record r ON r.id = c.record"));
        if (strcmp(before, after) != 0)
            fail_msg("step %d: numbers kept\n%snumbers counted\n%s", step, before, after);
        free(before);
        free(after);
        nothing_differs(step, "findings of a site counted, and listed",
            "SELECT s.name, n.counted, n.listed FROM site s CROSS JOIN LATERAL (SELECT "
            "(SELECT coalesce(sum(count), 0) FROM now_count c WHERE c.site = s.id AND c.subject = 'severity') AS counted, "
            "(SELECT count(*) FROM findings_wanted(jsonb_build_object('site', s.name), NULL, NULL)) AS listed) n WHERE n.counted <> n.listed");
        renewals_agree_with_the_plain_rule(step);
        due += test_number(world.db, "SELECT count(*) FROM now_count WHERE subject = 'to renew' AND site <> 0");
        of_cas += test_number(world.db, "SELECT count(*) FROM site_ca");
        automatic += test_number(world.db, "SELECT sum(automatic) FROM owner_count");
        presumed += test_number(world.db, "SELECT sum(presumed) FROM owner_count");
        by_hand += test_number(world.db, "SELECT sum(by_hand) FROM owner_count");
        unknown += test_number(world.db, "SELECT sum(lasting - automatic - presumed - by_hand) FROM owner_count");
        replaced += test_number(world.db, "SELECT count(*) FROM certificate_now WHERE replaced_by IS NOT NULL");
        replaced_by_record += test_number(world.db, "SELECT count(*) FROM certificate_now WHERE replaced_at IS NOT NULL AND replaced_by IS NULL");
        owned += owners_agree_with_the_plain_rule();
        unconfirmed += test_number(world.db, "SELECT count(*) FROM endpoint_unconfirmed");
    }
    /* What is compared above is not empty. */
    assert_true(owned > STEPS / 4);
    assert_true(due > STEPS / 4);
    assert_true(test_number(world.db, "SELECT count(DISTINCT axis || value) FROM verdict_past") > 12);
    assert_true(test_number(world.db, "SELECT count(*) FROM reconcile_run WHERE NOT is_full AND changed > 0") > STEPS / 4);
    assert_true(test_number(world.db, "SELECT count(*) FROM ownership") > 3);
    assert_true(unconfirmed > 0);
    assert_true(of_cas > STEPS / 4);
    if (replaced == 0 || replaced_by_record == 0)
        fail_msg("replaced %lld, by a record %lld", (long long)replaced, (long long)replaced_by_record);
    assert_true(automatic > 0 && presumed > 0 && by_hand > 0 && unknown > 0);
    assert_int_equal(test_number(world.db, "SELECT count(DISTINCT rule) FROM verdict_past WHERE rule IN ('H01', 'H08', 'H10')"), 3);
    for (unsigned i = 0; i < LEAVES; i++)
        cert_make_free(world.leaves[i]);
    cert_make_free(world.ca);
    cert_make_free(world.old_ca);
}

static void nothing_new_judges_nothing(void **state)
{
    (void)state;
    int64_t runs = test_number(world.db, "SELECT count(*) FROM reconcile_run");
    run(false);
    assert_int_equal(test_number(world.db, "SELECT count(*) FROM reconcile_run"), runs);
}

/* Rule P05 becomes high in 2030 for an endpoint that has nothing else that is due: no certificate, no decision, no record. */
/* What nobody remembers to have been served is served nowhere: its CA, which only it was sent with, is judged again, too. */
static void what_was_forgotten_is_judged(void **state)
{
    (void)state;
    struct error err = {0};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=Forgotten CA", .is_ca = 1, .not_after = "20400101000000Z"});
    struct made_cert *leaf = cert_make(&(struct cert_recipe){.subject = "CN=forgotten.example", .issuer = ca});
    int64_t id = fixture_serve(world.db, &(struct fixture_served){.address = "127.70.9.1", .chain = {leaf, ca}});
    sql(xasprintf("INSERT INTO dirty VALUES (2, %lld)", (long long)id));
    run(false);
    static const char of_ca[] = "SELECT count(*) FROM finding f JOIN certificate_own o USING (certificate) WHERE o.subject = 'CN=Forgotten CA' AND f.rule = 'K20'";
    assert_int_equal(test_number(world.db, of_ca), 1);
    fixture_sql(world.db, "SELECT forget_before('2100-01-01')");
    if (!serving_recompute(world.db, NULL, &err))
        fail_msg("%s", err.text);
    run(false);
    assert_int_equal(test_number(world.db, of_ca), 0);
    run(true);
    nothing_differs(0, "missed by the run before", "SELECT what, count FROM written WHERE count > 0 UNION ALL SELECT w::text, 0 FROM compared_finding w "
                       "UNION ALL SELECT row_to_json(c)::text, 0 FROM compared_certificate c UNION ALL SELECT row_to_json(c)::text, 0 FROM compared_endpoint c "
                       "UNION ALL SELECT row_to_json(c)::text, 0 FROM changed_record c");
    cert_make_free(leaf);
    cert_make_free(ca);
}

static void a_finding_about_a_place_alone_is_due(void **state)
{
    (void)state;
    fixture_sql(world.db, "WITH e AS (INSERT INTO endpoint (site, address, port, transport, server_name, zone, prefix, key) VALUES (1, '127.70.9.9', 443, 6, '', '', '127.70.9.0/24', "
        "md5('alone')::uuid) RETURNING id), p AS (INSERT INTO posture (endpoint, item, time, value, scan) SELECT e.id, 'tls13', '2026-02-01', 'refused', s.id "
        "FROM e, (SELECT min(id) AS id FROM scan) s) INSERT INTO dirty SELECT 2, id FROM e");
    static const char severity[] = "SELECT f.severity_rank FROM finding f JOIN endpoint e ON e.id = f.endpoint WHERE f.rule = 'P05' AND e.address = '127.70.9.9'";
    assert_true(clock_parse_us("2030-01-01", &world.present_us));
    run(false);
    int64_t before = test_number(world.db, severity);
    assert_true(clock_parse_us("2030-01-03", &world.present_us));
    run(false);
    assert_int_equal(test_number(world.db, severity), before - 1);
    run(true);
    assert_int_equal(test_number(world.db, "SELECT changed FROM reconcile_run ORDER BY id DESC LIMIT 1"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_and_everything_agree),
        cmocka_unit_test(nothing_new_judges_nothing),
        cmocka_unit_test(what_was_forgotten_is_judged),
        cmocka_unit_test(a_finding_about_a_place_alone_is_due),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
