/* See quiet_map.h. */
#include "inventory/load/quiet_map.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct key {
    uint8_t prefix[16];
    uint8_t len, transport, outcome, zero;
    uint16_t port, zero_too;
};

struct entry {
    struct key key;
    struct quiet_group group;
    UT_hash_handle hh;
};

struct quiet_map {
    struct entry *entries;
};

struct quiet_map *quiet_map_create(void)
{
    return xcalloc(1, sizeof(struct quiet_map));
}

static bool forget(void *context, const struct quiet_group *group)
{
    (void)context;
    (void)group;
    return true;
}

void quiet_map_destroy(struct quiet_map *map)
{
    if (map == NULL)
        return;
    quiet_map_drain(map, forget, NULL);
    free(map);
}

void quiet_map_add(struct quiet_map *map, const struct target *target, uint8_t outcome, int64_t from_us, int64_t to_us)
{
    uint8_t last = target->address.bytes[target->address.len - 1];
    struct key key = {.len = target->address.len, .transport = (uint8_t)target->transport, .outcome = outcome,
                      .port = target->port};
    memcpy(key.prefix, target->address.bytes, sizeof key.prefix);
    key.prefix[target->address.len - 1] = 0;
    struct entry *entry;
    HASH_FIND(hh, map->entries, &key, sizeof key, entry);
    if (entry == NULL) {
        entry = xcalloc(1, sizeof *entry);
        entry->key = key;
        entry->group = (struct quiet_group){.prefix = target->address, .port = target->port,
                                            .transport = (uint8_t)target->transport, .outcome = outcome,
                                            .from_us = from_us, .to_us = to_us};
        entry->group.prefix.bytes[target->address.len - 1] = 0;
        HASH_ADD(hh, map->entries, key, sizeof key, entry);
    }
    struct quiet_group *group = &entry->group;
    group->addresses[last / 8] = (uint8_t)(group->addresses[last / 8] | 0x80u >> last % 8);
    group->from_us = from_us < group->from_us ? from_us : group->from_us;
    group->to_us = to_us > group->to_us ? to_us : group->to_us;
}

size_t quiet_map_count(const struct quiet_map *map)
{
    return HASH_COUNT(map->entries);
}

bool quiet_map_drain(struct quiet_map *map, bool (*on_group)(void *context, const struct quiet_group *group),
                     void *context)
{
    struct entry *entry = map->entries, *next;
    bool ok = true;
    HASH_CLEAR(hh, map->entries);       /* the table goes; the entries still hang together in their list */
    for (; entry != NULL; entry = next) {
        next = entry->hh.next;
        ok = ok && on_group(context, &entry->group);
        free(entry);
    }
    return ok;
}
