/* Server tests on their way through bundle, loader and inventory: what comes back is what was asked, in whatever order bundles are
 * loaded, and a suite that is gone is gone. */
#include "inventory/load/loader.h"
#include "inventory/server_test/changes.h"
#include "inventory/server_test/hellos.h"
#include "inventory/server_test/kept/kept_judgement.h"
#include "inventory/server_test/kept/kept_tests.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"
#include "tests/inventory/load/load_fixture.h"

#include <openssl/ct.h>
#include <openssl/ocsp.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

static const char suite_old[] = "suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA", suite_new[] = "suite:TLSv1.3:TLS_AES_128_GCM_SHA256";

static void check(bool ok, const struct error *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

static void add(struct bundle_writer *writer, int day, const char *item, const char *value, const char *detail)
{
    struct error err = {0};
    struct posture_fact fact = {.endpoint = fixture_observation(1, NULL).endpoint, .time_us = FIXTURE_TIME + day * DAY,
                                .item = item, .value = value, .detail = detail};
    check(bundle_add_posture(writer, &fact, &err), &err);
}

/* A test on this day: was the old suite accepted? */
static void load_test(int day, bool has_old)
{
    static const char space[] = "ports 443\n10.0.0.0-10.0.0.255\n";
    struct error err = {0};
    char name[40], hello[80];
    struct bundle_head head = fixture_head(BUNDLE_SCAN, space, 256);
    snprintf(head.scan_id, sizeof head.scan_id, "01234567-89ab-4def-8123-%012d", day);
    head.started_us = FIXTURE_TIME + day * DAY;
    snprintf(name, sizeof name, "%d.bundle", day);
    char *path = fixture_path(folder, name);
    unlink(path);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    check(writer != NULL, &err);
    struct observation answer = fixture_observation(1, NULL);
    answer.time_us = head.started_us;
    answer.outcome = OUTCOME_NO_CERTIFICATE;
    answer.position = UINT64_MAX;
    check(bundle_add_observation(writer, &answer, &err), &err);
    add(writer, day, "tls12", has_old ? "accepted" : "refused", "");
    add(writer, day, "tls13", "accepted", "");
    add(writer, day, "suites", has_old ? "2" : "1", "");
    add(writer, day, suite_new, "accepted", "1");
    if (has_old)
        add(writer, day, suite_old, "accepted", "1");
    add(writer, day, "survey", "accepted", "");
    add(writer, day, "clock", day % 2 == 0 ? "0" : "1", "");
    snprintf(hello, sizeof hello, "combined - %d 2000 tls13", day);
    add(writer, day, "hello:01", "1", hello);
    add(writer, day, "hello:02", "3", "suites TLSv1.2 2500 9000 suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA tls12");
    add(writer, day, "connections", "4", "");
    check(bundle_seal(writer, &err), &err);
    check(loader_load(cluster->db, path, NULL, &err), &err);
    free(path);
}

struct seen {
    size_t count;
    int64_t time_us, before_us;
    bool has_old, had_old;
    unsigned connections;
    size_t hello_count, change_count;
    char hello_name[40];
};

static bool on_test(void *context, const struct kept_test *test)
{
    struct seen *seen = context;
    struct server_hello hellos[SERVER_HELLOS_MAX];
    struct server_judgement *judgements = xcalloc(2, sizeof *judgements);
    struct server_change *changes;
    seen->count++;
    seen->time_us = test->facts.began_us;
    seen->before_us = test->before.began_us;
    seen->has_old = server_accepts(&test->facts, suite_old);
    seen->had_old = server_accepts(&test->before, suite_old);
    seen->connections = test->facts.connections;
    seen->hello_count = server_hellos(&test->facts, hellos);
    const struct server_hello *hello = server_hello_of(hellos, seen->hello_count, "tls12");
    snprintf(seen->hello_name, sizeof seen->hello_name, "%s", hello == NULL ? "" : hello->name);
    server_judge(&test->before, NULL, 0, 0, &judgements[0]);
    server_judge(&test->facts, NULL, 0, 0, &judgements[1]);
    seen->change_count = server_changes(&judgements[0], &judgements[1], &changes);
    free(changes);
    free(judgements);
    return true;
}

static struct seen read_tests(const char *argument)
{
    struct error err = {0};
    struct seen seen = {0};
    struct kept_filter filter = {.argument = argument};
    check(kept_tests_each(cluster->db, &filter, on_test, &seen, &err), &err);
    return seen;
}

static void the_last_test_comes_back_whole(void **state)
{
    (void)state;
    test_cluster_empty(cluster);
    load_test(0, true);
    load_test(1, true);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM posture"), 6);          /* the second says nothing new */
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM confirmation WHERE variant = 0"), 1);
    struct seen seen = read_tests(NULL);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.time_us, FIXTURE_TIME + DAY);
    assert_int_equal(seen.before_us, FIXTURE_TIME);
    assert_true(seen.has_old);
    assert_true(seen.had_old);
    assert_int_equal(seen.connections, 4);
    assert_int_equal(seen.hello_count, 2);
    assert_string_equal(seen.hello_name, "suites");
    assert_int_equal(seen.change_count, 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM server_test WHERE hellos IS NOT NULL"), 1);
    assert_int_equal(read_tests("10.9.9.9").count, 0);
    char *place = test_rows(cluster->db, "SELECT host(address) || ':' || port FROM endpoint");
    place[strcspn(place, "\n")] = '\0';
    assert_int_equal(read_tests(place).count, 1);
    free(place);
}

/* Rows of accepted suites only are no answer about those that are not there any more. */
static void what_a_whole_list_lacks_is_refused(void **state)
{
    static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
    (void)state;
    for (size_t order = 0; order < sizeof orders / sizeof *orders; order++) {
        test_cluster_empty(cluster);
        for (size_t i = 0; i < 3; i++)
            load_test(orders[order][i], orders[order][i] < 2);
        struct seen seen = read_tests(NULL);
        assert_int_equal(seen.time_us, FIXTURE_TIME + 2 * DAY);
        assert_false(seen.has_old);
        assert_true(seen.had_old);
        assert_int_equal(seen.change_count, 2);         /* TLS 1.2 and its suite; without a certificate there is no letter */
        char *rows = test_rows(cluster->db, "SELECT item FROM posture_current WHERE item LIKE 'suite:%'");
        assert_string_equal(rows, "suite:TLSv1.3:TLS_AES_128_GCM_SHA256\n");
        free(rows);
        assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM server_test"), 3);
        assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM server_test WHERE hellos IS NOT NULL"), 1);
        assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM posture WHERE item LIKE 'hello:%' OR item = 'connections'"), 0);
    }
}

/* A letter is as of its test: what has expired since does not change it, what had expired then does. */
static void a_letter_is_as_of_its_test(void **state)
{
    (void)state;
    static const struct {
        int64_t days;               /* of the test, after the certificate's last day */
        bool is_expired;
    } cases[] = {{-1, false}, {1, true}};
    struct made_cert *made = cert_make(&(struct cert_recipe){.not_before = "20250101000000Z", .not_after = "20250301000000Z"});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cert *leaf = cert_parse(made->der, made->len);
        struct server_chain chain = {.variant = VARIANT_DEFAULT, .count = 1, .certs = &leaf, .cipher_suite = -1};
        struct server_facts facts = {.outcome = OUTCOME_CERTIFICATE, .chain_count = 1, .chains = &chain,
                                     .began_us = (leaf->not_after + cases[i].days * 86400) * 1000000};
        struct server_judgement *judgement = xcalloc(1, sizeof *judgement);
        server_facts_add(&facts, "tls13", "accepted", "");
        kept_test_judge(&facts, &(struct kept_stores){0}, judgement);
        assert_int_equal(judgement->chain.is_expired, cases[i].is_expired);
        free(judgement);
        facts.chains = NULL;
        facts.chain_count = 0;
        server_facts_clear(&facts);
        cert_destroy(leaf);
    }
    cert_make_free(made);
}

/* A response about one certificate, with an SCT in it; DER, to be freed with OPENSSL_free(). */
static int make_response(uint8_t **der)
{
    struct made_cert *made = cert_make(&(struct cert_recipe){0});
    ASN1_TIME *now = ASN1_TIME_set(NULL, 1767225600), *next = ASN1_TIME_set(NULL, 1767830400);
    STACK_OF(SCT) *scts = sk_SCT_new_null();
    sk_SCT_push(scts, SCT_new_from_base64(SCT_VERSION_V1, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", CT_LOG_ENTRY_TYPE_X509,
                                          1767225600000, "", "BAMAAQA="));
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, made->x509, made->x509);
    OCSP_SINGLERESP *single = OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, now, next);
    assert_int_equal(OCSP_SINGLERESP_add1_ext_i2d(single, NID_ct_cert_scts, scts, 0, 0), 1);
    assert_int_equal(OCSP_basic_sign(basic, made->x509, made->key, EVP_sha256(), NULL, OCSP_NOCERTS), 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    *der = NULL;
    int len = i2d_OCSP_RESPONSE(response, der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    SCT_LIST_free(scts);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    cert_make_free(made);
    return len;
}

/* The third way of SCTs. */
static void a_staple_is_read(void **state)
{
    (void)state;
    uint8_t *der;
    int len = make_response(&der);
    struct server_staple staple;
    server_staple_read(der, (size_t)len, &staple);
    assert_string_equal(staple.status, "good");
    assert_int_equal(staple.next_update, 1767830400);
    assert_int_equal(staple.sct_count, 1);
    server_staple_read(der, (size_t)len / 2, &staple);
    assert_string_equal(staple.status, "unreadable");
    assert_int_equal(staple.sct_count, 0);
    OPENSSL_free(der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_is_as_of_its_test),
        cmocka_unit_test(a_staple_is_read),
        cmocka_unit_test(the_last_test_comes_back_whole),
        cmocka_unit_test(what_a_whole_list_lacks_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
