/* One OCSP response (RFC 6960, 4.2), as servers staple it, parsed by ourselves as windows into its DER. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stdint.h>

#define OCSP_NO_TIME     INT64_MIN
#define OCSP_OCTETS_MAX  65536      /* a longer response is not read; real ones take 300 to 5,000 */

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

struct ocsp {
    struct byte_reader tbs, algorithm, signature;
    struct byte_reader responder;   /* content of the first certificate sent beside it, whole; at NULL: none */
    int64_t produced_at;
    struct byte_reader answers;     /* what ocsp_answer_next() has not read yet */
};

struct ocsp_answer {
    struct byte_reader hash_algorithm;          /* content of the OID that issuer_name and issuer_key are hashed by */
    struct byte_reader issuer_name, issuer_key; /* hashes */
    struct byte_reader serial_number;           /* content of the INTEGER */
    enum ocsp_status status;
    int64_t revoked_at;             /* OCSP_NO_TIME: not revoked */
    int reason;                     /* CRLReason; 0: none was given */
    int64_t this_update, next_update;           /* seconds; next OCSP_NO_TIME: newer information may come at any time */
};

bool ocsp_read(struct ocsp *ocsp, struct byte_reader der);       /* false: not read, or not successful (RFC 6960, 4.2.1) */
bool ocsp_answer_next(struct ocsp *ocsp, struct ocsp_answer *answer);
