/* The JSON values of a text, one after the other: a document has one, JSON lines (and RFC 7464) have one a line. A
 * bad line does not affect the others. */
#pragma once
#include "probes/base/byte_reader.h"

#include <jansson.h>

/* line: where the value begins. Borrowed: to keep it, call json_incref(). */
typedef void json_values_found(void *context, json_t *value, size_t line);

/* is_last: no line follows. False: stop. */
typedef bool json_values_fault(void *context, size_t line, const char *text, bool is_last);

void json_values_each(struct byte_reader text, json_values_found *found, json_values_fault *fault, void *context);
