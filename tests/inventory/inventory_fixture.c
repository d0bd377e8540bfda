#include "tests/inventory/inventory_fixture.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t number_of(struct db *db, const char *sql, size_t count, const char *const *params)
{
    struct error err = {0};
    struct db_result *result = db_query(db, sql, count, params, &err);
    if (result == NULL || db_rows(result) == 0)
        fail_msg("%s: %s", sql, err.text);
    int64_t value = db_int(result, 0, 0);
    db_result_destroy(result);
    return value;
}

static char *bytea(const void *bytes, size_t len)
{
    char *text = xmalloc(2 * len + 3);
    memcpy(text, "\\x", 2);
    hex_format(bytes, len, text + 2);
    return text;
}

int64_t fixture_certificate(struct db *db, const void *der, size_t len)
{
    uint8_t hash[32];
    SHA256(der, len, hash);
    char *key = bytea(hash, sizeof hash), *value = bytea(der, len);
    const char *params[] = {key, value};
    int64_t id = number_of(db, "INSERT INTO certificate (sha256, der) VALUES ($1::bytea, $2::bytea) ON CONFLICT (sha256) "
                               "DO UPDATE SET der = excluded.der RETURNING id", 2, params);
    free(key);
    free(value);
    return id;
}

int64_t fixture_made(struct db *db, const struct made_cert *made)
{
    return fixture_certificate(db, made->der, made->len);
}

const char *fixture_moment(const char *format, int64_t seconds)
{
    static char texts[8][40];
    static unsigned next;
    char *text = texts[next++ % 8];
    time_t when = time(NULL) + (time_t)seconds;
    struct tm tm;
    strftime(text, sizeof texts[0], format, gmtime_r(&when, &tm));
    return text;
}

void fixture_sql(struct db *db, const char *sql)
{
    struct error err = {0};
    if (!db_exec(db, sql, &err))
        fail_msg("%s", err.text);
}

void fixture_trust_clear(struct db *db)
{
    static const char *const tables[] = {"ca_path", "store_root", "trust_store", "authority_certificate", "authority", "edge", "trust_pending",
        "authority_news", "name_violation", "name_check", "name_pending", "chain_fault", "chain_end", "chain_pending", "crl", "revocation",
        "ocsp_good", "staple_pending"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char *sql = xasprintf("DELETE FROM %s", tables[i]);         /* a dozen rows go faster so than by TRUNCATE */
        fixture_sql(db, sql);
        free(sql);
    }
    fixture_sql(db, "UPDATE trust_state SET retried_to = 0, paths_are_old = false");
}

static char *chain_add(struct db *db, const struct fixture_served *served)
{
    uint8_t hash[32] = {0};
    SHA256_CTX context;
    char *ids[4] = {NULL}, *length = NULL;
    size_t count = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    SHA256_Init(&context);
    for (; count < 4 && served->chain[count] != NULL; count++) {
        uint8_t one[32];
        SHA256(served->chain[count]->der, served->chain[count]->len, one);
        SHA256_Update(&context, one, sizeof one);
        ids[count] = xasprintf("%lld", (long long)fixture_made(db, served->chain[count]));
    }
    SHA256_Final(hash, &context);
#pragma GCC diagnostic pop
    char *key = bytea(hash, sizeof hash);
    length = xasprintf("%zu", count);
    const char *params[] = {key, length, ids[0]};
    char *chain = xasprintf("%lld", (long long)number_of(db,
        "WITH held AS (SELECT id FROM chain WHERE sha256 = $1::bytea), added AS (INSERT INTO chain (sha256, length, leaf) "
        "SELECT $1::bytea, $2::int, $3::bigint WHERE NOT EXISTS (SELECT FROM held) RETURNING id) "
        "SELECT id FROM held UNION ALL SELECT id FROM added", 3, params));
    for (size_t i = 0; i < count; i++) {
        char *position = xasprintf("%zu", i);
        const char *row[] = {chain, position, ids[i]};
        struct error err = {0};
        if (!db_exec_params(db, "INSERT INTO chain_certificate VALUES ($1::bigint, $2::int, $3::bigint) ON CONFLICT DO NOTHING",
                            3, row, &err))
            fail_msg("%s", err.text);
        free(position);
        free(ids[i]);
    }
    const char *pending[] = {chain};
    struct error err = {0};
    if (!db_exec_params(db, "INSERT INTO chain_pending VALUES ($1::bigint) ON CONFLICT DO NOTHING", 1, pending, &err))
        fail_msg("%s", err.text);
    free(key);
    free(length);
    return chain;
}

/* The present, as the loader would write it from the spans. */
static void present_set(struct db *db, const char *endpoint)
{
    struct error err = {0};
    if (!db_exec_params(db,
            "WITH changed AS (INSERT INTO endpoint_now (endpoint, site, chains, leafs, tls_version, cipher_suite, protocol, tls_versions, cipher_suites, "
            "    last_outcome, first_certificate_at) "
            "SELECT e.id, e.site, coalesce(array_agg(DISTINCT a.chain) FILTER (WHERE a.closed_at IS NULL), '{}'), "
            "    coalesce(array_agg(DISTINCT c.leaf) FILTER (WHERE a.closed_at IS NULL), '{}'), max(a.tls_version), "
            "    max(a.cipher_suite), 'tls', array_agg(a.tls_version), array_agg(a.cipher_suite), 1, min(a.from_at) "
            "FROM endpoint e JOIN answer_span a ON a.endpoint = e.id JOIN chain c ON c.id = a.chain "
            "WHERE e.id = $1::bigint GROUP BY e.id, e.site "
            "ON CONFLICT (endpoint) DO UPDATE SET chains = excluded.chains, leafs = excluded.leafs, "
            "    tls_version = excluded.tls_version, cipher_suite = excluded.cipher_suite, tls_versions = excluded.tls_versions, "
            "    cipher_suites = excluded.cipher_suites, first_certificate_at = excluded.first_certificate_at "
            "RETURNING endpoint) INSERT INTO dirty (kind, id) SELECT 2, endpoint FROM changed",
            1, &endpoint, &err))
        fail_msg("%s", err.text);
}

int64_t fixture_serve(struct db *db, const struct fixture_served *served)
{
    struct error err = {0};
    const char *site[] = {served->site == NULL ? "default" : served->site};
    char *site_id = xasprintf("%lld", (long long)number_of(db,
        "INSERT INTO site (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id", 1, site));
    char *port = xasprintf("%d", served->port == 0 ? 443 : served->port);
    const char *place[] = {site_id, served->address, port, served->server_name == NULL ? "" : served->server_name};
    int64_t endpoint = number_of(db,
        "INSERT INTO endpoint (site, address, port, transport, server_name, zone, prefix, key) VALUES ($1::bigint, $2::inet, $3::int, 6, "
        "$4, '', address_prefix($2::inet), md5($1::text || ' ' || $2 || ' ' || $3 || ' ' || $4)::uuid) ON CONFLICT (key) DO UPDATE SET zone = '' RETURNING id",
        4, place);
    char *endpoint_id = xasprintf("%lld", (long long)endpoint), *chain = chain_add(db, served);
    char *version = xasprintf("%d", served->tls_version == 0 ? 0x0303 : served->tls_version);
    char *suite = xasprintf("%d", served->cipher_suite == 0 ? 0xc02b : served->cipher_suite);
    const char *from = served->from == NULL ? "2026-01-15" : served->from, *to = served->to == NULL ? from : served->to;
    const char *interval[] = {endpoint_id, chain, from, served->closed, version, suite, served->is_captured ? "8" : "1"};
    if (!db_exec_params(db, "INSERT INTO answer_span (endpoint, role, variant, chain, from_at, closed_at, tls_version, cipher_suite) "
                            "VALUES ($1::bigint, 1, $7::smallint, $2::bigint, $3::timestamptz, $4::timestamptz, $5::int, $6::int)",
                        7, interval, &err))
        fail_msg("%s", err.text);
    present_set(db, endpoint_id);
    const char *seen[] = {endpoint_id, chain, to, version, suite};
    if (served->is_captured) {
        if (!db_exec_params(db, "INSERT INTO sighting (scan, hour, endpoint, role, outcome, chain, sct_count, tls_version, cipher_suite, protocol, first_at, "
                "last_at, count) VALUES (0, $3::timestamptz, $1::bigint, 1, 1, $2::bigint, 0, $4::int, $5::int, 'tls', $3::timestamptz, "
                "$3::timestamptz, 1) ON CONFLICT DO NOTHING", 5, seen, &err))
            fail_msg("%s", err.text);
    } else if (!db_exec_params(db, "SELECT observation_month_make($1::timestamptz::date)", 1, &to, &err) ||
        !db_exec_params(db,
            "INSERT INTO observation (time, endpoint, scan, chain, tls_version, cipher_suite, sct_count, dns_us, connect_us, "
            "handshake_us, connections, method, role, variant, outcome, name_source, protocol) VALUES ($3::timestamptz, "
            "$1::bigint, 0, $2::bigint, $4::int, $5::int, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 'tls')", 5, seen, &err))
        fail_msg("%s", err.text);
    char *texts[] = {site_id, port, endpoint_id, chain, version, suite};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    return endpoint;
}

static char *file_state_add(struct db *db, const struct fixture_lying *lying)
{
    char *mode = xasprintf("%d", lying->mode == 0 ? 0644 : lying->mode), *marks = xasprintf("%d", lying->marks);
    char *certificate = lying->certificate == NULL ? NULL : xasprintf("%lld", (long long)fixture_made(db, lying->certificate));
    const char *params[] = {mode, marks, certificate};
    char *state = xasprintf("%lld", (long long)number_of(db,
        "WITH s AS (INSERT INTO file_state (hash, kind, outcome, mode, uid, marks, certificates, keys) "
        "SELECT sha256(convert_to(concat_ws(' ', $1::text, $2::text, $3::text, count(*)), 'UTF8')), 'pem', 1, $1::int, 0, $2::int, ($3 IS NOT NULL)::int, 0 FROM file_state RETURNING id), "
        "c AS (INSERT INTO file_state_certificate (state, position, certificate, at_offset) SELECT id, 0, $3::bigint, 0 FROM s WHERE $3 IS NOT NULL) SELECT id FROM s", 3, params));
    if (lying->key_of != NULL) {
        char *sql = xasprintf("INSERT INTO file_state_key (state, position, kind, spki_sha256, algorithm, bits, is_encrypted) VALUES (%s, 0, 1, (%s), 'ec', 256, %s)",
                              state, lying->key_of, lying->key_is_encrypted ? "true" : "false");
        fixture_sql(db, sql);
        free(sql);
    }
    free(mode);
    free(marks);
    free(certificate);
    return state;
}

int64_t fixture_lie(struct db *db, const struct fixture_lying *lying)
{
    struct error err = {0};
    const char *place[] = {lying->host == NULL ? "web1" : lying->host, lying->path};
    char *id = xasprintf("%lld", (long long)number_of(db,
        "WITH s AS (INSERT INTO site (name) VALUES ('default') ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id) "
        "INSERT INTO file_place (site, host, path, inside, key) SELECT id, $1, $2, '', file_place_key(id, $1, $2, '') FROM s "
        "ON CONFLICT (key) DO UPDATE SET inside = '' RETURNING id", 2, place));
    char *state = lying->is_gone ? NULL : file_state_add(db, lying);
    const char *span[] = {id, lying->time == NULL ? "2026-01-10" : lying->time, state};
    if (!db_exec_params(db, "INSERT INTO file_span (place, from_at, to_at, state) VALUES ($1::bigint, $2::timestamptz, $2::timestamptz, $3::bigint)", 3, span, &err) ||
        !db_exec_params(db,
            "INSERT INTO file_now (place, state, since, first_at, last_at, gone_at, scan) SELECT $1::bigint, $3::bigint, $2::timestamptz, $2::timestamptz, "
            "$2::timestamptz, CASE WHEN $3::bigint IS NULL THEN $2::timestamptz END, 1 ON CONFLICT (place) DO UPDATE SET state = excluded.state, "
            "since = excluded.since, last_at = excluded.last_at, gone_at = excluded.gone_at", 3, span, &err))
        fail_msg("%s", err.text);
    int64_t state_id = state == NULL ? 0 : atoll(state);
    free(id);
    free(state);
    return state_id;
}
