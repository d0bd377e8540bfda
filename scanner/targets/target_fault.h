/* What is wrong with a target's text, and the form that would do: for messages only. */
#pragma once
#include "probes/base/error.h"

/* text: the whole; host: what stands before its ports, without brackets (NULL where it could not be parted).
 * pattern: an exclusion or a line of a scope file. Always false, with ERROR_USAGE. */
bool target_fault(const char *text, const char *host, bool pattern, struct error *err);
