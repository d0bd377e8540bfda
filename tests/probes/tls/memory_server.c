#include "tests/probes/tls/memory_server.h"

#include "probes/base/memory.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chain {
    EVP_PKEY *key;
    X509 **certs;
    uint8_t **der;
    size_t *len;
};

struct memory_server {
    struct memory_server_options options;
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out;
    struct chain chains[2];
    unsigned chain_count;
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "memory_server: %s failed\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static EVP_PKEY *key_create(const char *text);

/* A key of each kind is made once in a test's life: RSA keys are slow to make. */
static EVP_PKEY *key_get(const char *text)
{
    static struct {
        char text[32];
        EVP_PKEY *key;
    } made[32];
    size_t i = 0;
    while (made[i].key != NULL && strcmp(made[i].text, text) != 0)
        i++;
    must(i < sizeof made / sizeof made[0] - 1, "room for another kind of key");
    if (made[i].key == NULL) {
        snprintf(made[i].text, sizeof made[i].text, "%s", text);
        made[i].key = key_create(text);
    }
    EVP_PKEY_up_ref(made[i].key);
    return made[i].key;
}

static EVP_PKEY *key_create(const char *text)
{
    EVP_PKEY *key = NULL;
    if (strncmp(text, "rsa:", 4) == 0)
        key = EVP_RSA_gen((unsigned)atoi(text + 4));
    else if (strncmp(text, "ec:", 3) == 0)
        key = EVP_EC_gen(text + 3);
    else if (strcmp(text, "ed25519") == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    else if (strcmp(text, "ed448") == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    else if (strncmp(text, "rsa-pss:", 8) == 0) {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
        must(ctx != NULL && EVP_PKEY_keygen_init(ctx) > 0 &&
                 EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, atoi(text + 8)) > 0 && EVP_PKEY_generate(ctx, &key) > 0,
             "RSA-PSS key");
        EVP_PKEY_CTX_free(ctx);
    }
    must(key != NULL, text);
    return key;
}

static X509 *cert_create(EVP_PKEY *key, EVP_PKEY *signer, const char *subject, const char *issuer, unsigned padding)
{
    X509 *cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8, (const uint8_t *)subject, -1, -1, 0);
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(cert), "CN", MBSTRING_UTF8, (const uint8_t *)issuer, -1, -1, 0);
    if (padding != 0) {
        ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
        uint8_t *bytes = xcalloc(1, padding);
        ASN1_OCTET_STRING_set(value, bytes, (int)padding);
        X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0, value);
        X509_add_ext(cert, extension, -1);
        X509_EXTENSION_free(extension);
        ASN1_OCTET_STRING_free(value);
        free(bytes);
    }
    int type = EVP_PKEY_get_base_id(signer);
    bool own_digest = type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448;
    must(X509_sign(cert, signer, own_digest ? NULL : EVP_sha256()) > 0, "X509_sign");
    return cert;
}

static void chain_create(struct memory_server *server, struct chain *chain, const char *key)
{
    unsigned count = server->chain_count;
    chain->key = key_get(key);
    chain->certs = xcalloc(count, sizeof *chain->certs);
    chain->der = xcalloc(count, sizeof *chain->der);
    chain->len = xcalloc(count, sizeof *chain->len);
    EVP_PKEY *ca = count > 1 ? EVP_EC_gen("P-256") : NULL;
    for (unsigned i = 0; i < count; i++) {
        char subject[32], issuer[32];
        snprintf(subject, sizeof subject, i == 0 ? "leaf.example" : "CA %u", i);
        snprintf(issuer, sizeof issuer, "CA %u", i + 1);
        chain->certs[i] = cert_create(i == 0 ? chain->key : ca, ca != NULL ? ca : chain->key, subject, issuer,
                                      server->options.padding);
        chain->len[i] = (size_t)i2d_X509(chain->certs[i], &chain->der[i]);
    }
    EVP_PKEY_free(ca);
    must(SSL_CTX_use_certificate(server->ctx, chain->certs[0]) == 1, "use_certificate");
    for (unsigned i = 1; i < count; i++)
        must(SSL_CTX_add1_chain_cert(server->ctx, chain->certs[i]) == 1, "add1_chain_cert");
    must(SSL_CTX_use_PrivateKey(server->ctx, chain->key) == 1, "use_PrivateKey");
}

static void chain_clear(struct chain *chain, unsigned count)
{
    for (unsigned i = 0; i < count && chain->certs != NULL; i++) {
        X509_free(chain->certs[i]);
        OPENSSL_free(chain->der[i]);
    }
    EVP_PKEY_free(chain->key);
    free(chain->certs);
    free(chain->der);
    free(chain->len);
}

static int on_verify(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

static int on_status(SSL *ssl, void *arg)
{
    (void)arg;
    static const uint8_t staple[] = {0x30, 0x03, 0x0a, 0x01, 0x06};     /* OCSPResponse: unauthorized */
    SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(staple, sizeof staple), sizeof staple);
    return SSL_TLSEXT_ERR_OK;
}

struct memory_server *memory_server_create(const struct memory_server_options *options)
{
    struct memory_server *server = xcalloc(1, sizeof *server);
    server->options = *options;
    server->chain_count = options->chain_count == 0 ? 1 : options->chain_count;
    server->ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(server->ctx, 0);
    SSL_CTX_set_num_tickets(server->ctx, 0);
    SSL_CTX_set_min_proto_version(server->ctx, options->min_version != 0 ? options->min_version : SSL3_VERSION);
    SSL_CTX_set_max_proto_version(server->ctx, options->max_version);
    must(SSL_CTX_set_cipher_list(server->ctx, options->ciphers != NULL ? options->ciphers : "ALL:COMPLEMENTOFALL:@SECLEVEL=0") == 1,
         "ciphers");
    if (options->ciphersuites != NULL)
        must(SSL_CTX_set_ciphersuites(server->ctx, options->ciphersuites) == 1, "ciphersuites");
    if (options->groups != NULL)
        must(SSL_CTX_set1_groups_list(server->ctx, options->groups) == 1, "groups");
    if (options->server_preference)
        SSL_CTX_set_options(server->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_dh_auto(server->ctx, 1);
    if (options->request_client_cert)
        SSL_CTX_set_verify(server->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
    if (options->ocsp_staple)
        SSL_CTX_set_tlsext_status_cb(server->ctx, on_status);
    chain_create(server, &server->chains[0], options->key);
    if (options->second_key != NULL)
        chain_create(server, &server->chains[1], options->second_key);
    memory_server_restart(server);
    return server;
}

void memory_server_destroy(struct memory_server *server)
{
    if (server == NULL)
        return;
    SSL_free(server->ssl);
    SSL_CTX_free(server->ctx);
    chain_clear(&server->chains[0], server->chain_count);
    chain_clear(&server->chains[1], server->chain_count);
    free(server);
}

void memory_server_restart(struct memory_server *server)
{
    SSL_free(server->ssl);
    server->ssl = SSL_new(server->ctx);
    server->in = BIO_new(BIO_s_mem());
    server->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(server->in, -1);
    SSL_set_bio(server->ssl, server->in, server->out);
    SSL_set_accept_state(server->ssl);
}

bool memory_server_feed(struct memory_server *server, const void *bytes, size_t len, struct byte_buffer *out)
{
    if (len != 0)
        BIO_write(server->in, bytes, (int)len);
    ERR_clear_error();
    int result = SSL_do_handshake(server->ssl);
    char *sent;
    long sent_len = BIO_get_mem_data(server->out, &sent);
    byte_buffer_append(out, sent, (size_t)sent_len);
    (void)BIO_reset(server->out);
    return result == 1 || SSL_get_error(server->ssl, result) == SSL_ERROR_WANT_READ;
}

const uint8_t *memory_server_der(const struct memory_server *server, bool second, unsigned i, size_t *len)
{
    const struct chain *chain = &server->chains[second];
    *len = chain->len[i];
    return chain->der[i];
}

unsigned memory_server_chain_count(const struct memory_server *server)
{
    return server->chain_count;
}

SSL *memory_server_ssl(struct memory_server *server)
{
    return server->ssl;
}

void libssl_client_hello(const char *server_name, int max_version, struct byte_buffer *out)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(ctx, max_version);
    SSL *ssl = SSL_new(ctx);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    if (server_name != NULL)
        SSL_set_tlsext_host_name(ssl, server_name);
    static const uint8_t alpn[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl, alpn, sizeof alpn - 1);
    SSL_do_handshake(ssl);
    char *sent;
    long sent_len = BIO_get_mem_data(SSL_get_wbio(ssl), &sent);
    byte_buffer_append(out, sent, (size_t)sent_len);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}
