/* OpenVPN over TCP (openvpn's doc/doxygen/doc_protocol_overview.h): packets with a length before each, a reliability
 * layer of its own, and TLS inside control packets:
 *
 *     | length 2 | opcode, key id | session id 8 | acks: count 1, ids 4 each, peer's session id 8 | id 4 | TLS ... |
 *
 * HARD_RESET_CLIENT_V2 is answered by HARD_RESET_SERVER_V2. Received packets must be acknowledged, since a server sends
 * no more than four to six packets ahead. A server with tls-auth or tls-crypt does not answer without its key; with it
 * (openvpn_key.h) everything after the session id is sealed, and the first packet of tls-crypt-v2 carries the key. */
#include "probes/starttls/openvpn_key.h"
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

enum {
    CONTROL_V1 = 4,
    ACK_V1 = 5,
    HARD_RESET_CLIENT_V2 = 7,
    HARD_RESET_SERVER_V2 = 8,
    HARD_RESET_CLIENT_V3 = 10,          /* carries the client's wrapped key (tls-crypt-v2) */
    OPCODE_MAX = 11,
};

#define SESSION_ID_LEN 8
#define RESET_LEN      14               /* at least: opcode, session id, no acks, id */
#define RESET_MAX      256
#define ACK_LEN        (24 + OPENVPN_GUARD_MAX) /* of one packet, with its length */
#define PACKET_TLS_MAX 1100             /* a control packet fits a datagram, also over TCP */

struct openvpn_state {
    bool asked;
    uint8_t peer[SESSION_ID_LEN];
    uint32_t sent, received;            /* the next id each way */
    const struct openvpn_key *key;      /* NULL: none */
    uint32_t sealed;                    /* packets sealed so far */
};

static const uint8_t our_session[SESSION_ID_LEN] = {'c', 'e', 'r', 't', 's', 'w', 'p', 0};

struct openvpn_packet {
    unsigned opcode;
    const uint8_t *session;
    uint32_t id;                        /* if the opcode has one */
    struct byte_reader tls;
};

/* The complete body of a packet; `room` is as long. */
static bool packet_parse(const struct openvpn_state *state, struct byte_reader body, uint8_t *room, struct openvpn_packet *packet)
{
    struct byte_reader rest = body;
    uint8_t head, acks;
    if (!byte_reader_u8(&rest, &head))
        return false;
    *packet = (struct openvpn_packet){.opcode = head >> 3};
    if (packet->opcode != CONTROL_V1 && packet->opcode != HARD_RESET_SERVER_V2)
        return packet->opcode < OPCODE_MAX;
    if (!byte_reader_bytes(&rest, SESSION_ID_LEN, &packet->session))
        return false;
    if (state->key != NULL && !openvpn_open(state->key, body, room, &rest))
        return false;
    if (!byte_reader_u8(&rest, &acks) || !byte_reader_skip(&rest, acks * 4u + (acks == 0 ? 0u : SESSION_ID_LEN)) ||
        !byte_reader_u32(&rest, &packet->id))
        return false;
    packet->tls = rest;
    return true;
}

static void packet_write(struct openvpn_state *state, unsigned opcode, const uint32_t *ack, const uint32_t *id,
                         struct byte_reader tls, struct byte_writer *out)
{
    uint8_t head_bytes[OPENVPN_HEAD_LEN], rest_bytes[PACKET_TLS_MAX + 32];
    struct byte_writer head = byte_writer_of(head_bytes, sizeof head_bytes), rest = byte_writer_of(rest_bytes, sizeof rest_bytes);
    byte_writer_u8(&head, opcode << 3);
    byte_writer_bytes(&head, our_session, sizeof our_session);
    byte_writer_u8(&rest, ack == NULL ? 0 : 1);
    if (ack != NULL) {
        byte_writer_u32(&rest, *ack);
        byte_writer_bytes(&rest, state->peer, sizeof state->peer);
    }
    if (id != NULL)
        byte_writer_u32(&rest, *id);
    byte_writer_bytes(&rest, tls.at, tls.left);
    size_t mark = byte_writer_vector_begin(out, 2);
    if (state->key != NULL) {
        openvpn_seal(state->key, ++state->sealed, head_bytes, byte_reader_of(rest_bytes, rest.len), out);
        if (opcode == HARD_RESET_CLIENT_V3)
            byte_writer_bytes(out, state->key->wrapped, state->key->wrapped_len);
    } else {
        byte_writer_bytes(out, head_bytes, head.len);
        byte_writer_bytes(out, rest_bytes, rest.len);
    }
    byte_writer_vector_end(out, mark, 2);
}

static const struct byte_reader no_tls = {NULL, 0};

static enum probe_step openvpn_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                    struct byte_writer *out, char *detail)
{
    struct openvpn_state *state = opaque;
    struct openvpn_packet packet;
    struct byte_reader at = *in, body;
    uint8_t room[RESET_MAX];
    uint16_t len;
    if (!state->asked) {
        state->key = target->openvpn_key;
        bool brings_key = state->key != NULL && state->key->guard == OPENVPN_TLS_CRYPT_V2;
        packet_write(state, brings_key ? HARD_RESET_CLIENT_V3 : HARD_RESET_CLIENT_V2, NULL, &(uint32_t){0}, no_tls, out);
    }
    state->asked = true;
    if (!byte_reader_u16(&at, &len))
        return PROBE_MORE;
    if (len < RESET_LEN || len > RESET_MAX || (at.left > 0 && at.at[0] >> 3 != HARD_RESET_SERVER_V2))
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_sub(&at, len, &body))
        return PROBE_MORE;
    if (!packet_parse(state, body, room, &packet) || packet.id != 0 || packet.tls.left != 0)
        return PROBE_NOT_SPOKEN;
    *in = at;
    memcpy(state->peer, packet.session, SESSION_ID_LEN);
    packet_write(state, ACK_V1, &(uint32_t){0}, NULL, no_tls, out);
    state->sent = state->received = 1;
    return text_start_tls(in, detail);
}

static bool openvpn_wrap(void *opaque, struct byte_reader *tls, struct byte_writer *out)
{
    struct openvpn_state *state = opaque;
    while (tls->left > 0) {
        struct byte_reader piece;
        byte_reader_sub(tls, tls->left < PACKET_TLS_MAX ? tls->left : PACKET_TLS_MAX, &piece);
        packet_write(state, CONTROL_V1, NULL, &state->sent, piece, out);
        state->sent++;
    }
    return byte_writer_ok(out);
}

/* A retransmitted packet (our acknowledgment crossed it) is acknowledged again and not read twice. Over TCP no packet comes early. */
static bool openvpn_take(struct openvpn_state *state, const struct openvpn_packet *packet, struct byte_writer *tls,
                         struct byte_writer *out)
{
    if (packet->opcode != CONTROL_V1 && packet->opcode != HARD_RESET_SERVER_V2)
        return true;
    if (memcmp(packet->session, state->peer, SESSION_ID_LEN) != 0 || packet->id > state->received)
        return false;
    packet_write(state, ACK_V1, &packet->id, NULL, no_tls, out);
    if (packet->id < state->received)
        return true;
    state->received++;
    byte_writer_bytes(tls, packet->tls.at, packet->tls.left);
    return true;
}

static bool openvpn_unwrap(void *opaque, struct byte_reader *in, struct byte_writer *tls, struct byte_writer *out)
{
    struct openvpn_state *state = opaque;
    for (;;) {
        struct byte_reader at = *in, body;
        struct openvpn_packet packet;
        uint8_t room[PROBE_PACKET_MAX];
        uint16_t len;
        if (!byte_reader_u16(&at, &len))
            return true;
        if (len == 0 || len > PROBE_PACKET_MAX)
            return false;
        if (!byte_reader_sub(&at, len, &body) || tls->capacity - tls->len < len || out->capacity - out->len < ACK_LEN)
            return true;
        if (!packet_parse(state, body, room, &packet) || !openvpn_take(state, &packet, tls, out))
            return false;
        *in = at;
    }
}

const struct probe probe_openvpn = {
    .name = "openvpn",
    .default_ports = {1194},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,
    .state_size = sizeof(struct openvpn_state),
    .step = openvpn_step,
    .wrap = openvpn_wrap,
    .unwrap = openvpn_unwrap,
};
