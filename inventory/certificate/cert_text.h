/* Texts out of certificates: foreign bytes made fit for people and for PostgreSQL, and names (RFC 4514) in a
 * form that can be compared. What is given back is yours: free(). */
#pragma once
#include "inventory/certificate/cert.h"

/* Valid UTF-8 stays; every other byte, NUL and control bytes become \xHH. */
char *cert_text_clean(const void *bytes, size_t len);
char *cert_text_clean_lower(const void *bytes, size_t len);      /* ASCII letters to lower case, too */

/* A Name's DER as RFC 4514 text; the attributes as "TYPE=value" to a list. NULL where it is no Name. */
char *cert_text_name(struct byte_reader der, struct cert_texts *attributes);

/* One text for all the ways in which a name is written: RFC 4514 either way round, with ", " or "/" between
 * ("/C=US/O=X"), lower case, blanks folded, attributes sorted. Two folded names are equal when the attributes are. */
char *cert_text_fold_name(const char *name);

void cert_texts_add(struct cert_texts *texts, char *text);       /* takes text; CERT_NAMES_MAX are kept */
void cert_texts_clear(struct cert_texts *texts);
