/* Reassembles one direction of a TCP connection. The sink gets each byte once and in sequence. Of overlapping bytes
 * the first copy counts; a second copy that differs is noted, also after the first was delivered (tcp_given.h). Segments that arrive
 * early are buffered within limits, and a hole that stays open is reported as a gap.
 *
 * With the SYN the start of the stream is known. Without it nothing is delivered until a TLS hello is found among
 * the buffered segments, or until enough was buffered to take the lowest sequence number as the start. So packets may
 * arrive in any order also in captures that begin in the middle of a connection. Acknowledgments are ignored: a tap
 * may see one before the data. */
#pragma once
#include "scanner/passive/tcp_given.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TCP_STREAM_SEGMENTS_MAX  4096       /* held at once */
#define TCP_STREAM_HELD_MAX      (512u << 10)
#define TCP_STREAM_START_HELD    (160u << 10)   /* without a start: bytes and packets until the lowest is it, */
#define TCP_STREAM_START_PACKETS 96
#define TCP_STREAM_START_IN_ORDER 24            /* or packets that came one behind the other */
#define TCP_STREAM_HOLE_PACKETS  512        /* further packets of this direction until a hole is a gap */

struct tcp_segment {
    struct tcp_segment *next;
    uint32_t sequence;
    uint32_t len;
    uint8_t bytes[];
};

/* Receives the bytes. When it returns false the connection is of no more interest, and the stream, which may have been
 * freed, is not used again. */
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
    struct tcp_given given;
};

void tcp_stream_clear(struct tcp_stream *stream);
void tcp_stream_start(struct tcp_stream *stream, uint32_t sequence);     /* of the first byte, from the SYN */

/* The known start cannot be trusted. Has an effect only before the first byte was delivered. */
void tcp_stream_forget_start(struct tcp_stream *stream, uint32_t sequence);

/* False: the sink has ended it. */
bool tcp_stream_add(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len,
                    const struct tcp_sink *sink);
/* Notes a conflict alone, and delivers nothing: after the sink has ended it. */
void tcp_stream_compare(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len);
void tcp_stream_drop_held(struct tcp_stream *stream);                    /* what has not left will not leave any more */
void tcp_stream_end(struct tcp_stream *stream, uint32_t sequence);       /* a FIN */
bool tcp_stream_is_at_end(const struct tcp_stream *stream);

/* The stream has ended (end of capture, eviction, reset): delivers what is buffered, and reports the gaps in it. */
bool tcp_stream_flush(struct tcp_stream *stream, const struct tcp_sink *sink);
size_t tcp_stream_memory(const struct tcp_stream *stream);
