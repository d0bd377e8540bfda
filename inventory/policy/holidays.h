/* Holidays from a file: a date a line ("2026-11-26", what follows it is a remark, "#" begins one), or a calendar (RFC 5545), of
 * which each event's first day counts. */
#pragma once
#include "probes/base/error.h"

/* Their dates, separated by blanks. NULL with err set: a line that is no date, or no date at all. Yours: free(). */
char *holidays_parse(const char *path, const char *text, struct error *err);
