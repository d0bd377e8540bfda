/* The SYN stage: blocks of a target space in, open ports out at once, finished blocks out when their last
 * chance to answer has passed. It sends stateless SYNs in batches and keeps nothing per target but a byte in
 * its open block.
 *
 *     next_block ─► pass 1 ─► wait ─► pass 2 (those without an answer) ─► wait ─► on_block
 *                     │  SYN              ▲ SYN-ACK: on_open, RST: refused, ICMP: unreachable
 *                     ▼                   │
 *                 the network ────────────┘   each answer proves itself by its cookie (cookie.h)
 *
 * Frames to an Ethernet gateway are built by us (AF_PACKET, sendmmsg); to loopback, neighbours and tunnels
 * they go through a raw IP socket. Answers come through libpcap on all interfaces. Where the machine loses
 * some (a full queue, a capture that drops), the rate falls by a quarter and rises again slowly. UDP ports
 * have no SYN: they are given to on_open unasked. A stage is used by one thread. */
#pragma once
#define SYN_RATE_DEFAULT 10000      /* SYNs a second */

#include "probes/base/error.h"
#include "probes/base/outcome.h"
#include "probes/base/permutation.h"
#include "probes/base/target_space.h"

#include <stdatomic.h>

struct syn_settings {
    double rate;                    /* packets a second; 0: as fast as it goes */
    unsigned retries;               /* passes beyond the first */
    unsigned wait_ms;               /* after each pass, until targets without an answer count as silent */
    uint16_t first_port, last_port; /* our source ports; 0: a range that the kernel does not use */
    uint8_t key[16];                /* of the cookies; new for each run */
};

extern const struct syn_settings syn_settings_default; /* 10,000/s, 1 retry, 2 s */

enum syn_next {
    SYN_NEXT_BLOCK, /* *block is to be sent */
    SYN_NEXT_LATER, /* the connections lag behind: ask again */
    SYN_NEXT_DONE,  /* no more blocks */
};

struct syn_block_result {
    uint64_t block;
    uint32_t count;          /* positions */
    int64_t from_us, to_us;  /* UTC */
    const uint8_t *outcomes; /* an enum outcome each; 0: it went to on_open */
};

struct syn_job {
    const struct target_space *space;
    const struct permutation *permutation;
    void *context;
    enum syn_next (*next_block)(void *context, uint64_t *block);
    enum outcome (*judge)(void *context, const struct target *target); /* 0: may be asked (scope.h) */
    void (*on_open)(void *context, const struct target *target, uint64_t position);
    void (*on_block)(void *context, const struct syn_block_result *result);
    const atomic_bool *stop; /* when set: on_block comes no more, the run ends */
};

struct syn_counts {
    uint64_t sent;                      /* packets */
    uint64_t open, closed, unreachable; /* targets */
    uint64_t no_route;                  /* targets that the kernel knows no way to */
    uint64_t foreign;                   /* packets seen that answer nothing of ours */
    uint64_t late;                      /* answers to blocks that were finished */
    uint64_t send_failures;             /* packets that a full queue refused; they were sent again */
    uint64_t capture_drops;
    double rate; /* of now */
};

struct syn_stage;

/* Opens raw sockets and the capture: before privileges are dropped. NULL with ERROR_SYSTEM; without
 * CAP_NET_RAW the error says how to give it. */
struct syn_stage *syn_stage_open(const struct syn_settings *settings, struct error *err);
void syn_stage_close(struct syn_stage *stage); /* NULL is fine */

/* Runs until next_block says done and all blocks have ended, or stop is set. False with ERROR_SYSTEM where
 * sockets fail for good. */
bool syn_stage_run(struct syn_stage *stage, const struct syn_job *job, struct error *err);

/* Any thread, at any time: figures of a moment ago. */
void syn_stage_get(const struct syn_stage *stage, struct syn_counts *counts);
