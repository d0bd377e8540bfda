/* How an attempt ended: a closed set. A network's answer is data, never an error. The numbers are stored in
 * bundles and in the database: they are never changed or used again for something else. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum outcome {
    OUTCOME_CERTIFICATE = 1,
    OUTCOME_NO_CERTIFICATE = 2,     /* resumed, PSK, anonymous */
    OUTCOME_HIDDEN = 3,             /* passive: encrypted */
    OUTCOME_INCOMPLETE = 4,         /* passive: a gap in the stream */
    OUTCOME_TLS_ALERT = 5,          /* detail: the alert's name */
    OUTCOME_TLS_ERROR = 6,          /* undecodable, or needs what we lack; detail says what */
    OUTCOME_NOT_TLS = 7,            /* detail: what it seems to be */
    OUTCOME_STARTTLS_REFUSED = 8,
    OUTCOME_TOO_LARGE = 9,          /* a chain over 1 MiB, or a host over 16 MiB of them */
    OUTCOME_REFUSED = 10,           /* TCP RST in answer to the SYN */
    OUTCOME_UNREACHABLE = 11,       /* detail: the ICMP code, or no route */
    OUTCOME_TIMEOUT_CONNECT = 12,
    OUTCOME_TIMEOUT_HANDSHAKE = 13,
    OUTCOME_RESET = 14,             /* after the connection was made */
    OUTCOME_CLOSED = 15,            /* end of stream before an answer was whole */
    OUTCOME_DNS_FAILED = 16,        /* detail: nxdomain, no_data, servfail, timeout ... */
    OUTCOME_EXCLUDED = 17,
    OUTCOME_OUT_OF_SCOPE = 18,
    OUTCOME_ABORTED = 19,           /* ended by us before its time */
};
#define OUTCOME_COUNT 20            /* numbers run from 1 to OUTCOME_COUNT - 1; 0 is "not ended" */

const char *outcome_name(enum outcome outcome);                       /* "certificate"; "?" where unknown */

/* True if a host answered: the attempt is stored as a row. Otherwise it is stored only in its block's quiet row. */
bool outcome_is_answer(enum outcome outcome);
