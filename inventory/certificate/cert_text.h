/* Texts out of certificates: foreign bytes made fit for people and for PostgreSQL, and names (RFC 4514) in a
 * form that can be compared. What is given back is yours: free(). */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/certificate/der.h"

/* Valid UTF-8 stays; every other byte, NUL and control bytes become \xHH; a character that shows nothing or turns the
 * direction of a line becomes \uHHHH (probes/base/clean_text.h, but for newlines and tabs: no name has them). */
char *cert_text_clean(const void *bytes, size_t len);
char *cert_text_clean_lower(const void *bytes, size_t len);      /* ASCII letters to lower case, too */

/* A string type (X.690, 8.23) the same way: one bad character costs one character. */
char *cert_text_string(const struct der_item *item);
bool cert_text_is_string(uint8_t tag);

/* A Name's DER as RFC 4514 text; the attributes as "TYPE=value" to a list, if one is given. A broken part leaves the
 * others; *broken says that there was one. NULL where it is no Name at all. */
char *cert_text_name(struct byte_reader der, struct cert_texts *attributes, bool *broken);

/* One text for all the ways in which a name is written: RFC 4514 either way round, with ", " or "/" between
 * ("/C=US/O=X"), lower case, blanks folded, attributes sorted. Two folded names are equal when the attributes are. */
char *cert_text_fold_name(const char *name);

/* The content of a serial number's INTEGER as lower-case hexadecimal without leading zeros, "-" ahead of a negative one. */
char *cert_text_serial(struct byte_reader content);

void cert_texts_add(struct cert_texts *texts, char *text);       /* takes text; CERT_LIST_MAX are kept */
void cert_texts_clear(struct cert_texts *texts);
