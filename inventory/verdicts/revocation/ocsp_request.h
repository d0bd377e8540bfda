/* One OCSP request for one certificate (RFC 6960, 4.1; RFC 5019, 2.1.1): the issuer is identified by SHA-1, which
 * every responder understands, and the request is not signed. It has no nonce: most responders sign their answers
 * in advance and would ignore it; the dates show how old an answer is. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"

#define OCSP_REQUEST_SIZE 256

/* issuer: the certificate's issuer Name, whole; key_sha1: over its key's bits; serial_number: the INTEGER's content. False if that
 * does not fit (a serial number of more than 44 octets; RFC 5280 allows 20). */
bool ocsp_request_write(struct byte_writer *to, struct byte_reader issuer, const uint8_t key_sha1[20], struct byte_reader serial_number);
