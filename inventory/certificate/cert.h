/* One X.509 certificate (RFC 5280), parsed once, never changed. Parsing never fails: whatever the bytes are,
 * they are kept and hashed, and each field is present, absent or broken on its own, because a fault in a
 * certificate is a finding to report, not an error of ours.
 *
 *     DER --> our walk over Certificate and TBSCertificate --> one window per field --> that field's reader
 *
 * So a broken field hides no other field, a broken element of a list hides no other element, and valid and broken
 * certificates take the same path. We use no decoder of a library. The struct is public: it holds facts, and only
 * cert_parse() writes it. Texts are valid UTF-8 without control bytes (cert_text.h); the bytes beside them are exact,
 * and every window lies in `der`. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest lists that are read. The rest of a longer one stays in the DER, and the field "limits" is broken. */
#define CERT_NAMES_MAX      1000
#define CERT_LIST_MAX       200
#define CERT_INTEGER_MAX    2048        /* bytes of an RSA number that is looked into */

enum field { FIELD_ABSENT, FIELD_PRESENT, FIELD_BROKEN };

enum cert_field {
    CERT_STRUCTURE,                 /* Certificate and TBSCertificate are whole, and nothing follows */
    CERT_VERSION, CERT_SERIAL_NUMBER, CERT_SIGNATURE_ALGORITHM, CERT_ISSUER, CERT_NOT_BEFORE, CERT_NOT_AFTER,
    CERT_SUBJECT, CERT_PUBLIC_KEY, CERT_EXTENSIONS, CERT_SUBJECT_ALT_NAMES, CERT_BASIC_CONSTRAINTS,
    CERT_KEY_USAGE, CERT_EXTENDED_KEY_USAGE, CERT_AUTHORITY_KEY_ID, CERT_SUBJECT_KEY_ID, CERT_POLICIES,
    CERT_CRL_DISTRIBUTION_POINTS, CERT_AUTHORITY_INFO_ACCESS, CERT_SCT_LIST, CERT_TLS_FEATURE,
    CERT_NAME_CONSTRAINTS, CERT_PRECERT_POISON, CERT_ISSUER_ALT_NAMES, CERT_SUBJECT_INFO_ACCESS,
    CERT_FRESHEST_CRL, CERT_QC_STATEMENTS,
    CERT_SIGNATURE,                 /* a BIT STRING of whole bytes */
    CERT_VALIDITY_FORM,             /* both times as RFC 5280, 4.1.2.5 writes them; broken ones may be readable */
    CERT_LIMITS,                    /* broken: a list is longer than what is kept of it */
    CERT_FIELD_COUNT
};

enum cert_name_kind {               /* GeneralName (RFC 5280, 4.2.1.6), and the subject's common names */
    CERT_NAME_DNS, CERT_NAME_IP, CERT_NAME_EMAIL, CERT_NAME_URI, CERT_NAME_DIRECTORY, CERT_NAME_OTHER,
    CERT_NAME_COMMON,
    CERT_NAME_UPN,                  /* otherName: Microsoft's user principal name */
    CERT_NAME_SRV,                  /* otherName: "_service.name" (RFC 4985) */
    CERT_NAME_REGISTERED_ID,
};

struct cert_name {
    enum cert_name_kind kind;
    char *text;                     /* dns: lower case; ip: RFC 5952; directory: RFC 4514; other: "OID=text" or hexadecimal */
    struct byte_reader bytes;
    struct address address;         /* of an ip; len 0 otherwise */
};

struct cert_texts {                 /* a list of texts, in the certificate's order */
    char **items;
    size_t count;
    bool cut;                       /* there were more than CERT_LIST_MAX */
};

struct cert_subtree {               /* GeneralSubtree of the name constraints (RFC 5280, 4.2.1.10) */
    bool excluded;                  /* or else permitted */
    enum cert_name_kind kind;
    char *text;                     /* as a name's; ip: "10.0.0.0/255.0.0.0" */
    struct byte_reader bytes;       /* ip: address, then mask; directory: the Name's DER */
};

struct cert_sct {                   /* RFC 6962, 3.2 */
    const uint8_t *log_id;          /* 32 bytes */
    int64_t time_ms;
};

struct cert_extension {
    struct byte_reader whole, oid, value;       /* the Extension; content of its OBJECT IDENTIFIER and OCTET STRING */
    bool is_critical;
};

enum cert_key_fault {               /* what the key's form alone shows; numbers are tested in inventory/facts/keys */
    CERT_KEY_OFF_CURVE = 1,
    CERT_KEY_INFINITY = 2,
    CERT_KEY_EXPLICIT_PARAMETERS = 4,
    CERT_KEY_FALSE_GENERATOR = 8,   /* explicit, of a named curve but for its generator, order or cofactor (CVE-2020-0601) */
};

struct cert {
    struct byte_reader der;         /* owned */
    uint8_t sha256[32], sha1[20];   /* over the whole DER */
    enum field state[CERT_FIELD_COUNT];

    struct byte_reader tbs;         /* TBSCertificate, what the signature covers */
    struct byte_reader signature_algorithm_der;             /* AlgorithmIdentifier outside of what is signed, or inside */
    struct byte_reader signature;   /* without the count of unused bits */

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
    char *key_explicit_curve;       /* the named curve whose field and equation explicit parameters repeat; NULL: none */
    unsigned key_faults;            /* enum cert_key_fault */
    char *rsa_exponent;             /* decimal; NULL for other keys */
    struct byte_reader rsa_modulus_content, rsa_exponent_content;       /* of the INTEGERs */
    struct byte_reader spki;
    uint8_t spki_sha256[32];

    char *signature_algorithm;      /* "sha256WithRSAEncryption", "ecdsa-with-SHA256", "rsassaPss" ... */
    char *signature_hash;           /* "sha256"; NULL where the algorithm has none of its own (EdDSA) */
    char *signature_parameters;     /* of RSASSA-PSS: "sha256 mgf1-sha256 salt 32", or "absent"; NULL otherwise */
    char *signed_algorithm;         /* the one inside, where it differs from the one outside; NULL: they agree */
    bool signature_algorithms_agree;            /* inside and outside of what is signed (RFC 5280, 4.1.1.2) */

    struct cert_name *names;        /* SANs in order, then the common names; at most CERT_NAMES_MAX of each */
    size_t name_count, san_count;
    size_t names_omitted;           /* SANs beyond CERT_NAMES_MAX */
    struct cert_texts issuer_alt_names;         /* "dns:a.example" */
    bool is_ca;                     /* basicConstraints says so */
    int64_t path_len;               /* -1: none */
    struct cert_texts key_usage;    /* "digitalSignature" ... */
    struct cert_texts extended_key_usage;       /* "serverAuth" ..., or the OID */
    struct byte_reader authority_key_id, subject_key_id;
    struct cert_texts policies;     /* OIDs */
    struct cert_texts policy_qualifiers;        /* "OID cps=URL", "OID notice=text" */
    struct cert_texts crl_urls, crl_reasons, freshest_crl_urls;
    struct cert_texts ocsp_urls, ca_issuer_urls;
    struct cert_texts access_methods;           /* other AIA and all SIA: "caRepository=URL" */
    struct cert_texts qc_statements;            /* OIDs, "OID=OID" for types (ETSI EN 319 412-5) */
    struct cert_subtree *subtrees;
    size_t subtree_count;
    struct cert_extension *extension_items;     /* as they come; at most CERT_LIST_MAX */
    size_t extension_count;
    struct cert_texts extensions, critical_extensions;           /* OIDs, once each */
    struct cert_texts duplicate_extensions;
    struct cert_sct *scts;
    size_t scts_kept;               /* of version 1, at most CERT_LIST_MAX */
    unsigned sct_count;             /* in the DER */
    bool must_staple;               /* status_request in the TLS feature extension (RFC 7633) */
    bool is_precertificate;         /* RFC 6962, 3.1 */
    bool is_self_issued;            /* subject and issuer are the same name */
    bool is_self_signed;            /* and its signature verifies with its own key */
};

/* Takes one Certificate as it was sent, len bytes, copied. Never NULL. */
struct cert *cert_parse(const void *der, size_t len);
void cert_destroy(struct cert *cert);           /* NULL is fine */

const char *cert_field_name(enum cert_field field);              /* "not_after" */
const char *cert_name_kind_name(enum cert_name_kind kind);       /* "dns", "ip", "email", "uri", "directory" ... */

/* How its subject was validated, by a policy of the CA/Browser Forum: "ev", "ov", "iv" or "dv"; NULL: it has none of them. */
const char *cert_validation(const struct cert *cert);

/* The same Name (RFC 5280, 7.1), given as DER: byte for byte, or attribute for attribute without case and spare blanks. */
bool cert_names_equal(struct byte_reader a, struct byte_reader b);

static inline bool cert_has(const struct cert *cert, enum cert_field field)
{
    return cert->state[field] == FIELD_PRESENT;
}
