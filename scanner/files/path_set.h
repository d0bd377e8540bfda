/* A set of paths, as the hash of each: a few megabytes for all files of a system. If two paths had the same hash, one of them would be
 * in it wrongly. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path_set {
    uint64_t key;
    uint64_t *hashes;                   /* 0: free */
    size_t count, room;                 /* room: a power of two, at least twice the count */
    size_t most;                        /* what comes after so many is left out */
};

void path_set_init(struct path_set *set, size_t most);
void path_set_clear(struct path_set *set);
void path_set_add(struct path_set *set, const char *path, size_t len);
bool path_set_has(const struct path_set *set, const char *path, size_t len);
