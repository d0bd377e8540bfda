/* cert.h and cert_text.h: every field on its own, whatever the bytes are. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/pem.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <stdlib.h>
#include <string.h>

static void a_sound_certificate_gives_all_its_fields(void **state)
{
    (void)state;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "C=US,O=Example Trust,CN=Example CA", .is_ca = 1});
    struct made_cert *made = cert_make(&(struct cert_recipe){
        .subject = "C=US,O=State of Examples,CN=www.example.gov", .issuer = ca, .serial = 0xabcdef,
        .sans = "DNS:WWW.example.gov,DNS:*.example.gov,IP:127.60.0.1,IP:2001:db8::1,email:a@example.gov,URI:http://x/",
        .extension = {"keyUsage", "critical,digitalSignature,keyEncipherment", "extendedKeyUsage", "serverAuth,1.2.3.4",
                      "tlsfeature", "status_request", "certificatePolicies", "DER:300a3008060667810c010202"}});
    struct cert *cert = cert_parse(made->der, made->len);
    assert_int_equal(cert->version, 3);
    assert_string_equal(cert->serial_text, "abcdef");
    assert_string_equal(cert->subject, "CN=www.example.gov,O=State of Examples,C=US");
    assert_string_equal(cert->issuer, "CN=Example CA,O=Example Trust,C=US");
    assert_string_equal(cert->subject_attributes.items[1], "O=State of Examples");
    assert_int_equal(cert->not_before, 1767225600);
    assert_int_equal(cert->not_after, 1775001599);
    assert_string_equal(cert->key_algorithm, "ec");
    assert_string_equal(cert->key_curve, "P-256");
    assert_int_equal(cert->key_bits, 256);
    assert_string_equal(cert->signature_algorithm, "ecdsa-with-SHA256");
    assert_string_equal(cert->signature_hash, "sha256");
    assert_true(cert->signature_algorithms_agree);
    assert_int_equal(cert->san_count, 6);
    assert_int_equal(cert->name_count, 7);
    assert_string_equal(cert->names[0].text, "www.example.gov");
    assert_string_equal(cert->names[3].text, "2001:db8::1");
    assert_int_equal(cert->names[6].kind, CERT_NAME_COMMON);
    assert_int_equal(cert->key_usage.count, 2);
    assert_string_equal(cert->extended_key_usage.items[0], "serverAuth");
    assert_string_equal(cert->extended_key_usage.items[1], "1.2.3.4");
    assert_string_equal(cert->policies.items[0], "2.23.140.1.2.2");
    assert_true(cert->must_staple);
    assert_false(cert->is_ca);
    assert_false(cert->is_self_issued);
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        assert_int_not_equal(cert->state[field], FIELD_BROKEN);
    cert_destroy(cert);
    cert = cert_parse(ca->der, ca->len);
    assert_true(cert->is_ca && cert->is_self_issued && cert->is_self_signed);
    assert_int_equal(cert->path_len, -1);
    cert_destroy(cert);
    cert_make_free(made);
    cert_make_free(ca);
}

static void keys_of_each_kind_tell_size_and_exponent(void **state)
{
    (void)state;
    static const struct { const char *key, *algorithm, *curve, *exponent; unsigned bits; } cases[] = {
        {"RSA:1024", "rsa", NULL, "65537", 1024}, {"P-384", "ec", "P-384", NULL, 384},
        {"secp256k1", "ec", "secp256k1", NULL, 256}, {"ED25519", "ed25519", NULL, NULL, 256},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made_cert *made = cert_make(&(struct cert_recipe){.key = cases[i].key, .hash = "SHA1"});
        struct cert *cert = cert_parse(made->der, made->len);
        assert_string_equal(cert->key_algorithm, cases[i].algorithm);
        assert_int_equal(cert->key_bits, cases[i].bits);
        if (cases[i].curve != NULL)
            assert_string_equal(cert->key_curve, cases[i].curve);
        if (cases[i].exponent != NULL)
            assert_string_equal(cert->rsa_exponent, cases[i].exponent);
        assert_true(cert->is_self_signed);
        if (strcmp(cases[i].algorithm, "ed25519") != 0)
            assert_string_equal(cert->signature_hash, "sha1");
        cert_destroy(cert);
        cert_make_free(made);
    }
}

/* Whatever is cut off or turned over: the hash is there, and what lies before the fault is. */
static void a_broken_field_hides_no_other(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example"});
    for (size_t len = 0; len < made->len; len++) {
        struct cert *cert = cert_parse(made->der, len);
        assert_int_equal(cert->state[CERT_STRUCTURE], FIELD_BROKEN);
        cert_destroy(cert);
    }
    for (size_t i = 0; i < made->len; i++) {
        uint8_t *der = xmemdup(made->der, made->len);
        der[i] ^= 0xff;
        cert_destroy(cert_parse(der, made->len));
        free(der);
    }
    uint8_t *der = xmemdup(made->der, made->len);
    uint8_t *time = memmem(der, made->len, "260331235959Z", 13);
    assert_non_null(time);
    memcpy(time, "269931", 6);
    struct cert *cert = cert_parse(der, made->len);
    assert_int_equal(cert->state[CERT_NOT_AFTER], FIELD_BROKEN);
    assert_int_equal(cert->state[CERT_NOT_BEFORE], FIELD_PRESENT);
    assert_int_equal(cert->state[CERT_PUBLIC_KEY], FIELD_PRESENT);
    assert_string_equal(cert->names[0].text, "a.example");
    cert_destroy(cert);
    free(der);
    cert = cert_parse("", 0);
    assert_int_equal(cert->state[CERT_SUBJECT], FIELD_BROKEN);
    cert_destroy(cert);
    cert_make_free(made);
}

static void a_host_matches_as_openssl_says(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=cn.example",
                                        .sans = "DNS:*.wild.example,DNS:a.example,IP:127.60.0.9"});
    struct cert *cert = cert_parse(made->der, made->len);
    assert_true(cert_matches_host(cert, "x.wild.example"));
    assert_true(cert_matches_host(cert, "A.EXAMPLE"));
    assert_true(cert_matches_host(cert, "127.60.0.9"));
    assert_false(cert_matches_host(cert, "x.y.wild.example"));
    assert_false(cert_matches_host(cert, "wild.example"));
    assert_false(cert_matches_host(cert, "cn.example"));
    assert_false(cert_matches_host(cert, "127.60.0.8"));
    cert_destroy(cert);
    cert_make_free(made);
}

static void foreign_text_is_made_fit(void **state)
{
    (void)state;
    char *text = cert_text_clean_lower("A\0b\xc3\xbc\xff\x1b[", 8);
    assert_string_equal(text, "a\\x00b\xc3\xbc\\xff\\x1b[");
    free(text);
}

static void the_same_name_folds_to_one_text(void **state)
{
    (void)state;
    static const char *const same[] = {"CN=Example CA,O=Example\\, Inc.,C=US", "C=US, O=\"Example, Inc.\", CN=example ca",
                                       "/C=US/O=Example, Inc./CN=Example CA", " cn = Example  CA , o=Example\\, Inc. , c=us"};
    char *first = cert_text_fold_name(same[0]);
    for (size_t i = 1; i < 4; i++) {
        char *other = cert_text_fold_name(same[i]);
        assert_string_equal(first, other);
        free(other);
    }
    char *other = cert_text_fold_name("CN=Example CA,C=US");
    assert_string_not_equal(first, other);
    free(other);
    free(first);
}

static void pem_blocks_are_found_in_garbage(void **state)
{
    (void)state;
    static const char text[] = "prose\r\n-----BEGIN CERTIFICATE-----\r\nAQID\r\n-----END CERTIFICATE-----\r\n\xff\xfe junk\n"
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
        "-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nBAUG\n-----END PRIVATE KEY-----\n"
        "-----BEGIN CERTIFICATE-----\nAQID\n-----BEGIN CERTIFICATE-----\nBwgJ\n-----END CERTIFICATE-----\n"
        "-----BEGIN CERTIFICATE-----\nAQID";
    static const struct { size_t line, len; const char *label; } want[] = {
        {2, 3, "CERTIFICATE"}, {6, 0, "CERTIFICATE"}, {9, 3, "PRIVATE KEY"}, {14, 0, "CERTIFICATE"},
        {16, 3, "CERTIFICATE"}, {19, 0, "CERTIFICATE"},
    };
    struct pem_reader reader = pem_reader_of(text, sizeof text - 1);
    struct pem_block block;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(pem_next(&reader, &block));
        assert_int_equal(block.line, want[i].line);
        assert_int_equal(block.len, want[i].len);
        assert_string_equal(block.label, want[i].label);
        assert_true((block.fault == NULL) == (want[i].len > 0));
        free(block.der);
    }
    assert_false(pem_next(&reader, &block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_certificate_gives_all_its_fields),
        cmocka_unit_test(keys_of_each_kind_tell_size_and_exponent),
        cmocka_unit_test(a_broken_field_hides_no_other),
        cmocka_unit_test(a_host_matches_as_openssl_says),
        cmocka_unit_test(foreign_text_is_made_fit),
        cmocka_unit_test(the_same_name_folds_to_one_text),
        cmocka_unit_test(pem_blocks_are_found_in_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
