/* Certificates inside a text, as a cell of a table or a value of JSON holds them: PEM, with its line ends as they are, as blanks or
 * as the two characters "\n"; base64 of DER or of PEM, also without its padding and in the URL's alphabet. */
#pragma once
#include "probes/base/byte_buffer.h"

typedef void certificate_text_found(void *context, const char *label, const uint8_t *der, size_t len);

/* Calls found() for each PEM block (label as in pem.h) or DER (label "DER") and gives their number. What it passes is DER of
 * anything: the caller parses it. Text that holds none costs a look at its first bytes. */
size_t certificate_text_find(const char *text, size_t len, certificate_text_found *found, void *context);

/* Decodes base64 of either alphabet with any white space between. False where another character is there, or nothing. */
bool base64_text_decode(const char *text, size_t len, struct byte_buffer *bytes);
