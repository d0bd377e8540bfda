/* DTLS and QUIC made up here: fragments and CRYPTO frames in any order, twice and overlapping, between
 * packets of other protocols on the same ports. */
#include "tests/cmocka_all.h"

#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"
#include "probes/quic/initial.h"
#include "tests/scanner/passive/seen.h"
#include "tests/scanner/passive/traffic.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT "10.0.0.1", 40000, "10.0.0.2"
#define SERVER "10.0.0.2"

struct told {
    size_t count, chain_count, chain_len;
    enum outcome outcome;
    uint16_t tls_version;
    char protocol[16], server_name[64], server[ADDRESS_TEXT_SIZE];
};

static void on_handshake(void *context, const struct handshake *handshake)
{
    struct told *told = context;
    told->count++;
    told->outcome = handshake->outcome;
    told->tls_version = handshake->tls_version;
    told->chain_count = handshake->chain_count;
    for (size_t i = 0; i < handshake->chain_count; i++)
        told->chain_len += handshake->chain[i].len;
    snprintf(told->protocol, sizeof told->protocol, "%.15s", handshake->protocol);
    snprintf(told->server_name, sizeof told->server_name, "%.63s", handshake->server_name);
    address_format(&handshake->server, told->server);
}

static void listen_to(const struct packet_list *list, struct told *told)
{
    *told = (struct told){0};
    packet_list_tell(list, on_handshake, told);
}

static const size_t three[3] = {1300, 1100, 900};
static const struct traffic_tls tls12 = {.server_name = "www.example.org",
                                         .version = 0x0303,
                                         .cipher_suite = 0xc02f,
                                         .certificate_count = 3,
                                         .certificate_lens = three,
                                         .seed = 42};
static const struct traffic_tls tls13 = {.server_name = "www.example.org",
                                         .version = 0x0304,
                                         .cipher_suite = 0x1301,
                                         .seed = 42};

/* ---- QUIC ---- */

struct quic_side {
    uint32_t version;
    struct quic_keys keys;
    uint32_t number; /* of the next packet */
};

static const uint8_t connection_id[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void quic_begin(struct quic_side *side, uint32_t version, bool is_client)
{
    *side = (struct quic_side){.version = version};
    assert_true(quic_initial_keys(version, byte_reader_of(connection_id, 8), is_client, &side->keys));
}

static void seal(const struct quic_keys *keys, uint32_t number, const uint8_t *header, size_t header_len,
                 const uint8_t *plain, size_t len, uint8_t *out)
{
    uint8_t nonce[12];
    int n = 0;
    memcpy(nonce, keys->iv, 12);
    for (unsigned i = 0; i < 4; i++)
        nonce[8 + i] ^= (uint8_t)(number >> (24 - 8 * i));
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, keys->key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(context, NULL, &n, header, (int)header_len), 1);
    assert_int_equal(EVP_EncryptUpdate(context, out, &n, plain, (int)len), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, out + n, &n), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out + len), 1);
    EVP_CIPHER_CTX_free(context);
}

static void hide_header(const struct quic_keys *keys, uint8_t *packet, size_t number_at)
{
    uint8_t mask[32];
    int n = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, keys->mask_key, NULL), 1);
    assert_int_equal(EVP_EncryptUpdate(context, mask, &n, packet + number_at + 4, 16), 1);
    EVP_CIPHER_CTX_free(context);
    packet[0] ^= mask[0] & 0x0f;
    for (unsigned i = 0; i < 4; i++)
        packet[number_at + i] ^= mask[1 + i];
}

/* One Initial packet with these frames, padded to 1,162 bytes of payload (RFC 9000, section 17.2.2). */
static size_t make_initial(struct quic_side *side, const uint8_t *frames, size_t len, uint8_t packet[1252])
{
    uint8_t plain[1162] = {0};
    struct byte_writer w = byte_writer_of(packet, 1252);
    memcpy(plain, frames, len);
    byte_writer_u8(&w, side->version == QUIC_VERSION_2 ? 0xd3
                                                       : 0xc3); /* Initial is 1 there; four bytes of number */
    byte_writer_u32(&w, side->version);
    byte_writer_u8(&w, sizeof connection_id);
    byte_writer_bytes(&w, connection_id, sizeof connection_id);
    byte_writer_u8(&w, 0);
    byte_writer_u8(&w, 0); /* no token */
    byte_writer_u16(&w, 0x4000 | (4 + sizeof plain + 16));
    size_t number_at = w.len;
    byte_writer_u32(&w, side->number);
    seal(&side->keys, side->number++, packet, w.len, plain, sizeof plain, packet + w.len);
    hide_header(&side->keys, packet, number_at);
    return w.len + sizeof plain + 16;
}

static size_t put_crypto(uint8_t *frames, size_t offset, const uint8_t *bytes, size_t len)
{
    frames[0] = 6;
    frames[1] = (uint8_t)(0x40 | offset >> 8);
    frames[2] = (uint8_t)offset;
    frames[3] = (uint8_t)(0x40 | len >> 8);
    frames[4] = (uint8_t)len;
    memcpy(frames + 5, bytes, len);
    return len + 5;
}

/* A message in five pieces, in this order; each overlaps the one before it, and the first comes twice. PING, PADDING and an ACK
 * are between them. */
static void send_initials(struct traffic *traffic, struct quic_side *side, bool is_client,
                          const unsigned order[5], const uint8_t *message, size_t len)
{
    size_t piece = (len + 4) / 5;
    for (unsigned packet = 0; packet < 3; packet++) {
        uint8_t frames[1100] = {1, 0, 0, 2, 0, 0, 0, 0}, bytes[1252];
        size_t frames_len = 8;
        for (unsigned i = packet * 2; i < packet * 2 + 2 && i < 6; i++) {
            size_t number = i == 5 ? 0 : order[i], from = number * piece, back = from < 3 ? from : 3;
            size_t to = from + piece < len ? from + piece : len;
            frames_len +=
                put_crypto(frames + frames_len, from - back, message + from - back, to - from + back);
        }
        size_t out = make_initial(side, frames, frames_len, bytes);
        if (is_client)
            traffic_udp(traffic, CLIENT, 443, bytes, out);
        else
            traffic_udp(traffic, SERVER, 443, "10.0.0.1", 40000, bytes, out);
    }
}

static void crypto_frames_in_any_order_are_one_hello(void **state)
{
    static const uint32_t versions[] = {QUIC_VERSION_1, QUIC_VERSION_2, 0xff00001d, 0xff000020, 0xff00001b};
    static const unsigned orders[][5] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 4, 0, 3, 1}, {1, 0, 3, 2, 4}};
    struct byte_buffer client, server;
    (void)state;
    byte_buffer_init(&client, 0);
    byte_buffer_init(&server, 0);
    traffic_client_hello(&client, &tls13);
    traffic_server_flight(&server, &tls13);
    for (size_t v = 0; v < sizeof versions / sizeof versions[0]; v++)
        for (size_t o = 0; o < sizeof orders / sizeof orders[0]; o++)
            for (unsigned answered = 0; answered < 3; answered++) { /* 2: the answer is captured first */
                struct packet_list list;
                struct traffic traffic;
                struct quic_side side[2];
                struct told told;
                traffic_to_list(&traffic, &list);
                quic_begin(&side[0], versions[v], true);
                quic_begin(&side[1], versions[v], false);
                for (unsigned i = 0; i < 2; i++) {
                    bool is_client = (i == 0) == (answered != 2);
                    struct byte_buffer *hello = is_client ? &client : &server;
                    if (is_client || answered != 0)
                        send_initials(&traffic, &side[is_client ? 0 : 1], is_client, orders[o],
                                      hello->bytes + hello->head + 5, byte_buffer_len(hello) - 5);
                }
                listen_to(&list, &told);
                assert_int_equal(told.count, 1);
                assert_int_equal(told.outcome, OUTCOME_HIDDEN);
                assert_string_equal(told.protocol, "quic");
                assert_string_equal(told.server_name, "www.example.org");
                assert_string_equal(told.server, SERVER);
                assert_int_equal(told.tls_version, answered != 0 ? 0x0304 : 0);
                packet_list_clear(&list);
            }
    byte_buffer_clear(&client);
    byte_buffer_clear(&server);
}

/* ---- DTLS ---- */

#define RECORD_MAX 1400

struct dtls_side {
    bool is_client;
    struct traffic *traffic;
    uint64_t sequence; /* of the next record */
};

static void send_datagram(struct dtls_side *side, const uint8_t *bytes, size_t len)
{
    if (side->is_client)
        traffic_udp(side->traffic, CLIENT, 4433, bytes, len);
    else
        traffic_udp(side->traffic, SERVER, 4433, "10.0.0.1", 40000, bytes, len);
}

/* A fragment of a handshake message, in a record and datagram of its own (RFC 6347, section 4.2.2). */
static void send_fragment(struct dtls_side *side, const uint8_t *message, size_t message_len, uint16_t number,
                          size_t at, size_t len)
{
    uint8_t bytes[RECORD_MAX + 64];
    struct byte_writer w = byte_writer_of(bytes, sizeof bytes);
    byte_writer_u8(&w, 22);
    byte_writer_u16(&w, 0xfefd);
    byte_writer_u64(&w, side->sequence++);
    byte_writer_u16(&w, (uint16_t)(12 + len));
    byte_writer_u8(&w, message[0]);
    byte_writer_u24(&w, (uint32_t)message_len - 4);
    byte_writer_u16(&w, number);
    byte_writer_u24(&w, (uint32_t)at);
    byte_writer_u24(&w, (uint32_t)len);
    byte_writer_bytes(&w, message + 4 + at, len);
    send_datagram(side, bytes, w.len);
}

/* What shares the ports with DTLS in WebRTC (RFC 7983): STUN, RTP, a TURN channel. */
static void send_others(struct dtls_side *side)
{
    static const uint8_t stun[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    static const uint8_t rtp[40] = {0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 22, 0xfe, 0xfd};
    static const uint8_t channel[24] = {0x40, 1, 0, 20, 0x80, 0x60};
    send_datagram(side, stun, sizeof stun);
    send_datagram(side, rtp, sizeof rtp);
    send_datagram(side, channel, sizeof channel);
}

/* Fragments of 200 bytes in an order drawn from the seed, each overlapping the one before it by 10, every
 * fifth twice. */
static void send_message(struct dtls_side *side, const uint8_t *message, size_t len, uint16_t number,
                         uint64_t seed)
{
    size_t body = len - 4, count = (body + 199) / 200, order[64];
    assert_in_range(count, 0, 64);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = test_random(&seed) % i, swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
    for (size_t i = 0; i < count; i++) {
        size_t from = order[i] * 200, back = from < 10 ? from : 10,
               to = from + 200 < body ? from + 200 : body;
        for (unsigned twice = 0; twice < (i % 5 == 0 ? 2 : 1); twice++)
            send_fragment(side, message, len, number, from - back, to - from + back);
        if (i % 4 == 0)
            send_others(side);
    }
}

/* The ClientHello of TLS made one of DTLS: other versions, and a cookie after the session id. */
static size_t make_dtls_hello(uint8_t *out, const uint8_t *cookie, uint8_t cookie_len)
{
    struct byte_buffer hello;
    byte_buffer_init(&hello, 0);
    traffic_client_hello(&hello, &tls12);
    const uint8_t *message = hello.bytes + hello.head + 5;
    size_t len = byte_buffer_len(&hello) - 5, head = 4 + 2 + 32 + 1;
    memcpy(out, message, head);
    out[head] = cookie_len;
    if (cookie_len != 0)
        memcpy(out + head + 1, cookie, cookie_len);
    memcpy(out + head + 1 + cookie_len, message + head, len - head);
    byte_buffer_clear(&hello);
    len += 1u + cookie_len;
    out[1] = 0;
    out[2] = (uint8_t)((len - 4) >> 8);
    out[3] = (uint8_t)(len - 4);
    out[4] = 0xfe;
    out[5] = 0xfd;
    return len;
}

static void send_dtls(struct traffic *traffic, uint64_t seed)
{
    static const uint8_t verify[4 + 3 + 8] = {3, 0, 0, 11, 0xfe, 0xff, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    struct dtls_side client = {.is_client = true, .traffic = traffic}, server = {.traffic = traffic};
    uint8_t hello[1100];
    struct byte_buffer flight;
    size_t len = make_dtls_hello(hello, NULL, 0);
    send_others(&client);
    send_message(&client, hello, len, 0, seed);
    send_message(&server, verify, sizeof verify, 0, seed);
    len = make_dtls_hello(hello, verify + 7, 8);
    send_message(&client, hello, len, 1, seed);
    byte_buffer_init(&flight, 0);
    traffic_server_flight(&flight, &tls12);
    const uint8_t *at = flight.bytes + flight.head + 5; /* one record holds the whole flight */
    uint16_t number = 1;
    for (size_t left = byte_buffer_len(&flight) - 5; left > 4 && number < 4; number++) {
        size_t message_len = 4 + ((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
        uint8_t *message = xmemdup(at, message_len);
        if (number == 1) {
            message[4] = 0xfe;
            message[5] = 0xfd;
        }
        send_message(&server, message, message_len, number, seed + number);
        free(message);
        at += message_len;
        left -= message_len;
    }
    byte_buffer_clear(&flight);
}

static void check_dtls(const struct packet_list *list)
{
    struct told told;
    listen_to(list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.outcome, OUTCOME_CERTIFICATE);
    assert_string_equal(told.protocol, "dtls");
    assert_string_equal(told.server_name, "www.example.org");
    assert_string_equal(told.server, SERVER);
    assert_int_equal(told.tls_version, 0xfefd);
    assert_int_equal(told.chain_count, 3);
    assert_int_equal(told.chain_len, 1300 + 1100 + 900);
}

static void fragments_and_datagrams_in_any_order_are_one_chain(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct packet_list list;
        struct traffic traffic;
        traffic_to_list(&traffic, &list);
        send_dtls(&traffic, seed);
        check_dtls(&list);
        packet_list_shuffle(&list, 64, seed);
        packet_list_duplicate(&list, 10, seed);
        check_dtls(&list);
        packet_list_clear(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crypto_frames_in_any_order_are_one_hello),
        cmocka_unit_test(fragments_and_datagrams_in_any_order_are_one_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
