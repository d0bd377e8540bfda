/* What the keeper does with a sealed bundle where PostgreSQL is built in: load, reconcile, summary, the next command.
 * A sensor is built with scan_inventory_none.c instead, which says where the bundle lies. */
#pragma once
#include "probes/base/error.h"
#include "probes/base/target_space.h"

#include <stdbool.h>

struct options;

/* Before the first packet: is the database that was named usable? The private cluster is not looked at. */
bool scan_inventory_check(const struct options *options, struct error *err);

/* The names that the database which was named knows for the space's endpoints: lines "address name". NULL: none, or
 * no database was named. Yours: free(). */
char *scan_inventory_known_names(const struct options *options, const char *site, const struct target_space *space);

/* print: the summary goes to standard output (not where the JSON lines go there). *is_met: a verdict that --fail-on
 * names is there. */
bool scan_inventory_take(const struct options *options, const char *bundle, const char *site, bool print,
                         bool *is_met, struct error *err);
