/* One TCP connection until its handshake is over: reassembles both directions, searches the plaintext for a TLS hello
 * at any offset, and runs the TLS session once one is found. It is destroyed as soon as the handshake is reported, or settled:
 * then it holds only what a second version of its bytes is told by. */
#pragma once
#include "scanner/passive/flow_table.h"
#include "scanner/passive/handshake/tls_session.h"

struct tcp_segment_seen {               /* one packet's part of a connection */
    int64_t time_us;
    unsigned from;                      /* end of the flow */
    uint32_t sequence, acknowledgment;
    uint8_t flags;
    const uint8_t *bytes;
    size_t len;
    size_t missing;                     /* bytes behind that were on the wire but not captured */
};

struct conversation_counts {
    uint64_t gaps, gap_bytes, overlaps, over_limit;
};

enum conversation_end {
    CONVERSATION_GOES_ON,
    CONVERSATION_PLAIN,                 /* no TLS within the first bytes: looked at segment by segment from now on */
    CONVERSATION_OVER,
};

struct conversation *conversation_create(const struct tls_session_owner *owner, const struct flow *flow,
                                         struct conversation_counts *counts);
/* Flushes buffered bytes, reports unfinished handshakes and frees it. */
void conversation_finish(struct conversation *conversation);

enum conversation_end conversation_add(struct conversation *conversation, const struct tcp_segment_seen *segment);
/* After OVER: reports what was not reported yet and frees its buffers. False: no chain has been reported, or its two versions
 * are told already, and there is nothing more to compare. The caller's number of its place is kept. */
bool conversation_settle(struct conversation *conversation, unsigned slot);
bool conversation_is_settled(const struct conversation *conversation, unsigned *slot);
/* A segment of a settled one. False: it differs from what was read; this was reported, and nothing more is of interest. */
bool conversation_compare(struct conversation *conversation, const struct tcp_segment_seen *segment);
/* The SYN's sequence number of this direction cannot be trusted: the start is found by content, if nothing was read yet. */
void conversation_forget_start(struct conversation *conversation, unsigned end);
/* Bytes by which it has grown (or shrunk) since the last call; conversation_accounted() is the sum of all calls. */
ptrdiff_t conversation_growth(struct conversation *conversation);
/* The dialect of what was said so far, as dialect_number() has it. The flow keeps it when no TLS was found. */
uint8_t conversation_dialect(const struct conversation *conversation);
size_t conversation_accounted(const struct conversation *conversation);

/* For a plain flow: does a hello begin in this segment (or at its end)? Then a new conversation begins here. */
bool conversation_begins_in(struct flow *flow, const struct tcp_segment_seen *segment);
