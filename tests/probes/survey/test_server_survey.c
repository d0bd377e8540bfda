/* The survey against libssl's server in memory, and against servers that stop, limit or refuse. */
#include "probes/survey/server_survey.h"
#include "probes/survey/survey_items.h"
#include "probes/survey/dh_primes.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tls_facts nothing = {.alert = -1, .cipher_suite = -1, .group = -1, .scheme = -1};

struct test {
    struct tls_strategy *strategy;
    struct server_survey *survey;
    const struct tls_posture_item *items;
    size_t count;
    unsigned connections;
};

/* silent_after: the survey's connections that are answered; the rest end in silence. */
static struct test run(const struct memory_server_options *options, unsigned silent_after)
{
    struct test test = {.strategy = tls_strategy_create(TLS_DEPTH_DEEP, "leaf.example")};
    struct memory_server *server = memory_server_create(options);
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan;
    while (tls_strategy_next(test.strategy, &plan)) {
        memory_server_restart(server);
        enum tls_capture_result result = capture_drive(capture, plan.offer, server, 0);
        tls_strategy_note(test.strategy, &plan, capture_outcome(result, tls_capture_facts(capture)), tls_capture_facts(capture));
    }
    test.survey = server_survey_create(test.strategy, "leaf.example", true);
    while (test.survey != NULL && server_survey_next(test.survey, &plan)) {
        assert_true(++test.connections <= SURVEY_CONNECTIONS_MAX);
        if (test.connections > silent_after) {
            server_survey_note(test.survey, &plan, OUTCOME_TIMEOUT_HANDSHAKE, &nothing, 0);
            continue;
        }
        memory_server_restart(server);
        enum tls_capture_result result = capture_drive(capture, plan.offer, server, 0);
        server_survey_note(test.survey, &plan, capture_outcome(result, tls_capture_facts(capture)), tls_capture_facts(capture), 0);
    }
    if (test.survey != NULL)
        test.count = server_survey_items(test.survey, &test.items);
    tls_capture_destroy(capture);
    memory_server_destroy(server);
    return test;
}

static void end(struct test *test)
{
    server_survey_destroy(test->survey);
    tls_strategy_destroy(test->strategy);
}

static const struct tls_posture_item *find(const struct test *test, const char *item)
{
    for (size_t i = 0; i < test->count; i++)
        if (strcmp(test->items[i].item, item) == 0)
            return &test->items[i];
    return NULL;
}

static const char *value(const struct test *test, const char *item)
{
    const struct tls_posture_item *found = find(test, item);
    return found == NULL ? "absent" : found->value;
}

static void test_usual_server(void **state)
{
    (void)state;
    struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .groups = "X25519:P-256:ffdhe2048",
                                                           .request_client_cert = true}, 1000);
    assert_string_equal(value(&test, "session_ticket"), "accepted");
    assert_string_equal(value(&test, "encrypt_then_mac"), "accepted");
    assert_string_equal(value(&test, "heartbeat"), "refused");
    assert_string_equal(value(&test, "client_certificate"), "accepted");
    assert_string_equal(value(&test, "fallback_scsv"), "accepted");
    assert_string_equal(value(&test, "group:TLSv1.3:x25519"), "accepted");
    assert_string_equal(find(&test, "group:TLSv1.3:x25519")->detail, "1");
    assert_string_equal(value(&test, "group:TLSv1.3:ffdhe2048"), "accepted");
    assert_string_equal(value(&test, "group:TLSv1.3:secp384r1"), "absent");
    assert_string_equal(value(&test, "group:TLSv1.2:secp256r1"), "accepted");
    /* OpenSSL chose by its own order until 3.4, and by the client's since. */
    assert_string_equal(value(&test, "group_preference"), OpenSSL_version_num() < 0x30500000UL ? "server" : "client");
    assert_string_equal(value(&test, "group_preference_12"), "client");
    assert_string_equal(value(&test, "scheme:TLSv1.3:rsa_pss_rsae_sha256"), "accepted");
    assert_string_equal(value(&test, "scheme:TLSv1.3:rsa_pkcs1_sha256"), "absent");
    assert_string_equal(value(&test, "scheme:TLSv1.2:rsa_pkcs1_sha256"), "accepted");
    assert_string_equal(value(&test, "ecdh_reuse"), "refused");
    assert_string_equal(value(&test, "tolerates_version"), "accepted");
    assert_string_equal(value(&test, "tolerates_extension"), "accepted");
    assert_string_equal(value(&test, "tolerates_length"), "accepted");
    assert_string_equal(value(&test, "tolerates_grease"), "accepted");
    assert_string_equal(value(&test, "sni_none"), "accepted");
    assert_string_equal(find(&test, "sni_none")->detail, "the same certificate");
    end(&test);
}

/* The curves after an ECDSA certificate's own are found too. */
static void test_curves_of_ecdsa(void **state)
{
    (void)state;
    struct test test = run(&(struct memory_server_options){.key = "ec:P-256", .min_version = TLS1_2_VERSION, .max_version = TLS1_2_VERSION,
                                                           .groups = "P-256:X25519:P-521"}, 1000);
    assert_string_equal(value(&test, "group:TLSv1.2:x25519"), "accepted");
    assert_string_equal(value(&test, "group:TLSv1.2:secp256r1"), "accepted");
    assert_string_equal(value(&test, "group:TLSv1.2:secp521r1"), "accepted");
    assert_string_equal(value(&test, "group:TLSv1.2:x448"), "absent");
    assert_string_equal(value(&test, "fallback_scsv"), "untested");     /* one version alone */
    assert_string_equal(find(&test, "fallback_scsv")->detail, "does not apply");
    end(&test);
}

/* A server with two keys signs by schemes of both, also where it refuses once those of the first are used up. */
static void test_schemes_of_two_keys(void **state)
{
    (void)state;
    static const char *const ciphers[] = {"DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", "DEFAULT"};
    for (size_t i = 0; i < 2; i++) {
        struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .second_key = "ec:P-256", .ciphers = ciphers[i]}, 1000);
        assert_string_equal(value(&test, "scheme:TLSv1.2:rsa_pkcs1_sha256"), "accepted");
        assert_string_equal(value(&test, "scheme:TLSv1.2:ecdsa_secp256r1_sha256"), "accepted");
        end(&test);
    }
}

/* Every scheme of either key, and the order of groups: within the connections that a server with all of it may cost. */
static void two_keys_are_told_whole(void **state)
{
    (void)state;
    static const char *const schemes[] = {"rsa_pss_rsae_sha256", "rsa_pss_rsae_sha512", "rsa_pkcs1_sha256", "rsa_pkcs1_sha512", "rsa_pkcs1_sha224",
                                          "ecdsa_secp256r1_sha256", "ecdsa_secp521r1_sha512", "ecdsa_sha224"};
    for (int by_server = 0; by_server < 2; by_server++) {
        struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .second_key = "ec:P-256", .server_preference = by_server != 0,
                                                               .groups = "P-384:X25519:P-256"}, 1000);
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
            char item[64];
            snprintf(item, sizeof item, "scheme:TLSv1.2:%s", schemes[i]);
            assert_string_equal(value(&test, item), "accepted");
        }
        assert_string_equal(find(&test, by_server ? "group:TLSv1.2:secp384r1" : "group:TLSv1.2:x25519")->detail, "1");
        assert_string_equal(value(&test, "group:TLSv1.2:secp256r1"), "accepted");
        assert_string_equal(value(&test, "group_preference_12"), by_server ? "server" : "client");
        assert_string_equal(value(&test, "ecdh_reuse"), "refused");
        assert_string_equal(value(&test, "dh_reuse"), "refused");
        assert_string_equal(value(&test, "survey"), "accepted");
        assert_in_range(test.connections, 1, 40);
        end(&test);
    }
}

/* A server of NULL or anonymous suites alone answers nothing that a usual hello asks: it is asked with its own. */
static void servers_without_usual_suites_are_told_too(void **state)
{
    (void)state;
    static const char *const ciphers[] = {"eNULL:@SECLEVEL=0", "aNULL:!eNULL:@SECLEVEL=0", "AECDH-NULL-SHA:NULL-SHA256:@SECLEVEL=0"};
    static const char *const accepted[] = {"session_ticket", "tolerates_version", "tolerates_extension", "tolerates_length",
                                           "tolerates_grease", "group:TLSv1.2:x25519", "group:TLSv1.2:secp521r1"};
    for (size_t i = 0; i < 3; i++)
        for (int max = TLS1_2_VERSION; max <= TLS1_3_VERSION; max++) {
            struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .max_version = max, .ciphers = ciphers[i]}, 1000);
            for (size_t k = 0; k < sizeof accepted / sizeof accepted[0]; k++)
                assert_string_equal(value(&test, accepted[k]), "accepted");
            assert_string_equal(value(&test, "client_certificate"), "refused");
            assert_string_equal(value(&test, "ecdh_reuse"), "refused");
            assert_string_equal(value(&test, "encrypt_then_mac"), i == 1 ? "accepted" : "untested");
            assert_string_equal(value(&test, "dh_reuse"), i == 1 ? "refused" : "untested");
            assert_string_equal(value(&test, "several"), "refused");
            assert_string_equal(tls_strategy_item(test.strategy, "compression"), "refused");
            assert_true(i != 1 || tls_strategy_item(test.strategy, "dh_bits")[0] != 'r');
            end(&test);
        }
}

static void test_only_13(void **state)
{
    (void)state;
    struct test test = run(&(struct memory_server_options){.key = "ed25519", .min_version = TLS1_3_VERSION,
                                                           .groups = "X25519:P-256"}, 1000);
    assert_string_equal(value(&test, "session_ticket"), "untested");
    assert_string_equal(value(&test, "encrypt_then_mac"), "untested");
    assert_string_equal(value(&test, "ecdh_reuse"), "refused");
    assert_string_equal(value(&test, "scheme:TLSv1.3:ed25519"), "accepted");
    assert_string_equal(value(&test, "sslv2_format"), "untested");
    end(&test);
}

/* TLS 1.1 was refused, and is accepted when asked again: two servers take turns. */
static void test_older_is_asked_again(void **state)
{
    (void)state;
    struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .min_version = TLS1_2_VERSION, .ciphers = "DEFAULT"}, 0);
    server_survey_destroy(test.survey);
    test.survey = server_survey_create(test.strategy, "leaf.example", true);
    struct tls_hello_plan plan;
    struct tls_facts old = nothing, refusal = nothing;
    unsigned asked = 0;
    old.version = 0x0301;
    refusal.alert = 70;
    while (server_survey_next(test.survey, &plan)) {
        bool is_older = strcmp(plan.name, "survey_older") == 0;
        asked += is_older;
        if (is_older && asked == 2)
            server_survey_note(test.survey, &plan, OUTCOME_NO_CERTIFICATE, &old, 0);
        else
            server_survey_note(test.survey, &plan, OUTCOME_TLS_ALERT, &refusal, 0);
    }
    test.count = server_survey_items(test.survey, &test.items);
    assert_int_equal(asked, 3);
    assert_string_equal(value(&test, "several"), "accepted");
    assert_non_null(strstr(find(&test, "several")->detail, "refused (protocol_version), then TLSv1.0"));
    end(&test);
}

/* A server that stops answering is left alone, and what was not asked is untested. */
static void test_silence_ends_it(void **state)
{
    (void)state;
    struct test test = run(&(struct memory_server_options){.key = "rsa:2048"}, 3);
    assert_int_equal(test.connections, 5);
    assert_string_equal(value(&test, "tolerates_grease"), "untested");
    assert_string_equal(find(&test, "tolerates_grease")->detail, "timeout_handshake");
    assert_string_equal(find(&test, "survey")->detail, "timeout_handshake");
    for (size_t i = 0; i < test.count; i++)     /* nothing is refused by silence */
        if (strcmp(test.items[i].value, "refused") == 0)
            assert_true(strcmp(test.items[i].item, "heartbeat") == 0 || strcmp(test.items[i].item, "next_protocol") == 0 ||
                        strcmp(test.items[i].item, "client_certificate") == 0 ||
                        strncmp(test.items[i].item, "export_", 7) == 0);        /* as the strategy found out */
    end(&test);
}

/* With suites that have no key exchange message, too, where the request comes right behind the certificate. */
static void a_client_certificate_is_asked_for_with_any_suite(void **state)
{
    (void)state;
    static const char *const ciphers[] = {"AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256"};
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++)
        for (int asks = 0; asks < 2; asks++) {
            struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .max_version = TLS1_2_VERSION, .ciphers = ciphers[i], .request_client_cert = asks}, 1000);
            assert_string_equal(value(&test, "client_certificate"), asks ? "accepted" : "refused");
            end(&test);
        }
}

/* A server that answers no hello at all has no survey. */
static void test_without_chain(void **state)
{
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_DEEP, "");
    struct tls_hello_plan plan;
    while (tls_strategy_next(strategy, &plan))
        tls_strategy_note(strategy, &plan, OUTCOME_CLOSED, &nothing);
    assert_null(server_survey_create(strategy, "", true));
    tls_strategy_destroy(strategy);
}

static void test_primes(void **state)
{
    (void)state;
    uint8_t bytes[1024], sha256[32];
    BIGNUM *prime = BN_get_rfc3526_prime_2048(NULL);
    int len = BN_bn2bin(prime, bytes);
    EVP_Digest(bytes, (size_t)len, sha256, NULL, EVP_sha256(), NULL);
    assert_string_equal(dh_prime_name(sha256), "MODP 2048 (RFC 3526)");
    sha256[0] ^= 1;
    assert_null(dh_prime_name(sha256));
    BN_free(prime);
}

/* What was refused last and not proven keeps its name, and becomes untested. */
static void the_unproven_keep_their_names(void **state)
{
    (void)state;
    struct survey_items *items = survey_items_create();
    survey_items_refuse(items, "tolerates_grease", "handshake_failure");
    survey_items_stopped(items);
    assert_string_equal(survey_items_value(items, "tolerates_grease"), "untested");
    assert_null(survey_items_value(items, ""));
    survey_items_destroy(items);
}

/* ---- a server that has EXPORT suites ---- */

/* Its answer to a hello: TLS 1.0 with the first of its suites that the hello holds, and keys of 512 bits. */
static enum outcome export_answer(const struct tls_offer *offer, unsigned number, struct tls_facts *facts)
{
    static const uint16_t suites[] = {0x0003, 0x0014, 0xc013, 0};
    static const uint8_t byte = 0;
    static const struct der chain[] = {{.bytes = &byte, .len = 1}};
    *facts = nothing;
    facts->alert = 40;
    for (size_t i = 0; suites[i] != 0 && offer->version >= 0x0301; i++) {
        if (!tls_list_holds(offer->suites, suites[i]))
            continue;
        *facts = (struct tls_facts){.version = 0x0301, .cipher_suite = suites[i], .group = suites[i] == 0xc013 ? GROUP_SECP256R1 : -1, .alert = -1, .scheme = -1,
                                    .chain = chain, .chain_count = 1, .dh_bits = suites[i] == 0xc013 ? 0 : 512};
        memset(facts->ephemeral_sha256, (int)number + 1, suites[i] == 0x0003 ? 0 : sizeof facts->ephemeral_sha256);
        memset(facts->dh_prime_sha256, 0xb5, suites[i] == 0xc013 ? 0 : sizeof facts->dh_prime_sha256);
        return OUTCOME_CERTIFICATE;
    }
    return OUTCOME_TLS_ALERT;
}

static struct test ask_export(bool is_usual)
{
    struct test test = {.strategy = tls_strategy_create(TLS_DEPTH_DEEP, "")};
    struct tls_hello_plan plan;
    struct tls_facts facts;
    if (is_usual)
        tls_strategy_be_usual(test.strategy);
    while (tls_strategy_next(test.strategy, &plan)) {
        enum outcome outcome = export_answer(plan.offer, 0, &facts);
        tls_strategy_note(test.strategy, &plan, outcome, &facts);
    }
    test.survey = server_survey_create(test.strategy, "", true);
    assert_non_null(test.survey);
    while (server_survey_next(test.survey, &plan)) {
        enum outcome outcome = export_answer(plan.offer, ++test.connections, &facts);
        server_survey_note(test.survey, &plan, outcome, &facts, 0);
    }
    test.count = server_survey_items(test.survey, &test.items);
    return test;
}

/* FREAK and LOGJAM: the keys of EXPORT suites are told with their size, and that of RSA whether it is made anew. */
static void the_keys_of_export_suites_are_measured(void **state)
{
    (void)state;
    struct test test = ask_export(false);
    assert_string_equal(value(&test, "export_rsa_bits"), "512");
    assert_string_equal(find(&test, "export_rsa_bits")->detail, "TLS_RSA_EXPORT_WITH_RC4_40_MD5");
    assert_string_equal(value(&test, "export_rsa_reuse"), "accepted");
    assert_string_equal(value(&test, "export_dh_bits"), "512");
    assert_string_equal(find(&test, "export_dh_bits")->detail, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA");
    assert_string_equal(value(&test, "ecdh_reuse"), "refused");
    end(&test);
    test = ask_export(true);                    /* no client of today asks so */
    assert_string_equal(value(&test, "export_rsa_bits"), "untested");
    end(&test);
    test = run(&(struct memory_server_options){.key = "rsa:2048"}, 1000);
    assert_string_equal(value(&test, "export_rsa_bits"), "refused");
    assert_string_equal(value(&test, "export_rsa_reuse"), "untested");
    assert_string_equal(value(&test, "export_dh_bits"), "refused");
    end(&test);
}

/* A server of TLS 1.3 alone that prefers a group of which the usual hello has no share. */
static void the_share_is_of_a_group_that_the_server_takes(void **state)
{
    (void)state;
    struct test test = run(&(struct memory_server_options){.key = "rsa:2048", .min_version = TLS1_3_VERSION, .groups = "P-521"}, 1000);
    assert_string_equal(value(&test, "ecdh_reuse"), "refused");
    end(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unproven_keep_their_names), cmocka_unit_test(the_keys_of_export_suites_are_measured),
        cmocka_unit_test(the_share_is_of_a_group_that_the_server_takes),
        cmocka_unit_test(two_keys_are_told_whole), cmocka_unit_test(servers_without_usual_suites_are_told_too),
        cmocka_unit_test(test_usual_server), cmocka_unit_test(test_curves_of_ecdsa), cmocka_unit_test(test_schemes_of_two_keys), cmocka_unit_test(test_only_13),
        cmocka_unit_test(test_older_is_asked_again),
        cmocka_unit_test(test_silence_ends_it), cmocka_unit_test(a_client_certificate_is_asked_for_with_any_suite),
        cmocka_unit_test(test_without_chain), cmocka_unit_test(test_primes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
