/* A handshake as it was seen from outside: what the engine reports of each chain, and of each handshake without
 * one. Everything is borrowed for the length of the call. */
#pragma once
#include "probes/base/observation.h"
#include "probes/tls/messages.h"

#define HANDSHAKE_CHAIN_MAX TLS_CHAIN_CERTIFICATES_MAX

struct handshake {
    int64_t time_us;                    /* of the packet that completed it */
    int64_t flow_started_us;            /* of the first packet of its connection that was seen */
    bool flow_start_seen;               /* that packet began the connection; false: capture started later */
    enum role role;                     /* whose chain; ROLE_SERVER if there is none */
    enum outcome outcome;               /* certificate, no_certificate, hidden, incomplete, tls_alert, too_large ... */
    const char *detail;                 /* "resumed", "tls13", the alert's name ...; "" none */
    enum transport transport;
    struct address server, client;      /* len 0: a link without addresses (EAPOL) */
    uint16_t server_port, client_port;
    uint8_t server_mac[6], client_mac[6];       /* EAPOL */
    const char *server_name;            /* SNI, lower case; "" none */
    const char *protocol;               /* "tls", "smtp", "dtls", "quic" ... */
    uint16_t tls_version;               /* 0 unknown */
    int32_t cipher_suite, group;        /* -1 unknown */
    const char *alpn;                   /* selected, or the only one offered; "" none */
    const struct der *chain;            /* if incomplete: the whole certificates before the gap; may be empty */
    size_t chain_count;
    const uint8_t *chain_bytes;         /* the list as sent: the key by which a chain is recognised */
    size_t chain_bytes_len;
    const uint8_t *ocsp_staple;
    size_t ocsp_staple_len;
    uint32_t sct_count;
    bool ech;                           /* the name is the outer one (or the extension is GREASE) */
    bool decrypted;                     /* read with the user's keys */
    bool overlap_conflict;              /* the stream held two versions of some bytes; the first was read */
    char ja3[33], ja3s[33], ja4[37];    /* "" where not asked for */
};

typedef void handshake_function(void *context, const struct handshake *handshake);
