#include "scanner/pacing/pacing_table.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256
#define HAND_STEPS     64 /* looked at for one new entry, at most */

static uint64_t mix(uint64_t value)
{
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53ULL;
    return value ^ value >> 33;
}

/* IPv4 keys are exact. Two IPv6 hosts meet in one key once in 2^63: they would share a cap. */
uint64_t pacing_host_key(const struct address *address)
{
    unsigned __int128 value = address_value(address);
    if (address->len == 4)
        return (uint64_t)value;
    return mix((uint64_t)value ^ mix((uint64_t)(value >> 64))) | 1ULL << 63;
}

uint64_t pacing_prefix_key(const struct address *address)
{
    unsigned __int128 value = address_value(address);
    if (address->len == 4)
        return (uint64_t)value >> 8;
    return mix((uint64_t)(value >> 64)) | 1ULL << 63;
}

static uint32_t *bucket_of(const struct pacing_table *table, uint64_t key)
{
    return &table->buckets[mix(key) & (table->capacity - 1)];
}

void pacing_table_init(struct pacing_table *table)
{
    *table = (struct pacing_table){.capacity = FIRST_CAPACITY, .hand = 1};
    table->entries = xcalloc(table->capacity + 1, sizeof *table->entries);
    table->buckets = xcalloc(table->capacity, sizeof *table->buckets);
}

void pacing_table_clear(struct pacing_table *table)
{
    free(table->entries);
    free(table->buckets);
    *table = (struct pacing_table){0};
}

static void grow(struct pacing_table *table)
{
    table->capacity *= 2;
    table->entries = xreallocarray(table->entries, table->capacity + 1, sizeof *table->entries);
    free(table->buckets);
    table->buckets = xcalloc(table->capacity, sizeof *table->buckets);
    for (uint32_t i = 1; i <= table->count; i++) {
        uint32_t *bucket = bucket_of(table, table->entries[i].key);
        table->entries[i].next = *bucket;
        *bucket = i;
    }
}

static void unlink_entry(struct pacing_table *table, uint32_t number)
{
    uint32_t *at = bucket_of(table, table->entries[number].key);
    while (*at != number)
        at = &table->entries[*at].next;
    *at = table->entries[number].next;
}

/* An entry to reuse: one not used lately, else any that is not in use; 0 if there is none. The entry of a host with one session
 * at a time is kept for the whole scan. */
static uint32_t evict(struct pacing_table *table, int64_t now_us)
{
    uint32_t chosen = 0;
    for (unsigned step = 0; step < HAND_STEPS; step++) {
        uint32_t number = table->hand;
        struct pacing_entry *entry = &table->entries[number];
        table->hand = number == table->count ? 1 : number + 1;
        if (entry->single || entry->in_flight != 0 || entry->slot_us > now_us || entry->go_us > now_us)
            continue;
        chosen = number;
        if (!entry->recent)
            break;
        entry->recent = false;
    }
    if (chosen != 0)
        unlink_entry(table, chosen);
    return chosen;
}

static uint32_t new_entry(struct pacing_table *table, int64_t now_us)
{
    uint32_t number = table->count < PACING_REMEMBERED ? 0 : evict(table, now_us);
    if (number != 0)
        return number;
    if (table->count == table->capacity)
        grow(table);
    return ++table->count;
}

struct pacing_entry *pacing_table_get(struct pacing_table *table, uint64_t key, int64_t now_us)
{
    struct pacing_entry *entry;
    uint32_t number = *bucket_of(table, key);
    while (number != 0 && table->entries[number].key != key)
        number = table->entries[number].next;
    if (number == 0) {
        number = new_entry(table, now_us);
        uint32_t *bucket = bucket_of(table, key);
        table->entries[number] = (struct pacing_entry){.key = key, .next = *bucket};
        *bucket = number;
    }
    entry = &table->entries[number];
    if (entry->in_flight == 0 && now_us - entry->seen_us > PACING_FORGET_US) {
        entry->answered = false;
        entry->failures = entry->slow = 0;
    }
    entry->seen_us = now_us;
    entry->recent = true;
    return entry;
}
