/* Which hosts take a domain's mail (RFC 5321, section 5.1): asked by a child process that is confined like a
 * worker, since DNS answers are foreign bytes. The names are then ordinary targets, checked like all others. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The best first. A domain without MX is its own mail host; one that takes none (RFC 7505) or does not resolve is ERROR_INPUT.
 * servers: as --resolver has them; NULL: the system's. Yours: mail_hosts_free(). */
bool mail_hosts_find(const char *domain, const char *servers, char ***names, size_t *count, struct error *err);
void mail_hosts_free(char **names, size_t count);
