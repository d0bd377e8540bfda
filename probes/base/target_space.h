/* The address space of a scan as an index: ranges x ports minus exclusions has a size (to 2^48), and each
 * number below it is one target. A /8 costs no more memory than a /24. The loader uses it too, to turn a
 * bundle's positions into addresses.
 *
 *     parts added (any order, overlapping)  -->  disjoint address segments, each with its set of ports
 *     index 0 .. count-1                    -->  segment by binary search, then address and port by division
 */
#pragma once
#include "probes/base/address.h"
#include "probes/base/error.h"

#define TARGET_SPACE_MAX (1ULL << 48)

struct target {
    struct address address;
    enum transport transport;
    uint16_t port; /* host order */
};

struct port_set; /* ports.h: tcp and udp ports, with the named sets @common ... */
struct target_space;
struct target_space_builder;

struct target_space_builder *target_space_builder_create(void);
void target_space_builder_destroy(struct target_space_builder *builder);
void target_space_add(struct target_space_builder *builder, const struct address_range *range,
                      const struct port_set *ports);
/* ports NULL: the whole range is excluded on every port and transport. Exclusions win always. */
void target_space_exclude(struct target_space_builder *builder, const struct address_range *range,
                          const struct port_set *ports);
/* NULL with ERROR_USAGE where more than 2^48 targets are left. An empty space is valid. */
struct target_space *target_space_build(const struct target_space_builder *builder, struct error *err);
void target_space_destroy(struct target_space *space);

uint64_t target_space_count(const struct target_space *space);
void target_space_get(const struct target_space *space, uint64_t index, struct target *target);
bool target_space_find(const struct target_space *space, const struct target *target, uint64_t *index);

/* For callers that only ask whether a target is in it (exclusions, scopes): a space of any size. It has no count
 * and no indices; use only target_space_contains(), target_space_size() and the segments. */
struct target_space *target_space_build_unbounded(const struct target_space_builder *builder);
struct target_space *target_space_build_added(const struct target_space_builder *builder); /* no exclusions */
bool target_space_contains(const struct target_space *space, const struct target *target);
double target_space_size(const struct target_space *space); /* targets; exact to 2^53 */

/* The disjoint segments, ascending, IPv4 first; the ports are borrowed. */
size_t target_space_segment_count(const struct target_space *space);
const struct port_set *target_space_segment(const struct target_space *space, size_t number,
                                            struct address_range *range);

/* The space as canonical text (the same space gives the same text) and back; for bundles and resume. */
char *target_space_format(const struct target_space *space); /* yours: free() */
struct target_space *target_space_parse(const char *text, struct error *err);
