#include "scanner/passive/quic_flow.h"

#include "probes/base/memory.h"
#include "probes/quic/initial.h"
#include "scanner/passive/handshake/key_log.h"

#include <stdlib.h>
#include <string.h>

#define CRYPTO_MAX  (64u << 10)     /* per side and encryption level */
#define EARLY_MAX   8               /* datagrams kept until the client's first one arrives */
#define EARLY_BYTES 2048

enum level { LEVEL_INITIAL, LEVEL_HANDSHAKE, LEVEL_COUNT };

/* Stream bytes in any order; on overlap the first copy wins. */
struct crypto {
    uint8_t *bytes;                 /* CRYPTO_MAX bytes, then a bit for each; NULL until used */
    uint32_t given;                 /* passed on already */
};

struct early {
    uint8_t bytes[EARLY_BYTES];
    size_t len;
    unsigned from;
    enum quic_packet_type type;
};

struct quic_flow {
    const struct tls_session_owner *owner;
    struct tls_session *session;
    int client;                     /* end; -1 unknown */
    uint32_t version;
    bool has_keys;
    struct quic_keys keys[2];       /* Initial: client's, server's */
    bool has_handshake_keys;
    struct quic_keys handshake_keys[2];
    struct crypto crypto[2][LEVEL_COUNT];
    struct early *early;
    size_t early_count;
    uint8_t *plain;
};

bool quic_flow_begins(struct byte_reader payload)
{
    struct quic_packet packet;
    return payload.left >= 21 && (payload.at[0] & 0xc0) == 0xc0 && quic_packet_read(&payload, &packet) &&
           packet.type == QUIC_INITIAL;
}

struct quic_flow *quic_flow_create(const struct tls_session_owner *owner, const struct tls_session_ends *ends)
{
    struct quic_flow *flow = xcalloc(1, sizeof *flow);
    flow->owner = owner;
    flow->client = -1;
    flow->session = tls_session_create(owner, ends, "quic");
    return flow;
}

void quic_flow_destroy(struct quic_flow *flow)
{
    if (flow == NULL)
        return;
    tls_session_destroy(flow->session);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned level = 0; level < LEVEL_COUNT; level++)
            free(flow->crypto[i][level].bytes);
    free(flow->early);
    free(flow->plain);
    free(flow);
}

size_t quic_flow_memory(const struct quic_flow *flow)
{
    size_t sum = sizeof *flow + tls_session_memory(flow->session) + flow->early_count * sizeof *flow->early;
    for (unsigned i = 0; i < 2; i++)
        for (unsigned level = 0; level < LEVEL_COUNT; level++)
            sum += flow->crypto[i][level].bytes == NULL ? 0 : CRYPTO_MAX + CRYPTO_MAX / 8;
    return sum;
}

static bool add_crypto(struct quic_flow *flow, unsigned from, enum level level, uint64_t offset,
                       struct byte_reader data)
{
    struct crypto *crypto = &flow->crypto[from][level];
    if (offset > CRYPTO_MAX || data.left > CRYPTO_MAX - offset)
        return true;
    if (crypto->bytes == NULL)
        crypto->bytes = xcalloc(1, CRYPTO_MAX + CRYPTO_MAX / 8);
    uint8_t *bits = crypto->bytes + CRYPTO_MAX;
    for (size_t i = 0; i < data.left; i++) {
        size_t at = (size_t)offset + i;
        if (bits[at / 8] & 1u << at % 8)
            continue;
        bits[at / 8] |= (uint8_t)(1u << at % 8);
        crypto->bytes[at] = data.at[i];
    }
    uint32_t end = crypto->given;
    while (end < CRYPTO_MAX && (bits[end / 8] & 1u << end % 8))
        end++;
    uint32_t start = crypto->given;
    crypto->given = end;
    return end == start || tls_session_handshake_bytes(flow->session, from, crypto->bytes + start, end - start);
}

static bool on_frames(struct quic_flow *flow, unsigned from, enum level level, struct byte_reader frames)
{
    uint64_t offset;
    struct byte_reader data;
    while (quic_next_crypto(&frames, &offset, &data))
        if (!add_crypto(flow, from, level, offset, data))
            return false;
    return true;
}

/* Opens an Initial packet with what is known, or as the first of a client (also after a Retry, which changes the keys). The AEAD
 * tag shows whether the keys were right. */
static bool open_initial(struct quic_flow *flow, unsigned from, const struct quic_packet *packet,
                         struct byte_reader *frames)
{
    bool is_client = flow->client == (int)from;
    if (flow->has_keys && quic_packet_open(&flow->keys[is_client ? 0 : 1], packet, flow->plain, frames))
        return true;
    if (flow->client == 1 - (int)from)
        return false;
    struct quic_keys client, server;
    if (!quic_initial_keys(packet->version, packet->destination_id, true, &client) ||
        !quic_initial_keys(packet->version, packet->destination_id, false, &server) ||
        !quic_packet_open(&client, packet, flow->plain, frames))
        return false;
    flow->keys[0] = client;
    flow->keys[1] = server;
    flow->has_keys = true;
    flow->client = (int)from;
    flow->version = packet->version;
    tls_session_set_client(flow->session, (int)from);
    return true;
}

static bool find_handshake_keys(struct quic_flow *flow)
{
    if (flow->has_handshake_keys || flow->owner->keys == NULL)
        return flow->has_handshake_keys;
    const uint8_t *random = tls_session_client_random(flow->session);
    uint16_t suite = tls_session_cipher_suite(flow->session);
    if (random == NULL || suite == 0)
        return false;
    const struct key_log_secret *client = key_log_find(flow->owner->keys, random, KEY_LOG_CLIENT_HANDSHAKE);
    const struct key_log_secret *server = key_log_find(flow->owner->keys, random, KEY_LOG_SERVER_HANDSHAKE);
    flow->has_handshake_keys =
        client != NULL && server != NULL &&
        quic_keys_of_secret(flow->version, suite, client->bytes, client->len, &flow->handshake_keys[0]) &&
        quic_keys_of_secret(flow->version, suite, server->bytes, server->len, &flow->handshake_keys[1]);
    return flow->has_handshake_keys;
}

static void keep_early(struct quic_flow *flow, unsigned from, const struct quic_packet *packet)
{
    if (flow->early_count >= EARLY_MAX || packet->len > EARLY_BYTES)
        return;
    flow->early = xreallocarray(flow->early, flow->early_count + 1, sizeof *flow->early);
    struct early *early = &flow->early[flow->early_count++];
    memcpy(early->bytes, packet->start, packet->len);
    early->len = packet->len;
    early->from = from;
    early->type = packet->type;
}

static bool on_packet(struct quic_flow *flow, unsigned from, const struct quic_packet *packet, bool may_keep)
{
    struct byte_reader frames;
    if (packet->type == QUIC_INITIAL) {
        if (open_initial(flow, from, packet, &frames))
            return on_frames(flow, from, LEVEL_INITIAL, frames);
        if (may_keep && !flow->has_keys)
            keep_early(flow, from, packet);
    } else if (packet->type == QUIC_HANDSHAKE && flow->owner->keys != NULL) {
        bool is_client = flow->client == (int)from;
        if (find_handshake_keys(flow)) {
            if (quic_packet_open(&flow->handshake_keys[is_client ? 0 : 1], packet, flow->plain, &frames))
                return on_frames(flow, from, LEVEL_HANDSHAKE, frames);
        } else if (may_keep) {
            keep_early(flow, from, packet);
        }
    }
    return true;
}

/* Retries, once, the datagrams that came before they could be decrypted. */
static bool replay_early(struct quic_flow *flow, enum quic_packet_type type)
{
    bool goes_on = true;
    for (size_t i = 0; i < flow->early_count && goes_on; i++) {
        struct early *early = &flow->early[i];
        struct byte_reader bytes = byte_reader_of(early->bytes, early->len);
        struct quic_packet packet;
        if (early->type != type || early->len == 0)
            continue;
        if (quic_packet_read(&bytes, &packet))
            goes_on = on_packet(flow, early->from, &packet, false);
        early->len = 0;
    }
    return goes_on;
}

bool quic_flow_add(struct quic_flow *flow, unsigned from, int64_t time_us, struct byte_reader payload)
{
    struct quic_packet packet;
    if (flow->plain == NULL)
        flow->plain = xmalloc(QUIC_PACKET_MAX);
    tls_session_set_time(flow->session, time_us);
    while (payload.left != 0 && quic_packet_read(&payload, &packet)) {
        bool had_keys = flow->has_keys;
        if (!on_packet(flow, from, &packet, true))
            return false;
        if (!had_keys && flow->has_keys && !replay_early(flow, QUIC_INITIAL))
            return false;
        if (flow->early_count != 0 && find_handshake_keys(flow) && !replay_early(flow, QUIC_HANDSHAKE))
            return false;
    }
    return true;
}
