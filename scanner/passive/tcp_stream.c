#include "scanner/passive/tcp_stream.h"

#include "probes/base/memory.h"
#include "scanner/passive/handshake/tls_start.h"

#include <stdlib.h>
#include <string.h>

static int32_t distance(uint32_t from, uint32_t to)      /* RFC 9293, section 3.4: modulo 2^32 */
{
    return (int32_t)(to - from);
}

static void drop_first(struct tcp_stream *stream)
{
    struct tcp_segment *first = stream->segments;
    stream->segments = first->next;
    if (stream->segments == NULL)
        stream->last = NULL;
    stream->held -= first->len;
    stream->segment_count--;
    free(first);
}

void tcp_stream_drop_held(struct tcp_stream *stream)
{
    while (stream->segments != NULL)
        drop_first(stream);
}

void tcp_stream_clear(struct tcp_stream *stream)
{
    tcp_stream_drop_held(stream);
    tcp_given_clear(&stream->given);
}

void tcp_stream_compare(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len)
{
    stream->overlap_conflict |= tcp_given_differs(&stream->given, sequence, bytes, len);
}

void tcp_stream_start(struct tcp_stream *stream, uint32_t sequence)
{
    if (!stream->started) {
        stream->started = true;
        stream->next = sequence;
        stream->waited_packets = 0;
    }
}

void tcp_stream_forget_start(struct tcp_stream *stream, uint32_t sequence)
{
    if (stream->started && !stream->gave && stream->next == sequence) {
        stream->started = false;
        stream->look_again = true;
    }
}

void tcp_stream_end(struct tcp_stream *stream, uint32_t sequence)
{
    if (!stream->has_end) {
        stream->has_end = true;
        stream->end = sequence;
    }
}

bool tcp_stream_is_at_end(const struct tcp_stream *stream)
{
    return stream->has_end && stream->started && distance(stream->end, stream->next) >= 0;
}

size_t tcp_stream_memory(const struct tcp_stream *stream)
{
    return stream->held + stream->segment_count * (sizeof(struct tcp_segment) + 16u) + tcp_given_memory(&stream->given);
}

static void note_overlap(struct tcp_stream *stream, const struct tcp_segment *held, uint32_t sequence,
                         const uint8_t *bytes, size_t len)
{
    int32_t skip = distance(sequence, held->sequence);      /* where held begins in bytes */
    size_t in_new = skip > 0 ? (size_t)skip : 0, in_held = skip < 0 ? (size_t)-skip : 0;
    if (in_new >= len || in_held >= held->len)
        return;
    size_t both = len - in_new < held->len - in_held ? len - in_new : held->len - in_held;
    if (memcmp(bytes + in_new, held->bytes + in_held, both) != 0)
        stream->overlap_conflict = true;
}

/* Inserts a piece that overlaps nothing after `before` (NULL: first). */
static struct tcp_segment *insert(struct tcp_stream *stream, struct tcp_segment *before, uint32_t sequence,
                                  const uint8_t *bytes, size_t len)
{
    struct tcp_segment *segment = xmalloc(sizeof *segment + len);
    segment->sequence = sequence;
    segment->len = (uint32_t)len;
    memcpy(segment->bytes, bytes, len);
    segment->next = before == NULL ? stream->segments : before->next;
    if (before == NULL)
        stream->segments = segment;
    else
        before->next = segment;
    if (segment->next == NULL)
        stream->last = segment;
    stream->held += len;
    stream->segment_count++;
    return segment;
}

/* Holds those bytes of the piece that are not held yet. */
static void hold(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len)
{
    struct tcp_segment *before = NULL;
    struct tcp_segment *last = stream->last;
    if (last != NULL && distance(last->sequence + last->len, sequence) >= 0)
        before = last;                  /* the usual case: after all held pieces */
    else
        for (struct tcp_segment *s = stream->segments;
             s != NULL && distance(s->sequence + s->len, sequence) >= 0; s = s->next)
            before = s;
    while (len != 0) {
        struct tcp_segment *next = before == NULL ? stream->segments : before->next;
        if (next == NULL || distance(sequence + (uint32_t)len, next->sequence) >= 0) {
            insert(stream, before, sequence, bytes, len);
            return;
        }
        note_overlap(stream, next, sequence, bytes, len);
        int32_t free_len = distance(sequence, next->sequence);
        if (free_len > 0)
            insert(stream, before, sequence, bytes, (size_t)free_len);
        int32_t skip = distance(sequence, next->sequence + next->len);
        if (skip < 0 || (size_t)skip >= len)
            return;
        sequence += (uint32_t)skip;
        bytes += skip;
        len -= (size_t)skip;
        before = next;
    }
}

static bool give(struct tcp_stream *stream, const uint8_t *bytes, size_t len, const struct tcp_sink *sink)
{
    tcp_given_add(&stream->given, stream->next, bytes, len);
    stream->next += (uint32_t)len;
    stream->gave = true;
    return sink->on_bytes(sink->context, bytes, len);
}

/* Delivers held bytes up to the first gap. */
static bool drain(struct tcp_stream *stream, const struct tcp_sink *sink)
{
    while (stream->segments != NULL && distance(stream->segments->sequence, stream->next) >= 0) {
        struct tcp_segment *first = stream->segments;
        int32_t done = distance(first->sequence, stream->next);
        stream->segments = first->next;         /* unlinked first: the sink may end the stream */
        if (stream->segments == NULL)
            stream->last = NULL;
        stream->held -= first->len;
        stream->segment_count--;
        bool goes_on = (size_t)done >= first->len || give(stream, first->bytes + done, first->len - (size_t)done, sink);
        free(first);
        if (!goes_on)
            return false;
        stream->waited_packets = 0;
    }
    return true;
}

static bool skip_hole(struct tcp_stream *stream, const struct tcp_sink *sink)
{
    int32_t len = distance(stream->next, stream->segments->sequence);
    stream->next = stream->segments->sequence;
    stream->waited_packets = 0;
    return (len <= 0 || sink->on_gap(sink->context, (size_t)len)) && drain(stream, sink);
}

/* Copies held bytes from sequence on up to the first gap, at most max. */
static size_t gather(const struct tcp_segment *segment, size_t offset, uint8_t *to, size_t max)
{
    size_t len = 0;
    for (; segment != NULL && len < max; segment = segment->next, offset = 0) {
        size_t step = segment->len - offset < max - len ? segment->len - offset : max - len;
        memcpy(to + len, segment->bytes + offset, step);
        len += step;
        if (segment->next == NULL || segment->next->sequence != segment->sequence + segment->len)
            break;
    }
    return len;
}

/* True if a hello begins in held bytes, at or shortly before the newest piece. */
static bool find_start(const struct tcp_stream *stream, uint32_t sequence, size_t len, uint32_t *start)
{
    uint8_t bytes[TLS_START_MAX];
    for (const struct tcp_segment *s = stream->segments; s != NULL; s = s->next) {
        if (distance(s->sequence + s->len, sequence) > TLS_START_MAX)
            continue;
        if (distance(sequence + (uint32_t)len, s->sequence) > 0)
            return false;
        for (size_t at = 0; at < s->len; at++) {
            const uint8_t *hit = memchr(s->bytes + at, 0x16, s->len - at);
            if (hit == NULL)
                break;
            at = (size_t)(hit - s->bytes);
            enum tls_start kind = tls_start_match(bytes, gather(s, at, bytes, sizeof bytes));
            if (kind == TLS_START_CLIENT || kind == TLS_START_SERVER) {
                *start = s->sequence + (uint32_t)at;
                return true;
            }
        }
    }
    return false;
}

/* Starts the stream at the beginning of the gapless run that holds the hello: the bytes before it in the run show the dialect. */
static void start_at_run(struct tcp_stream *stream, uint32_t hello)
{
    while (stream->segments != NULL) {
        uint32_t start = stream->segments->sequence, end = start;
        for (const struct tcp_segment *s = stream->segments; s != NULL && s->sequence == end; s = s->next)
            end = s->sequence + s->len;
        if (distance(hello, end) > 0) {
            tcp_stream_start(stream, start);
            return;
        }
        while (stream->segments != NULL && distance(stream->segments->sequence, end) > 0)
            drop_first(stream);
    }
}

static bool add_without_start(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len,
                              const struct tcp_sink *sink)
{
    uint32_t hello;
    const struct tcp_segment *last = stream->last;
    stream->in_order = (uint16_t)(last == NULL || last->sequence + last->len == sequence ? stream->in_order + 1 : 0);
    hold(stream, sequence, bytes, len);
    stream->waited_packets++;
    if (stream->look_again) {
        sequence = stream->segments->sequence;
        len = stream->last->sequence + stream->last->len - sequence;
        stream->look_again = false;
    }
    if (find_start(stream, sequence, len, &hello)) {
        start_at_run(stream, hello);
        return drain(stream, sink);
    }
    if (stream->held >= TCP_STREAM_START_HELD || stream->waited_packets >= TCP_STREAM_START_PACKETS ||
        (stream->in_order >= TCP_STREAM_START_IN_ORDER && stream->in_order == stream->waited_packets) ||
        stream->segment_count >= TCP_STREAM_SEGMENTS_MAX) {
        tcp_stream_start(stream, stream->segments->sequence);
        return drain(stream, sink);
    }
    return true;
}

bool tcp_stream_add(struct tcp_stream *stream, uint32_t sequence, const uint8_t *bytes, size_t len,
                    const struct tcp_sink *sink)
{
    if (!stream->started)
        return add_without_start(stream, sequence, bytes, len, sink);
    int32_t old = distance(sequence, stream->next);      /* bytes at its start that were delivered already */
    if (old > 1 && !stream->gave) {                      /* before the first byte: the start was wrong */
        tcp_stream_forget_start(stream, stream->next);
        return add_without_start(stream, sequence, bytes, len, sink);
    }
    if (old > 0)
        tcp_stream_compare(stream, sequence, bytes, len);
    if (old >= 0 && stream->segments == NULL)            /* the usual case: in order, nothing held */
        return (size_t)old >= len || give(stream, bytes + old, len - (size_t)old, sink);
    if (old > 0) {
        if ((size_t)old >= len)
            return true;
        bytes += old;
        len -= (size_t)old;
        sequence = stream->next;
    }
    hold(stream, sequence, bytes, len);
    if (!drain(stream, sink))
        return false;
    if (stream->segments == NULL)
        return true;
    while (stream->segments != NULL &&
           (++stream->waited_packets >= TCP_STREAM_HOLE_PACKETS || stream->held > TCP_STREAM_HELD_MAX ||
            stream->segment_count >= TCP_STREAM_SEGMENTS_MAX)) {
        if (!skip_hole(stream, sink))
            return false;
    }
    return true;
}

bool tcp_stream_flush(struct tcp_stream *stream, const struct tcp_sink *sink)
{
    if (!stream->started && stream->segments != NULL) {
        tcp_stream_start(stream, stream->segments->sequence);
        if (!drain(stream, sink))
            return false;
    }
    while (stream->segments != NULL)
        if (!skip_hole(stream, sink))
            return false;
    return true;
}
