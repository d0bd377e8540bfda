#include "scanner/passive/datagrams.h"

#include "probes/base/memory.h"
#include "probes/dtls/dtls_reader.h"
#include "probes/tls/record_reader.h"
#include "scanner/passive/openvpn.h"
#include "scanner/passive/quic_flow.h"

#include <stdlib.h>
#include <string.h>

#define ENCRYPTED_MAX 128       /* encrypted datagrams after which no handshake can be pending any more */

struct datagrams {
    unsigned encrypted;
    struct tls_session *session;
    struct dtls_reader *dtls[2];
    struct quic_flow *quic;
    struct openvpn *openvpn;            /* its session is `inner` */
    struct tls_session *inner;
    const struct tls_session_owner *owner;
    struct tls_session_ends ends;
};

/* TURN channel data: a datagram after four bytes (RFC 8656, section 12.4). */
static bool skip_channel(struct byte_reader *payload)
{
    return payload->left > 4 && payload->at[0] >= 0x40 && payload->at[0] <= 0x4f &&
           (size_t)(payload->at[2] << 8 | payload->at[3]) <= payload->left - 4 && byte_reader_skip(payload, 4);
}

/* STUN Send and Data indications: a datagram in an attribute (RFC 8656, section 18.4). */
static bool find_stun_data(struct byte_reader *payload)
{
    static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};
    struct byte_reader message = *payload, value;
    uint16_t type;
    if (payload->left < 24 || payload->at[0] > 3 || memcmp(payload->at + 4, cookie, 4) != 0)
        return false;
    byte_reader_skip(&message, 20);
    while (byte_reader_u16(&message, &type) && byte_reader_vector16(&message, &value)) {
        if (type == 0x0013) {
            *payload = value;
            return true;
        }
        byte_reader_skip(&message, (4 - value.left % 4) % 4);
    }
    return false;
}

/* CAPWAP: DTLS after a preamble of type 1 (RFC 5415, section 4.1). */
static bool skip_capwap(struct byte_reader *payload)
{
    static const uint8_t preamble[4] = {0x01, 0, 0, 0};
    return payload->left > 4 && memcmp(payload->at, preamble, 4) == 0 && payload->at[4] >= TLS_CHANGE_CIPHER_SPEC &&
           payload->at[4] <= TLS_APPLICATION_DATA && byte_reader_skip(payload, 4);
}

static void unwrap(struct byte_reader *payload)
{
    if (!skip_channel(payload) && !skip_capwap(payload))
        find_stun_data(payload);
}

bool datagrams_begin_in(struct byte_reader payload)
{
    unwrap(&payload);
    if (payload.left >= 20 && payload.at[0] == TLS_HANDSHAKE)
        return dtls_begins(payload);
    return openvpn_datagram_begins(payload) || (payload.left >= 20 && quic_flow_begins(payload));
}

static void make_ends(const struct flow *flow, struct tls_session_ends *ends)
{
    *ends = (struct tls_session_ends){.transport = TRANSPORT_UDP, .started_us = flow->first_us, .start_seen = true};
    for (unsigned i = 0; i < 2; i++) {
        ends->address[i] = flow_address(flow, i);
        ends->port[i] = flow->port[i];
    }
}

struct datagrams *datagrams_create(const struct tls_session_owner *owner, const struct flow *flow)
{
    struct datagrams *datagrams = xcalloc(1, sizeof *datagrams);
    datagrams->owner = owner;
    make_ends(flow, &datagrams->ends);
    datagrams->quic = quic_flow_create(owner, &datagrams->ends);
    datagrams->session = tls_session_create(owner, &datagrams->ends, "dtls");
    return datagrams;
}

void datagrams_destroy(struct datagrams *datagrams)
{
    if (datagrams == NULL)
        return;
    quic_flow_destroy(datagrams->quic);
    tls_session_destroy(datagrams->session);
    tls_session_destroy(datagrams->inner);
    openvpn_destroy(datagrams->openvpn);
    dtls_reader_destroy(datagrams->dtls[0]);
    dtls_reader_destroy(datagrams->dtls[1]);
    free(datagrams);
}

size_t datagrams_memory(const struct datagrams *datagrams)
{
    size_t sum = sizeof *datagrams + tls_session_memory(datagrams->session) + quic_flow_memory(datagrams->quic);
    if (datagrams->openvpn != NULL)
        sum += openvpn_memory(datagrams->openvpn) + tls_session_memory(datagrams->inner);
    for (unsigned i = 0; i < 2; i++)
        if (datagrams->dtls[i] != NULL)
            sum += dtls_reader_memory(datagrams->dtls[i]);
    return sum;
}

static bool on_dtls_record(struct datagrams *datagrams, unsigned from, struct dtls_record *record)
{
    struct tls_session *session = datagrams->session;
    if (record->encrypted || record->type == TLS_CHANGE_CIPHER_SPEC)
        return tls_session_encrypted(session, from) && ++datagrams->encrypted < ENCRYPTED_MAX;
    if (record->type == TLS_ALERT && record->body.left == 2)
        tls_session_alert(session, from, record->body.at[0], record->body.at[1]);
    if (record->type != TLS_HANDSHAKE)
        return true;
    if (datagrams->dtls[from] == NULL)
        datagrams->dtls[from] = dtls_reader_create();
    struct dtls_message message;
    while (record->body.left != 0)
        if (dtls_reader_next(datagrams->dtls[from], &record->body, &message) &&
            !tls_session_message(session, from, message.type, message.body.at, message.body.left))
            return false;
    return true;
}

static bool on_openvpn_tls(void *context, unsigned from, const uint8_t *bytes, size_t len)
{
    struct datagrams *datagrams = context;
    return tls_session_bytes(datagrams->inner, from, bytes, len);
}

static bool on_openvpn(struct datagrams *datagrams, unsigned from, int64_t time_us, struct byte_reader packet)
{
    if (datagrams->openvpn == NULL) {
        const struct carrier_sink sink = {.on_tls = on_openvpn_tls, .context = datagrams};
        datagrams->openvpn = openvpn_create(&sink);
        datagrams->inner = tls_session_create(datagrams->owner, &datagrams->ends, "openvpn");
    }
    tls_session_set_time(datagrams->inner, time_us);
    return openvpn_packet(datagrams->openvpn, from, packet);
}

bool datagrams_add(struct datagrams *datagrams, unsigned from, int64_t time_us, struct byte_reader payload)
{
    unwrap(&payload);
    if (payload.left == 0)
        return true;
    if (datagrams->openvpn != NULL || openvpn_datagram_begins(payload))
        return on_openvpn(datagrams, from, time_us, payload);
    if ((payload.at[0] & 0x80) != 0)
        return quic_flow_add(datagrams->quic, from, time_us, payload);
    struct dtls_record record;
    tls_session_set_time(datagrams->session, time_us);
    while (dtls_record_read(&payload, &record))
        if (!on_dtls_record(datagrams, from, &record))
            return false;
    return true;
}
