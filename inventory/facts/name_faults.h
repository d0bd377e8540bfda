/* What a public certificate may not have among its names (CA/Browser Forum BR 7.1.2.7.12, RFC 5280, 4.2.1.6): internal names,
 * reserved addresses, names that are no host names. Whether a certificate must obey is the rules' business. */
#pragma once
#include "inventory/certificate/cert.h"

#include <libpsl.h>

/* Adds each fault once, with the first name that has it: "internal name: mail.corp". suffixes may be NULL: then nothing is
 * called internal, and no wildcard one of a public suffix. */
void name_faults_find(const psl_ctx_t *suffixes, const struct cert *cert, struct cert_texts *faults);
