/* Writes a ClientHello from an offer: SSLv2's, SSLv3's, and TLS 1.0 to 1.3 (RFC 8446, section 4.1.2). The offer
 * determines everything but the random, the session id, and two rules of interoperability: no hello of 256-511
 * bytes (RFC 7685), no IP literal or wildcard as server name (RFC 6066, section 3). */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/tls/key_share.h"

#include <stdbool.h>
#include <stdint.h>

enum tls_want {                         /* what of the answer ends the capture */
    TLS_WANT_CHAIN,                     /* the chain (and its staple) */
    TLS_WANT_PROOF,                     /* and the signature that proves the key, and the key exchange's sizes */
    TLS_WANT_HELLO,                     /* the ServerHello is the answer; a HelloRetryRequest too */
    TLS_WANT_KEY_EXCHANGE,              /* up to TLS 1.2: ServerKeyExchange, no proof */
};

/* What the server may send (RFC 7250): a certificate (without the extension), only a raw public key, or either. */
enum tls_certificate_types { TLS_TYPES_CERTIFICATE, TLS_TYPES_RAW_KEY, TLS_TYPES_EITHER };

/* Lists of numbers end with 0 (no list is longer than its space in a hello); NULL is an empty list, and an extension
 * without a list is not sent. */
struct tls_offer {
    uint16_t version;                   /* legacy_version: 0x0303; 0x0002 makes an SSLv2 CLIENT-HELLO of all kinds */
    const uint16_t *versions;           /* supported_versions */
    const uint16_t *suites;             /* in this order */
    const uint16_t *groups;
    const uint16_t *schemes;            /* signature_algorithms */
    const uint16_t *cert_schemes;       /* signature_algorithms_cert */
    const uint16_t *shares;             /* key_share: groups; an empty list is sent where versions holds 1.3 */
    const char *alpn;                   /* "h2,http/1.1"; NULL none */
    enum tls_want want;
    bool no_extensions;                 /* SSLv3, and servers that fail on any */
    bool real_shares;                   /* key pairs instead of the generators */
    bool status_request, scts;
    bool extended_master_secret, renegotiation_info;
    bool deflate;                       /* compression method 1 beside null */
    bool compress_certificate;          /* zlib (RFC 8879) */
    bool fallback_scsv;                 /* RFC 7507 */
    enum tls_certificate_types certificate_types;
    bool session_ticket;                /* RFC 5077 */
    bool encrypt_then_mac;              /* RFC 7366 */
    bool heartbeat;                     /* RFC 6520: the extension alone, never a message */
    bool next_protocol;                 /* NPN, which HTTP/2's drafts had before ALPN */
    bool every_compression;             /* with compress_certificate: brotli and zstd too */
    bool grease;                        /* RFC 8701: reserved numbers in each list that has them */
    uint16_t unknown_extension_len;     /* of an unknown extension; 0: none */
    bool sslv2_format;                  /* version is asked for in SSLv2's framing (RFC 5246, E.2) */
    bool by_libssl;                     /* libssl writes the hello (libssl_session.h) */
};

struct client_hello_input {
    const struct tls_offer *offer;
    const char *server_name;            /* NULL or '' none */
    const uint8_t *random;              /* 32 bytes */
    const uint8_t *session_id;          /* 32 bytes; sent where 1.3 is offered */
    int32_t retry_group;                /* after a HelloRetryRequest: the only share; -1 none */
    struct byte_reader cookie;
    struct key_pairs *pairs;            /* for real_shares */
};

/* The handshake message, without records. */
void client_hello_write(const struct client_hello_input *input, struct byte_writer *out);

/* SSLv2's CLIENT-HELLO, with its framing. The challenge is 16 bytes of random. */
void client_hello_write_sslv2(const uint8_t *random, struct byte_writer *out);

/* The same framing for version and suites of the offer (RFC 5246, E.2): the first message of an old client. */
void client_hello_write_sslv2_format(const struct tls_offer *offer, const uint8_t *random, struct byte_writer *out);

/* May this be a server_name? A DNS name: no literal, no wildcard, no empty or overlong label. */
bool client_hello_may_send_name(const char *server_name);

static inline bool tls_list_holds(const uint16_t *list, uint16_t value)
{
    for (; list != NULL && *list != 0; list++)
        if (*list == value)
            return true;
    return false;
}

/* True if it was in the list. */
static inline bool tls_list_remove(uint16_t *list, uint16_t value)
{
    size_t to = 0;
    bool was_there = false;
    for (size_t i = 0; list[i] != 0; i++) {
        if (list[i] == value)
            was_there = true;
        else
            list[to++] = list[i];
    }
    list[to] = 0;
    return was_there;
}
