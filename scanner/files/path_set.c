#include "scanner/files/path_set.h"

#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"

#include <stdlib.h>

#define ROOM_FIRST 16384u

void path_set_init(struct path_set *set, size_t most)
{
    *set = (struct path_set){.key = fast_hash_key(), .most = most};
}

void path_set_clear(struct path_set *set)
{
    free(set->hashes);
    *set = (struct path_set){0};
}

static uint64_t hash_of(const struct path_set *set, const char *path, size_t len)
{
    return fast_hash(set->key, path, len) | 1;
}

static bool put(uint64_t *hashes, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);
    while (hashes[at] != 0 && hashes[at] != hash)
        at = (at + 1) & (room - 1);
    bool is_new = hashes[at] == 0;
    hashes[at] = hash;
    return is_new;
}

static void grow(struct path_set *set)
{
    size_t room = set->room == 0 ? ROOM_FIRST : 2 * set->room;
    uint64_t *hashes = xcalloc(room, sizeof *hashes);
    for (size_t i = 0; i < set->room; i++)
        if (set->hashes[i] != 0)
            put(hashes, room, set->hashes[i]);
    free(set->hashes);
    set->hashes = hashes;
    set->room = room;
}

void path_set_add(struct path_set *set, const char *path, size_t len)
{
    if (set->count >= set->most)
        return;
    if (2 * set->count >= set->room)
        grow(set);
    set->count += put(set->hashes, set->room, hash_of(set, path, len));
}

bool path_set_has(const struct path_set *set, const char *path, size_t len)
{
    if (set->count == 0)
        return false;
    uint64_t hash = hash_of(set, path, len);
    size_t at = hash & (set->room - 1);
    while (set->hashes[at] != 0 && set->hashes[at] != hash)
        at = (at + 1) & (set->room - 1);
    return set->hashes[at] == hash;
}
