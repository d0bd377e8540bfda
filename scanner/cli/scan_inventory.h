/* What the keeper does with a sealed bundle where PostgreSQL is built in: load, reconcile, summary, the next command. A sensor is
 * built with scan_inventory_none.c instead, which prints the bundle's path. */
#pragma once
#include "probes/base/error.h"
#include "probes/base/target_space.h"

#include <stdbool.h>

struct options;

/* Before the first packet: is the database that was named usable? The private cluster is not looked at. */
bool scan_inventory_check(const struct options *options, struct error *err);
bool scan_inventory_reach(const struct options *options, struct error *err);        /* the same, for commands without --fail-on */

/* --fail-on: does every word name a verdict or a rule? False with ERROR_USAGE that lists the known ones. A warning where
 * none will be judged, since the database is left alone. */
bool scan_inventory_check_fail_on(const struct options *options, bool is_judged, struct error *err);

/* Verdicts of --fail-on that a served certificate of the site (NULL: any) cannot have, since its axis is not judged: said, and
 * *is_met becomes true, since nobody knows. Else it stays as it is. */
struct db;
bool scan_inventory_fails_unjudged(struct db *db, const struct options *options, const char *site, bool *is_met, struct error *err);

/* What the database knows of the space's hosts: lines "address name" and "address *" (known_names.h). NULL: nothing. The
 * private cluster is asked where one exists and the scan goes to it (is_private); it is not made for this. Yours: free(). */
char *scan_inventory_known_names(const struct options *options, bool is_private, const char *site, const struct target_space *space);

/* print: the summary goes to standard output (not where the JSON lines go there). *is_met: a verdict that --fail-on
 * names is true of what this bundle's scan saw; other places of the inventory don't matter. */
bool scan_inventory_take(const struct options *options, const char *bundle, const char *site, bool print,
                         bool *is_met, struct error *err);

/* The same for several bundles, which are judged together, once all are loaded. */
bool scan_inventory_take_all(const struct options *options, const char *const *bundles, size_t count,
                             const char *site, bool print, bool *is_met, struct error *err);

/* For test --keep: loads and judges, prints nothing, and adds to the test's facts what only the inventory knows of them. */
struct server_test;
bool scan_inventory_keep(const struct options *options, const char *bundle, const char *site, struct server_test *test, struct error *err);

/* Before root becomes another user: connects to the user's own database; and what starts PostgreSQL's programs for that user. A
 * sensor does neither. */
void scan_inventory_connect(const char *dsn, bool for_programs);
void scan_inventory_helper(void (**serve)(int socket), void (**use)(int socket));
