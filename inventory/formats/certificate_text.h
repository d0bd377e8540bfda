/* Certificates inside a text, such as a cell of a table or a JSON value: PEM, with its line ends as they are, as
 * blanks or as the two characters "\n"; base64 of DER or of PEM, also without its padding and in the URL's
 * alphabet. */
#pragma once
#include "probes/base/byte_buffer.h"

typedef void certificate_text_found(void *context, const char *label, const uint8_t *der, size_t len);

/* Calls found() for each PEM block (label as in pem.h) or DER (label "DER") and gives their number. The DER may be
 * of anything: the caller parses it. Of a text without any, only the first bytes are read. */
size_t certificate_text_find(const char *text, size_t len, certificate_text_found *found, void *context);

/* The six bits of a character of base64, in either alphabet; -1 if it is none. */
int base64_value(uint8_t c);

/* Decodes base64 of either alphabet with any white space between. False if the text has another character, or is
 * empty. */
bool base64_text_decode(const char *text, size_t len, struct byte_buffer *bytes);
