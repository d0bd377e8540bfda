/* What earlier scans and captures know of addresses, as the keeper put it into the bundle: lines "address name", and
 * "address *" for a host that takes one session at a time. Read once, never changed: any thread may ask. */
#pragma once
#include "probes/base/address.h"

#include <stddef.h>

struct known_names;

/* Lines that are no address and host name are left out: the bundle is foreign input. */
struct known_names *known_names_create(const char *text);
void known_names_destroy(struct known_names *names);        /* NULL is fine */

#define KNOWN_ONE_SESSION "*"       /* in the place of a name */

/* Takes the names out of such a text, in place, so that the hosts of one session are left. */
void known_names_leave_out(char *text);

size_t known_names_count(const struct known_names *names);
size_t known_names_one_session(const struct known_names *names, const struct address **hosts);      /* borrowed */

/* The names of an address, borrowed; *count may be 0. */
const char *const *known_names_find(const struct known_names *names, const struct address *address, size_t *count);
