/* Sets of ports on tcp and udp, as users write them: "443,8443,9000-9010,udp/443,@common". A set never
 * changes once it is made; it is kept as sorted, disjoint, non-adjacent ranges, so equal sets have equal
 * texts. Order: tcp before udp, then by number; that order gives each port its index.
 *
 * Named sets: @common (the default of a scan), @web, @mail, @directory, @database, @remote, @devices, and @all =
 * 1-65535, all tcp; ports.c lists them. "udp/" before a number or a range puts it on udp; "tcp/" may be
 * written too. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/error.h"

#define PORT_SET_COUNT_MAX (2 * 65535u) /* every port on both transports */

struct port_set;

/* NULL with ERROR_USAGE, which names the wrong item and what is expected. */
struct port_set *port_set_parse(const char *text, struct error *err);
struct port_set *port_set_copy(const struct port_set *set);
struct port_set *port_set_union(const struct port_set *a, const struct port_set *b);
struct port_set *port_set_minus(const struct port_set *a, const struct port_set *b);
void port_set_destroy(struct port_set *set); /* NULL is fine */

bool port_set_has_udp(const struct port_set *set);
uint32_t port_set_count(const struct port_set *set); /* may be 0 after a minus */
void port_set_get(const struct port_set *set, uint32_t index, enum transport *transport, uint16_t *port);
bool port_set_find(const struct port_set *set, enum transport transport, uint16_t port, uint32_t *index);
bool port_set_contains(const struct port_set *set, enum transport transport, uint16_t port);
bool port_set_is_equal(const struct port_set *a, const struct port_set *b);

/* "443,9000-9010,udp/443"; named sets are expanded. "" for an empty set. Yours: free(). */
char *port_set_format(const struct port_set *set);
