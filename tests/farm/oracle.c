#include "tests/farm/oracle.h"

#include "probes/base/address.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/observation.h"
#include "probes/tls/names.h"
#include "probes/tls/offers.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVERY_GROUP "X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192:brainpoolP256r1:"    \
                    "brainpoolP384r1:brainpoolP512r1:secp224r1:secp256k1"

static const SSL_CIPHER *suite_of(SSL *ssl, uint16_t id)
{
    const uint8_t bytes[2] = {(uint8_t)(id >> 8), (uint8_t)id};
    return SSL_CIPHER_find(ssl, bytes);
}

static void names_append(SSL *all, const uint16_t *ids, char *old, char *new)
{
    for (; *ids != 0; ids++) {
        const SSL_CIPHER *suite = suite_of(all, *ids);
        char *to = *ids >> 8 == 0x13 ? new : old;
        if (suite != NULL)
            strcat(strcat(to, *to == '\0' ? "" : ":"), SSL_CIPHER_get_name(suite));
    }
}

/* The suites of our hellos for a chain, in our order, as OpenSSL calls them. */
static bool suites_set(SSL_CTX *ctx)
{
    char old[16384] = "", new[512] = "";
    SSL *all = SSL_new(ctx);
    names_append(all, offer_combined.suites, old, new);
    names_append(all, offer_rest.suites, old, new);
    SSL_free(all);
    strcat(old, ":@SECLEVEL=0");
    return SSL_CTX_set_cipher_list(ctx, old) == 1 && SSL_CTX_set_ciphersuites(ctx, new) == 1;
}

static int connect_to(const char *text, uint16_t port)
{
    struct address address;
    struct timeval timeout = {.tv_sec = 10};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (!address_parse(text, &address))
        return -1;
    bool is_ipv4 = address.len == 4;
    memcpy(is_ipv4 ? (void *)&in.sin_addr : (void *)&in6.sin6_addr, address.bytes, address.len);
    int fd = socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (connect(fd, is_ipv4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6, is_ipv4 ? sizeof in : sizeof in6) == 0)
        return fd;
    close(fd);
    return -1;
}

static void chain_append(char *text, const uint8_t *der, size_t len)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA256(der, len, hash);
    if (*text != '\0')
        strcat(text, ",");
    hex_format(hash, sizeof hash, text + strlen(text));
}

char *oracle_chain_text(const struct der *certs, size_t count)
{
    char *text = xcalloc(count + 1, 2 * SHA256_DIGEST_LENGTH + 1);
    for (size_t i = 0; i < count; i++)
        chain_append(text, certs[i].bytes, certs[i].len);
    return text;
}

static char *peer_chain_text(SSL *ssl)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    if (chain == NULL)
        return NULL;
    char *text = xcalloc((size_t)sk_X509_num(chain) + 1, 2 * SHA256_DIGEST_LENGTH + 1);
    for (int i = 0; i < sk_X509_num(chain); i++) {
        uint8_t *der = NULL;
        int len = i2d_X509(sk_X509_value(chain, i), &der);
        chain_append(text, der, (size_t)len);
        OPENSSL_free(der);
    }
    return text;
}

bool oracle_ask(const char *address, uint16_t port, const char *server_name, struct oracle_answer *answer)
{
    *answer = (struct oracle_answer){.cipher_suite = -1};
    int fd = connect_to(address, port);
    if (fd < 0)
        return false;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_max_cert_list(ctx, 1 << 20);
    bool ok = SSL_CTX_set1_groups_list(ctx, EVERY_GROUP) == 1 && suites_set(ctx);
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    if (server_name[0] != '\0')
        SSL_set_tlsext_host_name(ssl, server_name);
    if (ok) {                                   /* a client certificate may be wanted: the chain is there all the same */
        SSL_connect(ssl);
        const SSL_CIPHER *suite = SSL_get_current_cipher(ssl);
        if (suite == NULL)
            suite = SSL_get_pending_cipher(ssl);
        answer->version = (uint16_t)SSL_version(ssl);
        answer->cipher_suite = suite == NULL ? -1 : SSL_CIPHER_get_protocol_id(suite);
        answer->chain = peer_chain_text(ssl);
    }
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
    return ok;
}

void oracle_answer_clear(struct oracle_answer *answer)
{
    free(answer->chain);
    answer->chain = NULL;
}

bool oracle_knows(uint16_t version, int32_t cipher_suite, const struct tls_group *group)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    bool knows = version >= TLS1_VERSION && cipher_suite >= 0 && suite_of(ssl, (uint16_t)cipher_suite) != NULL &&
                 (group == NULL || group->kind != TLS_GROUP_HYBRID);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return knows;
}
