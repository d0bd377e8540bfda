/* OpenVPN over TCP: a length of two bytes before each packet. */
#include "probes/base/memory.h"
#include "scanner/passive/openvpn.h"

#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 4096             /* of a control packet */

struct stream_side {
    uint8_t *packet;                /* the packet being assembled, without its length */
    size_t have, want;
    uint8_t head[3];                /* length, and the packet's first byte: its opcode */
    unsigned head_len;
    size_t skip;                    /* of a data packet */
    bool lost;
    bool raw;                       /* no framing: the bytes are TLS */
};

struct openvpn_stream {
    struct carrier_sink sink;
    struct openvpn *openvpn;
    struct stream_side side[2];
};

static enum carrier_match match(const uint8_t *bytes, size_t len)
{
    if (len != 0 && bytes[0] != 0)
        return CARRIER_NO;
    if (len < 3)
        return CARRIER_MORE;
    unsigned length = bytes[1];
    return length >= 14 && length <= 128 && (bytes[2] == 7 << 3 || bytes[2] == 8 << 3) ? CARRIER_YES : CARRIER_NO;
}

static void *create(const struct carrier_sink *sink)
{
    struct openvpn_stream *stream = xcalloc(1, sizeof *stream);
    stream->sink = *sink;
    stream->openvpn = openvpn_create(sink);
    return stream;
}

static void destroy(void *carrier)
{
    struct openvpn_stream *stream = carrier;
    if (stream == NULL)
        return;
    openvpn_destroy(stream->openvpn);
    free(stream->side[0].packet);
    free(stream->side[1].packet);
    free(stream);
}

static size_t memory(const void *carrier)
{
    const struct openvpn_stream *stream = carrier;
    return sizeof *stream + openvpn_memory(stream->openvpn) + stream->side[0].want + stream->side[1].want;
}

static void gap(void *carrier, unsigned from)
{
    struct openvpn_stream *stream = carrier;
    stream->side[from].lost = true;
}

/* Opcodes are 3 to 10 (1 and 2 were version 1's). Any other number: these are no packets, or a proxy removed the framing. */
static bool is_head(const uint8_t head[3], size_t len)
{
    unsigned opcode = head[2] >> 3;
    return len >= 2 && opcode >= 3 && opcode <= 10;
}

/* The head is complete: starts a packet, skips it, or finds that the framing has ended. */
static bool on_head(struct openvpn_stream *stream, unsigned from)
{
    struct stream_side *side = &stream->side[from];
    side->want = (size_t)(side->head[0] << 8 | side->head[1]);
    if (!is_head(side->head, side->want)) {
        side->raw = true;
        side->want = 0;
        return stream->sink.on_tls(stream->sink.context, from, side->head, 3);
    }
    side->have = 1;
    if (side->want > PACKET_MAX) {
        side->skip = side->want - 1;
        side->head_len = 0;
        side->want = 0;
        return true;
    }
    side->packet = xrealloc(side->packet, side->want);
    side->packet[0] = side->head[2];
    return true;
}

static size_t take(struct stream_side *side, const uint8_t *bytes, size_t len)
{
    size_t step = side->want - side->have < len ? side->want - side->have : len;
    memcpy(side->packet + side->have, bytes, step);
    side->have += step;
    return step;
}

static bool bytes_of(void *carrier, unsigned from, const uint8_t *bytes, size_t len)
{
    struct openvpn_stream *stream = carrier;
    struct stream_side *side = &stream->side[from];
    while (len != 0 && !side->lost) {
        if (side->raw)
            return stream->sink.on_tls(stream->sink.context, from, bytes, len);
        size_t step = 1;
        if (side->skip != 0) {
            step = side->skip < len ? side->skip : len;
            side->skip -= step;
        } else if (side->head_len < 3) {
            side->head[side->head_len++] = *bytes;
            if (side->head_len == 3 && !on_head(stream, from))
                return false;
        } else {
            step = take(side, bytes, len);
            if (side->have == side->want) {
                side->head_len = 0;
                if (!openvpn_packet(stream->openvpn, from, byte_reader_of(side->packet, side->want)))
                    return false;
            }
        }
        bytes += step;
        len -= step;
    }
    return true;
}

const struct carrier_kind carrier_openvpn = {
    .protocol = "openvpn",
    .match = match,
    .create = create,
    .destroy = destroy,
    .memory = memory,
    .bytes = bytes_of,
    .gap = gap,
};
