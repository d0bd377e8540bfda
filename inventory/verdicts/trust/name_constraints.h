/* Name constraints (RFC 5280, 4.2.1.10): do those of a CA allow a certificate? */
#pragma once
#include "inventory/verdicts/trust/signed_cert.h"

/* Are the names of cert (subject, and subjectAltNames of the kinds dns, email, uri, ip, directory) permitted by the
 * constraints (content of NameConstraints) and not excluded? As in OpenSSL, common names that look like host names count if the
 * certificate has no dNSName. violation gets the first name that is not allowed, as text: "dns:www.example", cut to size. */
bool name_constraints_allow(struct byte_reader constraints, const struct signed_cert *cert, char *violation, size_t size);
