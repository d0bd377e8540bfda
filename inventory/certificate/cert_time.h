/* Times as certificates, revocation lists and OCSP answers write them (RFC 5280, 4.1.2.5). */
#pragma once
#include "inventory/certificate/der.h"

/* UTCTime or GeneralizedTime; *form false where RFC 5280 wants it written otherwise. */
bool cert_time_parse(const struct der_item *item, int64_t *seconds, bool *form);
