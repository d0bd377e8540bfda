#include "scanner/passive/eap_sessions.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SESSIONS_MAX 1024           /* at once; the one idle longest is dropped */
#define STATE_MAX    253
#define EAP_MAX      65536

enum { RADIUS_ACCESS_REQUEST = 1, RADIUS_ACCESS_ACCEPT = 2, RADIUS_ACCESS_REJECT = 3, RADIUS_ACCESS_CHALLENGE = 11 };
enum { ATTRIBUTE_STATE = 24, ATTRIBUTE_EAP_MESSAGE = 79 };
enum { EAP_REQUEST = 1, EAP_RESPONSE = 2, EAP_TYPE_TLS = 13, EAP_TYPE_TTLS = 21, EAP_TYPE_PEAP = 25,
       EAP_TYPE_FAST = 43, EAP_TYPE_TEAP = 55 };
enum { SUPPLICANT = 0, SERVER = 1 };

struct eap_session {
    bool used;
    uint64_t order;
    bool is_radius;
    struct address nas, server;
    uint16_t nas_port, server_port;
    uint8_t radius_id;
    uint8_t state[STATE_MAX];
    uint8_t state_len;
    uint8_t mac[2][6];              /* EAPOL: supplicant, authenticator */
    int last_id[2];                 /* EAP identifiers: a retransmission is read once */
    struct tls_session *tls;
};

struct eap_sessions {
    const struct tls_session_owner *owner;
    struct eap_session *sessions;
    uint64_t order;
    uint8_t message[EAP_MAX];       /* the EAP-Message attributes joined */
};

struct eap_sessions *eap_sessions_create(const struct tls_session_owner *owner)
{
    struct eap_sessions *sessions = xcalloc(1, sizeof *sessions);
    sessions->owner = owner;
    return sessions;
}

static void end(struct eap_session *session)
{
    tls_session_destroy(session->tls);
    memset(session, 0, sizeof *session);
}

void eap_sessions_end_all(struct eap_sessions *sessions)
{
    for (size_t i = 0; sessions->sessions != NULL && i < SESSIONS_MAX; i++)
        if (sessions->sessions[i].used)
            end(&sessions->sessions[i]);
}

void eap_sessions_destroy(struct eap_sessions *sessions)
{
    if (sessions == NULL)
        return;
    eap_sessions_end_all(sessions);
    free(sessions->sessions);
    free(sessions);
}

static struct eap_session *begin(struct eap_sessions *sessions)
{
    if (sessions->sessions == NULL)
        sessions->sessions = xcalloc(SESSIONS_MAX, sizeof *sessions->sessions);
    struct eap_session *oldest = &sessions->sessions[0];
    for (size_t i = 0; i < SESSIONS_MAX && oldest->used; i++)
        if (!sessions->sessions[i].used || sessions->sessions[i].order < oldest->order)
            oldest = &sessions->sessions[i];
    end(oldest);
    *oldest = (struct eap_session){.used = true, .order = ++sessions->order, .last_id = {-1, -1}};
    return oldest;
}

static bool is_eap_tls(struct byte_reader eap)
{
    if (eap.left < 6 || (eap.at[0] != EAP_REQUEST && eap.at[0] != EAP_RESPONSE))
        return false;
    switch (eap.at[4]) {
    case EAP_TYPE_TLS: case EAP_TYPE_TTLS: case EAP_TYPE_PEAP: case EAP_TYPE_FAST: case EAP_TYPE_TEAP: return true;
    default: return false;
    }
}

/* One EAP packet (RFC 3748, section 4; RFC 5216, section 3): passes its TLS fragment to the session. */
static void on_eap(struct eap_sessions *sessions, struct eap_session *session, int64_t time_us, struct byte_reader eap)
{
    uint8_t code, id, type, flags;
    uint16_t len;
    if (!byte_reader_u8(&eap, &code) || !byte_reader_u8(&eap, &id) || !byte_reader_u16(&eap, &len) || len < 6)
        return;
    if (eap.left > len - 4u)
        eap.left = len - 4u;
    unsigned from = code == EAP_RESPONSE ? SUPPLICANT : SERVER;
    if (!byte_reader_u8(&eap, &type) || !byte_reader_u8(&eap, &flags) || session->last_id[from] == id)
        return;
    session->last_id[from] = id;
    if ((flags & 0x20) != 0 || ((flags & 0x80) != 0 && !byte_reader_skip(&eap, 4)) ||
        (type == EAP_TYPE_TEAP && (flags & 0x10) != 0 && !byte_reader_skip(&eap, 4)))
        return;                     /* start, TLS message length, TEAP's outer TLVs */
    if (eap.left == 0)
        return;
    if (session->tls == NULL) {
        struct tls_session_ends ends = {.transport = TRANSPORT_UDP, .address = {session->nas, session->server},
                                        .port = {session->nas_port, session->server_port},
                                        .started_us = time_us, .start_seen = from == SUPPLICANT};
        memcpy(ends.mac, session->mac, sizeof ends.mac);
        session->tls = tls_session_create(sessions->owner, &ends, "eap-tls");
    }
    tls_session_set_time(session->tls, time_us);
    if (!tls_session_is_over(session->tls))
        tls_session_bytes(session->tls, from, eap.at, eap.left);
}

/* ---- RADIUS ---- */

struct radius {
    uint8_t code, id;
    struct byte_reader state, eap;
};

static bool read_radius(struct eap_sessions *sessions, struct byte_reader packet, struct radius *radius)
{
    uint16_t len;
    size_t eap_len = 0;
    radius->state = byte_reader_of(NULL, 0);
    if (packet.left < 26 || !byte_reader_u8(&packet, &radius->code) || !byte_reader_u8(&packet, &radius->id) ||
        !byte_reader_u16(&packet, &len) || len < 26 || len > 4096 || len - 4u > packet.left ||
        (radius->code != RADIUS_ACCESS_REQUEST && radius->code != RADIUS_ACCESS_ACCEPT &&
         radius->code != RADIUS_ACCESS_REJECT && radius->code != RADIUS_ACCESS_CHALLENGE))
        return false;
    packet.left = len - 4u;
    byte_reader_skip(&packet, 16);                      /* authenticator */
    uint8_t type, attribute_len;
    const uint8_t *value;
    while (byte_reader_u8(&packet, &type)) {
        if (!byte_reader_u8(&packet, &attribute_len) || attribute_len < 2 ||
            !byte_reader_bytes(&packet, attribute_len - 2u, &value))
            return false;
        if (type == ATTRIBUTE_STATE)
            radius->state = byte_reader_of(value, attribute_len - 2u);
        if (type == ATTRIBUTE_EAP_MESSAGE && eap_len + attribute_len < EAP_MAX) {
            memcpy(sessions->message + eap_len, value, attribute_len - 2u);
            eap_len += attribute_len - 2u;
        }
    }
    radius->eap = byte_reader_of(sessions->message, eap_len);
    return eap_len >= 4;
}

static bool is_between(const struct eap_session *session, const struct address *nas, uint16_t nas_port,
                       const struct address *server, uint16_t server_port)
{
    return session->used && session->is_radius && session->nas_port == nas_port &&
           session->server_port == server_port && address_compare(&session->nas, nas) == 0 &&
           address_compare(&session->server, server) == 0;
}

/* A request belongs to the session whose challenge gave its State, an answer to the request with its identifier. */
static struct eap_session *find_radius(struct eap_sessions *sessions, const struct layer_cursor *cursor,
                                       const struct radius *radius)
{
    bool is_request = radius->code == RADIUS_ACCESS_REQUEST;
    struct address source = address_from_bytes(cursor->source, cursor->ip_len);
    struct address destination = address_from_bytes(cursor->destination, cursor->ip_len);
    const struct address *nas = is_request ? &source : &destination, *server = is_request ? &destination : &source;
    uint16_t nas_port = is_request ? cursor->source_port : cursor->destination_port;
    uint16_t server_port = is_request ? cursor->destination_port : cursor->source_port;
    struct eap_session *found = NULL;
    for (size_t i = 0; sessions->sessions != NULL && i < SESSIONS_MAX; i++) {
        struct eap_session *session = &sessions->sessions[i];
        if (!is_between(session, nas, nas_port, server, server_port))
            continue;
        bool same_state = radius->state.left != 0 && radius->state.left == session->state_len &&
                          memcmp(radius->state.at, session->state, session->state_len) == 0;
        bool same_id = session->radius_id == radius->id && (!is_request || radius->state.left == 0);
        if ((is_request ? same_state || same_id : same_id) && (found == NULL || session->order > found->order))
            found = session;
    }
    if (found == NULL) {
        found = begin(sessions);
        found->is_radius = true;
        found->nas = *nas;
        found->server = *server;
        found->nas_port = nas_port;
        found->server_port = server_port;
    }
    found->order = ++sessions->order;
    if (is_request)
        found->radius_id = radius->id;
    if (radius->state.left != 0) {
        found->state_len = (uint8_t)radius->state.left;
        memcpy(found->state, radius->state.at, radius->state.left);
    }
    return found;
}

bool eap_sessions_radius(struct eap_sessions *sessions, const struct layer_cursor *cursor)
{
    struct radius radius;
    if (!read_radius(sessions, cursor->bytes, &radius))
        return false;
    struct eap_session *session = find_radius(sessions, cursor, &radius);
    if (is_eap_tls(radius.eap))
        on_eap(sessions, session, cursor->time_us, radius.eap);
    return true;
}

/* ---- EAPOL ---- */

static bool is_group(const uint8_t mac[6])
{
    return mac[0] & 1;
}

void eap_sessions_eapol(struct eap_sessions *sessions, const struct layer_cursor *cursor)
{
    struct byte_reader packet = cursor->bytes, eap;
    uint8_t version, type;
    if (cursor->source_mac == NULL || !byte_reader_u8(&packet, &version) || !byte_reader_u8(&packet, &type) ||
        type != 0 || !byte_reader_vector16(&packet, &eap) || !is_eap_tls(eap))
        return;
    bool is_response = eap.at[0] == EAP_RESPONSE;
    const uint8_t *supplicant = is_response ? cursor->source_mac : cursor->destination_mac;
    const uint8_t *authenticator = is_response ? cursor->destination_mac : cursor->source_mac;
    struct eap_session *found = NULL;
    for (size_t i = 0; sessions->sessions != NULL && i < SESSIONS_MAX; i++) {
        struct eap_session *session = &sessions->sessions[i];
        if (!session->used || session->is_radius)
            continue;
        bool same_supplicant = memcmp(session->mac[SUPPLICANT], supplicant, 6) == 0 || is_group(supplicant) ||
                               is_group(session->mac[SUPPLICANT]);
        bool same_authenticator = memcmp(session->mac[SERVER], authenticator, 6) == 0 || is_group(authenticator) ||
                                  is_group(session->mac[SERVER]);
        if (same_supplicant && same_authenticator && (found == NULL || session->order > found->order))
            found = session;
    }
    bool is_start = !is_response && eap.left >= 6 && (eap.at[5] & 0x20) != 0;
    if (found != NULL && is_start && found->tls != NULL && found->last_id[SERVER] != eap.at[1]) {
        end(found);                 /* the supplicant begins again */
        found = NULL;
    }
    if (found == NULL)
        found = begin(sessions);
    found->order = ++sessions->order;
    if (is_group(found->mac[SUPPLICANT]) || found->order == 1 || memcmp(found->mac[SUPPLICANT], "\0\0\0\0\0\0", 6) == 0)
        memcpy(found->mac[SUPPLICANT], supplicant, 6);
    if (is_group(found->mac[SERVER]) || memcmp(found->mac[SERVER], "\0\0\0\0\0\0", 6) == 0)
        memcpy(found->mac[SERVER], authenticator, 6);
    on_eap(sessions, found, cursor->time_us, eap);
}
