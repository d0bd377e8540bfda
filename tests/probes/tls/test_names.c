#include "probes/tls/names.h"
#include "tests/cmocka_all.h"

#include <string.h>

static void suites_are_found_by_number_and_by_name(void **state)
{
    (void)state;
    assert_string_equal(tls_suite_name(0xc02b), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    assert_int_equal(tls_suite_parse("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")->id, 49195);
    assert_string_equal(tls_suite_name(0x010080), "SSL_CK_RC4_128_WITH_MD5");
    assert_null(tls_suite_name(0x4a4a));
    assert_null(tls_suite_parse("TLS_NO_SUCH"));
}

static void tables_are_sorted_and_complete(void **state)
{
    (void)state;
    size_t count;
    const struct tls_suite *suites = tls_suites(&count);
    assert_true(count > 340);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            assert_true(suites[i - 1].id < suites[i].id);
        assert_ptr_equal(tls_suite_find(suites[i].id), &suites[i]);
        assert_ptr_equal(tls_suite_parse(suites[i].name), &suites[i]);
        assert_int_equal(suites[i].is_export, strstr(suites[i].name, "EXPORT") != NULL);
        assert_int_equal(suites[i].auth == TLS_AUTH_ANON, strstr(suites[i].name, "_anon_") != NULL);
        assert_int_equal(suites[i].enc == TLS_ENC_RC4, strstr(suites[i].name, "_RC4_") != NULL);
        if (strstr(suites[i].name, "_CBC_") != NULL)
            assert_true(tls_suite_is_cbc(&suites[i]));
        if (strstr(suites[i].name, "GCM") != NULL)
            assert_true(tls_suite_is_aead(&suites[i]));
    }
}

static void properties_are_read_off_the_name(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        enum tls_kx kx;
        enum tls_auth auth;
        enum tls_enc enc;
        enum tls_mac mac;
        enum tls_hash hash;
        uint16_t bits;
        bool is_export, forward_secrecy, certificate;
    } rows[] = {
        {0x0004, TLS_KX_RSA, TLS_AUTH_RSA, TLS_ENC_RC4, TLS_MAC_MD5, TLS_HASH_SHA256, 128, false, false, true},
        {0x000a, TLS_KX_RSA, TLS_AUTH_RSA, TLS_ENC_3DES_CBC, TLS_MAC_SHA, TLS_HASH_SHA256, 112, false, false, true},
        {0x0014, TLS_KX_DHE, TLS_AUTH_RSA, TLS_ENC_DES_CBC, TLS_MAC_SHA, TLS_HASH_SHA256, 40, true, true, true},
        {0x0002, TLS_KX_RSA, TLS_AUTH_RSA, TLS_ENC_NULL, TLS_MAC_SHA, TLS_HASH_SHA256, 0, false, false, true},
        {0x00a7, TLS_KX_DHE, TLS_AUTH_ANON, TLS_ENC_AES_GCM, TLS_MAC_AEAD, TLS_HASH_SHA384, 256, false, true, false},
        {0xc0a0, TLS_KX_RSA, TLS_AUTH_RSA, TLS_ENC_AES_CCM_8, TLS_MAC_AEAD, TLS_HASH_SHA256, 128, false, false, true},
        {0xc030, TLS_KX_ECDHE, TLS_AUTH_RSA, TLS_ENC_AES_GCM, TLS_MAC_AEAD, TLS_HASH_SHA384, 256, false, true, true},
        {0xc005, TLS_KX_ECDH, TLS_AUTH_ECDSA, TLS_ENC_AES_CBC, TLS_MAC_SHA, TLS_HASH_SHA256, 256, false, false, true},
        {0x1302, TLS_KX_ANY, TLS_AUTH_ANY, TLS_ENC_AES_GCM, TLS_MAC_AEAD, TLS_HASH_SHA384, 256, false, true, true},
        {0x1305, TLS_KX_ANY, TLS_AUTH_ANY, TLS_ENC_AES_CCM_8, TLS_MAC_AEAD, TLS_HASH_SHA256, 128, false, true, true},
        {0x00a8, TLS_KX_PSK, TLS_AUTH_PSK, TLS_ENC_AES_GCM, TLS_MAC_AEAD, TLS_HASH_SHA256, 128, false, false, false},
        {0xcca8, TLS_KX_ECDHE, TLS_AUTH_RSA, TLS_ENC_CHACHA20_POLY1305, TLS_MAC_AEAD, TLS_HASH_SHA256, 256, false,
         true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct tls_suite *suite = tls_suite_find(rows[i].id);
        assert_non_null(suite);
        assert_int_equal(suite->kx, rows[i].kx);
        assert_int_equal(suite->auth, rows[i].auth);
        assert_int_equal(suite->enc, rows[i].enc);
        assert_int_equal(suite->mac, rows[i].mac);
        assert_int_equal(suite->hash, rows[i].hash);
        assert_int_equal(suite->bits, rows[i].bits);
        assert_int_equal(suite->is_export, rows[i].is_export);
        assert_int_equal(tls_suite_has_forward_secrecy(suite), rows[i].forward_secrecy);
        assert_int_equal(tls_suite_sends_certificate(suite), rows[i].certificate);
    }
}

static void groups_schemes_alerts_and_versions_have_names(void **state)
{
    (void)state;
    uint16_t version;
    assert_string_equal(tls_group_name(29), "x25519");
    assert_string_equal(tls_group_name(23), "secp256r1");
    assert_string_equal(tls_group_name(0x11ec), "X25519MLKEM768");
    assert_int_equal(tls_group_find(0x100)->kind, TLS_GROUP_FFDHE);
    assert_int_equal(tls_group_parse("secp521r1")->id, 25);
    assert_null(tls_group_name(0x0a0a));
    assert_string_equal(tls_scheme_name(0x0804), "rsa_pss_rsae_sha256");
    assert_string_equal(tls_alert_name(40), "handshake_failure");
    assert_null(tls_alert_name(255));
    assert_string_equal(tls_version_name(0x0303), "TLSv1.2");
    assert_true(tls_version_parse("TLSv1.3", &version));
    assert_int_equal(version, 0x0304);
    assert_false(tls_version_parse("TLSv1.9", &version));
}

static void grease_is_no_value(void **state)
{
    (void)state;
    assert_true(tls_is_grease(0x0a0a));
    assert_true(tls_is_grease(0xfafa));
    assert_false(tls_is_grease(0x0a1a));
    assert_false(tls_is_grease(0xc02b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suites_are_found_by_number_and_by_name),
        cmocka_unit_test(tables_are_sorted_and_complete),
        cmocka_unit_test(properties_are_read_off_the_name),
        cmocka_unit_test(groups_schemes_alerts_and_versions_have_names),
        cmocka_unit_test(grease_is_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
