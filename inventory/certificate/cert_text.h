/* Texts out of certificates: foreign bytes made fit for people and for PostgreSQL, and names (RFC 4514) in a
 * form that can be compared. The caller frees the result. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/certificate/der.h"

/* Valid UTF-8 stays; every other byte, NUL and control bytes become \xHH; a character that is invisible or changes the
 * direction of text becomes \uHHHH (probes/base/clean_text.h, but for newlines and tabs: no name has them). */
char *cert_text_clean(const void *bytes, size_t len);
char *cert_text_clean_lower(const void *bytes, size_t len);      /* ASCII letters to lower case, too */

/* The same for a string type (X.690, 8.23): only invalid characters are replaced. */
char *cert_text_string(const struct der_item *item);
bool cert_text_is_string(uint8_t tag);

/* A Name's DER as RFC 4514 text; also adds its attributes as "TYPE=value" to a list, if one is given. Skips broken parts
 * and sets *broken for them. NULL if it is no Name at all. */
char *cert_text_name(struct byte_reader der, struct cert_texts *attributes, bool *broken);

/* One text for all the ways in which a name is written: RFC 4514 in either order, separated by ", " or "/"
 * ("/C=US/O=X"), lower case, blanks folded, attributes sorted. Two folded names are equal when the attributes are. */
char *cert_text_fold_name(const char *name);

/* The content of a serial number's INTEGER as lower-case hexadecimal without leading zeros, "-" ahead of a negative one. */
char *cert_text_serial(struct byte_reader content);

bool cert_texts_hold(const struct cert_texts *texts, const char *text);
void cert_texts_add(struct cert_texts *texts, char *text);       /* takes text; CERT_LIST_MAX are kept */
void cert_texts_clear(struct cert_texts *texts);
