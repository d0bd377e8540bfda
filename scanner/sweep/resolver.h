/* Names to addresses (all A and AAAA) and back (PTR), by c-ares on a loop's event base. The first answer
 * is used for the whole run, in all loops (they share one resolver_cache), so that a name that changes meanwhile does
 * not mix two hosts. A name that does not resolve is an outcome with a reason, never an error.
 *
 * Names are asked as they stand: no search domains, since what they would append may lie outside the scope. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/error.h"
#include "probes/base/observation.h"

#include <event2/event.h>

#define RESOLVER_ADDRESSES_MAX 64       /* of one name; what is more is not asked, and said so */
#define RESOLVER_NAMES_MAX     8        /* of one address */

struct resolver_answer {
    const char *failure;                /* NULL: it resolved; else "nxdomain", "no_data", "servfail", "timeout" ... */
    size_t address_count;               /* of a name */
    const struct address *addresses;
    size_t name_count;                  /* of an address */
    const char *const *names;           /* valid host names only, lower case */
    bool is_cut;                        /* there were more than the limits above */
};

/* answer is borrowed for the length of the call. */
typedef void resolver_done(void *context, const struct resolver_answer *answer);

struct resolver_cache;
struct resolver_cache *resolver_cache_create(void);
void resolver_cache_destroy(struct resolver_cache *cache);      /* NULL is fine; after all resolvers */

struct resolver_options {
    const char *servers;                /* "address[:port],..."; NULL: the system's, and its hosts file */
    unsigned timeout_ms, tries;         /* of one query to one server */
};

struct resolver;
struct resolver *resolver_create(struct event_base *base, struct resolver_cache *cache,
                                 const struct resolver_options *options, struct error *err);
void resolver_destroy(struct resolver *resolver);               /* queries under way are forgotten; NULL is fine */

/* Calls done once, unless the query is cancelled first. NULL: done was called already, because the answer was cached
 * or c-ares needed no server for it. */
struct resolver_query;
struct resolver_query *resolver_ask(struct resolver *resolver, const char *name, resolver_done *done, void *context);
struct resolver_query *resolver_ask_names(struct resolver *resolver, const struct address *address,
                                          resolver_done *done, void *context);
/* The hosts that take a domain's mail, the best first (MX; RFC 5321, 5.1). "no_data": it names none. No names and no failure: it takes no
 * mail at all (RFC 7505). */
struct resolver_query *resolver_ask_mail(struct resolver *resolver, const char *domain, resolver_done *done, void *context);
void resolver_cancel(struct resolver_query *query);             /* NULL is fine; not after done */
