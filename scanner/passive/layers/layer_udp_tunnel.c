/* Tunnels over UDP, recognised by port and first bytes; VXLAN at any port, by its payload. */
#include "scanner/passive/layers/layer_functions.h"
#include "scanner/passive/layers/layer_look.h"

enum {
    PORT_L2TP = 1701, PORT_GTP_U = 2152, PORT_TEREDO = 3544, PORT_LISP = 4341, PORT_VXLAN = 4789,
    PORT_VXLAN_GPE = 4790, PORT_CAPWAP_DATA = 5247, PORT_GUE = 6080, PORT_GENEVE = 6081, PORT_MPLS_UDP = 6635, PORT_VXLAN_LINUX = 8472,
    PORT_TZSP = 37008,
};

enum layer layer_vxlan(struct layer_cursor *cursor)
{
    return byte_reader_skip(&cursor->bytes, 8) ? LAYER_ETHERNET : LAYER_CUT;
}

enum layer layer_geneve(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 8, &header) ||
        !byte_reader_skip(&cursor->bytes, (header[0] & 0x3fu) * 4))
        return LAYER_CUT;
    cursor->ethertype = (uint16_t)(header[2] << 8 | header[3]);
    return LAYER_ETHERTYPE;
}

enum layer layer_gtp_u(struct layer_cursor *cursor)
{
    const uint8_t *header, *next;
    if (!byte_reader_bytes(&cursor->bytes, 8, &header))
        return LAYER_CUT;
    if ((header[0] & 7) != 0) {                         /* sequence number, N-PDU, next extension type */
        if (!byte_reader_bytes(&cursor->bytes, 4, &next))
            return LAYER_CUT;
        uint8_t type = header[0] & 4 ? next[3] : 0;
        while (type != 0) {
            if (cursor->bytes.left == 0 || cursor->bytes.at[0] == 0 ||
                !byte_reader_bytes(&cursor->bytes, cursor->bytes.at[0] * 4u, &next))
                return LAYER_CUT;
            type = next[next[0] * 4u - 1];
        }
    }
    return LAYER_RAW_IP;
}

enum layer layer_teredo(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (cursor->bytes.left >= 4 && cursor->bytes.at[0] == 0 && cursor->bytes.at[1] == 1) {
        if (!byte_reader_bytes(&cursor->bytes, 4, &header) ||       /* authentication indicator */
            !byte_reader_skip(&cursor->bytes, header[2] + header[3] + 9u))
            return LAYER_CUT;
    }
    if (cursor->bytes.left >= 8 && cursor->bytes.at[0] == 0 && cursor->bytes.at[1] == 0)
        byte_reader_skip(&cursor->bytes, 8);                        /* origin indication */
    return LAYER_RAW_IP;
}

/* The P flag says that a next protocol is given; without it, this is plain VXLAN. */
enum layer layer_vxlan_gpe(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 8, &header))
        return LAYER_CUT;
    if ((header[0] & 0x04) == 0)
        return LAYER_ETHERNET;
    return layer_next_protocol(cursor, header[3], LAYER_UNKNOWN_TUNNEL, PORT_VXLAN_GPE);
}

enum layer layer_l2tp(struct layer_cursor *cursor)
{
    uint16_t flags, offset;
    if (!byte_reader_u16(&cursor->bytes, &flags))
        return LAYER_CUT;
    if (flags & 0x8000)                                 /* a control message */
        return LAYER_STOP;
    if ((flags & 15) == 3)                              /* two bytes reserved, then the session */
        return byte_reader_skip(&cursor->bytes, 6) ? layer_l2tpv3_payload(cursor) : LAYER_CUT;
    size_t before = (flags & 0x4000 ? 2u : 0) + 4u + (flags & 0x0800 ? 4u : 0);
    if (!byte_reader_skip(&cursor->bytes, before) ||
        ((flags & 0x0200) && (!byte_reader_u16(&cursor->bytes, &offset) || !byte_reader_skip(&cursor->bytes, offset))))
        return LAYER_CUT;
    return LAYER_PPP;
}

/* Version 1 is an IP packet without a GUE header: its version bits are part of IP's. */
enum layer layer_gue(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (cursor->bytes.left != 0 && cursor->bytes.at[0] >> 6 == 1)
        return LAYER_RAW_IP;
    if (!byte_reader_bytes(&cursor->bytes, 4, &header) || !byte_reader_skip(&cursor->bytes, (header[0] & 0x1fu) * 4))
        return LAYER_CUT;
    if (header[0] >> 6 != 0 || (header[0] & 0x20))      /* a control message */
        return LAYER_STOP;
    cursor->protocol = header[1];
    return LAYER_IP_PROTOCOL;
}

enum layer layer_lisp(struct layer_cursor *cursor)
{
    return byte_reader_skip(&cursor->bytes, 8) ? LAYER_RAW_IP : LAYER_CUT;
}

/* Skips tagged fields up to the end tag. The header's protocol number names what follows. */
enum layer layer_tzsp(struct layer_cursor *cursor)
{
    const uint8_t *header;
    uint8_t tag, len;
    if (!byte_reader_bytes(&cursor->bytes, 4, &header))
        return LAYER_CUT;
    do {
        if (!byte_reader_u8(&cursor->bytes, &tag))
            return LAYER_CUT;
        if (tag > 1 && (!byte_reader_u8(&cursor->bytes, &len) || !byte_reader_skip(&cursor->bytes, len)))
            return LAYER_CUT;
    } while (tag != 1);
    switch (header[2] << 8 | header[3]) {
    case 1: return LAYER_ETHERNET;
    case 18: return LAYER_WIFI;
    case 119: return LAYER_PRISM;
    case 127: return LAYER_AVS;
    default: return layer_not_known(cursor, LAYER_UNKNOWN_TUNNEL, PORT_TZSP);
    }
}

/* RFC 5415, section 4.3. Fragments are not reassembled. */
enum layer layer_capwap(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (cursor->bytes.left < 8)
        return LAYER_CUT;
    size_t len = (cursor->bytes.at[1] >> 3) * 4u;
    if (len < 8 || !byte_reader_bytes(&cursor->bytes, len, &header))
        return LAYER_CUT;
    if ((header[3] & 0x80) != 0 || (header[3] & 0x08) != 0)             /* a fragment; a keep-alive */
        return LAYER_STOP;
    return (header[3] & 1) ? LAYER_WIFI : LAYER_ETHERNET;
}

/* Any port may carry VXLAN: its flags say that the network's number is valid, all reserved bits are zero, and inside is
 * an Ethernet frame. */
static bool looks_like_vxlan(const struct layer_cursor *cursor)
{
    const uint8_t *at = cursor->bytes.at;
    return at[0] == 0x08 && (at[1] | at[2] | at[3] | at[7]) == 0 &&
           layer_looks_like_ethernet((struct byte_reader){.at = at + 8, .left = cursor->bytes.left - 8});
}

static bool looks_like_geneve(const uint8_t *at)
{
    return at[0] >> 6 == 0 &&
           ((at[2] == 0x65 && at[3] == 0x58) || (at[2] == 0x08 && at[3] == 0) || (at[2] == 0x86 && at[3] == 0xdd));
}

/* Checks the version and the bits that are fixed in this port's header format. */
static bool looks_like_l2tp(const uint8_t *at)
{
    unsigned version = at[1] & 15;
    return (at[1] & 0xf0) == 0 && (at[0] & 0x34) == 0 && (version == 2 || version == 3);
}

static enum layer tunnel_at_port(const struct layer_cursor *cursor, uint16_t port)
{
    const uint8_t *at = cursor->bytes.at;
    switch (port) {
    case PORT_VXLAN: case PORT_VXLAN_LINUX:             /* with a group policy's bits too */
        return (at[0] & 0x08) && at[7] == 0 && cursor->bytes.left >= 8 + 14 ? LAYER_VXLAN : LAYER_UDP;
    case PORT_GENEVE: return looks_like_geneve(at) ? LAYER_GENEVE : LAYER_UDP;
    case PORT_GTP_U:                                    /* version 1, a user's packet */
        return at[0] >> 5 == 1 && (at[0] & 0x10) && at[1] == 0xff ? LAYER_GTP_U : LAYER_UDP;
    case PORT_TEREDO: return at[0] >> 4 == 6 || (at[0] == 0 && at[1] <= 1) ? LAYER_TEREDO : LAYER_UDP;
    case PORT_L2TP: return looks_like_l2tp(at) ? LAYER_L2TP : LAYER_UDP;
    case PORT_MPLS_UDP: return LAYER_MPLS_UDP;
    case PORT_VXLAN_GPE: return (at[0] & 0xfb) == 0x08 && at[7] == 0 ? LAYER_VXLAN_GPE : LAYER_UDP;
    case PORT_GUE: return LAYER_GUE;
    case PORT_LISP:
        return cursor->bytes.left > 8 && layer_looks_like_ip(byte_reader_of(at + 8, cursor->bytes.left - 8))
                   ? LAYER_LISP
                   : LAYER_UDP;
    case PORT_TZSP: return at[0] == 1 && at[1] <= 1 ? LAYER_TZSP : LAYER_UDP;
    case PORT_CAPWAP_DATA: return at[0] == 0 ? LAYER_CAPWAP : LAYER_UDP;
    default: return LAYER_UDP;
    }
}

enum layer layer_udp_payload(struct layer_cursor *cursor)
{
    if (cursor->bytes.left < 8)
        return LAYER_UDP;
    if (looks_like_vxlan(cursor))
        return LAYER_VXLAN;
    enum layer layer = tunnel_at_port(cursor, cursor->destination_port);
    return layer == LAYER_UDP ? tunnel_at_port(cursor, cursor->source_port) : layer;
}
