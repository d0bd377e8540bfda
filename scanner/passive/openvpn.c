#include "scanner/passive/openvpn.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    HARD_RESET_CLIENT_V1 = 1, HARD_RESET_SERVER_V1 = 2, CONTROL_V1 = 4, HARD_RESET_CLIENT_V2 = 7,
    HARD_RESET_SERVER_V2 = 8, HARD_RESET_CLIENT_V3 = 10,
};

#define HELD_MAX 16                 /* packets held until an earlier one comes */

struct held_packet {
    uint32_t id;
    size_t len;                     /* 0: none */
    uint8_t *bytes;
};

struct openvpn_side {
    uint32_t next_id;               /* 0: not known yet */
    struct held_packet held[HELD_MAX];
    size_t held_len;
};

struct openvpn {
    struct carrier_sink sink;
    size_t auth_len;                /* HMAC, packet id and time of tls-auth; 0 without */
    struct openvpn_side side[2];
};

struct openvpn *openvpn_create(const struct carrier_sink *sink)
{
    struct openvpn *openvpn = xcalloc(1, sizeof *openvpn);
    openvpn->sink = *sink;
    return openvpn;
}

void openvpn_destroy(struct openvpn *openvpn)
{
    if (openvpn == NULL)
        return;
    for (unsigned i = 0; i < 2; i++)
        for (unsigned k = 0; k < HELD_MAX; k++)
            free(openvpn->side[i].held[k].bytes);
    free(openvpn);
}

size_t openvpn_memory(const struct openvpn *openvpn)
{
    return sizeof *openvpn + openvpn->side[0].held_len + openvpn->side[1].held_len;
}

/* Acknowledged packet ids, then (if there are any) the peer's session id, then this packet's id; TLS follows. */
static bool read_ids(struct byte_reader *packet, uint32_t *id)
{
    uint8_t count;
    return byte_reader_u8(packet, &count) && count <= 8 &&
           byte_reader_skip(packet, count * 4u + (count != 0 ? 8u : 0)) && byte_reader_u32(packet, id);
}

/* A reset shows how long the tls-auth part is: after it come an empty acknowledgment list and packet id 0, and nothing more. */
static bool find_auth_len(struct byte_reader behind_session, size_t *auth_len)
{
    static const size_t lengths[] = {0, 16 + 8, 20 + 8, 28 + 8, 32 + 8, 48 + 8, 64 + 8};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct byte_reader rest = behind_session;
        uint32_t id;
        if (byte_reader_skip(&rest, lengths[i]) && read_ids(&rest, &id) && id == 0 && rest.left == 0) {
            *auth_len = lengths[i];
            return true;
        }
    }
    return false;
}

static bool is_reset(unsigned opcode)
{
    return opcode == HARD_RESET_CLIENT_V2 || opcode == HARD_RESET_SERVER_V2 || opcode == HARD_RESET_CLIENT_V1 ||
           opcode == HARD_RESET_SERVER_V1 || opcode == HARD_RESET_CLIENT_V3;
}

bool openvpn_datagram_begins(struct byte_reader datagram)
{
    uint8_t head;
    size_t auth_len;
    return datagram.left >= 14 && datagram.left <= 128 && byte_reader_u8(&datagram, &head) && (head & 7) == 0 &&
           ((head >> 3) == HARD_RESET_CLIENT_V2 || (head >> 3) == HARD_RESET_SERVER_V2) && byte_reader_skip(&datagram, 8) &&
           find_auth_len(datagram, &auth_len);
}

/* ---- the order of packets ---- */

static void hold(struct openvpn_side *side, uint32_t id, struct byte_reader tls)
{
    struct held_packet *place = NULL;
    for (unsigned i = 0; i < HELD_MAX; i++) {
        if (side->held[i].len != 0 && side->held[i].id == id)
            return;
        if (side->held[i].len == 0 && place == NULL)
            place = &side->held[i];
    }
    if (place == NULL || tls.left == 0)
        return;
    *place = (struct held_packet){.id = id, .len = tls.left, .bytes = xmemdup(tls.at, tls.left)};
    side->held_len += tls.left;
}

static bool give_held(struct openvpn *openvpn, unsigned from)
{
    struct openvpn_side *side = &openvpn->side[from];
    for (unsigned i = 0; i < HELD_MAX; i++) {
        struct held_packet packet = side->held[i];
        if (packet.len == 0 || packet.id != side->next_id)
            continue;
        side->held[i] = (struct held_packet){0};
        side->held_len -= packet.len;
        side->next_id++;
        bool goes_on = openvpn->sink.on_tls(openvpn->sink.context, from, packet.bytes, packet.len);
        free(packet.bytes);
        if (!goes_on)
            return false;
        i = (unsigned)-1;           /* the next packet may be in an earlier slot */
    }
    return true;
}

static bool on_control(struct openvpn *openvpn, unsigned from, uint32_t id, struct byte_reader tls)
{
    struct openvpn_side *side = &openvpn->side[from];
    if (side->next_id == 0)
        side->next_id = id;
    if (id < side->next_id)
        return true;                /* sent again */
    if (id > side->next_id) {
        hold(side, id, tls);
        return true;
    }
    side->next_id++;
    return (tls.left == 0 || openvpn->sink.on_tls(openvpn->sink.context, from, tls.at, tls.left)) &&
           give_held(openvpn, from);
}

bool openvpn_packet(struct openvpn *openvpn, unsigned from, struct byte_reader packet)
{
    uint8_t head;
    uint32_t id;
    if (!byte_reader_u8(&packet, &head) || !byte_reader_skip(&packet, 8))       /* opcode, session id */
        return true;
    unsigned opcode = head >> 3;
    if (is_reset(opcode)) {
        find_auth_len(packet, &openvpn->auth_len);
        openvpn->side[from].next_id = 1;
        return true;
    }
    if (opcode != CONTROL_V1 || !byte_reader_skip(&packet, openvpn->auth_len) || !read_ids(&packet, &id))
        return true;
    return on_control(openvpn, from, id, packet);
}
