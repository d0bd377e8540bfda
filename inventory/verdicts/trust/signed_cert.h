/* What a path needs of one certificate, as windows into its DER: what was signed, by which algorithm, the signature,
 * names, key, and the extensions of RFC 5280 that bound a path. Nothing is copied: the windows are valid as long as
 * the bytes are. A cheaper parser than the one for facts, since every certificate is parsed once more to verify its signature. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum purpose {                      /* extended key usages that a path may be for, as bits */
    PURPOSE_SERVER = 1, PURPOSE_CLIENT = 2, PURPOSE_EMAIL = 4, PURPOSE_CODE = 8, PURPOSE_TIME_STAMP = 16, PURPOSE_OCSP = 32,
    PURPOSE_ALL = 63,
};

enum {                              /* key usages that matter here (RFC 5280, 4.2.1.3), as bits */
    USAGE_CERT_SIGN = 1, USAGE_CRL_SIGN = 2,
};

struct signed_cert {
    struct byte_reader tbs;         /* with its header: what the signature covers */
    struct byte_reader algorithm;   /* AlgorithmIdentifier, whole; left 0 if the two of the certificate differ */
    struct byte_reader signature;   /* the bits */
    struct byte_reader serial_number;           /* content of the INTEGER */
    struct byte_reader subject, issuer;         /* whole Names */
    struct byte_reader spki;        /* whole */
    struct byte_reader key_bits;    /* its subjectPublicKey */
    struct byte_reader subject_key_id, authority_key_id;        /* left 0: none */
    struct byte_reader subject_alt_names;       /* content of GeneralNames; at NULL: no such extension */
    struct byte_reader name_constraints;        /* content of NameConstraints; at NULL: none */
    int version;                    /* 1, 2, 3 */
    bool has_basic_constraints, is_ca;
    int path_len;                   /* -1: none */
    int usage;                      /* USAGE_ bits; -1: no key usage extension, anything goes */
    int purposes;                   /* PURPOSE_ bits; all of them without the extension or with anyExtendedKeyUsage */
    bool has_unknown_critical;      /* a critical extension that this parser does not know (RFC 5280, 4.2) */
};

/* False if parsing fails before or at the key. Unreadable extensions count as absent; but unreadable name constraints count as
 * present and empty, so that they allow nothing. */
bool signed_cert_read(struct signed_cert *cert, struct byte_reader der);
