/* One answered attempt on an endpoint, or one handshake seen: what the scanner hands to the bundle and the JSON
 * lines, and what the loader carries to the database. All pointers are borrowed for the length of a call; the
 * recorder copies what it keeps. Enum numbers are stored: never changed, never reused.
 *
 * It is in probes/base because probes, scanner and inventory all use these types. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SITE_SIZE        64         /* bytes with the NUL, as all *_SIZE here */
#define SERVER_NAME_SIZE 256        /* RFC 6066: a DNS name without the trailing dot, lower case */
#define ZONE_SIZE        16         /* an IPv6 zone (RFC 4007), an interface name */
#define PROTOCOL_SIZE    16
#define DETAIL_SIZE      128
#define ALPN_SIZE        32

struct endpoint {                   /* the site is the bundle's */
    enum transport transport;
    struct address address;
    char zone[ZONE_SIZE];
    uint16_t port;                  /* host order */
    char server_name[SERVER_NAME_SIZE];     /* SNI as sent, '' when none was */
};

enum method { METHOD_ACTIVE = 1, METHOD_PASSIVE = 2, METHOD_FILE = 3, METHOD_IMPORT = 4 };
enum role { ROLE_SERVER = 1, ROLE_CLIENT = 2 };     /* whose certificates these are */

/* What the hello that was answered had offered. */
enum variant {
    VARIANT_DEFAULT = 1,
    VARIANT_TLS12 = 2,
    VARIANT_RSA = 3,
    VARIANT_ECDSA = 4,
    VARIANT_EDDSA = 5,
    VARIANT_FALLBACK = 6,
    VARIANT_LEGACY = 7,
    VARIANT_SEEN = 8,               /* passive: another client's hello */
    VARIANT_PQ = 9,                 /* ML-DSA alone */
    VARIANT_LAST = VARIANT_PQ,
};

/* Did the server prove in this flight that it holds the leaf's key? */
enum key_proven { KEY_PROVEN_UNKNOWN = 0, KEY_PROVEN_TRUE = 1, KEY_PROVEN_FALSE = 2 };

/* Where the server name came from. */
enum name_source {
    NAME_SOURCE_NONE = 0,           /* no name was sent */
    NAME_SOURCE_GIVEN = 1,          /* the user's target, or the hello that was seen */
    NAME_SOURCE_PTR = 2,
    NAME_SOURCE_CERTIFICATE = 3,    /* a name in the certificate just seen that resolves to this address */
    NAME_SOURCE_KNOWN = 4,          /* known for this address from earlier scans or captures */
    NAME_SOURCE_OPTION = 5,         /* --sni */
};

struct der {                        /* one certificate exactly as sent */
    const uint8_t *bytes;
    size_t len;
};

struct observation {
    int64_t time_us;                /* when the attempt began, or the packet's time; UTC */
    enum method method;
    enum role role;
    enum variant variant;
    enum outcome outcome;
    struct endpoint endpoint;       /* the server's, also where the chain is a client's */
    struct address peer;            /* the client whose chain this is (len 0: none) */
    char protocol[PROTOCOL_SIZE];   /* the probe: "tls", "smtp" ... */
    char detail[DETAIL_SIZE];       /* '' is null */
    uint16_t tls_version;           /* 0x0301 ... 0x0304, 0x0002 SSLv2, 0xfefd DTLS 1.2; 0 unknown */
    int32_t cipher_suite;           /* IANA number; -1 unknown */
    int32_t group;                  /* IANA number of the named group; -1 unknown or none */
    char alpn[ALPN_SIZE];           /* '' is null */
    enum key_proven key_proven;
    enum name_source name_source;
    unsigned connections;           /* opened for this observation, all hellos counted; 0 passive */
    uint64_t position;              /* in the scan's permutation; UINT64_MAX where it has none */
    const struct der *chain;        /* chain_count certificates, leaf first, as sent */
    size_t chain_count;
    const uint8_t *ocsp_staple;     /* NULL when none; DER of OCSPResponse (RFC 6960) */
    size_t ocsp_staple_len;
    uint32_t sct_count;             /* in the TLS extension (RFC 6962, section 3.3); not those inside certs */
    uint32_t dns_us, connect_us, handshake_us;
};

const char *method_name(enum method method);                /* "active", "passive", "file", "import" */
const char *role_name(enum role role);
const char *variant_name(enum variant variant);
const char *name_source_name(enum name_source source);      /* "none", "given", "ptr", ... */
