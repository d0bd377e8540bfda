/* A TLS server by mbedTLS, for tests of the capture: one handshake after the other, over and over.
 *
 *     mbedtls_peer ADDRESS PORT CERTIFICATE.pem KEY.pem 1.2|1.3
 *
 * Ends with 3 where this mbedTLS does not have the version. Built by the test itself where libmbedtls-dev is installed. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif

#include <signal.h>
#include <stdio.h>
#include <string.h>

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_bytes;

static int parse_key(mbedtls_pk_context *key, const char *path)
{
#if MBEDTLS_VERSION_MAJOR >= 3
    return mbedtls_pk_parse_keyfile(key, path, NULL, mbedtls_ctr_drbg_random, &random_bytes);
#else
    return mbedtls_pk_parse_keyfile(key, path, NULL);
#endif
}

static int set_version(mbedtls_ssl_config *config, const char *version)
{
#if MBEDTLS_VERSION_MAJOR >= 3
    if (psa_crypto_init() != PSA_SUCCESS)
        return 1;
    mbedtls_ssl_protocol_version number = strcmp(version, "1.3") == 0 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2;
    mbedtls_ssl_conf_min_tls_version(config, number);
    mbedtls_ssl_conf_max_tls_version(config, number);
    return 0;
#else
    (void)config;
    return strcmp(version, "1.2") != 0;
#endif
}

static void serve(mbedtls_ssl_config *config, mbedtls_net_context *listener)
{
    mbedtls_net_context client;
    mbedtls_ssl_context ssl;
    int result;
    mbedtls_net_init(&client);
    mbedtls_ssl_init(&ssl);
    if (mbedtls_net_accept(listener, &client, NULL, 0, NULL) == 0 && mbedtls_ssl_setup(&ssl, config) == 0) {
        mbedtls_ssl_set_bio(&ssl, &client, mbedtls_net_send, NULL, mbedtls_net_recv_timeout);
        while ((result = mbedtls_ssl_handshake(&ssl)) == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE)
            ;
        if (result != 0)
            fprintf(stderr, "handshake: -0x%04x\n", (unsigned)-result);
    }
    mbedtls_ssl_free(&ssl);
    mbedtls_net_free(&client);
}

int main(int argc, char **argv)
{
    mbedtls_net_context listener;
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    mbedtls_ssl_config config;
    if (argc < 6)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    mbedtls_net_init(&listener);
    mbedtls_x509_crt_init(&chain);
    mbedtls_pk_init(&key);
    mbedtls_ssl_config_init(&config);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_bytes);
    if (mbedtls_ctr_drbg_seed(&random_bytes, mbedtls_entropy_func, &entropy, NULL, 0) != 0 ||
        mbedtls_x509_crt_parse_file(&chain, argv[3]) != 0 || parse_key(&key, argv[4]) != 0 ||
        mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return fprintf(stderr, "mbedtls_peer: certificate or key\n"), 1;
    if (set_version(&config, argv[5]) != 0)
        return fprintf(stderr, "mbedtls_peer: no TLS %s\n", argv[5]), 3;
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_bytes);
    mbedtls_ssl_conf_read_timeout(&config, 2000);
    if (mbedtls_ssl_conf_own_cert(&config, &chain, &key) != 0 || mbedtls_net_bind(&listener, argv[1], argv[2], MBEDTLS_NET_PROTO_TCP) != 0)
        return fprintf(stderr, "mbedtls_peer: cannot listen\n"), 1;
    for (;;)
        serve(&config, &listener);
}
