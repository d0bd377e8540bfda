/* What a report is narrowed to: words of the command line as the JSON object that the statements take
 * (0096_report_filters.sql), checked against the inventory. An unknown owner, rule, site, source or severity is a usage error that
 * names those that exist: an empty report would look like a sound network. */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/suggest.h"

struct report_filter;

struct report_filter *report_filter_create(void);
void report_filter_destroy(struct report_filter *filter);           /* NULL is fine */

/* "site", "owner", "issuer", "network", "port", "name", "rule", "severity", "kind", "source", "within" (days),
 * "due" (overdue, N or N-M). Of rule and severity value is a list with commas. What only one report understands
 * (its argument, "since", "pack", "older") is set in the same way. value NULL changes nothing. An invalid network or port is
 * a usage error, and a value without a word: a script's variable that was never set. */
bool report_filter_set(struct report_filter *filter, const char *name, const char *value, struct error *err);

/* The owner that the word of --owner means: "none" in any case is "", which is nobody; "=none" is the owner of that name. NULL: NULL. */
const char *report_owner_asked(const char *word);

/* Do all of them exist in this inventory? offer_packs: offers the packs that the program brings along, which may be meant, too. */
bool report_filter_check(struct report_filter *filter, struct db *db, void (*offer_packs)(struct suggest *near), struct error *err);

/* The object as text; the filter's own. "{}" where nothing is asked. */
const char *report_filter_text(struct report_filter *filter);
