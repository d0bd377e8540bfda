#include "probes/tls/libssl_session.h"

#include "probes/base/memory.h"
#include "probes/tls/capture.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct libssl_session {
    SSL_CTX *ctx;
    SSL *ssl;
    libssl_on_received on_received;
    void *arg;
};

static void on_message(int is_sent, int version, int content_type, const void *bytes, size_t len, SSL *ssl, void *arg)
{
    (void)version, (void)ssl;
    struct libssl_session *session = arg;
    if (!is_sent && (content_type == SSL3_RT_HANDSHAKE || content_type == SSL3_RT_ALERT))
        session->on_received(session->arg, (uint8_t)content_type, byte_reader_of(bytes, len));
}

struct libssl_session *libssl_session_create(const char *server_name, libssl_on_received on_received, void *arg)
{
    struct libssl_session *session = xcalloc(1, sizeof *session);
    session->on_received = on_received;
    session->arg = arg;
    session->ctx = SSL_CTX_new(TLS_client_method());
    session->ssl = session->ctx == NULL ? NULL : SSL_new(session->ctx);
    if (session->ssl == NULL)
        return session;                         /* every later step then ends at once */
    SSL *ssl = session->ssl;
    SSL_set_security_level(ssl, 0);
    SSL_set_min_proto_version(ssl, 0);
    SSL_set_cipher_list(ssl, "ALL:COMPLEMENTOFALL:!aNULL:!eNULL:!PSK:!SRP");
    SSL_set_options(ssl, SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_set_max_cert_list(ssl, TLS_CHAIN_MAX);
    SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    if (server_name != NULL && server_name[0] != '\0')
        SSL_set_tlsext_host_name(ssl, server_name);
    SSL_set_msg_callback(ssl, on_message);
    SSL_set_msg_callback_arg(ssl, session);
    BIO *in = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);             /* an empty buffer means "retry" */
    SSL_set_bio(ssl, in, BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    return session;
}

void libssl_session_destroy(struct libssl_session *session)
{
    if (session == NULL)
        return;
    SSL_free(session->ssl);
    SSL_CTX_free(session->ctx);
    free(session);
}

bool libssl_session_step(struct libssl_session *session, struct byte_reader *in, struct byte_writer *out)
{
    if (session->ssl == NULL)
        return false;
    const uint8_t *bytes = in->at;
    size_t len = in->left;
    byte_reader_skip(in, len);
    if (len != 0 && BIO_write(SSL_get_rbio(session->ssl), bytes, (int)len) != (int)len)
        return false;
    int result = SSL_do_handshake(session->ssl);
    bool goes_on = result != 1 && SSL_get_error(session->ssl, result) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    char *said;
    long said_len = BIO_get_mem_data(SSL_get_wbio(session->ssl), &said);
    if (said_len > 0)
        byte_writer_bytes(out, said, (size_t)said_len);
    (void)BIO_reset(SSL_get_wbio(session->ssl));
    return goes_on && byte_writer_ok(out);
}
