/* Ranges as people write them into tables: "10.1.0.0/16", "10.1.0.1-10.1.0.9", "10.1.0.1-9", "10.1.*", "10.1.0.0/255.255.0.0",
 * "10.1.0.0 255.255.0.0", several separated by commas, semicolons or blanks. */
#pragma once
#include "probes/base/address.h"

#include <stddef.h>

#define OWNER_RANGES_MAX 256        /* in one cell */

/* Reads all of them; gives their number. 0 where something in the text is none: then *bad, of bad_size bytes, is that word. */
size_t owner_ranges_parse(const char *text, struct address_range ranges[OWNER_RANGES_MAX], char *bad, size_t bad_size);
