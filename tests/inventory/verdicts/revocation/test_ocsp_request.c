/* The request that we write is, octet for octet, the one that OpenSSL writes for the same certificate. */
#include "inventory/certificate/cert.h"
#include "inventory/verdicts/revocation/ocsp_request.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static void check(const struct made_cert *ca, const struct made_cert *leaf)
{
    uint8_t bytes[OCSP_REQUEST_SIZE], key_sha1[20], *expected = NULL;
    struct byte_writer writer = byte_writer_of(bytes, sizeof bytes);
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    assert_non_null(OCSP_request_add0_id(request, OCSP_cert_to_id(EVP_sha1(), leaf->x509, ca->x509)));
    int len = i2d_OCSP_REQUEST(request, &expected);
    assert_true(len > 0);
    assert_int_equal(X509_pubkey_digest(ca->x509, EVP_sha1(), key_sha1, NULL), 1);
    struct cert *cert = cert_parse(leaf->der, leaf->len);
    assert_true(ocsp_request_write(&writer, cert->issuer_der, key_sha1, cert->serial_number));
    assert_int_equal(writer.len, len);
    assert_memory_equal(bytes, expected, writer.len);
    cert_destroy(cert);
    OPENSSL_free(expected);
    OCSP_REQUEST_free(request);
}

static void it_is_the_request_of_openssl(void **state)
{
    (void)state;
    static const unsigned long serials[] = {1, 0x7f, 0x80, 0x1234, 0xfffffffe};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=ca", .is_ca = 1});
    for (size_t i = 0; i < sizeof serials / sizeof *serials; i++) {
        struct made_cert *leaf = cert_make(&(struct cert_recipe){.subject = "CN=leaf", .issuer = ca, .serial = (long)serials[i]});
        check(ca, leaf);
        cert_make_free(leaf);
    }
    cert_make_free(ca);
}

static void what_does_not_fit_is_not_asked(void **state)
{
    (void)state;
    uint8_t bytes[OCSP_REQUEST_SIZE], serial[64] = {1}, key_sha1[20] = {0};
    struct byte_writer writer = byte_writer_of(bytes, sizeof bytes);
    struct byte_reader name = byte_reader_of("\x30\x00", 2);
    assert_false(ocsp_request_write(&writer, name, key_sha1, byte_reader_of(serial, sizeof serial)));
    assert_false(ocsp_request_write(&writer, name, key_sha1, byte_reader_of(serial, 0)));
    assert_true(ocsp_request_write(&writer, name, key_sha1, byte_reader_of(serial, 44)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_request_of_openssl),
        cmocka_unit_test(what_does_not_fit_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
