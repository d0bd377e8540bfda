/* What has changed from one server test to the next: answers that differ, certificates, the letter. An answer that
 * one of the two tests lacks is not a change. */
#pragma once
#include "inventory/server_test/judgement.h"

struct server_change {
    char what[96];                      /* "tls10", "suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA", "grade", "certificate" */
    char before[72], after[72];
};

/* Yours: free(). Begins with the letter and the certificate. */
size_t server_changes(const struct server_judgement *before, const struct server_judgement *after, struct server_change **changes);
