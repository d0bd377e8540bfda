/* Groups attempts without an answer into rows of the table quiet: the 256 addresses of a /24 or /120, a port, an
 * outcome, one bit per address. Bounded: the caller compares quiet_map_count() with QUIET_MAP_MAX, and drains the map when
 * it is full. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/target_space.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUIET_MAP_MAX 400000        /* groups: some 60 MB */

struct quiet_group {
    struct address prefix;          /* last byte 0 */
    uint16_t port;
    uint8_t transport, outcome;
    int64_t from_us, to_us;
    uint8_t addresses[32];          /* bit n, from the left: last byte n */
};

struct quiet_map;

struct quiet_map *quiet_map_create(void);
void quiet_map_destroy(struct quiet_map *map);
void quiet_map_add(struct quiet_map *map, const struct target *target, uint8_t outcome, int64_t from_us,
                   int64_t to_us);
size_t quiet_map_count(const struct quiet_map *map);

/* Calls on_group for every group and empties the map; false if a call returned false. */
bool quiet_map_drain(struct quiet_map *map, bool (*on_group)(void *context, const struct quiet_group *group),
                     void *context);
