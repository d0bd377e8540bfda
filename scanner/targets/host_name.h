/* Names as the DNS has them: lower case, A-labels (IDNA 2008, RFC 5891, after UTS 46's mapping, as browsers do),
 * without the trailing dot. Names are brought into this form before any two of them are compared. */
#pragma once
#include "probes/base/error.h"
#include "probes/base/observation.h"

#include <stdbool.h>

/* The DNS name of what a user typed. False where it is no host name. */
bool host_name_of(const char *text, char name[SERVER_NAME_SIZE]);

/* Why it is none: "a label of a name has at most 63 bytes", "the label is empty". Always false. */
bool host_name_fault(const char *text, struct error *err);

/* Does the pattern ("x.example" or "*.x.example": any number of labels, not x.example itself) hold for name? */
bool host_name_matches(const char *pattern, const char *name);
