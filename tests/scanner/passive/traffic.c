#include "tests/scanner/passive/traffic.h"

#include "probes/base/address.h"
#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 70000

static void to_list(void *context, const struct packet *packet)
{
    packet_list_add(context, packet);
}

void traffic_to_list(struct traffic *traffic, struct packet_list *list)
{
    *list = (struct packet_list){0};
    *traffic = (struct traffic){.on_packet = to_list, .context = list, .time_us = 1700000000000000, .step_us = 100};
}

/* ---- frames ---- */

void traffic_frame(struct traffic *traffic, uint16_t ethertype, const uint8_t *bytes, size_t len)
{
    static uint8_t frame[PACKET_MAX + 512];
    static const uint8_t macs[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    memcpy(frame, macs, 12);
    frame[12] = (uint8_t)(ethertype >> 8);
    frame[13] = (uint8_t)ethertype;
    memcpy(frame + 14, bytes, len);
    struct packet packet = {.time_us = traffic->time_us, .bytes = frame, .len = len + 14, .wire_len = len + 14,
                            .link_type = 1};
    traffic->on_packet(traffic->context, &packet);
    traffic->time_us += traffic->step_us;
}

static void send_ip(struct traffic *traffic, uint8_t address_len, const uint8_t *source, const uint8_t *destination,
                    uint8_t protocol, const uint8_t *payload, size_t len)
{
    static uint8_t packet[PACKET_MAX + 512];
    struct byte_writer writer = byte_writer_of(packet, sizeof packet);
    if (address_len == 4) {
        byte_writer_u16(&writer, 0x4500);
        byte_writer_u16(&writer, (unsigned)(len + 20) & 0xffff);
        byte_writer_u32(&writer, 0x00014000);
        byte_writer_u16(&writer, 0x4000u | protocol);
        byte_writer_u16(&writer, 0);
    } else {
        byte_writer_u32(&writer, 0x60000000);
        byte_writer_u16(&writer, (unsigned)len & 0xffff);
        byte_writer_u16(&writer, (unsigned)protocol << 8 | 64);
    }
    byte_writer_bytes(&writer, source, address_len);
    byte_writer_bytes(&writer, destination, address_len);
    byte_writer_bytes(&writer, payload, len);
    size_t whole = traffic->wrap == NULL ? writer.len : traffic->wrap(packet, writer.len);
    unsigned version = packet[0] >> 4;
    if (version == 4 || version == 6)
        traffic_frame(traffic, version == 4 ? 0x0800 : 0x86dd, packet, whole);
    else                                /* the wrapping is a frame's own: its first two bytes are the type */
        traffic_frame(traffic, (uint16_t)(packet[0] << 8 | packet[1]), packet + 2, whole - 2);
}

static size_t put_address(const char *text, uint8_t bytes[16])
{
    struct address address;
    if (!address_parse(text, &address))
        abort();
    memcpy(bytes, address.bytes, 16);
    return address.len;
}

void traffic_udp(struct traffic *traffic, const char *source, uint16_t source_port, const char *destination,
                 uint16_t destination_port, const uint8_t *bytes, size_t len)
{
    static uint8_t datagram[PACKET_MAX];
    uint8_t from[16], to[16];
    size_t address_len = put_address(source, from);
    put_address(destination, to);
    struct byte_writer writer = byte_writer_of(datagram, sizeof datagram);
    byte_writer_u16(&writer, source_port);
    byte_writer_u16(&writer, destination_port);
    byte_writer_u16(&writer, (unsigned)len + 8);
    byte_writer_u16(&writer, 0);
    byte_writer_bytes(&writer, bytes, len);
    send_ip(traffic, (uint8_t)address_len, from, to, 17, datagram, writer.len);
}

/* ---- TCP ---- */

void traffic_tcp_init(struct traffic_tcp *tcp, struct traffic *traffic, const char *client, uint16_t client_port,
                      const char *server, uint16_t server_port, uint32_t isn)
{
    *tcp = (struct traffic_tcp){.traffic = traffic, .port = {client_port, server_port},
                                .next = {isn, isn + 0x10000000}, .mss = 1448};
    tcp->address_len = (uint8_t)put_address(client, tcp->address[0]);
    put_address(server, tcp->address[1]);
}

void traffic_tcp_segment(struct traffic_tcp *tcp, unsigned from, int32_t offset, const uint8_t *bytes, size_t len,
                         uint8_t flags)
{
    static uint8_t segment[PACKET_MAX];
    struct byte_writer writer = byte_writer_of(segment, sizeof segment);
    byte_writer_u16(&writer, tcp->port[from]);
    byte_writer_u16(&writer, tcp->port[1 - from]);
    byte_writer_u32(&writer, tcp->next[from] + (uint32_t)offset);
    byte_writer_u32(&writer, flags & TCP_ACK ? tcp->next[1 - from] : 0);
    byte_writer_u16(&writer, 0x5000u | flags);
    byte_writer_u16(&writer, 0xffff);
    byte_writer_u32(&writer, 0);
    byte_writer_bytes(&writer, bytes, len);
    send_ip(tcp->traffic, tcp->address_len, tcp->address[from], tcp->address[1 - from], 6, segment, writer.len);
}

void traffic_tcp_open(struct traffic_tcp *tcp)
{
    traffic_tcp_segment(tcp, 0, 0, NULL, 0, TCP_SYN);
    tcp->next[0]++;
    traffic_tcp_segment(tcp, 1, 0, NULL, 0, TCP_SYN | TCP_ACK);
    tcp->next[1]++;
    traffic_tcp_ack(tcp, 0);
}

void traffic_tcp_ack(struct traffic_tcp *tcp, unsigned from)
{
    traffic_tcp_segment(tcp, from, 0, NULL, 0, TCP_ACK);
}

void traffic_tcp_send(struct traffic_tcp *tcp, unsigned from, const uint8_t *bytes, size_t len)
{
    while (len != 0) {
        size_t step = len < tcp->mss ? len : tcp->mss;
        traffic_tcp_segment(tcp, from, 0, bytes, step, TCP_ACK);
        tcp->next[from] += (uint32_t)step;
        bytes += step;
        len -= step;
    }
}

void traffic_tcp_close(struct traffic_tcp *tcp)
{
    traffic_tcp_segment(tcp, 0, 0, NULL, 0, TCP_FIN | TCP_ACK);
    tcp->next[0]++;
    traffic_tcp_segment(tcp, 1, 0, NULL, 0, TCP_FIN | TCP_ACK);
    tcp->next[1]++;
    traffic_tcp_ack(tcp, 0);
}

/* ---- TLS ---- */

void traffic_certificate(uint8_t *der, size_t len, uint64_t seed)
{
    uint64_t state = seed;
    der[0] = 0x30;
    der[1] = 0x82;
    der[2] = (uint8_t)((len - 4) >> 8);
    der[3] = (uint8_t)(len - 4);
    for (size_t i = 4; i < len; i += 8) {
        uint64_t value = test_random(&state);
        memcpy(der + i, &value, len - i < 8 ? len - i : 8);
    }
}

void traffic_records(struct byte_buffer *out, uint8_t type, const uint8_t *bytes, size_t len, size_t record_len)
{
    if (record_len == 0 || record_len > 16384)
        record_len = 16384;
    do {
        size_t step = len < record_len ? len : record_len;
        const uint8_t header[5] = {type, 3, 3, (uint8_t)(step >> 8), (uint8_t)step};
        byte_buffer_append(out, header, 5);
        byte_buffer_append(out, bytes, step);
        bytes += step;
        len -= step;
    } while (len != 0);
}

static void put_random(struct byte_writer *writer, const struct traffic_tls *tls, uint64_t salt)
{
    uint64_t state = tls->seed + salt;
    for (unsigned i = 0; i < 4; i++)
        byte_writer_u64(writer, test_random(&state));
}

void traffic_client_hello(struct byte_buffer *out, const struct traffic_tls *tls)
{
    uint8_t message[1024];
    struct byte_writer w = byte_writer_of(message, sizeof message);
    byte_writer_u8(&w, 1);
    size_t body = byte_writer_vector_begin(&w, 3);
    byte_writer_u16(&w, tls->version > 0x0303 ? 0x0303 : tls->version);
    if (tls->client_random != NULL)
        byte_writer_bytes(&w, tls->client_random, 32);
    else
        put_random(&w, tls, 1);
    byte_writer_u8(&w, 0);
    byte_writer_u16(&w, 4);
    byte_writer_u16(&w, tls->cipher_suite);
    byte_writer_u16(&w, 0x00ff);
    byte_writer_u16(&w, 0x0100);
    size_t extensions = byte_writer_vector_begin(&w, 2);
    if (tls->server_name != NULL) {
        byte_writer_u16(&w, 0);
        size_t extension = byte_writer_vector_begin(&w, 2), list = byte_writer_vector_begin(&w, 2);
        byte_writer_u8(&w, 0);
        size_t name = byte_writer_vector_begin(&w, 2);
        byte_writer_text(&w, tls->server_name);
        byte_writer_vector_end(&w, name, 2);
        byte_writer_vector_end(&w, list, 2);
        byte_writer_vector_end(&w, extension, 2);
    }
    byte_writer_u32(&w, 0x000a0004);        /* supported_groups: x25519 */
    byte_writer_u32(&w, 0x0002001d);
    if (tls->version == 0x0304) {
        byte_writer_u32(&w, 0x002b0003);
        byte_writer_u8(&w, 2);
        byte_writer_u16(&w, 0x0304);
    }
    byte_writer_vector_end(&w, extensions, 2);
    byte_writer_vector_end(&w, body, 3);
    traffic_records(out, 22, message, w.len, tls->record_len);
}

/* Without records. */
static void certificate_message(struct byte_buffer *out, const struct traffic_tls *tls)
{
    size_t total = 0;
    for (size_t i = 0; i < tls->certificate_count; i++)
        total += tls->certificate_lens[i] + 3;
    uint8_t *message = xmalloc(total + 16 + 65536);
    struct byte_writer w = byte_writer_of(message, total + 16 + 65536);
    byte_writer_u8(&w, 11);
    byte_writer_u24(&w, (uint32_t)total + 3);
    byte_writer_u24(&w, (uint32_t)total);
    for (size_t i = 0; i < tls->certificate_count; i++) {
        byte_writer_u24(&w, (uint32_t)tls->certificate_lens[i]);
        traffic_certificate(byte_writer_room(&w, tls->certificate_lens[i]), tls->certificate_lens[i], tls->seed + i);
    }
    byte_buffer_append(out, message, w.len);
    free(message);
}

static void put_server_hello(struct byte_buffer *out, const struct traffic_tls *tls)
{
    uint8_t message[256];
    struct byte_writer w = byte_writer_of(message, sizeof message);
    byte_writer_u8(&w, 2);
    size_t body = byte_writer_vector_begin(&w, 3);
    byte_writer_u16(&w, tls->version > 0x0303 ? 0x0303 : tls->version);
    put_random(&w, tls, 2);
    byte_writer_u8(&w, 0);
    byte_writer_u16(&w, tls->cipher_suite);
    byte_writer_u8(&w, 0);
    if (tls->version == 0x0304) {
        byte_writer_u16(&w, 6);
        byte_writer_u32(&w, 0x002b0002);
        byte_writer_u16(&w, 0x0304);
    } else {
        byte_writer_u16(&w, 5);
        byte_writer_u32(&w, 0xff010001);
        byte_writer_u8(&w, 0);
    }
    byte_writer_vector_end(&w, body, 3);
    byte_buffer_append(out, message, w.len);
}

void traffic_server_flight(struct byte_buffer *out, const struct traffic_tls *tls)
{
    struct byte_buffer messages;
    uint8_t exchange[4 + 4 + 32 + 4 + 256] = {12, 0, 1, 0x28, 3, 0, 0x1d, 32};
    static const uint8_t done[4] = {14, 0, 0, 0};
    byte_buffer_init(&messages, 0);
    exchange[40] = 4;
    exchange[41] = 1;
    exchange[42] = 1;
    traffic_certificate(exchange + 44, 256, tls->seed + 77);
    put_server_hello(&messages, tls);
    if (tls->version <= 0x0303) {
        certificate_message(&messages, tls);
        byte_buffer_append(&messages, exchange, sizeof exchange);
        byte_buffer_append(&messages, done, sizeof done);
    }
    traffic_records(out, 22, messages.bytes + messages.head, byte_buffer_len(&messages), tls->record_len);
    byte_buffer_clear(&messages);
}

static void put_finish(struct byte_buffer *out, const struct traffic_tls *tls)
{
    uint8_t sealed[40];
    static const uint8_t one = 1;
    static const uint8_t finished[4 + 12 + 20] = {20, 0, 0, 12};        /* and a MAC */
    traffic_certificate(sealed, sizeof sealed, tls->seed + 99);
    traffic_records(out, 20, &one, 1, 0);
    if (tls->cipher_suite == 0x0002)
        traffic_records(out, 22, finished, sizeof finished, 0);
    else
        traffic_records(out, 22, sealed, sizeof sealed, 0);
}

void traffic_client_finish(struct byte_buffer *out, const struct traffic_tls *tls)
{
    uint8_t exchange[4 + 33] = {16, 0, 0, 33, 32};
    traffic_records(out, 22, exchange, sizeof exchange, tls->record_len);
    put_finish(out, tls);
}

void traffic_server_finish(struct byte_buffer *out, const struct traffic_tls *tls)
{
    put_finish(out, tls);
}

void traffic_handshake(struct traffic_tcp *tcp, const struct traffic_tls *tls)
{
    struct byte_buffer buffer;
    uint8_t data[120];
    void (*const flights[4])(struct byte_buffer *, const struct traffic_tls *) = {
        traffic_client_hello, traffic_server_flight, traffic_client_finish, traffic_server_finish};
    byte_buffer_init(&buffer, 0);
    traffic_tcp_open(tcp);
    for (unsigned i = 0; i < 4; i++) {
        flights[i](&buffer, tls);
        traffic_tcp_send(tcp, i % 2, buffer.bytes + buffer.head, byte_buffer_len(&buffer));
        byte_buffer_consume(&buffer, byte_buffer_len(&buffer));
        if (i == 1)
            traffic_tcp_ack(tcp, 0);
    }
    traffic_certificate(data, sizeof data, tls->seed + 5);
    for (unsigned i = 0; i < 2; i++) {
        traffic_records(&buffer, 23, data, sizeof data, 0);
        traffic_tcp_send(tcp, i, buffer.bytes + buffer.head, byte_buffer_len(&buffer));
        byte_buffer_consume(&buffer, byte_buffer_len(&buffer));
    }
    traffic_tcp_close(tcp);
    byte_buffer_clear(&buffer);
}
