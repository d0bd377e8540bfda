/* One certificate revocation list (RFC 5280, 5), parsed by ourselves as windows into its DER, entry by entry, since there
 * are lists of a hundred megabytes. Parsing checks the form only; crl_store.h verifies the signature. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stdint.h>

#define CRL_NO_TIME INT64_MIN

enum crl_scope { CRL_SCOPE_ALL, CRL_SCOPE_USERS, CRL_SCOPE_CAS, CRL_SCOPE_ATTRIBUTES };
enum { CRL_REASON_HOLD = 6, CRL_REASON_REMOVE = 8, CRL_REASON_NONE = 0 };       /* CRLReason, RFC 5280, 5.3.1 */

struct crl {
    struct byte_reader tbs, algorithm, signature;       /* as of a certificate; algorithm left 0 if the two differ */
    struct byte_reader issuer;      /* whole Name */
    int64_t this_update, next_update;           /* seconds; CRL_NO_TIME: none */
    struct byte_reader number, base_number;     /* contents of INTEGERs; at NULL: none */
    struct byte_reader authority_key_id;
    struct byte_reader points;      /* fullName of the distribution point (content of GeneralNames); at NULL: none */
    enum crl_scope scope;
    bool is_delta, is_indirect, has_some_reasons;
    bool has_unreadable_point;      /* a distribution point by a name that is no fullName */
    bool has_unknown_critical;      /* RFC 5280, 5.2: then it must not be used */
    struct byte_reader entries;     /* what crl_entry_next() has not read yet */
};

struct crl_entry {
    struct byte_reader serial_number;           /* content of the INTEGER */
    int64_t revoked_at;             /* CRL_NO_TIME: unreadable */
    int reason;
    bool has_unknown_critical;      /* of other issuers' certificates, or what we do not know */
};

bool crl_read(struct crl *crl, struct byte_reader der);
bool crl_entry_next(struct crl *crl, struct crl_entry *entry);  /* false at the end, or where the rest is unreadable */
