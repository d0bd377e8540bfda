/* One TCP connection while it speaks: two streams put in order, the plaintext before TLS looked through for a hello
 * at any offset, and the TLS session once one is found. Gone as soon as the handshake is told. */
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
/* Everything that is held is given out, everything not told is told. */
void conversation_finish(struct conversation *conversation);
/* Ends without telling anything more than is known. */
void conversation_destroy(struct conversation *conversation);

enum conversation_end conversation_add(struct conversation *conversation, const struct tcp_segment_seen *segment);
/* The start of a direction that the flow told is not to be trusted: found by content, if nothing was read yet. */
void conversation_forget_start(struct conversation *conversation, unsigned end);
/* Bytes by which it has grown (or shrunk) since the last call, and their sum: what the table was told. */
ptrdiff_t conversation_growth(struct conversation *conversation);
/* What was said so far, as dialect_number() has it: the flow keeps it when it turns out to be plain. */
uint8_t conversation_dialect(const struct conversation *conversation);
size_t conversation_accounted(const struct conversation *conversation);

/* For a plain flow: does a hello begin in this segment (or at its end)? Then a new conversation begins here. */
bool conversation_begins_in(struct flow *flow, const struct tcp_segment_seen *segment);
