#include "scanner/passive/flow_table.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS (1u << 19)
#define SILENT_AGE_US   (30LL * 1000000)
#define SPEAKING_AGE_US (300LL * 1000000)
#define OVER_AGE_US     (600LL * 1000000)
#define EXPIRE_PACKETS  256

struct lru {
    struct flow *newest, *oldest;
    size_t count;
};

struct flow_table {
    struct flow **buckets;
    struct lru silent, speaking, rest;      /* rest: plain and over */
    uint64_t key[2];                        /* hash key: a sender cannot choose the bucket */
    void (*on_drop)(void *context, struct flow *flow);
    void *context;
    struct flow_counts counts;
    bool dropping;
    uint32_t packets;
};

struct flow_table *flow_table_create(void (*on_drop)(void *context, struct flow *flow), void *context)
{
    struct flow_table *table = xcalloc(1, sizeof *table);
    table->buckets = xcalloc(BUCKETS, sizeof *table->buckets);
    if (getrandom(table->key, sizeof table->key, 0) != (ssize_t)sizeof table->key)
        table->key[0] = (uintptr_t)table;
    table->key[0] |= 1;
    table->key[1] |= 1;
    table->on_drop = on_drop;
    table->context = context;
    return table;
}

static struct lru *lru_of(struct flow_table *table, const struct flow *flow)
{
    return flow->state == FLOW_SILENT ? &table->silent
           : flow->state == FLOW_SPEAKING ? &table->speaking : &table->rest;
}

static void lru_take(struct lru *lru, struct flow *flow)
{
    if (flow->newer != NULL)
        flow->newer->older = flow->older;
    else
        lru->newest = flow->older;
    if (flow->older != NULL)
        flow->older->newer = flow->newer;
    else
        lru->oldest = flow->newer;
    lru->count--;
}

static void lru_put(struct lru *lru, struct flow *flow)
{
    flow->newer = NULL;
    flow->older = lru->newest;
    if (lru->newest != NULL)
        lru->newest->newer = flow;
    else
        lru->oldest = flow;
    lru->newest = flow;
    lru->count++;
}

static void drop(struct flow_table *table, struct flow *flow)
{
    if (flow->conversation != NULL)
        table->on_drop(table->context, flow);
    struct flow **at = &table->buckets[flow->hash % BUCKETS];
    while (*at != flow)
        at = &(*at)->next_in_bucket;
    *at = flow->next_in_bucket;
    lru_take(lru_of(table, flow), flow);
    table->counts.now--;
    free(flow);
}

void flow_table_end_all(struct flow_table *table)
{
    while (table->speaking.oldest != NULL)
        drop(table, table->speaking.oldest);
    while (table->silent.oldest != NULL)
        drop(table, table->silent.oldest);
    while (table->rest.oldest != NULL)
        drop(table, table->rest.oldest);
}

void flow_table_destroy(struct flow_table *table)
{
    if (table == NULL)
        return;
    flow_table_end_all(table);
    free(table->buckets);
    free(table);
}

static uint64_t load4(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t load8(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Keyed multiply and fold. Adding both ends' values makes it the same in both directions. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_end(const struct flow_table *table, const uint8_t *address, uint8_t len, uint16_t port)
{
    if (len == 4)
        return mix((load4(address) << 16 | port) ^ table->key[0], table->key[1]);
    return mix(mix(load8(address) ^ table->key[0], 0x9e3779b97f4a7c15ULL ^ port) ^ load8(address + 8), table->key[1]);
}

static bool is_end(const struct flow *flow, unsigned end, const uint8_t *address, uint16_t port)
{
    const uint8_t *mine = flow->address[end];
    return flow->port[end] == port &&
           (flow->ip_len == 4 ? load4(mine) == load4(address)
                              : load8(mine) == load8(address) && load8(mine + 8) == load8(address + 8));
}

static bool is_of(const struct flow *flow, const struct flow_key *key, unsigned *from)
{
    if (flow->ip_len != key->ip_len || flow->protocol != key->protocol)
        return false;
    if (is_end(flow, 0, key->source, key->source_port) && is_end(flow, 1, key->destination, key->destination_port)) {
        *from = 0;
        return true;
    }
    if (is_end(flow, 1, key->source, key->source_port) && is_end(flow, 0, key->destination, key->destination_port)) {
        *from = 1;
        return true;
    }
    return false;
}

/* A flow is old only by time and by packet count: captures are not always in order, and one packet with a time stamp far ahead
 * must not end all flows. */
static void expire(struct flow_table *table, struct lru *lru, int64_t older_than_us)
{
    for (unsigned i = 0; i < 64 && lru->oldest != NULL && lru->oldest->last_us < older_than_us &&
                         table->packets - lru->oldest->heard_at > EXPIRE_PACKETS;
         i++) {
        table->counts.expired++;
        drop(table, lru->oldest);
    }
}

static void make_room(struct flow_table *table)
{
    if (table->silent.count >= FLOW_TABLE_SILENT_MAX) {
        table->counts.evicted_silent++;
        drop(table, table->silent.oldest);
    }
    if (table->counts.now < FLOW_TABLE_MAX)
        return;
    struct lru *lru = table->rest.oldest != NULL ? &table->rest : &table->speaking;
    table->counts.evicted++;
    drop(table, lru->oldest);
}

static struct flow *add(struct flow_table *table, const struct flow_key *key, uint32_t hash)
{
    make_room(table);
    struct flow *flow = xcalloc(1, sizeof *flow);
    flow->hash = hash;
    flow->ip_len = key->ip_len;
    flow->protocol = key->protocol;
    flow->port[0] = key->source_port;
    flow->port[1] = key->destination_port;
    memcpy(flow->address[0], key->source, key->ip_len);
    memcpy(flow->address[1], key->destination, key->ip_len);
    flow->next_in_bucket = table->buckets[hash % BUCKETS];
    table->buckets[hash % BUCKETS] = flow;
    lru_put(&table->silent, flow);
    table->counts.flows++;
    if (++table->counts.now > table->counts.now_max)
        table->counts.now_max = table->counts.now;
    return flow;
}

struct flow *flow_table_find(struct flow_table *table, const struct flow_key *key, int64_t now_us, bool create,
                             unsigned *from)
{
    table->packets++;
    uint64_t sum = hash_end(table, key->source, key->ip_len, key->source_port) +
                   hash_end(table, key->destination, key->ip_len, key->destination_port) + key->protocol;
    uint32_t hash = (uint32_t)(sum ^ sum >> 32);
    if (table->packets % 16 == 0) {
        expire(table, &table->silent, now_us - SILENT_AGE_US);
        expire(table, &table->speaking, now_us - SPEAKING_AGE_US);
        expire(table, &table->rest, now_us - OVER_AGE_US);
    }
    struct flow *flow = table->buckets[hash % BUCKETS];
    while (flow != NULL && (flow->hash != hash || !is_of(flow, key, from)))
        flow = flow->next_in_bucket;
    if (flow == NULL && create) {
        flow = add(table, key, hash);
        flow->first_us = now_us;
        *from = 0;
    }
    if (flow == NULL)
        return NULL;
    flow->last_us = now_us;
    flow->heard_at = table->packets;
    struct lru *lru = lru_of(table, flow);
    if (lru->newest != flow) {
        lru_take(lru, flow);
        lru_put(lru, flow);
    }
    return flow;
}

void flow_table_set_state(struct flow_table *table, struct flow *flow, enum flow_state state)
{
    lru_take(lru_of(table, flow), flow);
    flow->state = (uint8_t)state;
    lru_put(lru_of(table, flow), flow);
}

void flow_table_account(struct flow_table *table, ptrdiff_t bytes, const struct flow *keep)
{
    table->counts.bytes = (size_t)((ptrdiff_t)table->counts.bytes + bytes);
    if (table->counts.bytes > table->counts.bytes_max)
        table->counts.bytes_max = table->counts.bytes;
    if (table->dropping)
        return;
    table->dropping = true;             /* dropping accounts too */
    while (table->counts.bytes > FLOW_BYTES_MAX && table->speaking.oldest != NULL &&
           table->speaking.oldest != keep) {
        table->counts.conversations_dropped++;
        drop(table, table->speaking.oldest);
    }
    table->dropping = false;
}

const struct flow_counts *flow_table_counts(const struct flow_table *table)
{
    return &table->counts;
}

struct address flow_address(const struct flow *flow, unsigned end)
{
    return address_from_bytes(flow->address[end], flow->ip_len);
}
