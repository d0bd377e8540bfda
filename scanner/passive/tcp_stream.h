/* One direction of a TCP connection, put in order. Bytes leave in sequence, each once; of overlapping bytes the
 * first that came stay, and a second copy that differs is noted, also after the first has left. What comes early is held within limits; a hole that does not close is told as a gap.
 *
 * Where the SYN was seen the start is known. Where it was not, nothing is given out until a TLS hello is found
 * among what is held, or enough has come for the lowest sequence number to be the start: so packets may come
 * in any order also in captures that begin in the middle. An acknowledgment means nothing here: a tap may see
 * it before the data. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TCP_STREAM_SEGMENTS_MAX  4096       /* held at once */
#define TCP_STREAM_HELD_MAX      (512u << 10)
#define TCP_STREAM_START_HELD    (160u << 10)   /* without a start: bytes and packets until the lowest is it, */
#define TCP_STREAM_START_PACKETS 96
#define TCP_STREAM_START_IN_ORDER 24            /* or packets that came one behind the other */
#define TCP_STREAM_GIVEN_MAX     (32u << 10)    /* bytes kept after they left, to compare a second copy with */
#define TCP_STREAM_HOLE_PACKETS  512        /* further packets of this direction until a hole is a gap */

struct tcp_segment {
    struct tcp_segment *next;
    uint32_t sequence;
    uint32_t len;
    uint8_t bytes[];
};

/* Who takes the bytes. It may end the connection's interest at any time: then it answers false and the stream
 * (which may be gone) is not touched again. */
struct tcp_sink {
    bool (*on_bytes)(void *context, const uint8_t *bytes, size_t len);
    bool (*on_gap)(void *context, size_t len);
    void *context;
};

struct tcp_stream {
    bool started;               /* next is known */
    bool has_end;
    bool gave;                  /* bytes left already */
    bool look_again;            /* the start was taken back: what is held has to be looked through */
    bool overlap_conflict;      /* a second copy of some bytes differed from the first */
    uint32_t next;
    uint32_t end;               /* the FIN's sequence number */
    uint16_t waited_packets;    /* since there is a hole, or no start */
    uint16_t in_order;          /* without a start: packets that came behind all others */
    uint16_t segment_count;
    size_t held;                /* bytes in segments */
    struct tcp_segment *segments, *last;      /* ascending, disjoint */
    uint8_t *given;             /* the first bytes that left, from given_start on without a hole */
    uint32_t given_start;
    uint32_t given_len, given_capacity;
};

void tcp_stream_clear(struct tcp_stream *stream);
void tcp_stream_start(struct tcp_stream *stream, uint32_t sequence);     /* of the first byte, from the SYN */

/* The start that was told is not to be trusted; has an effect only while nothing was given out from it. */
void tcp_stream_forget_start(struct tcp_stream *stream, uint32_t sequence);

/* False: the sink has ended it. */
bool tcp_stream_add(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len,
                    const struct tcp_sink *sink);
void tcp_stream_end(struct tcp_stream *stream, uint32_t sequence);       /* a FIN */
bool tcp_stream_is_at_end(const struct tcp_stream *stream);

/* Nothing more will come (end of capture, eviction, reset): gives out what is held, with its gaps. */
bool tcp_stream_flush(struct tcp_stream *stream, const struct tcp_sink *sink);
size_t tcp_stream_memory(const struct tcp_stream *stream);
