/* With the user's secrets the encrypted part is read: real handshakes of OpenSSL with itself, in memory. */
#include "tests/cmocka_all.h"

#include "scanner/passive/handshake/key_log.h"
#include "tests/scanner/passive/traffic.h"

#include <openssl/ec.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

struct told {
    size_t chains, hidden, decrypted;
    uint8_t ders[8][2048];
    size_t lens[8];
};

static void on_handshake(void *context, const struct handshake *handshake)
{
    struct told *told = context;
    told->hidden += handshake->outcome == OUTCOME_HIDDEN;
    if (handshake->chain_count == 0 || told->chains == 8)
        return;
    told->decrypted += handshake->decrypted;
    told->lens[told->chains] = handshake->chain[0].len;
    assert_true(handshake->chain[0].len <= sizeof told->ders[0]);
    memcpy(told->ders[told->chains++], handshake->chain[0].bytes, handshake->chain[0].len);
}

static X509 *make_certificate(EVP_PKEY **key, long serial)
{
    *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, *key);
    X509_sign(cert, *key, EVP_sha256());
    return cert;
}

static char key_text[65536];

static void on_key_line(const SSL *ssl, const char *line)
{
    (void)ssl;
    strcat(key_text, line);
    strcat(key_text, "\n");
}

/* What one side has written goes to the other, and into the capture. */
static void carry(struct traffic_tcp *tcp, unsigned from, SSL *writer, SSL *reader)
{
    static uint8_t bytes[65536];
    int len = BIO_read(SSL_get_wbio(writer), bytes, sizeof bytes);
    if (len <= 0)
        return;
    traffic_tcp_send(tcp, from, bytes, (size_t)len);
    BIO_write(SSL_get_rbio(reader), bytes, len);
}

static void pump(struct traffic_tcp *tcp, SSL *client, SSL *server)
{
    uint8_t byte;
    for (unsigned i = 0; i < 12; i++) {
        SSL_do_handshake(client);
        carry(tcp, 0, client, server);
        SSL_do_handshake(server);
        SSL_read(server, &byte, 1);
        carry(tcp, 1, server, client);
        SSL_read(client, &byte, 1);
    }
}

struct run {
    int version;
    const char *suites, *suites13;
    bool renegotiate, client_certificate;
};

static void make_capture(const struct run *run, struct packet_list *list, X509 *certs[3])
{
    struct traffic traffic;
    struct traffic_tcp tcp;
    EVP_PKEY *keys[3];
    SSL_CTX *server_context = SSL_CTX_new(TLS_server_method()), *client_context = SSL_CTX_new(TLS_client_method());
    for (unsigned i = 0; i < 3; i++)
        certs[i] = make_certificate(&keys[i], (long)i + 1);
    SSL_CTX *const contexts[2] = {server_context, client_context};
    for (unsigned i = 0; i < 2; i++) {
        SSL_CTX_set_security_level(contexts[i], 0);
        SSL_CTX_set_min_proto_version(contexts[i], run->version);
        SSL_CTX_set_max_proto_version(contexts[i], run->version);
        assert_int_equal(SSL_CTX_set_cipher_list(contexts[i], run->suites), 1);
        assert_int_equal(SSL_CTX_set_ciphersuites(contexts[i], run->suites13), 1);
    }
    SSL_CTX_use_certificate(server_context, certs[0]);
    SSL_CTX_use_PrivateKey(server_context, keys[0]);
    SSL_CTX_set_options(server_context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    if (run->client_certificate) {
        SSL_CTX_use_certificate(client_context, certs[2]);
        SSL_CTX_use_PrivateKey(client_context, keys[2]);
        SSL_CTX_set_verify(server_context, SSL_VERIFY_PEER, NULL);
    }
    key_text[0] = '\0';
    SSL_CTX_set_keylog_callback(client_context, on_key_line);
    SSL *client = SSL_new(client_context), *server = SSL_new(server_context);
    SSL_set_bio(client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    traffic_to_list(&traffic, list);
    traffic_tcp_init(&tcp, &traffic, "10.0.0.1", 40000, "10.0.0.2", 443, 1000);
    traffic_tcp_open(&tcp);
    pump(&tcp, client, server);
    if (run->renegotiate) {
        assert_int_equal(SSL_is_init_finished(client), 1);
        SSL_use_certificate(server, certs[1]);
        SSL_use_PrivateKey(server, keys[1]);
        assert_int_equal(SSL_renegotiate(client), 1);
        pump(&tcp, client, server);
    }
    traffic_tcp_close(&tcp);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(client_context);
    SSL_CTX_free(server_context);
    for (unsigned i = 0; i < 3; i++)
        EVP_PKEY_free(keys[i]);
}

static void listen_to(const struct packet_list *list, bool with_keys, struct told *told)
{
    struct key_log *keys = key_log_create();
    if (with_keys)
        key_log_add(keys, key_text, strlen(key_text));
    struct listener_options options = {.on_handshake = on_handshake, .context = told, .keys = keys};
    struct listener *listener = listener_create(&options);
    *told = (struct told){0};
    packet_list_feed(list, listener);
    listener_destroy(listener);
    key_log_destroy(keys);
}

static void assert_is(const struct told *told, size_t index, X509 *cert)
{
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    assert_true(index < told->chains);
    assert_int_equal(told->lens[index], len);
    assert_memory_equal(told->ders[index], der, (size_t)len);
    OPENSSL_free(der);
}

static void free_certs(X509 *certs[3])
{
    for (unsigned i = 0; i < 3; i++)
        X509_free(certs[i]);
}

#define ANY "ALL"
#define ANY13 "TLS_AES_128_GCM_SHA256"

static void tls13_is_opened(void **state)
{
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
                                         "TLS_AES_128_CCM_8_SHA256"};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        struct run run = {.version = TLS1_3_VERSION, .suites = ANY, .suites13 = suites[i]};
        struct packet_list list;
        struct told told;
        X509 *certs[3];
        make_capture(&run, &list, certs);
        listen_to(&list, true, &told);
        assert_int_equal(told.chains, 1);
        assert_int_equal(told.decrypted, 1);
        assert_is(&told, 0, certs[0]);
        listen_to(&list, false, &told);
        assert_int_equal(told.chains, 0);
        assert_int_equal(told.hidden, 1);
        free_certs(certs);
        packet_list_clear(&list);
    }
}

/* The second handshake of a renegotiation is encrypted under the first. */
static void renegotiation_in_tls12_is_opened(void **state)
{
    static const struct run runs[] = {
        {.version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-AES128-GCM-SHA256"},
        {.version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-AES256-GCM-SHA384"},
        {.version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-CHACHA20-POLY1305"},
        {.version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-AES128-CCM8"},
        {.version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-AES256-SHA384"},
        {.version = TLS1_1_VERSION, .suites = "ECDHE-ECDSA-AES128-SHA"},
        {.version = TLS1_VERSION, .suites = "ECDHE-ECDSA-AES128-SHA"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        struct run run = runs[i];
        struct packet_list list;
        struct told told;
        X509 *certs[3];
        run.suites13 = ANY13;
        run.renegotiate = true;
        make_capture(&run, &list, certs);
        listen_to(&list, true, &told);
        assert_int_equal(told.chains, 2);
        assert_is(&told, 0, certs[0]);
        assert_is(&told, 1, certs[1]);
        assert_int_equal(told.decrypted, 1);
        listen_to(&list, false, &told);
        assert_int_equal(told.chains, 1);
        free_certs(certs);
        packet_list_clear(&list);
    }
}

static void a_client_certificate_in_tls13_is_opened(void **state)
{
    struct run run = {.version = TLS1_3_VERSION, .suites = ANY, .suites13 = ANY13, .client_certificate = true};
    struct packet_list list;
    struct told told;
    X509 *certs[3];
    (void)state;
    make_capture(&run, &list, certs);
    listen_to(&list, true, &told);
    assert_int_equal(told.chains, 2);
    assert_is(&told, 0, certs[0]);
    assert_is(&told, 1, certs[2]);
    free_certs(certs);
    packet_list_clear(&list);
}

static void damaged_key_logs_are_read_over(void **state)
{
    static const char text[] = "\n# comment\nCLIENT_RANDOM\nCLIENT_RANDOM 00 11\nNONSENSE 1 2 3\nCLIENT_RANDOM "
                               "zz00000000000000000000000000000000000000000000000000000000000000 00\n\0\0\0";
    struct key_log *keys = key_log_create();
    (void)state;
    key_log_add(keys, text, sizeof text - 1);
    assert_int_equal(key_log_count(keys), 0);
    key_log_destroy(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls13_is_opened),
        cmocka_unit_test(renegotiation_in_tls12_is_opened),
        cmocka_unit_test(a_client_certificate_in_tls13_is_opened),
        cmocka_unit_test(damaged_key_logs_are_read_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
