/* Name constraints (RFC 5280, 4.2.1.10): may this certificate stand below that CA? */
#pragma once
#include "inventory/verdicts/trust/signed_cert.h"

/* Are the names of cert (subject, and subjectAltNames of the kinds dns, email, uri, ip, directory) inside of what the
 * constraints (content of NameConstraints) permit and outside of what they exclude? Common names count as host names where the
 * certificate has no dNSName and they look like one, as OpenSSL counts them. violation gets the first name that is not,
 * as text: "dns:www.example", cut to its size. */
bool name_constraints_allow(struct byte_reader constraints, const struct signed_cert *cert, char *violation, size_t size);
