/* Link layers and tags. */
#include "scanner/passive/layers/layer_functions.h"

#include <string.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_EAPOL = 0x888e,
    ETHERTYPE_TEB = 0x6558,             /* transparent Ethernet bridging, in GRE and cooked captures */
};

/* ARP, RARP, AppleTalk, IPX, discovery of PPPoE, LACP, LLDP, CFM, PTP, loopback tests, LLTD, AoE: they carry no TLS. */
static bool holds_no_tls(uint16_t ethertype)
{
    static const uint16_t ethertypes[] = {0x0806, 0x8035, 0x809b, 0x80f3, 0x8137, 0x8863, 0x8809, 0x88cc, 0x8902,
                                          0x88f7, 0x9000, 0x88d9, 0x88a2};
    for (size_t i = 0; i < sizeof ethertypes / sizeof ethertypes[0]; i++)
        if (ethertypes[i] == ethertype)
            return true;
    return false;
}

enum layer layer_ethertype(struct layer_cursor *cursor)
{
    switch (cursor->ethertype) {
    case ETHERTYPE_IPV4: return LAYER_IPV4;
    case ETHERTYPE_IPV6: return LAYER_IPV6;
    case 0x8100: case 0x88a8: case 0x9100: case 0x9200: case 0x9300: return LAYER_VLAN;
    case 0x8847: case 0x8848: return LAYER_MPLS;
    case 0x8909: return LAYER_SGT;
    case 0x8926: return LAYER_VN_TAG;
    case 0x893f: return LAYER_E_TAG;
    case 0x88e5: return LAYER_MACSEC;
    case 0x88e7: return LAYER_PBB;
    case 0x894f: return LAYER_NSH;
    case 0x22f3: return LAYER_TRILL;
    case 0x8864: return LAYER_PPPOE;
    case 0x880b: return LAYER_PPP;      /* in GRE */
    case ETHERTYPE_TEB: return LAYER_ETHERNET;
    case ETHERTYPE_EAPOL: return LAYER_EAPOL;
    default: return holds_no_tls(cursor->ethertype)
                        ? LAYER_STOP
                        : layer_not_known(cursor, LAYER_UNKNOWN_ETHERTYPE, cursor->ethertype);
    }
}

/* A length instead of a type: IEEE 802.2 with SNAP (an ethertype, or a bridged Ethernet frame); other payloads carry no TLS. */
enum layer layer_snap(struct layer_cursor *cursor)
{
    static const uint8_t ethertype[6] = {0xaa, 0xaa, 0x03, 0, 0, 0}, bridged[6] = {0xaa, 0xaa, 0x03, 0, 0x80, 0xc2};
    const uint8_t *bytes;
    if (!byte_reader_bytes(&cursor->bytes, 8, &bytes))
        return LAYER_STOP;
    cursor->ethertype = (uint16_t)(bytes[6] << 8 | bytes[7]);
    if (memcmp(bytes, ethertype, 6) == 0)
        return layer_ethertype(cursor);
    if (memcmp(bytes, bridged, 6) == 0 && (cursor->ethertype == 1 || cursor->ethertype == 7))     /* RFC 2684, 5.2 */
        return byte_reader_skip(&cursor->bytes, 2) ? LAYER_ETHERNET : LAYER_CUT;
    return LAYER_STOP;
}

enum layer layer_ethernet(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 14, &header))
        return LAYER_CUT;
    cursor->destination_mac = header;
    cursor->source_mac = header + 6;
    cursor->ethertype = (uint16_t)(header[12] << 8 | header[13]);
    return cursor->ethertype < 0x0600 ? layer_snap(cursor) : layer_ethertype(cursor);
}

enum layer layer_vlan(struct layer_cursor *cursor)
{
    const uint8_t *tag;
    if (!byte_reader_bytes(&cursor->bytes, 4, &tag))
        return LAYER_CUT;
    cursor->ethertype = (uint16_t)(tag[2] << 8 | tag[3]);
    return cursor->ethertype < 0x0600 ? layer_snap(cursor) : layer_ethertype(cursor);
}

enum layer layer_sll(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 16, &header))
        return LAYER_CUT;
    cursor->ethertype = (uint16_t)(header[14] << 8 | header[15]);
    return layer_ethertype(cursor);
}

enum layer layer_sll2(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 20, &header))
        return LAYER_CUT;
    cursor->ethertype = (uint16_t)(header[0] << 8 | header[1]);
    return layer_ethertype(cursor);
}

/* An address family in the writer's byte order, which may be either: IPv4 is 2 everywhere, IPv6 24, 28 or 30. */
enum layer layer_null(struct layer_cursor *cursor)
{
    uint32_t family;
    if (!byte_reader_u32(&cursor->bytes, &family))
        return LAYER_CUT;
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2: return LAYER_IPV4;
    case 10: case 24: case 28: case 30: return LAYER_IPV6;
    default: return LAYER_STOP;
    }
}

enum layer layer_ppp_hdlc(struct layer_cursor *cursor)
{
    return layer_ppp(cursor);
}

enum layer layer_ppp(struct layer_cursor *cursor)
{
    if (cursor->bytes.left >= 2 && cursor->bytes.at[0] == 0xff && cursor->bytes.at[1] == 0x03)
        byte_reader_skip(&cursor->bytes, 2);            /* address and control, not compressed away */
    uint8_t first, second;
    if (!byte_reader_u8(&cursor->bytes, &first))
        return LAYER_CUT;
    uint16_t protocol = first;
    if (first % 2 == 0) {                               /* protocol field compression ends with an odd byte */
        if (!byte_reader_u8(&cursor->bytes, &second))
            return LAYER_CUT;
        protocol = (uint16_t)(first << 8 | second);
    }
    switch (protocol) {
    case 0x0021: return LAYER_IPV4;
    case 0x0057: return LAYER_IPV6;
    case 0x0281: case 0x0283: return LAYER_MPLS;
    default:                                            /* from 0x4001 on control protocols: none carries TLS */
        return protocol >= 0x4000 ? LAYER_STOP : layer_not_known(cursor, LAYER_UNKNOWN_PPP_PROTOCOL, protocol);
    }
}

/* Cisco's HDLC: address, control, and an ethertype. */
enum layer layer_c_hdlc(struct layer_cursor *cursor)
{
    return layer_vlan(cursor);
}

enum layer layer_pppoe(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 6, &header))
        return LAYER_CUT;
    size_t len = (size_t)(header[4] << 8 | header[5]);
    if (header[1] != 0)                                 /* discovery, no session data */
        return LAYER_STOP;
    if (cursor->bytes.left > len)
        cursor->bytes.left = len;                       /* padding of short frames */
    return layer_ppp(cursor);
}

enum layer layer_mpls(struct layer_cursor *cursor)
{
    const uint8_t *label;
    if (!byte_reader_bytes(&cursor->bytes, 4, &label))
        return LAYER_CUT;
    if ((label[2] & 1) == 0)                            /* not the bottom of the stack */
        return LAYER_MPLS;
    if (cursor->bytes.left == 0)
        return LAYER_CUT;
    switch (cursor->bytes.at[0] >> 4) {                 /* the label does not name the payload; guess by the first nibble (RFC 4928) */
    case 4: return LAYER_IPV4;
    case 6: return LAYER_IPV6;
    case 0:                                             /* a pseudowire's control word (RFC 4448), or a MAC */
        if (cursor->bytes.left >= 18 && cursor->bytes.at[0] == 0 && cursor->bytes.at[1] == 0)
            byte_reader_skip(&cursor->bytes, 4);
        return LAYER_ETHERNET;
    default: return LAYER_ETHERNET;
    }
}
