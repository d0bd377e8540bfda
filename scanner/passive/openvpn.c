#include "scanner/passive/openvpn.h"

#include "probes/base/byte_reader.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { HARD_RESET_CLIENT_V1 = 1, HARD_RESET_SERVER_V1 = 2, SOFT_RESET = 3, CONTROL_V1 = 4, ACK_V1 = 5,
       HARD_RESET_CLIENT_V2 = 7, HARD_RESET_SERVER_V2 = 8 };

#define PACKET_MAX 4096         /* of a control packet */

struct side {
    uint8_t *packet;            /* a packet under way, behind its length */
    size_t have, want;
    uint8_t head[3];            /* length, and the packet's first byte: its opcode */
    unsigned head_len;
    size_t skip;                /* data packets are read over */
    bool lost;
    bool raw;                   /* no packets any more: what comes is TLS itself */
    uint32_t next_id;
};

struct openvpn {
    bool (*on_tls)(void *context, unsigned from, const uint8_t *bytes, size_t len);
    void *context;
    size_t auth_len;            /* HMAC, packet id and time of tls-auth; 0 without */
    bool knows_auth;
    struct side side[2];
};

bool openvpn_begins(const uint8_t *carry, size_t carry_len, const uint8_t *bytes, size_t len)
{
    uint8_t first[3] = {0};
    size_t have = 0;
    for (; have < 3 && have < carry_len; have++)
        first[have] = carry[have];
    for (size_t i = 0; have < 3 && i < len; i++)
        first[have++] = bytes[i];
    unsigned length = (unsigned)first[0] << 8 | (have > 1 ? first[1] : 0);
    return have == 3 && length >= 14 && length <= 128 &&
           ((first[2] & 0xf8) == HARD_RESET_CLIENT_V2 << 3 || (first[2] & 0xf8) == HARD_RESET_SERVER_V2 << 3);
}

struct openvpn *openvpn_create(bool (*on_tls)(void *context, unsigned from, const uint8_t *bytes, size_t len),
                               void *context)
{
    struct openvpn *openvpn = xcalloc(1, sizeof *openvpn);
    openvpn->on_tls = on_tls;
    openvpn->context = context;
    return openvpn;
}

void openvpn_destroy(struct openvpn *openvpn)
{
    if (openvpn == NULL)
        return;
    free(openvpn->side[0].packet);
    free(openvpn->side[1].packet);
    free(openvpn);
}

size_t openvpn_memory(const struct openvpn *openvpn)
{
    return sizeof *openvpn + openvpn->side[0].want + openvpn->side[1].want;
}

void openvpn_gap(struct openvpn *openvpn, unsigned from)
{
    openvpn->side[from].lost = true;
}

/* Acknowledged packet ids, then (if any) the other side's session id, then this packet's id; what follows is TLS. */
static bool read_ids(struct byte_reader *packet, uint32_t *id)
{
    uint8_t count;
    return byte_reader_u8(packet, &count) && count <= 8 &&
           byte_reader_skip(packet, count * 4u + (count != 0 ? 8u : 0)) && byte_reader_u32(packet, id);
}

/* A reset says how long the part of tls-auth is: behind it, its own id is 0 and nothing follows. */
static void learn_auth(struct openvpn *openvpn, struct byte_reader packet)
{
    static const size_t lengths[] = {0, 16 + 8, 20 + 8, 28 + 8, 32 + 8, 48 + 8, 64 + 8};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct byte_reader rest = packet;
        uint32_t id;
        if (byte_reader_skip(&rest, lengths[i]) && read_ids(&rest, &id) && id == 0 && rest.left == 0) {
            openvpn->auth_len = lengths[i];
            openvpn->knows_auth = true;
            return;
        }
    }
}

static bool on_packet(struct openvpn *openvpn, unsigned from, struct byte_reader packet)
{
    struct side *side = &openvpn->side[from];
    uint8_t head;
    uint32_t id;
    if (!byte_reader_u8(&packet, &head) || !byte_reader_skip(&packet, 8))       /* opcode, session id */
        return true;
    unsigned opcode = head >> 3;
    if (opcode == HARD_RESET_CLIENT_V2 || opcode == HARD_RESET_SERVER_V2 || opcode == HARD_RESET_CLIENT_V1 ||
        opcode == HARD_RESET_SERVER_V1) {
        learn_auth(openvpn, packet);
        side->next_id = 1;
        return true;
    }
    if (opcode != CONTROL_V1)
        return true;
    if (!byte_reader_skip(&packet, openvpn->auth_len) || !read_ids(&packet, &id))
        return true;
    if (side->next_id != 0 && id < side->next_id)
        return true;                    /* sent again */
    side->next_id = id + 1;
    return packet.left == 0 || openvpn->on_tls(openvpn->context, from, packet.at, packet.left);
}

/* Opcodes run from 3 to 10 (1 and 2 died with version 1); where another number stands there is no packet, or a proxy has cut the framing away. */
static bool is_head(const uint8_t head[3], size_t len)
{
    unsigned opcode = head[2] >> 3;
    return len >= 2 && opcode >= 3 && opcode <= 10;
}

bool openvpn_bytes(struct openvpn *openvpn, unsigned from, const uint8_t *bytes, size_t len)
{
    struct side *side = &openvpn->side[from];
    while (len != 0 && !side->lost) {
        if (side->skip != 0) {
            size_t step = side->skip < len ? side->skip : len;
            side->skip -= step;
            bytes += step;
            len -= step;
            continue;
        }
        if (side->raw)
            return openvpn->on_tls(openvpn->context, from, bytes, len);
        if (side->head_len < 3) {
            side->head[side->head_len++] = *bytes++;
            len--;
            if (side->head_len < 3)
                continue;
            side->want = (size_t)(side->head[0] << 8 | side->head[1]);
            if (!is_head(side->head, side->want)) {
                side->raw = true;
                if (!openvpn->on_tls(openvpn->context, from, side->head, 3))
                    return false;
                continue;
            }
            side->have = 1;
            if (side->want > PACKET_MAX) {
                side->skip = side->want - 1;
                side->head_len = 0;
                continue;
            }
            side->packet = xrealloc(side->packet, side->want);
            side->packet[0] = side->head[2];
            continue;
        }
        size_t step = side->want - side->have < len ? side->want - side->have : len;
        memcpy(side->packet + side->have, bytes, step);
        side->have += step;
        bytes += step;
        len -= step;
        if (side->have < side->want)
            continue;
        side->head_len = 0;
        if (!on_packet(openvpn, from, byte_reader_of(side->packet, side->want)))
            return false;
    }
    return true;
}
