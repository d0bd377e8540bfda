/* A TLS server by wolfSSL, for tests of the capture: one handshake after the other, over and over.
 *
 *     wolfssl_peer ADDRESS PORT CERTIFICATE.pem KEY.pem 1.2|1.3 [GROUP|SUITES]
 *
 * Built by the test itself where libwolfssl-dev is installed. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int group_of(const char *name)
{
    static const struct {
        const char *name;
        int group;
    } groups[] = {{"P-256", WOLFSSL_ECC_SECP256R1}, {"P-384", WOLFSSL_ECC_SECP384R1}, {"P-521", WOLFSSL_ECC_SECP521R1},
                  {"X25519", WOLFSSL_ECC_X25519},   {"X448", WOLFSSL_ECC_X448},       {"ffdhe2048", WOLFSSL_FFDHE_2048}};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (strcmp(groups[i].name, name) == 0)
            return groups[i].group;
    return 0;
}

static int listen_on(const char *address, const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, address, &at.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 16) == 0)
        return fd;
    perror("wolfssl_peer");
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    wolfSSL_Init();
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(strcmp(argv[5], "1.3") == 0 ? wolfTLSv1_3_server_method() : wolfTLSv1_2_server_method());
    if (wolfSSL_CTX_use_certificate_chain_file(ctx, argv[3]) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_use_PrivateKey_file(ctx, argv[4], WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
        return fprintf(stderr, "wolfssl_peer: certificate or key\n"), 1;
    int group = argc > 6 ? group_of(argv[6]) : 0;
    if (group != 0 && wolfSSL_CTX_set_groups(ctx, &group, 1) != WOLFSSL_SUCCESS)
        return fprintf(stderr, "wolfssl_peer: no group %s\n", argv[6]), 3;
    if (argc > 6 && group == 0 && wolfSSL_CTX_set_cipher_list(ctx, argv[6]) != WOLFSSL_SUCCESS)
        return fprintf(stderr, "wolfssl_peer: no suite %s\n", argv[6]), 3;
    for (int listener = listen_on(argv[1], argv[2]);;) {
        int fd = accept(listener, NULL, NULL);
        WOLFSSL *ssl = wolfSSL_new(ctx);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 2}, sizeof(struct timeval));
        wolfSSL_set_fd(ssl, fd);
        if (wolfSSL_accept(ssl) != WOLFSSL_SUCCESS)
            fprintf(stderr, "accept: %d\n", wolfSSL_get_error(ssl, 0));
        wolfSSL_free(ssl);
        close(fd);
    }
}
