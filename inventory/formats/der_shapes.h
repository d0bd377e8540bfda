/* Recognises DER by its whole nested structure, which distinguishes a certificate from noise in the middle of a
 * binary. Every length is checked; nothing is decoded. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>

/* Does a whole Certificate (RFC 5280, 4.1) begin here? *whole: its bytes. One whose fields have wrong contents counts, one whose
 * structure is broken does not. */
bool der_is_certificate(struct byte_reader bytes, struct byte_reader *whole);

/* The same without a look at the fields: to-be-signed part, algorithm, signature, and nothing behind them. */
bool der_is_signed(struct byte_reader bytes, struct byte_reader *whole);

/* A CertificationRequest (RFC 2986, 4). *spki: its SubjectPublicKeyInfo. */
bool der_is_request(struct byte_reader bytes, struct byte_reader *spki);

/* A private key in the clear: PrivateKeyInfo (RFC 5208, 5) or RSAPrivateKey (RFC 8017, A.1.2). *whole: its bytes. */
bool der_is_private_key(struct byte_reader bytes, struct byte_reader *whole);

/* Of a certificate: basicConstraints says CA, or it is one of version 1 whose subject is its issuer. */
bool der_certificate_is_ca(struct byte_reader certificate);
bool der_certificate_spki(struct byte_reader certificate, struct byte_reader *spki);
