/* The first filter over the bytes of any file: it finds where a certificate or key could begin, in one pass with
 * vector instructions at the speed of memory. The caller parses at each candidate; in binaries most are false. */
#pragma once
#include "probes/base/byte_reader.h"

enum candidate {
    CANDIDATE_NONE,
    CANDIDATE_PEM,          /* "-----BEGIN " */
    CANDIDATE_DER,          /* a SEQUENCE that begins with a SEQUENCE, both with long lengths: a certificate; or a private key of any length */
    CANDIDATE_STORE,        /* PKCS#12 (a SEQUENCE that begins with the INTEGER 3), or Java's JKS */
    CANDIDATE_BASE64,       /* base64 of such a SEQUENCE, or of one that begins with an OID: "MII", "MIAG", or of a short key; of JKS: "/u3+" */
    CANDIDATE_BASE64_PEM,   /* base64 of "-----BEGIN", in any of three alignments: its "tLS" */
    CANDIDATE_BASE64_TWICE, /* base64 of base64 of "-----BEGIN", if nothing precedes it, or of gzip */
    CANDIDATE_BASE64_GZIP,  /* base64 of gzip, as Helm keeps its releases */
    CANDIDATE_BYTES,        /* DER or PEM as hexadecimal digits or numbers (text_bytes.h) */
    CANDIDATE_WIDE,         /* PEM, base64 or "hex:" in UTF-16, of either byte order: at its first byte that is not 0 */
    CANDIDATE_SSH,          /* "v01@" of "ssh-rsa-cert-v01@openssh.com" */
};

/* The first candidate at or after `from`; CANDIDATE_NONE at the end. *at: its offset. */
enum candidate candidate_next(struct byte_reader bytes, size_t from, size_t *at);
