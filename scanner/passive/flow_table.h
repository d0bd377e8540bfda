/* All connections that are followed, found by the addresses and ports of both ends. A flow is small (at most 128
 * bytes) and is kept; its conversation holds the buffers of a handshake and is freed when the handshake is over, or soon
 * after (listener.c). Flows and bytes are both limited: flows that never carried a byte (a SYN flood) are dropped first,
 * then the least recently used. All times are packet times. */
#pragma once
#include "probes/base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_TABLE_MAX          (640u << 10)        /* flows; with their table some 90 MiB */
#define FLOW_TABLE_SILENT_MAX   (128u << 10)        /* of these, that never carried a byte */
#define FLOW_BYTES_MAX          (96u << 20)         /* of all conversations */
#define FLOW_BYTES_EACH_MAX     ((1u << 20) + (288u << 10))

enum flow_state {
    FLOW_SILENT,                /* no byte of payload yet */
    FLOW_SPEAKING,              /* has a conversation */
    FLOW_PLAIN,                 /* no TLS so far: each segment is looked at for a hello */
    FLOW_OVER,                  /* the handshake was reported, or there can be none */
};

struct conversation;

struct flow {
    struct flow *next_in_bucket;
    struct flow *newer, *older;
    struct conversation *conversation;
    int64_t first_us, last_us;
    uint32_t hash;
    uint8_t ip_len, protocol, state;
    uint8_t syn_seen;                   /* bit per end */
    uint16_t port[2];
    uint32_t start[2];                  /* sequence number behind the SYN */
    uint8_t answers_differ;             /* bit per end: two SYN-ACKs with different numbers */
    uint8_t dialect;                    /* FLOW_PLAIN: what its first words were (dialect_number()); 0 not asked yet */
    uint32_t heard_at;                  /* the table's count of packets then */
    uint8_t address[2][16];
};
_Static_assert(sizeof(struct flow) <= 128, "a flow stays when its handshake is over");

struct flow_counts {
    uint64_t flows, evicted_silent, evicted, expired, conversations_dropped;
    size_t now, now_max, bytes, bytes_max;
};

struct flow_table;

/* on_drop ends a flow's conversation (flow->conversation is not NULL); the table frees the flow. */
struct flow_table *flow_table_create(void (*on_drop)(void *context, struct flow *flow), void *context);
void flow_table_destroy(struct flow_table *table);          /* drops all, oldest first */

struct flow_key {                       /* from the packet's point of view */
    const uint8_t *source, *destination;
    uint8_t ip_len, protocol;
    uint16_t source_port, destination_port;
};

/* Finds the flow of this packet, or makes one if create is true; *from is the end that sent the packet. Marks the
 * flow as used now, and drops flows that are too old. */
struct flow *flow_table_find(struct flow_table *table, const struct flow_key *key, int64_t now_us, bool create,
                             unsigned *from);
void flow_table_set_state(struct flow_table *table, struct flow *flow, enum flow_state state);

/* Counts the bytes by which a conversation has grown or shrunk. Above the limit the oldest conversations are dropped,
 * but never that of `keep`. */
void flow_table_account(struct flow_table *table, ptrdiff_t bytes, const struct flow *keep);
void flow_table_end_all(struct flow_table *table);          /* drops all flows; the table stays usable */
const struct flow_counts *flow_table_counts(const struct flow_table *table);
struct address flow_address(const struct flow *flow, unsigned end);
