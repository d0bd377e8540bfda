/* The server tests that the inventory keeps, as facts from which all judgements are computed (server_facts.h): the
 * last one of each endpoint, the one before it, and what only an inventory knows, as items of their own:
 *
 *   item               value                            detail
 *   known:sslv2_key    accepted | refused | untested    a place that serves the same key and accepts SSL 2.0 (DROWN)
 *   known:protocols    a number                         the application protocols that serve the same certificate (ALPACA)
 *   known:same_key     a number                         endpoints that serve the same key in another certificate; one of them
 *   known:key          accepted | refused | untested    accepted: the key is weak, and how (Debian, ROCA ...)
 *   known:revocation   revoked | good | unknown         by which list or answer, and its date
 *   known:policy       the policy's name                how many rules it has
 *   breaks:RULE        accepted                         a rule of the policy in force that is broken there: its title
 *
 * Times are those of the test, so two readings of the same inventory give the same. */
#pragma once
#include "inventory/server_test/server_facts.h"
#include "inventory/store/db.h"

struct kept_test {
    int64_t endpoint;               /* the inventory's number of it */
    const char *site, *scan, *plan, *owner;         /* "" if there is none */
    struct server_facts facts;
    bool has_before;
    struct server_facts before;     /* the test before: without chains' certificates where they are the same */
};

struct kept_filter {
    const char *site;               /* NULL: every one */
    int64_t endpoint;               /* the inventory's number; 0: by argument */
    const char *argument;           /* an address, ADDRESS:PORT, NAME or NAME:PORT; NULL: all endpoints */
    const char *narrowed;           /* the filter of a report, as JSON; NULL: none */
};

/* In the order of addresses. on_test borrows; false stops, without an error. */
bool kept_tests_each(struct db *db, const struct kept_filter *filter, bool (*on_test)(void *context, const struct kept_test *test),
                     void *context, struct error *err);
