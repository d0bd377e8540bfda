/* What is carried inside IP: GRE and, over UDP at their ports and by their first bytes, VXLAN, Geneve, GTP-U,
 * Teredo. */
#include "scanner/passive/layers/layer_functions.h"

enum { PORT_GTP_U = 2152, PORT_TEREDO = 3544, PORT_VXLAN = 4789, PORT_GENEVE = 6081, PORT_VXLAN_LINUX = 8472 };

enum layer layer_gre(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 4, &header))
        return LAYER_CUT;
    unsigned version = header[1] & 7;
    size_t options = (header[0] & 0x80 ? 4u : 0) + (header[0] & 0x20 ? 4u : 0) + (header[0] & 0x10 ? 4u : 0);
    if (version == 1)                                   /* PPTP (RFC 2637): acknowledgment number */
        options += header[1] & 0x80 ? 4u : 0;
    else if (version != 0 || (header[0] & 0x40))        /* source routing is not in use any more */
        return LAYER_STOP;
    cursor->ethertype = (uint16_t)(header[2] << 8 | header[3]);
    if (!byte_reader_skip(&cursor->bytes, options))
        return LAYER_CUT;
    if (cursor->ethertype == 0x88be) {                  /* ERSPAN: a mirror port's own tunnel */
        if ((header[0] & 0x10) && !byte_reader_skip(&cursor->bytes, 8))     /* type II */
            return LAYER_CUT;
        return LAYER_ETHERNET;
    }
    if (cursor->ethertype == 0x22eb) {                  /* ERSPAN type III */
        const uint8_t *erspan;
        if (!byte_reader_bytes(&cursor->bytes, 12, &erspan) ||
            ((erspan[11] & 1) && !byte_reader_skip(&cursor->bytes, 8)))
            return LAYER_CUT;
        return LAYER_ETHERNET;
    }
    return LAYER_ETHERTYPE;
}

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

static bool is_either_port(const struct layer_cursor *cursor, uint16_t port)
{
    return cursor->source_port == port || cursor->destination_port == port;
}

enum layer layer_udp_payload(struct layer_cursor *cursor)
{
    const uint8_t *at = cursor->bytes.at;
    if (cursor->bytes.left < 8)
        return LAYER_UDP;
    if ((is_either_port(cursor, PORT_VXLAN) || is_either_port(cursor, PORT_VXLAN_LINUX)) &&
        (at[0] & 0x08) && at[7] == 0 && cursor->bytes.left >= 8 + 14)
        return LAYER_VXLAN;
    if (is_either_port(cursor, PORT_GENEVE) && at[0] >> 6 == 0 &&
        ((at[2] == 0x65 && at[3] == 0x58) || (at[2] == 0x08 && at[3] == 0) || (at[2] == 0x86 && at[3] == 0xdd)))
        return LAYER_GENEVE;
    if (is_either_port(cursor, PORT_GTP_U) && at[0] >> 5 == 1 && (at[0] & 0x10) && at[1] == 0xff)
        return LAYER_GTP_U;             /* version 1, a user's packet */
    if (is_either_port(cursor, PORT_TEREDO) && (at[0] >> 4 == 6 || (at[0] == 0 && at[1] <= 1)))
        return LAYER_TEREDO;
    return LAYER_UDP;
}
