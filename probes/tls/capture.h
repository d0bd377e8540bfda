/* One connection's TLS capture: it writes a hello and reads the answer in pieces of any size; the chain is
 * available as soon as its message is complete. Capture is not a handshake: up to TLS 1.2 the chain is read in the
 * clear; in TLS 1.3 our key share is the group's generator, so the shared secret is the server's own share. Such a
 * session has no secrecy; only the certificate is sent in it.
 *
 *     tls_capture_begin() --> [bytes] --> tls_capture_read() ... MORE ... DONE | ALERT | ... --> farewell
 */
#pragma once
#include "probes/base/observation.h"
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/tls/hello_plan.h"
#include "probes/tls/pool.h"

#define TLS_CHAIN_MAX     (1u << 20)        /* bytes of a Certificate message; above: too_large */
#define SSLV2_KINDS_MAX   16
#define TLS_OUT_MAX       4096              /* no hello or farewell of ours is longer */

enum tls_capture_result {
    TLS_CAPTURE_MORE,           /* wants more bytes; out may hold a second ClientHello (HelloRetryRequest) */
    TLS_CAPTURE_DONE,           /* all that the plan asked for is there: a chain, or the answer to a posture hello. Without
                                 * a chain the server sent none: resumed, PSK, anonymous. */
    TLS_CAPTURE_ALERT,          /* facts.alert says which */
    TLS_CAPTURE_NOT_TLS,        /* facts.detail says what it looks like */
    TLS_CAPTURE_ERROR,          /* facts.detail says what could not be decoded */
    TLS_CAPTURE_TOO_LARGE,
    TLS_CAPTURE_WAIT,           /* the pool has no room for this message now: call again when it has */
};

struct tls_facts {
    uint16_t version;               /* 0 until a ServerHello came */
    int32_t cipher_suite, group;    /* -1 unknown */
    int32_t scheme;                 /* SignatureScheme of ServerKeyExchange or CertificateVerify, where it was read; -1 */
    int32_t alert;                  /* AlertDescription (RFC 8446, section 6), -1 none */
    char alpn[ALPN_SIZE];
    char detail[DETAIL_SIZE];
    const struct der *chain;        /* borrowed from the capture */
    size_t chain_count;
    const uint8_t *ocsp_staple;
    size_t ocsp_staple_len;
    uint32_t sct_count;
    enum key_proven key_proven;
    bool client_certificate_requested;
    bool raw_public_key;            /* instead of a chain (RFC 7250); detail has its hash */
    uint32_t dh_bits;               /* of ServerKeyExchange's prime; 0 none */
    uint32_t sslv2_kinds[SSLV2_KINDS_MAX];      /* of an SSLv2 SERVER-HELLO: every kind that the server has */
    size_t sslv2_kind_count;
    bool extended_master_secret, secure_renegotiation, compression, hello_retry_request;
    bool session_ticket, encrypt_then_mac, heartbeat, next_protocol;    /* in a ServerHello up to TLS 1.2 */
    uint16_t certificate_compression;           /* algorithm of a CompressedCertificate (RFC 8879); 0 none */
    uint32_t server_time;                       /* gmt_unix_time of the ServerHello's random; often only random */
    /* SHA-256 of the server's ephemeral public key, and of its DH prime: only where the offer's want is the key exchange,
     * or is the hello and TLS 1.3 answers. All zero: none. */
    uint8_t ephemeral_sha256[32], dh_prime_sha256[32];
    uint32_t client_ca_count;                   /* authorities in the CertificateRequest */
    char client_ca[DETAIL_SIZE];                /* the first one's name; '' none */
};

struct tls_capture;

struct tls_capture *tls_capture_create(struct tls_pool *pool);     /* NULL: a pool of its own */
void tls_capture_destroy(struct tls_capture *capture);

/* To be called when the connection has ended: frees its memory and its share of the pool. Facts are no longer valid. */
void tls_capture_reset(struct tls_capture *capture);

/* Writes the ClientHello (as TLS records) to out. May be called again for a new connection; the last one is
 * discarded. The plan is copied; its offer must live as long as the capture or until the next begin. */
void tls_capture_begin(struct tls_capture *capture, const struct tls_hello_plan *plan, const char *server_name,
                       struct byte_writer *out);

/* Reads the bytes that have arrived, and consumes what it can use now. */
enum tls_capture_result tls_capture_read(struct tls_capture *capture, struct byte_reader *in,
                                         struct byte_writer *out);

/* What is known so far, also after an alert, a reset or a timeout. A complete chain is kept. Before the caller ends a
 * connection after MORE it must look here: up to TLS 1.2 the capture goes on reading after the chain, for the staple
 * and the key exchange in the same flight. */
const struct tls_facts *tls_capture_facts(const struct tls_capture *capture);

/* Has the pool reserved room for the message that is being read? A capture without room should read little when the
 * pool is crowded. */
bool tls_capture_has_room(const struct tls_capture *capture);

/* The share of the pool for which a capture waits after WAIT. */
enum tls_pool_share tls_capture_waits_for(const struct tls_capture *capture);

/* Writes the alert that ends the connection, encrypted if it must be. */
void tls_capture_farewell(struct tls_capture *capture, struct byte_writer *out);
