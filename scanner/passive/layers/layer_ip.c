/* IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), TCP and UDP headers. */
#include "scanner/passive/layers/fragments.h"
#include "scanner/passive/layers/layer_functions.h"

#include <string.h>

enum {
    PROTOCOL_HOP_BY_HOP = 0, PROTOCOL_IPV4 = 4, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43, PROTOCOL_FRAGMENT = 44, PROTOCOL_GRE = 47, PROTOCOL_ESP = 50, PROTOCOL_AH = 51,
    PROTOCOL_DESTINATION = 60, PROTOCOL_ETHERIP = 97, PROTOCOL_L2TP = 115, PROTOCOL_MOBILITY = 135, PROTOCOL_MPLS = 137, PROTOCOL_HIP = 139,
    PROTOCOL_SHIM6 = 140, PROTOCOL_NSH = 145,
};

enum layer layer_raw_ip(struct layer_cursor *cursor)
{
    if (cursor->bytes.left == 0)
        return LAYER_CUT;
    unsigned version = cursor->bytes.at[0] >> 4;
    return version == 4 ? LAYER_IPV4 : version == 6 ? LAYER_IPV6 : LAYER_STOP;
}

/* The datagram ends where its header says; what was captured may end before (cut) or after (padding). */
static void set_end(struct layer_cursor *cursor, size_t len)
{
    if (cursor->bytes.left > len) {
        cursor->bytes.left = len;
        cursor->cut = false;
    } else {
        cursor->cut = cursor->bytes.left < len;
    }
}

static enum layer on_fragment(struct layer_cursor *cursor, struct fragments *fragments, uint32_t id,
                              uint16_t offset_and_flag)
{
    struct fragment fragment = {.time_us = cursor->time_us,
                                .source = cursor->source,
                                .destination = cursor->destination,
                                .ip_len = cursor->ip_len,
                                .protocol = cursor->protocol,
                                .id = id,
                                .offset = (size_t)(offset_and_flag >> 3) * 8,
                                .more = offset_and_flag & 1,
                                .bytes = cursor->bytes};
    if (cursor->cut || !fragments_add(fragments, &fragment, &cursor->bytes))
        return LAYER_FRAGMENT;
    cursor->protocol = fragment.protocol;
    return LAYER_IP_PROTOCOL;
}

enum layer layer_ipv4(struct layer_cursor *cursor, struct fragments *fragments)
{
    const uint8_t *header = cursor->bytes.at;
    if (cursor->bytes.left < 20)
        return LAYER_CUT;
    size_t header_len = (header[0] & 15u) * 4, total_len = (size_t)(header[2] << 8 | header[3]);
    if (header[0] >> 4 != 4 || header_len < 20)
        return LAYER_STOP;
    if (!byte_reader_skip(&cursor->bytes, header_len))
        return LAYER_CUT;
    if (total_len != 0) {                   /* 0: the network card does the segmentation (TSO) */
        if (total_len < header_len)
            return LAYER_STOP;
        set_end(cursor, total_len - header_len);
    }
    cursor->ip_len = 4;
    cursor->source = header + 12;
    cursor->destination = header + 16;
    cursor->protocol = header[9];
    unsigned offset = (header[6] & 0x1fu) << 8 | header[7];
    bool more = header[6] & 0x20;
    if (offset == 0 && !more)
        return LAYER_IP_PROTOCOL;
    return on_fragment(cursor, fragments, (uint32_t)(header[4] << 8 | header[5]),
                       (uint16_t)(offset << 3 | more));
}

/* Extension headers up to the upper layer; a fragment header ends the walk until its datagram is whole. */
static enum layer extensions(struct layer_cursor *cursor, struct fragments *fragments)
{
    for (;;) {
        const uint8_t *header;
        switch (cursor->protocol) {
        case PROTOCOL_HOP_BY_HOP: case PROTOCOL_ROUTING: case PROTOCOL_DESTINATION: case PROTOCOL_MOBILITY:
        case PROTOCOL_HIP: case PROTOCOL_SHIM6: case PROTOCOL_AH:
            if (!byte_reader_bytes(&cursor->bytes, 8, &header))
                return LAYER_CUT;
            size_t rest = cursor->protocol == PROTOCOL_AH ? (header[1] + 2u) * 4 - 8 : header[1] * 8u;
            if (cursor->protocol == PROTOCOL_AH && header[1] == 0)
                return LAYER_STOP;
            cursor->protocol = header[0];
            if (!byte_reader_skip(&cursor->bytes, rest))
                return LAYER_CUT;
            break;
        case PROTOCOL_FRAGMENT:
            if (!byte_reader_bytes(&cursor->bytes, 8, &header))
                return LAYER_CUT;
            cursor->protocol = header[0];
            uint16_t offset = (uint16_t)(header[2] << 8 | header[3]);
            if ((offset & 0xfff9) == 0)
                break;                      /* an atomic fragment (RFC 6946) */
            enum layer next = on_fragment(
                cursor, fragments,
                (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 | (uint32_t)header[6] << 8 | header[7],
                (uint16_t)((offset & 0xfff8) | (offset & 1)));
            if (next == LAYER_FRAGMENT)
                return next;
            break;                          /* whole: more extension headers may be inside */
        default: return LAYER_IP_PROTOCOL;
        }
    }
}

enum layer layer_ipv6(struct layer_cursor *cursor, struct fragments *fragments)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 40, &header))
        return LAYER_CUT;
    if (header[0] >> 4 != 6)
        return LAYER_STOP;
    size_t len = (size_t)(header[4] << 8 | header[5]);
    if (len != 0)                           /* 0: a jumbogram, or segmentation by the network card (TSO) */
        set_end(cursor, len);
    cursor->ip_len = 16;
    cursor->source = header + 8;
    cursor->destination = header + 24;
    cursor->protocol = header[6];
    return extensions(cursor, fragments);
}

static enum layer tcp_header(struct layer_cursor *cursor)
{
    const uint8_t *header = cursor->bytes.at;
    if (cursor->bytes.left < 20)
        return LAYER_CUT;
    size_t header_len = (header[12] >> 4) * 4u;
    if (header_len < 20)
        return LAYER_STOP;
    if (!byte_reader_skip(&cursor->bytes, header_len))
        return LAYER_CUT;
    cursor->source_port = (uint16_t)(header[0] << 8 | header[1]);
    cursor->destination_port = (uint16_t)(header[2] << 8 | header[3]);
    cursor->tcp_sequence =
        (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 | (uint32_t)header[6] << 8 | header[7];
    cursor->tcp_acknowledgment =
        (uint32_t)header[8] << 24 | (uint32_t)header[9] << 16 | (uint32_t)header[10] << 8 | header[11];
    cursor->tcp_flags = header[13];
    return LAYER_TCP;
}

static enum layer udp_header(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 8, &header))
        return LAYER_CUT;
    size_t len = (size_t)(header[4] << 8 | header[5]);
    if (len >= 8 && cursor->bytes.left > len - 8)
        cursor->bytes.left = len - 8;
    else if (len > 8 && cursor->bytes.left < len - 8)
        cursor->cut = true;
    cursor->source_port = (uint16_t)(header[0] << 8 | header[1]);
    cursor->destination_port = (uint16_t)(header[2] << 8 | header[3]);
    return LAYER_UDP_PAYLOAD;
}

/* ICMP, IGMP, no next header, EIGRP, OSPF, PIM, VRRP: they carry no TLS. */
static bool holds_no_tls(uint8_t protocol)
{
    static const uint8_t protocols[] = {1, 2, 58, 59, 88, 89, 103, 112};
    return memchr(protocols, protocol, sizeof protocols) != NULL;
}

enum layer layer_ip_protocol(struct layer_cursor *cursor)
{
    switch (cursor->protocol) {
    case PROTOCOL_TCP: return tcp_header(cursor);
    case PROTOCOL_UDP: return udp_header(cursor);
    case PROTOCOL_IPV4: return LAYER_IPV4;
    case PROTOCOL_IPV6: return LAYER_IPV6;
    case PROTOCOL_GRE: return LAYER_GRE;
    case PROTOCOL_MPLS: return LAYER_MPLS;
    case PROTOCOL_AH: return LAYER_AH;
    case PROTOCOL_ESP: return LAYER_ESP;
    case PROTOCOL_ETHERIP: return LAYER_ETHERIP;
    case PROTOCOL_L2TP: return LAYER_L2TPV3_IP;
    case PROTOCOL_NSH: return LAYER_NSH;
    default:
        return holds_no_tls(cursor->protocol) ? LAYER_STOP
                                              : layer_not_known(cursor, LAYER_UNKNOWN_IP_PROTOCOL, cursor->protocol);
    }
}
