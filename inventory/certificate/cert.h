/* One X.509 certificate (RFC 5280), parsed once, never changed. Parsing never fails: whatever the bytes are,
 * they are kept and hashed, and each field is present, absent or broken on its own, because a fault in a
 * certificate is a finding to report, not an error of ours.
 *
 *     DER --> our walk over Certificate and TBSCertificate --> one slice per field --> OpenSSL's decoder of that type
 *
 * So one broken field hides no other, and there is one way for sound and broken certificates. The struct is
 * open: it is facts, and nothing but cert_parse() ever writes it. Texts are valid UTF-8 without control bytes
 * (cert_text.h); the bytes beside them are exact. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one certificate brings into memory and tables is bounded; all of it stays in the DER. */
#define CERT_NAMES_MAX 1000         /* names, and items of each list of texts */

enum field { FIELD_ABSENT, FIELD_PRESENT, FIELD_BROKEN };

enum cert_field {
    CERT_STRUCTURE,                 /* OpenSSL reads the whole of it, and nothing follows */
    CERT_VERSION, CERT_SERIAL_NUMBER, CERT_SIGNATURE_ALGORITHM, CERT_ISSUER, CERT_NOT_BEFORE, CERT_NOT_AFTER,
    CERT_SUBJECT, CERT_PUBLIC_KEY, CERT_EXTENSIONS, CERT_SUBJECT_ALT_NAMES, CERT_BASIC_CONSTRAINTS,
    CERT_KEY_USAGE, CERT_EXTENDED_KEY_USAGE, CERT_AUTHORITY_KEY_ID, CERT_SUBJECT_KEY_ID, CERT_POLICIES,
    CERT_CRL_DISTRIBUTION_POINTS, CERT_AUTHORITY_INFO_ACCESS, CERT_SCT_LIST, CERT_TLS_FEATURE,
    CERT_NAME_CONSTRAINTS, CERT_PRECERT_POISON,
    CERT_FIELD_COUNT
};

enum cert_name_kind {               /* GeneralName (RFC 5280, 4.2.1.6), and the subject's common names */
    CERT_NAME_DNS, CERT_NAME_IP, CERT_NAME_EMAIL, CERT_NAME_URI, CERT_NAME_DIRECTORY, CERT_NAME_OTHER,
    CERT_NAME_COMMON,
};

struct cert_name {
    enum cert_name_kind kind;
    char *text;                     /* dns: lower case; ip: RFC 5952; directory: RFC 4514; other: hexadecimal */
    struct byte_reader bytes;
    struct address address;         /* of an ip; len 0 otherwise */
};

struct cert_texts {                 /* a list of texts, in the certificate's order: the first CERT_NAMES_MAX */
    char **items;
    size_t count;
};

struct cert {
    struct byte_reader der;         /* owned */
    uint8_t sha256[32];             /* over the whole DER */
    enum field state[CERT_FIELD_COUNT];

    int version;                    /* 1, 2, 3 as people say it (the encoding says one less) */
    struct byte_reader serial_number;           /* content of the INTEGER */
    char *serial_text;              /* lower-case hexadecimal without leading zeros, "-" ahead of a negative one */
    struct byte_reader subject_der, issuer_der;
    char *subject, *issuer;         /* RFC 4514 */
    struct cert_texts subject_attributes, issuer_attributes;     /* "O=Example Agency", unescaped, in DER order */
    int64_t not_before, not_after;  /* seconds since 1970-01-01 UTC; both ends inside (RFC 5280, 4.1.2.5) */

    char *key_algorithm;            /* "rsa", "rsa-pss", "ec", "ed25519", "ed448", "dsa", else the OID's name */
    unsigned key_bits;              /* modulus, field or prime; 0 unknown */
    char *key_curve;                /* "P-256", "brainpoolP256r1" ...; NULL: none, or explicit parameters */
    char *rsa_exponent;             /* decimal; NULL for other keys */
    struct byte_reader spki;
    uint8_t spki_sha256[32];

    char *signature_algorithm;      /* "sha256WithRSAEncryption", "ecdsa-with-SHA256", "rsassaPss" ... */
    char *signature_hash;           /* "sha256"; NULL where the algorithm has none of its own (EdDSA) */
    bool signature_algorithms_agree;            /* inside and outside of what is signed (RFC 5280, 4.1.1.2) */

    struct cert_name *names;        /* SANs in order, then the common names; CERT_NAMES_MAX of each at most */
    size_t name_count, san_count;
    size_t names_omitted;           /* SANs behind CERT_NAMES_MAX */
    bool is_ca;                     /* basicConstraints says so */
    int path_len;                   /* -1: none */
    struct cert_texts key_usage;    /* "digitalSignature" ... */
    struct cert_texts extended_key_usage;       /* "serverAuth" ..., or the OID */
    struct byte_reader authority_key_id, subject_key_id;
    struct cert_texts policies;     /* OIDs */
    struct cert_texts crl_urls, ocsp_urls, ca_issuer_urls;
    struct cert_texts extensions, critical_extensions;           /* OIDs */
    unsigned sct_count;
    bool must_staple;               /* status_request in the TLS feature extension (RFC 7633) */
    bool is_precertificate;         /* RFC 6962, 3.1 */
    bool is_self_issued;            /* subject and issuer are the same name */
    bool is_self_signed;            /* and its signature verifies with its own key */
};

/* Takes one Certificate as it was sent, len bytes, copied. Never NULL. */
struct cert *cert_parse(const void *der, size_t len);
void cert_destroy(struct cert *cert);           /* NULL is fine */

/* Is this host name or IP address (as text) one that the certificate speaks for (RFC 6125, by OpenSSL's
 * X509_check_host: SANs, and the common name only where no dNSName is there)? */
bool cert_matches_host(const struct cert *cert, const char *host);

const char *cert_field_name(enum cert_field field);              /* "not_after" */
const char *cert_name_kind_name(enum cert_name_kind kind);       /* "dns", "ip", "email", "uri", "directory" ... */

static inline bool cert_has(const struct cert *cert, enum cert_field field)
{
    return cert->state[field] == FIELD_PRESENT;
}
