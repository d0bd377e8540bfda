/* One row never stops the inventory: malicious certificates and rows are stored, reported or set aside, and all others are stored
 * as if they were not there. */
#include "inventory/facts/facts.h"
#include "inventory/load/loader.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory_load_sql.h"
#include "inventory_store_sql.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/load/load_fixture.h"

#include <openssl/x509v3.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void check(bool ok, const struct error *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

static int empty(void **state)
{
    (void)state;
    test_cluster_empty(cluster);
    return 0;
}

/* ---- certificates ---- */

/* A valid certificate, except for its serial number of this many bytes. */
static struct der with_serial(size_t bytes)
{
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=serial.example"});
    uint8_t *digits = xmalloc(bytes);
    memset(digits, 0x5a, bytes);
    BIGNUM *number = BN_bin2bn(digits, (int)bytes, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made->x509));
    X509_sign(made->x509, made->key, EVP_sha256());
    uint8_t *der = NULL;
    struct der result = {.len = (size_t)i2d_X509(made->x509, &der)};
    result.bytes = der;
    BN_free(number);
    free(digits);
    cert_make_free(made);
    return result;
}

/* So many SANs of one letter each: three bytes of DER for a name. serial makes each another certificate. */
static struct der with_names(unsigned serial, size_t count)
{
    static struct made_cert *made;
    if (made == NULL)
        made = cert_make(&(struct cert_recipe){.subject = "CN=many.example", .sans = ""});
    X509 *x509 = X509_dup(made->x509);
    size_t len = 3 * count;
    uint8_t *names = xmalloc(len + 5), *der = NULL;
    memcpy(names, (uint8_t[]){0x30, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len}, 5);
    for (size_t i = 0; i < count; i++)
        memcpy(names + 5 + 3 * i, (uint8_t[]){0x82, 1, (uint8_t)('a' + i % 26)}, 3);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(value, names, (int)len + 5);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, value);
    X509_add_ext(x509, extension, -1);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), serial);
    X509_sign(x509, made->key, EVP_sha256());
    struct der result = {.len = (size_t)i2d_X509(x509, &der)};
    result.bytes = der;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    X509_free(x509);
    free(names);
    return result;
}

static void der_free(struct der der)
{
    OPENSSL_free((void *)(uintptr_t)der.bytes);
}

/* ---- bundles ---- */

static struct bundle_writer *writer_open(const char *name, unsigned scan, int64_t started_us, char **path)
{
    struct error err = {0};
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "ports 443\n10.0.0.0-10.0.0.255\n", 256);
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012u", scan);
    head.started_us = started_us;
    *path = fixture_path(folder, name);
    unlink(*path);
    struct bundle_writer *writer = bundle_create(*path, &head, &err);
    check(writer != NULL, &err);
    return writer;
}

static void answer_add(struct bundle_writer *writer, unsigned host, int64_t time_us, const struct der *chain, size_t count)
{
    struct error err = {0};
    struct observation o = fixture_observation(host, NULL);
    o.outcome = count == 0 ? OUTCOME_NOT_TLS : OUTCOME_CERTIFICATE;
    o.time_us = time_us;
    o.position = UINT64_MAX;
    o.chain = chain;
    o.chain_count = count;
    check(bundle_add_observation(writer, &o, &err), &err);
}

static struct loader_report load(const char *path)
{
    struct error err = {0};
    struct loader_report report;
    check(loader_load(cluster->db, path, &report, &err), &err);
    return report;
}

static void reconcile(void)
{
    struct error err = {0};
    check(reconcile_run(cluster->db, NULL, NULL, &err), &err);
}

/* ---- cases ---- */

static void a_serial_number_of_any_length_is_stored_and_found(void **state)
{
    (void)state;
    static const size_t lengths[] = {1340, 1400, 4000, 200000};
    struct error err = {0};
    char *path;
    struct bundle_writer *writer = writer_open("serials", 1, FIXTURE_TIME, &path);
    struct made_cert *neighbour = cert_make(&(struct cert_recipe){.subject = "CN=neighbour.example"});
    for (unsigned i = 0; i < 4; i++) {
        struct der chain[] = {with_serial(lengths[i]), {neighbour->der, neighbour->len}};
        answer_add(writer, i + 1, FIXTURE_TIME, chain, 2);
        der_free(chain[0]);
    }
    check(bundle_seal(writer, &err), &err);
    load(path);
    reconcile();
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE 'structure' <> ALL (broken) "
        "AND certificate IN (SELECT certificate FROM chain_certificate)"), 5);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE common_name = 'neighbour.example'"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE serial_number = repeat('5a', 4000)"), 1);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM set_aside"), 0);
    cert_make_free(neighbour);
    free(path);
}

static void a_certificate_that_the_database_refuses_is_set_aside_once(void **state)
{
    (void)state;
    struct error err = {0};
    for (int i = 0; i < 40; i++) {
        struct made_cert *made = cert_make(&(struct cert_recipe){.subject = i % 13 == 5 ? "CN=refused.example" : "CN=good.example"});
        fixture_made(cluster->db, made);
        cert_make_free(made);
    }
    fixture_sql(cluster->db, "ALTER TABLE certificate_own ADD CONSTRAINT picky CHECK (common_names[1] <> 'refused.example')");
    for (int i = 0; i < 2; i++)
        check(facts_update(cluster->db, &err), &err);
    fixture_sql(cluster->db, "ALTER TABLE certificate_own DROP CONSTRAINT picky");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE common_name = 'good.example'"), 37);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE broken = '{structure}'"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM set_aside WHERE reason LIKE '%picky%'"), 3);
    char *told = test_rows(cluster->db, SQL_DB_CHECK);
    assert_non_null(strstr(told, "facts|certificate "));
    free(told);
}

static void an_observation_that_the_database_refuses_keeps_no_other_out(void **state)
{
    (void)state;
    struct error err = {0};
    char *path;
    struct bundle_writer *writer = writer_open("refused", 1, FIXTURE_TIME, &path);
    for (unsigned i = 0; i < 100; i++)
        answer_add(writer, i, FIXTURE_TIME + (i == 40 || i == 77), NULL, 0);
    check(bundle_seal(writer, &err), &err);
    fixture_sql(cluster->db, "ALTER TABLE observation ADD CONSTRAINT picky CHECK (time <> '2026-01-01 00:00:00.000001Z')");
    load(path);
    load(path);
    fixture_sql(cluster->db, "ALTER TABLE observation DROP CONSTRAINT picky");
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM observation"), 98);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM set_aside WHERE bundle_row IN (41, 78)"), 2);
    char *told = test_rows(cluster->db, SQL_DB_CHECK);
    assert_non_null(strstr(told, ", row 41 of observation|"));
    free(told);
    free(path);
}

/* The peak of a process of its own: this one's would be that of making the bundle. */
static long peak_mib_of_loading(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        struct db *db = db_open(test_cluster_dsn(cluster), &err);
        bool ok = db != NULL && loader_load(db, path, NULL, &err) && reconcile_run(db, NULL, NULL, &err);
        if (!ok)
            fprintf(stderr, "%s\n", err.text);
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        _exit(!ok ? 255 : (int)(usage.ru_maxrss >> 10) > 254 ? 254 : (int)(usage.ru_maxrss >> 10));
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 255);
    return WEXITSTATUS(status);
}

/* CERTSWEEP_HOSTILE_CERTS: how many; 2,000 are 1.2 GB. */
static void certificates_of_200000_names_load_in_bounded_memory(void **state)
{
    (void)state;
    struct error err = {0};
    const char *wanted = getenv("CERTSWEEP_HOSTILE_CERTS");
    unsigned count = wanted == NULL ? 150 : (unsigned)atoi(wanted);
    char *path;
    struct bundle_writer *writer = writer_open("names", 1, FIXTURE_TIME, &path);
    for (unsigned i = 0; i < count; i++) {
        struct der chain = with_names(i + 1, 200000);
        answer_add(writer, i % 250, FIXTURE_TIME + i * INT64_C(1000000), &chain, 1);
        der_free(chain);
    }
    check(bundle_seal(writer, &err), &err);
    long mib = peak_mib_of_loading(path);
#if defined(__SANITIZE_ADDRESS__)
    print_message("SKIP: a sanitizer keeps what was freed: its %ld MiB say nothing about ours\n", mib);
#else
    if (mib >= 254)
        fail_msg("%u certificates of 0.6 MB took more than 254 MiB of memory", count);
    print_message("%u certificates with 200,000 names each: at most %ld MiB of memory\n", count, mib);
#endif
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM certificate_facts WHERE names_omitted = 199000"), count);
    assert_int_equal(test_number(cluster->db, "SELECT max(n) FROM (SELECT count(*) AS n FROM certificate_name GROUP BY certificate) x"),
                     1001);
    free(path);
}

static void what_claims_to_be_from_the_future_never_becomes_the_present(void **state)
{
    (void)state;
    struct error err = {0};
    int64_t now = clock_utc_us(), day = INT64_C(86400000000);
    struct fixture_chain before, after;
    char *path;
    fixture_chain_init(&before, 1, 1);
    fixture_chain_init(&after, 2, 1);
    struct bundle_writer *writer = writer_open("past", 1, now - 2 * day, &path);
    answer_add(writer, 1, now - day, before.ders, 1);
    answer_add(writer, 2, now - day, before.ders, 1);
    check(bundle_seal(writer, &err), &err);
    load(path);
    free(path);

    uint8_t refused[256];
    memset(refused, OUTCOME_REFUSED, sizeof refused);
    struct block_result block = {.from_us = now + 400 * day, .to_us = now + 400 * day, .count = 256, .outcomes = refused};
    writer = writer_open("future", 2, now + 400 * day, &path);
    answer_add(writer, 1, now + 400 * day, after.ders, 1);
    struct posture_fact fact = {.endpoint = fixture_observation(1, NULL).endpoint, .time_us = now + 400 * day, .item = "rc4",
                                .value = "accepted", .detail = ""};
    check(bundle_add_posture(writer, &fact, &err) && bundle_finish_block(writer, &block, &err) && bundle_seal(writer, &err), &err);
    struct loader_report report = load(path);
    assert_int_equal(report.ahead, 3);
    assert_int_equal(test_number(cluster->db, "SELECT (SELECT count(*) FROM observation) + (SELECT count(*) FROM observation_ahead)"), 3);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM serving WHERE closed_at IS NULL"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM serving"), 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM event WHERE kind <> 'new'"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM posture_current"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM scan WHERE finished_at > now() + interval '1 day'"), 0);
    char *told = test_rows(cluster->db, SQL_DB_CHECK);
    assert_non_null(strstr(told, "3 rows claim to be from later"));
    free(told);
    free(path);
}

/* ---- whatever the check accepts, loads ---- */

static uint64_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static int64_t random_number(uint64_t *seed)
{
    static const int64_t edges[] = {0, 1, -1, 255, 256, 32767, 32768, 65535, 65536, INT32_MAX, INT64_C(2147483648), UINT32_MAX,
                                    INT64_MAX, INT64_MIN + 1, INT64_C(-62135596800000001), INT64_C(253402300800000000)};
    return random_next(seed) % 4 == 0 ? (int64_t)random_next(seed) : edges[random_next(seed) % (sizeof edges / sizeof *edges)];
}

/* Bytes that trouble texts: controls, broken UTF-8, separators of COPY and arrays, the longest that fits. */
static void random_text(uint64_t *seed, char *text, size_t size)
{
    static const char *const pieces[] = {"a", "\\", "\t", "\n", "\r", "\"", "{", "}", ",", "\x01", "\x7f", "\x80", "\xff", "\xc3",
                                         "\xc3\xa9", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xef\xbf\xbf", "\\.", "\\N", "NULL", "'"};
    size_t len = 0, wanted = random_next(seed) % 3 == 0 ? size - 1 : random_next(seed) % size;
    while (len < wanted) {
        const char *piece = pieces[random_next(seed) % (sizeof pieces / sizeof *pieces)];
        if (len + strlen(piece) > wanted)
            piece = "x";
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    text[len] = '\0';
}

static struct der random_der(uint64_t *seed, struct fixture_chain *noise)
{
    unsigned number = (unsigned)random_next(seed);
    switch (random_next(seed) % 5) {
    case 0: return with_serial(1 + number % 3000);
    case 1: return with_names(number, number % 5000);
    case 2: {
        struct der der = with_serial(20);       /* one byte somewhere is another */
        ((uint8_t *)(uintptr_t)der.bytes)[number % der.len] ^= (uint8_t)(1 + number % 255);
        return der;
    }
    default: {
        fixture_chain_init(noise, number, 1);
        uint8_t *copy = OPENSSL_memdup(noise->bytes[0], 1 + number % FIXTURE_CERT_LEN);
        return (struct der){copy, 1 + number % FIXTURE_CERT_LEN};
    }
    }
}

static struct observation random_observation(uint64_t *seed)
{
    struct observation o = fixture_observation(100 + (unsigned)random_next(seed) % 100, NULL);
    o.time_us = random_number(seed);
    o.outcome = (enum outcome)(1 + random_next(seed) % (OUTCOME_COUNT - 1));
    o.variant = (enum variant)(1 + random_next(seed) % VARIANT_SEEN);
    o.role = (enum role)(1 + random_next(seed) % 2);
    o.method = (enum method)(1 + random_next(seed) % 4);
    o.tls_version = (uint16_t)random_number(seed);
    o.cipher_suite = (int32_t)random_next(seed);
    o.group = (int32_t)(random_next(seed) & INT32_MAX);
    o.sct_count = (uint32_t)random_number(seed);
    o.connections = (unsigned)random_number(seed);
    o.dns_us = (uint32_t)random_number(seed);
    o.position = UINT64_MAX;
    o.endpoint.port = (uint16_t)random_number(seed);
    random_text(seed, o.detail, sizeof o.detail);
    random_text(seed, o.protocol, sizeof o.protocol);
    random_text(seed, o.alpn, sizeof o.alpn);
    random_text(seed, o.endpoint.server_name, sizeof o.endpoint.server_name);
    random_text(seed, o.endpoint.zone, sizeof o.endpoint.zone);
    return o;
}

static void neighbours_add(struct bundle_writer *writer)
{
    struct fixture_chain chain;
    for (unsigned i = 1; i <= 8; i++) {
        fixture_chain_init(&chain, 900 + i, 2);
        answer_add(writer, i, FIXTURE_TIME + i * INT64_C(1000000), chain.ders, 2);
    }
}

static void hostile_add(struct bundle_writer *writer, uint64_t *seed)
{
    struct error err = {0};
    struct fixture_chain noise;
    char text[4000], item[60], name[200];
    struct der chain[3];
    size_t count = random_next(seed) % 4;
    for (size_t i = 0; i < count; i++)
        chain[i] = random_der(seed, &noise);
    struct observation o = random_observation(seed);
    o.chain = count == 0 ? NULL : chain;
    o.chain_count = count;
    check(bundle_add_observation(writer, &o, &err), &err);
    for (size_t i = 0; i < count; i++)
        der_free(chain[i]);
    struct sighting sighting = {.hour_us = random_number(seed), .first_us = 0, .last_us = random_number(seed) & INT64_MAX,
                                .count = 1 + (uint64_t)(random_number(seed) & (INT64_MAX >> 1)), .seen = random_observation(seed)};
    sighting.seen.method = METHOD_PASSIVE;
    check(bundle_add_sighting(writer, &sighting, &err), &err);
    random_text(seed, text, sizeof text);
    random_text(seed, item, sizeof item);
    random_text(seed, name, sizeof name);
    struct posture_fact fact = {.endpoint = o.endpoint, .time_us = random_number(seed), .item = item, .value = text, .detail = text};
    struct name_result result = {.line = random_next(seed), .time_us = random_number(seed), .name = text,
                                 .outcome = OUTCOME_DNS_FAILED, .detail = text, .address_count = (uint32_t)random_number(seed)};
    check(bundle_add_posture(writer, &fact, &err) && bundle_finish_name(writer, &result, &err) &&
          bundle_add_counter(writer, name, (uint64_t)(random_number(seed) & INT64_MAX), &err), &err);
}

static char *neighbours_stored(void)
{
    return test_rows(cluster->db,
        "SELECT e.address, s.variant, encode(c.sha256, 'hex'), s.from_at, s.to_at, s.closed_at, s.several, "
        "(SELECT string_agg(kind, ' ') FROM event v WHERE v.endpoint = e.id), "
        "(SELECT count(*) FROM certificate_facts f JOIN chain_certificate cc USING (certificate) WHERE cc.chain = c.id) "
        "FROM serving s JOIN endpoint e ON e.id = s.endpoint JOIN chain c ON c.id = s.chain "
        "WHERE e.address < '10.0.0.9' ORDER BY 1, 2, 3, 4");
}

static void whatever_the_check_accepts_loads_and_leaves_its_neighbours_alone(void **state)
{
    (void)state;
    struct error err = {0};
    char *path, *alone = NULL;
    for (uint64_t round = 0; round < 12; round++) {
        uint64_t seed = round * 7919 + 1;
        test_cluster_empty(cluster);
        struct bundle_writer *writer = writer_open("mixed", 1, FIXTURE_TIME, &path);
        neighbours_add(writer);
        for (int i = 0; i < 25 && round > 0; i++)
            hostile_add(writer, &seed);
        check(bundle_seal(writer, &err), &err);
        struct loader_report report = load(path);
        assert_int_equal(report.observations, round == 0 ? 8 : 33);
        reconcile();
        free(test_rows(cluster->db, "SELECT * FROM report_certificate"));
        free(test_rows(cluster->db, "SELECT * FROM report_place"));
        char *stored = neighbours_stored();
        if (alone == NULL)
            alone = xstrdup(stored);
        assert_string_equal(stored, alone);
        assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM set_aside"), 0);
        free(stored);
        free(path);
    }
    free(alone);
}

/* A plan is foreign text, too: what lists runs goes on whatever it says. */
static void a_plan_that_is_no_plan_does_not_stop_the_list_of_scans(void **state)
{
    (void)state;
    static const char *const plans[] = {"", "no JSON", "[]", "{\"targets\":7}", "{\"targets\":{\"a\":1}}", "{\"targets\":[\"\\u0000\"]}",
                                        "{\"targets\":[\"10.0.0.0/24\",\"b\",\"c\",\"d\"]}"};
    struct error err = {0};
    for (unsigned i = 0; i < 7; i++) {
        struct bundle_head head = fixture_head(BUNDLE_SCAN, "ports 443\n10.0.0.0-10.0.0.255\n", 256);
        snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012u", i);
        head.plan = plans[i];
        char *path = fixture_path(folder, "plan");
        unlink(path);
        struct bundle_writer *writer = bundle_create(path, &head, &err);
        check(writer != NULL && bundle_seal(writer, &err), &err);
        load(path);
        free(path);
    }
    const char *const params[] = {NULL};
    struct db_result *rows = db_query(cluster->db, SQL_SCANS_LIST, 1, params, &err);
    check(rows != NULL, &err);
    assert_int_equal(db_rows(rows), 7);
    db_result_destroy(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM scan WHERE plan_targets(plan) = '10.0.0.0/24 b c'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_serial_number_of_any_length_is_stored_and_found, empty),
        cmocka_unit_test_setup(a_certificate_that_the_database_refuses_is_set_aside_once, empty),
        cmocka_unit_test_setup(an_observation_that_the_database_refuses_keeps_no_other_out, empty),
        cmocka_unit_test_setup(what_claims_to_be_from_the_future_never_becomes_the_present, empty),
        cmocka_unit_test_setup(a_plan_that_is_no_plan_does_not_stop_the_list_of_scans, empty),
        cmocka_unit_test_setup(whatever_the_check_accepts_loads_and_leaves_its_neighbours_alone, empty),
        cmocka_unit_test_setup(certificates_of_200000_names_load_in_bounded_memory, empty),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
