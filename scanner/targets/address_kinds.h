/* What an address is before any scope is asked: private, documentation, or one that is never asked. An IPv6 address that carries
 * an IPv4 address is judged by that one. */
#pragma once
#include "probes/base/address.h"

enum address_kind {
    ADDRESS_PRIVATE,            /* asked without a scope file: loopback, private, shared, benchmark */
    ADDRESS_DOCUMENTATION,      /* examples in books, asked with a scope file alone */
    ADDRESS_NEVER,              /* never asked: unspecified, multicast, link-local, reserved ... */
};

/* The ranges of a kind, number from 0; false after the last. *reason (may be NULL) is a constant text such as "link-local address
 * (RFC 3927)". */
bool address_kind_range(enum address_kind kind, size_t number, struct address_range *range, const char **reason);

const char *address_never_reason(const struct address *address);     /* NULL: it may be asked */
const char *address_public_reason(const struct address *address);    /* "public address", "documentation address ..." */
bool address_is_loopback(const struct address *address);

/* The addresses by which this one is judged: itself, or the IPv4 that it stands for (NAT64, 6to4, Teredo). Under 64:ff9b:1::/48
 * an operator may use prefixes of several lengths (RFC 6052, 2.2), so there each IPv4 that it may mean counts. Returns how many. */
#define ADDRESS_JUDGED_MAX 4
size_t address_judged(const struct address *address, struct address candidates[ADDRESS_JUDGED_MAX]);

/* A range that our own source names. */
struct address_range address_range_constant(const char *text);
