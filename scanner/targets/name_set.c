/* Slots in a table with open addressing. Most names of a list have the same ports, so a slot holds the number of a port set
 * that it shares with others; a name that comes again with other ports gets a set of its own. */
#include "scanner/targets/name_set.h"

#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct slot {
    uint64_t hash;
    uint32_t more_hash;
    uint32_t ports;     /* number in sets, from 1; 0: the slot is free */
};

struct shared_ports {
    struct port_set *ports;
    char *text;         /* the key, for sets that may be shared; NULL */
    uint32_t number;
    UT_hash_handle hh;
};

struct name_set {
    uint64_t key, more_key;
    struct slot *slots;
    size_t capacity, count;     /* capacity: a power of two */
    struct shared_ports **sets, *by_text;
    uint32_t set_count, set_capacity;
};

struct name_set *name_set_create(void)
{
    struct name_set *set = xcalloc(1, sizeof *set);
    set->key = fast_hash_key();
    set->more_key = fast_hash_key();
    set->capacity = 64;
    set->slots = xcalloc(set->capacity, sizeof *set->slots);
    return set;
}

void name_set_destroy(struct name_set *set)
{
    if (set == NULL)
        return;
    HASH_CLEAR(hh, set->by_text);
    for (uint32_t i = 0; i < set->set_count; i++) {
        port_set_destroy(set->sets[i]->ports);
        free(set->sets[i]->text);
        free(set->sets[i]);
    }
    free(set->sets);
    free(set->slots);
    free(set);
}

static struct slot *find(const struct name_set *set, uint64_t hash, uint32_t more_hash)
{
    for (size_t at = hash & (set->capacity - 1);; at = (at + 1) & (set->capacity - 1)) {
        struct slot *slot = &set->slots[at];
        if (slot->ports == 0 || (slot->hash == hash && slot->more_hash == more_hash))
            return slot;
    }
}

static void grow(struct name_set *set)
{
    struct slot *old = set->slots;
    size_t old_capacity = set->capacity;
    set->capacity *= 2;
    set->slots = xcalloc(set->capacity, sizeof *set->slots);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].ports != 0)
            *find(set, old[i].hash, old[i].more_hash) = old[i];
    free(old);
}

/* Takes ports and text. */
static struct shared_ports *add_set(struct name_set *set, struct port_set *ports, char *text)
{
    if (set->set_count == set->set_capacity) {
        set->set_capacity = set->set_capacity == 0 ? 8 : 2 * set->set_capacity;
        set->sets = xreallocarray(set->sets, set->set_capacity, sizeof(struct shared_ports *));
    }
    struct shared_ports *shared = xcalloc(1, sizeof *shared);
    *shared = (struct shared_ports){.ports = ports, .text = text, .number = set->set_count + 1};
    set->sets[set->set_count++] = shared;
    if (text != NULL)
        HASH_ADD_KEYPTR(hh, set->by_text, shared->text, strlen(shared->text), shared);
    return shared;
}

static uint32_t share(struct name_set *set, const struct port_set *ports)
{
    char *text = port_set_format(ports);
    struct shared_ports *shared;
    HASH_FIND_STR(set->by_text, text, shared);
    if (shared == NULL)
        return add_set(set, port_set_copy(ports), text)->number;
    free(text);
    return shared->number;
}

/* The name has these ports too. */
static void widen(struct name_set *set, struct slot *slot, const struct port_set *ports)
{
    struct shared_ports *had = set->sets[slot->ports - 1];
    struct port_set *all = port_set_union(had->ports, ports);
    if (had->text != NULL) {
        slot->ports = add_set(set, all, NULL)->number;
    } else {
        port_set_destroy(had->ports);
        had->ports = all;
    }
}

struct port_set *name_set_add(struct name_set *set, const char *name, const struct port_set *ports)
{
    size_t len = strlen(name);
    uint64_t hash = fast_hash(set->key, name, len);
    uint32_t more_hash = (uint32_t)fast_hash(set->more_key, name, len);
    struct slot *slot = find(set, hash, more_hash);
    if (slot->ports == 0) {
        *slot = (struct slot){hash, more_hash, share(set, ports)};
        if (++set->count > set->capacity / 4 * 3)
            grow(set);
        return port_set_copy(ports);
    }
    struct port_set *left = port_set_minus(ports, set->sets[slot->ports - 1]->ports);
    if (port_set_count(left) != 0) {
        widen(set, slot, ports);
        return left;
    }
    port_set_destroy(left);
    return NULL;
}
