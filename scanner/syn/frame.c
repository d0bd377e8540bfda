#include "scanner/syn/frame.h"

#include "probes/base/byte_writer.h"

#include <string.h>

#define ETHER_IPV4      0x0800
#define ETHER_ARP       0x0806
#define ETHER_IPV6      0x86dd

#define PROTOCOL_ICMP   1
#define PROTOCOL_TCP    6
#define PROTOCOL_ICMPV6 58

#define TCP_LEN         24 /* 20 and the MSS option */
#define FLAG_SYN        0x02
#define FLAG_RST        0x04
#define FLAG_ACK        0x10
#define HOP_LIMIT       64
#define MSS_IPV4        1460
#define MSS_IPV6        1440

/* ---- checksums, RFC 1071 */

static uint32_t sum_bytes(uint32_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    if (len % 2 != 0)
        sum += (uint32_t)bytes[len - 1] << 8;
    return sum;
}

static void put_checksum(uint8_t *at, uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    at[0] = (uint8_t)(~sum >> 8);
    at[1] = (uint8_t)~sum;
}

/* With the pseudo header of RFC 9293, 3.1 and RFC 8200, 8.1: for both families it adds up to the same. */
static void put_upper_checksum(uint8_t *at, const struct address *source, const struct address *destination,
                               uint8_t protocol, const uint8_t *bytes, size_t len)
{
    uint32_t sum = sum_bytes(0, source->bytes, source->len);
    sum = sum_bytes(sum, destination->bytes, destination->len);
    put_checksum(at, sum_bytes(sum + protocol + (uint32_t)len, bytes, len));
}

/* ---- writing */

static void write_ip(struct byte_writer *out, const struct address *source, const struct address *destination,
                     uint8_t protocol, uint16_t len, uint16_t identification, uint8_t hop_limit)
{
    size_t start = out->len;
    if (source->len == 4) {
        byte_writer_u16(out, 0x4500);
        byte_writer_u16(out, (unsigned)len + 20);
        byte_writer_u16(out, identification);
        byte_writer_u16(out, 0x4000); /* do not fragment */
        byte_writer_u8(out, hop_limit);
        byte_writer_u8(out, protocol);
        byte_writer_u16(out, 0);
        byte_writer_bytes(out, source->bytes, 4);
        byte_writer_bytes(out, destination->bytes, 4);
        put_checksum(out->bytes + start + 10, sum_bytes(0, out->bytes + start, 20));
    } else {
        byte_writer_u32(out, 0x60000000);
        byte_writer_u16(out, len);
        byte_writer_u8(out, protocol);
        byte_writer_u8(out, hop_limit);
        byte_writer_bytes(out, source->bytes, 16);
        byte_writer_bytes(out, destination->bytes, 16);
    }
}

size_t frame_write_syn(const struct frame_syn *syn, uint8_t bytes[FRAME_SIZE - FRAME_LINK_SIZE])
{
    struct byte_writer out = byte_writer_of(bytes, FRAME_SIZE - FRAME_LINK_SIZE);
    write_ip(&out, &syn->source, &syn->destination, PROTOCOL_TCP, TCP_LEN, (uint16_t)(syn->sequence >> 7),
             HOP_LIMIT);
    uint8_t *tcp = out.bytes + out.len;
    byte_writer_u16(&out, syn->source_port);
    byte_writer_u16(&out, syn->destination_port);
    byte_writer_u32(&out, syn->sequence);
    byte_writer_u32(&out, 0);
    byte_writer_u8(&out, TCP_LEN / 4 << 4);
    byte_writer_u8(&out, FLAG_SYN);
    byte_writer_u16(&out, 64240);
    byte_writer_u32(&out, 0); /* checksum, urgent pointer */
    byte_writer_u16(&out, 0x0204);
    byte_writer_u16(&out, syn->source.len == 4 ? MSS_IPV4 : MSS_IPV6);
    put_upper_checksum(tcp + 16, &syn->source, &syn->destination, PROTOCOL_TCP, tcp, TCP_LEN);
    return out.len;
}

void frame_write_link(const uint8_t source[FRAME_MAC_SIZE], const uint8_t destination[FRAME_MAC_SIZE],
                      uint16_t ether_type, uint8_t bytes[FRAME_LINK_SIZE])
{
    memcpy(bytes, destination, FRAME_MAC_SIZE);
    memcpy(bytes + FRAME_MAC_SIZE, source, FRAME_MAC_SIZE);
    bytes[12] = (uint8_t)(ether_type >> 8);
    bytes[13] = (uint8_t)ether_type;
}

static size_t write_arp(const uint8_t mac[FRAME_MAC_SIZE], const struct address *own,
                        const struct address *asked, uint8_t bytes[FRAME_ASK_SIZE])
{
    static const uint8_t everybody[FRAME_MAC_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                         nobody[FRAME_MAC_SIZE] = {0};
    struct byte_writer out = byte_writer_of(bytes + FRAME_LINK_SIZE, FRAME_ASK_SIZE - FRAME_LINK_SIZE);
    frame_write_link(mac, everybody, ETHER_ARP, bytes);
    byte_writer_u16(&out, 1); /* Ethernet */
    byte_writer_u16(&out, ETHER_IPV4);
    byte_writer_u16(&out, 0x0604);
    byte_writer_u16(&out, 1); /* request */
    byte_writer_bytes(&out, mac, FRAME_MAC_SIZE);
    byte_writer_bytes(&out, own->bytes, 4);
    byte_writer_bytes(&out, nobody, FRAME_MAC_SIZE);
    byte_writer_bytes(&out, asked->bytes, 4);
    return FRAME_LINK_SIZE + out.len;
}

static size_t write_solicitation(const uint8_t mac[FRAME_MAC_SIZE], const struct address *own,
                                 const struct address *asked, uint8_t bytes[FRAME_ASK_SIZE])
{
    const uint8_t *a = asked->bytes;
    const uint8_t group_mac[FRAME_MAC_SIZE] = {0x33, 0x33, 0xff, a[13], a[14], a[15]};
    struct address group = {.len = 16,
                            .bytes = {0xff,
                                      0x02, [11] = 1, [12] = 0xff, [13] = a[13], [14] = a[14], [15] = a[15]}};
    struct byte_writer out = byte_writer_of(bytes + FRAME_LINK_SIZE, FRAME_ASK_SIZE - FRAME_LINK_SIZE);
    frame_write_link(mac, group_mac, ETHER_IPV6, bytes);
    write_ip(&out, own, &group, PROTOCOL_ICMPV6, 32, 0, 255);
    uint8_t *icmp = out.bytes + out.len;
    byte_writer_u32(&out, 135u << 24);
    byte_writer_u32(&out, 0);
    byte_writer_bytes(&out, asked->bytes, 16);
    byte_writer_u16(&out, 0x0101); /* source link-layer address */
    byte_writer_bytes(&out, mac, FRAME_MAC_SIZE);
    put_upper_checksum(icmp + 2, own, &group, PROTOCOL_ICMPV6, icmp, 32);
    return FRAME_LINK_SIZE + out.len;
}

size_t frame_write_neighbour_ask(const uint8_t mac[FRAME_MAC_SIZE], const struct address *own,
                                 const struct address *asked, uint8_t bytes[FRAME_ASK_SIZE])
{
    return asked->len == 4 ? write_arp(mac, own, asked, bytes) : write_solicitation(mac, own, asked, bytes);
}

/* ---- reading */

static bool read_arp_answer(struct byte_reader frame, const struct address *asked,
                            uint8_t mac[FRAME_MAC_SIZE])
{
    uint16_t hardware, protocol, sizes, operation;
    const uint8_t *sender_mac, *sender;
    if (!byte_reader_u16(&frame, &hardware) || !byte_reader_u16(&frame, &protocol) ||
        !byte_reader_u16(&frame, &sizes) || !byte_reader_u16(&frame, &operation) ||
        !byte_reader_bytes(&frame, FRAME_MAC_SIZE, &sender_mac) || !byte_reader_bytes(&frame, 4, &sender))
        return false;
    if (hardware != 1 || protocol != ETHER_IPV4 || sizes != 0x0604 || operation != 2 ||
        memcmp(sender, asked->bytes, 4) != 0)
        return false;
    memcpy(mac, sender_mac, FRAME_MAC_SIZE);
    return true;
}

/* A neighbour advertisement (RFC 4861, 4.4) with the target's link-layer address in an option. */
static bool read_advertisement(struct byte_reader packet, const struct address *asked,
                               uint8_t mac[FRAME_MAC_SIZE])
{
    uint8_t next, hop_limit, type, code, option, units;
    const uint8_t *target, *option_mac;
    if (!byte_reader_skip(&packet, 6) || !byte_reader_u8(&packet, &next) ||
        !byte_reader_u8(&packet, &hop_limit) || !byte_reader_skip(&packet, 32) || next != PROTOCOL_ICMPV6 ||
        hop_limit != 255)
        return false;
    if (!byte_reader_u8(&packet, &type) || !byte_reader_u8(&packet, &code) || !byte_reader_skip(&packet, 6) ||
        !byte_reader_bytes(&packet, 16, &target) || type != 136 || memcmp(target, asked->bytes, 16) != 0)
        return false;
    while (byte_reader_u8(&packet, &option) && byte_reader_u8(&packet, &units) && units != 0) {
        if (option == 2 && byte_reader_bytes(&packet, FRAME_MAC_SIZE, &option_mac)) {
            memcpy(mac, option_mac, FRAME_MAC_SIZE);
            return true;
        }
        if (!byte_reader_skip(&packet, (size_t)units * 8 - 2))
            return false;
    }
    return false;
}

bool frame_read_neighbour_answer(const uint8_t *bytes, size_t len, const struct address *asked,
                                 uint8_t mac[FRAME_MAC_SIZE])
{
    struct byte_reader frame = byte_reader_of(bytes, len);
    uint16_t ether_type;
    if (!byte_reader_skip(&frame, 2 * FRAME_MAC_SIZE) || !byte_reader_u16(&frame, &ether_type))
        return false;
    if (ether_type == ETHER_ARP && asked->len == 4)
        return read_arp_answer(frame, asked, mac);
    return ether_type == ETHER_IPV6 && asked->len == 16 && read_advertisement(frame, asked, mac);
}

/* Reads the IP header; packet is left with its payload. Answers to our SYNs have no fragments and no IPv6 extension headers. */
static bool read_ip(struct byte_reader *packet, struct address *source, struct address *destination,
                    uint8_t *protocol)
{
    const uint8_t *head, *rest;
    if (packet->left < 1)
        return false;
    if (packet->at[0] >> 4 == 4) {
        size_t head_len = (size_t)(packet->at[0] & 0x0f) * 4;
        if (head_len < 20 || !byte_reader_bytes(packet, 20, &head) ||
            !byte_reader_bytes(packet, head_len - 20, &rest))
            return false;
        if (((head[6] & 0x1f) | head[7]) != 0)
            return false;
        *protocol = head[9];
        *source = address_from_bytes(head + 12, 4);
        *destination = address_from_bytes(head + 16, 4);
        return true;
    }
    if (packet->at[0] >> 4 != 6 || !byte_reader_bytes(packet, 40, &head))
        return false;
    *protocol = head[6];
    *source = address_from_bytes(head + 8, 16);
    *destination = address_from_bytes(head + 24, 16);
    return true;
}

static void read_tcp(struct byte_reader packet, const struct address *source,
                     const struct address *destination, struct frame_answer *answer)
{
    uint16_t source_port, destination_port;
    uint32_t sequence, acknowledged;
    uint8_t offset, flags;
    if (!byte_reader_u16(&packet, &source_port) || !byte_reader_u16(&packet, &destination_port) ||
        !byte_reader_u32(&packet, &sequence) || !byte_reader_u32(&packet, &acknowledged) ||
        !byte_reader_u8(&packet, &offset) || !byte_reader_u8(&packet, &flags))
        return;
    if ((flags & FLAG_ACK) == 0 || (flags & (FLAG_SYN | FLAG_RST)) == 0)
        return;
    answer->kind = (flags & FLAG_RST) != 0 ? FRAME_RESET : FRAME_SYN_ACK;
    answer->syn = (struct frame_syn){.source = *destination,
                                     .destination = *source,
                                     .source_port = destination_port,
                                     .destination_port = source_port,
                                     .sequence = acknowledged - 1};
}

/* Both ICMP (RFC 792: at least 8 bytes after the IP header) and ICMPv6 quote what could not be delivered. */
static void read_icmp(struct byte_reader packet, uint8_t unreachable, struct frame_answer *answer)
{
    uint8_t type, code, protocol;
    struct frame_syn syn;
    if (!byte_reader_u8(&packet, &type) || !byte_reader_u8(&packet, &code) || !byte_reader_skip(&packet, 6) ||
        type != unreachable || !read_ip(&packet, &syn.source, &syn.destination, &protocol) ||
        protocol != PROTOCOL_TCP)
        return;
    if (!byte_reader_u16(&packet, &syn.source_port) || !byte_reader_u16(&packet, &syn.destination_port) ||
        !byte_reader_u32(&packet, &syn.sequence))
        return;
    answer->kind = FRAME_UNREACHABLE;
    answer->syn = syn;
    answer->icmp_code = code;
}

void frame_read_answer(struct byte_reader packet, struct frame_answer *answer)
{
    struct address source, destination;
    uint8_t protocol;
    *answer = (struct frame_answer){.kind = FRAME_OTHER};
    if (!read_ip(&packet, &source, &destination, &protocol))
        return;
    answer->from = source;
    if (protocol == PROTOCOL_TCP)
        read_tcp(packet, &source, &destination, answer);
    else if (protocol == PROTOCOL_ICMP && source.len == 4)
        read_icmp(packet, 3, answer);
    else if (protocol == PROTOCOL_ICMPV6 && source.len == 16)
        read_icmp(packet, 1, answer);
}
