/* What a strategy wants of one connection. The strategy fills it, the capture reads it. */
#pragma once
#include "probes/base/observation.h"

struct tls_offer;

/* What one hello offers, and what is wanted of the answer. Filled by the strategy; the hello writer reads it. */
struct tls_hello_plan {
    const char *name;               /* of the row in the table, for traces and details: "combined", "tls12_rsa" */
    enum variant variant;           /* the observation that a chain from it makes */
    bool send_server_name;
    const char *server_name;        /* another name than the endpoint's; NULL: that one */
    bool is_posture;                /* asks what is accepted; makes no observation of its own */
    bool finds_variant;             /* a certificate makes it an observation: tls_strategy_note() says of which variant */
    bool is_decisive;               /* much hangs on a refusal: it is asked for twice (contradictions.h) */
    const struct tls_offer *offer;  /* versions, suites, groups, schemes, shares (client_hello.h) */
};
