/* What other scanners do for a chain: a full handshake by libssl, as a client that verifies nothing. */
#include "tests/bench/sweep.h"

#include "probes/base/memory.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/epoll.h>

struct libssl_client {
    SSL_CTX *context;
    SSL **slots;
};

static bool libssl_step(void *owner, unsigned slot, int fd, uint32_t events, bool *answered)
{
    struct libssl_client *client = owner;
    if (client->slots[slot] == NULL) {
        if ((events & EPOLLOUT) == 0)
            return true;
        client->slots[slot] = SSL_new(client->context);
        SSL_set_fd(client->slots[slot], fd);
    }
    int done = SSL_connect(client->slots[slot]);
    if (done != 1) {
        int error = SSL_get_error(client->slots[slot], done);
        ERR_clear_error();
        return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
    }
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(client->slots[slot]);
    *answered = chain != NULL && sk_X509_num(chain) > 0;
    SSL_shutdown(client->slots[slot]);
    return true;
}

static void libssl_end(void *owner, unsigned slot)
{
    struct libssl_client *client = owner;
    SSL_free(client->slots[slot]);
    client->slots[slot] = NULL;
}

int main(int argc, char **argv)
{
    struct sweep_options options = sweep_options(argc, argv);
    struct libssl_client client = {SSL_CTX_new(TLS_client_method()), xcalloc(options.at_once, sizeof(SSL *))};
    SSL_CTX_set_session_cache_mode(client.context, SSL_SESS_CACHE_OFF);
    struct sweep_client sweep = {libssl_step, libssl_end, &client};
    printf("%u\n", sweep_run(&options, &sweep));
    SSL_CTX_free(client.context);
    return 0;
}
