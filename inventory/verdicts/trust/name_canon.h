/* The canonical form of names (RFC 5280, 7.1), so that equal names are equal bytes: strings as UTF-8 in lower case, blanks
 * folded, other values as they are; attributes of one RDN sorted. The same equality as OpenSSL's X509_NAME_cmp(). */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_buffer.h"

#define NAME_CANON_MAX 65536        /* a longer name is compared as it is */

/* Appends the canonical RDNs of a whole Name, each with its length before it, so that a prefix of a name is a prefix of
 * bytes. False if it is no Name. */
bool name_canon(struct byte_reader name, struct byte_buffer *canon);

/* SHA-256 over the canonical form, or over the bytes where there is none. */
void name_canon_hash(struct byte_reader name, uint8_t hash[32]);
