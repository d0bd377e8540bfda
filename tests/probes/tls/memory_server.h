/* A libssl server that lives in memory: bytes in, bytes out, no socket. It is server code that we did not write, and
 * gives the whole matrix of versions, keys, suites, groups, chains and mutual TLS to a unit test in microseconds. */
#pragma once
#include "probes/base/byte_buffer.h"

#include <openssl/ssl.h>
#include <stdbool.h>

struct memory_server_options {
    int min_version, max_version;       /* TLS1_VERSION ... TLS1_3_VERSION; 0: any */
    const char *key;                    /* "rsa:2048", "rsa-pss:2048", "ec:P-256", "ed25519", "ed448", "dsa:1024" */
    const char *second_key;             /* NULL, or another certificate beside it */
    const char *ciphers;                /* OpenSSL's list up to TLS 1.2; NULL default */
    const char *ciphersuites;           /* of TLS 1.3; NULL default */
    const char *groups;                 /* NULL default */
    unsigned chain_count;               /* certificates sent; 0 means 1 */
    unsigned padding;                   /* bytes put into each certificate's comment extension */
    bool request_client_cert;
    bool ocsp_staple;
    bool server_preference;
};

struct memory_server;

struct memory_server *memory_server_create(const struct memory_server_options *options);
void memory_server_destroy(struct memory_server *server);
void memory_server_restart(struct memory_server *server);       /* a new connection */

/* Gives bytes to the server and takes what it answers, appended to out. False when it has ended in an error. */
bool memory_server_feed(struct memory_server *server, const void *bytes, size_t len, struct byte_buffer *out);

/* The chain as it is sent: DER of certificate i of the first key's (second: of the second key's). */
const uint8_t *memory_server_der(const struct memory_server *server, bool second, unsigned i, size_t *len);
unsigned memory_server_chain_count(const struct memory_server *server);
SSL *memory_server_ssl(struct memory_server *server);           /* what libssl negotiated */

/* libssl's own ClientHello, as records, for tests of the readers. */
void libssl_client_hello(const char *server_name, int max_version, struct byte_buffer *out);
