/* Records of certificates themselves. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/managed/reader.h"

/* Is there a single field of a certificate in these bytes? */
bool record_is_certificate(const struct cert *cert);

/* Fills fields from the certificate, and keeps it; its values replace the record's own. */
void record_fill(struct managed_record *record, const struct cert *cert, const uint8_t *der, size_t len);

/* Gives one certificate as a record, with itself; what is none is a fault. */
void managed_read_certificate(const char *file, size_t line, const uint8_t *der, size_t len, const struct managed_sink *sink);
