/* The bodies of handshake messages, as structs. Each parser takes one whole body (from a record stream, from DTLS
 * fragments put together, from QUIC's CRYPTO frames) and never more; spans are borrowed from it. False if the
 * body is not what the standard says; what was read up to there stays in the struct. Unknown extensions are
 * skipped. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/observation.h"
#include "probes/tls/names.h"

/* Certificates of one message that are kept: each costs a hash and a row, and 260,000 of one byte would fit into
 * it. Active and passive capture use the same limit, so that a chain has the same hash in both. */
#define TLS_CHAIN_CERTIFICATES_MAX 256
#define TLS_CHAIN_TOO_LONG         "more than 256 certificates: the first are kept"

#define TLS_RANDOM_LEN 32

enum tls_extension {                            /* IANA, TLS ExtensionType Values */
    TLS_EXT_SERVER_NAME = 0,
    TLS_EXT_STATUS_REQUEST = 5,
    TLS_EXT_SUPPORTED_GROUPS = 10,
    TLS_EXT_EC_POINT_FORMATS = 11,
    TLS_EXT_SIGNATURE_ALGORITHMS = 13,
    TLS_EXT_HEARTBEAT = 15,
    TLS_EXT_ALPN = 16,
    TLS_EXT_STATUS_REQUEST_V2 = 17,
    TLS_EXT_SIGNED_CERTIFICATE_TIMESTAMP = 18,
    TLS_EXT_SERVER_CERTIFICATE_TYPE = 20,
    TLS_EXT_PADDING = 21,
    TLS_EXT_ENCRYPT_THEN_MAC = 22,
    TLS_EXT_EXTENDED_MASTER_SECRET = 23,
    TLS_EXT_COMPRESS_CERTIFICATE = 27,
    TLS_EXT_SESSION_TICKET = 35,
    TLS_EXT_PRE_SHARED_KEY = 41,
    TLS_EXT_EARLY_DATA = 42,
    TLS_EXT_SUPPORTED_VERSIONS = 43,
    TLS_EXT_COOKIE = 44,
    TLS_EXT_PSK_KEY_EXCHANGE_MODES = 45,
    TLS_EXT_CERTIFICATE_AUTHORITIES = 47,
    TLS_EXT_SIGNATURE_ALGORITHMS_CERT = 50,
    TLS_EXT_KEY_SHARE = 51,
    TLS_EXT_QUIC_TRANSPORT_PARAMETERS = 57,
    TLS_EXT_NEXT_PROTOCOL = 0x3374,             /* NPN: never assigned, but used */
    TLS_EXT_ENCRYPTED_CLIENT_HELLO = 0xfe0d,
    TLS_EXT_RENEGOTIATION_INFO = 0xff01,
};

/* Iterates over extensions: for (r = hello.extensions; extension_next(&r, &type, &data);) */
bool extension_next(struct byte_reader *extensions, uint16_t *type, struct byte_reader *data);

/* ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2; RFC 6347 with its cookie). Lists are the insides of their
 * vectors; u16 lists are read with byte_reader_u16(). A list that is absent has at == NULL. */
struct client_hello {
    uint16_t legacy_version;
    uint16_t max_version;                       /* the highest offered, from supported_versions if present; GREASE is ignored */
    const uint8_t *random;                      /* NULL in SSLv2's framing */
    struct byte_reader session_id, cookie, cipher_suites, compression_methods, extensions;
    struct byte_reader supported_versions, supported_groups, ec_point_formats, signature_algorithms,
        signature_algorithms_cert, key_share, psk_identities, session_ticket;
    struct byte_reader alpn;                    /* ProtocolNameList: u8 length and bytes each */
    char server_name[SERVER_NAME_SIZE];         /* lower case, without the trailing dot; '' none, or not a name */
    char first_alpn[ALPN_SIZE];                 /* printable; '' none */
    bool has_server_name, has_early_data, has_encrypted_client_hello;
    bool is_sslv2;                              /* cipher_suites holds three-byte kinds */
};

bool client_hello_parse(struct byte_reader body, struct client_hello *hello);
bool client_hello_parse_dtls(struct byte_reader body, struct client_hello *hello);      /* with the cookie */
bool client_hello_parse_sslv2(struct byte_reader body, struct client_hello *hello);     /* from the message type on */

/* ServerHello, HelloRetryRequest too (RFC 8446, 4.1.3 and 4.1.4). */
struct server_hello {
    uint16_t legacy_version;
    uint16_t version;                           /* of supported_versions, else legacy_version */
    const uint8_t *random;
    struct byte_reader session_id, extensions;
    uint16_t cipher_suite;
    uint8_t compression;
    bool is_hello_retry_request;
    int32_t group;                              /* of key_share; -1 none */
    struct byte_reader key_exchange;            /* the server's share */
    struct byte_reader cookie;                  /* HelloRetryRequest */
    int32_t psk;                                /* selected identity: the session is resumed; -1 none (RFC 8446) */
    char alpn[ALPN_SIZE];                       /* up to TLS 1.2 */
    bool extended_master_secret, secure_renegotiation, session_ticket, status_request, encrypt_then_mac;
    bool heartbeat, next_protocol;
    bool is_raw_key;                            /* no certificate follows, but a SubjectPublicKeyInfo (RFC 7250) */
    uint32_t sct_count;
};

bool server_hello_parse(struct byte_reader body, struct server_hello *hello);

/* SSLv2's SERVER-HELLO, from the message type on. */
struct sslv2_server_hello {
    uint8_t session_id_hit, certificate_type;
    uint16_t version;
    struct der certificate;
    struct byte_reader cipher_specs;            /* three bytes each */
};

bool sslv2_server_hello_parse(struct byte_reader body, struct sslv2_server_hello *hello);

struct encrypted_extensions {
    char alpn[ALPN_SIZE];
    bool server_name;
    bool is_raw_key;                            /* RFC 7250 */
};

bool encrypted_extensions_parse(struct byte_reader body, struct encrypted_extensions *extensions);

/* Certificate in both forms: version 0x0304 (0xfefc) has a request context and extensions. list is walked with
 * certificate_next(). */
struct certificate_message {
    bool is_tls13;
    struct byte_reader request_context;
    struct byte_reader list;
};

bool certificate_parse(struct byte_reader body, uint16_t version, struct certificate_message *message);

/* The next entry: false at the end or where the list is broken (message->list.left is not 0 then). extensions is
 * empty up to TLS 1.2; NULL if not wanted. */
bool certificate_next(struct certificate_message *message, struct der *cert, struct byte_reader *extensions);

/* Of a 1.3 entry's extensions: the OCSPResponse (empty: none) and how many SCTs. */
void certificate_extensions_parse(struct byte_reader extensions, struct byte_reader *ocsp_staple, uint32_t *sct_count);

/* CertificateStatus (RFC 6066, section 8; RFC 6961): the leaf's OCSPResponse. */
bool certificate_status_parse(struct byte_reader body, struct byte_reader *ocsp_staple);

/* CompressedCertificate (RFC 8879). */
struct compressed_certificate {
    uint16_t algorithm;                         /* 1 zlib, 2 brotli, 3 zstd */
    uint32_t uncompressed_len;
    struct byte_reader compressed;
};

bool compressed_certificate_parse(struct byte_reader body, struct compressed_certificate *certificate);

/* ServerKeyExchange up to TLS 1.2 (RFC 5246, 7.4.3; RFC 8422, 5.4): the suite says which form. */
struct server_key_exchange {
    int32_t group;                              /* of ECDHE with a named curve; -1 */
    struct byte_reader point;                   /* ECDHE */
    struct byte_reader dh_p, dh_g, dh_ys;       /* DHE; or the modulus in dh_p for RSA_EXPORT */
    uint32_t dh_bits;                           /* of dh_p; 0 */
    struct byte_reader params;                  /* what is signed, after the two randoms */
    int32_t scheme;                             /* SignatureScheme; -1 before TLS 1.2 and where unsigned */
    struct byte_reader signature;               /* empty where unsigned */
};

bool server_key_exchange_parse(struct byte_reader body, uint16_t version, const struct tls_suite *suite,
                               struct server_key_exchange *exchange);

struct certificate_verify {
    int32_t scheme;                             /* -1 before TLS 1.2 */
    struct byte_reader signature;
};

bool certificate_verify_parse(struct byte_reader body, uint16_t version, struct certificate_verify *verify);

/* CertificateRequest in both forms: authorities is a list of u16 length and DER Name each. */
struct certificate_request {
    struct byte_reader authorities, signature_algorithms;
};

bool certificate_request_parse(struct byte_reader body, uint16_t version, struct certificate_request *request);
