/* What is kept of ClientHello and ServerHello (RFC 8446, section 4.1; their DTLS and SSLv2 forms) beyond the message,
 * with JA4 and with JA3 and JA3S (the published recipe: decimal numbers in the order sent, GREASE left out, MD5). */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/observation.h"
#include "scanner/passive/handshake/ja4.h"

struct client_hello_facts {
    bool known;
    bool has_ech;
    bool offers_tls13;
    uint16_t version;                       /* legacy_version */
    uint8_t random[32];
    uint8_t session_id_len;
    uint8_t session_id[32];
    char server_name[SERVER_NAME_SIZE];
    char alpn[ALPN_SIZE];                   /* the first offered */
    uint8_t alpn_count;
    char ja3[33], ja4[JA4_SIZE];
};

struct server_hello_facts {
    bool known;
    bool is_retry;                          /* HelloRetryRequest (RFC 8446, section 4.1.4) */
    uint16_t version;                       /* supported_versions wins */
    int32_t cipher_suite, group;
    uint8_t random[32];
    uint8_t session_id_len;
    uint8_t session_id[32];
    char alpn[ALPN_SIZE];
    uint32_t sct_count;
    bool selected_psk, extended_master_secret, encrypt_then_mac;
    char ja3s[33];
};

/* body: the message without its header. want_ja3: compute the fingerprints too. False if it is no hello; facts are then unchanged. */
bool client_hello_read(struct byte_reader body, bool is_dtls, bool want_ja3, struct client_hello_facts *facts);
bool server_hello_read(struct byte_reader body, bool want_ja3, struct server_hello_facts *facts);
/* An SSLv2 CLIENT-HELLO without its two length bytes (RFC 6101, appendix E). */
bool client_hello_read_sslv2(struct byte_reader body, struct client_hello_facts *facts);
