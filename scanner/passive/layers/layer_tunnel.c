/* What is carried inside IP itself: GRE, Ethernet, L2TPv3. */
#include "scanner/passive/layers/layer_functions.h"
#include "scanner/passive/layers/layer_look.h"

enum layer layer_gre(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 4, &header))
        return LAYER_CUT;
    unsigned version = header[1] & 7;
    size_t options = (header[0] & 0x80 ? 4u : 0) + (header[0] & 0x20 ? 4u : 0) + (header[0] & 0x10 ? 4u : 0);
    if (version == 1)                                   /* PPTP (RFC 2637): acknowledgment number */
        options += header[1] & 0x80 ? 4u : 0;
    else if (version != 0 || (header[0] & 0x40))        /* source routing (RFC 1701) is obsolete */
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

enum layer layer_etherip(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 2, &header))
        return LAYER_CUT;
    return header[0] >> 4 == 3 ? LAYER_ETHERNET : LAYER_STOP;
}

enum layer layer_l2tpv3_ip(struct layer_cursor *cursor)
{
    const uint8_t *session;
    if (!byte_reader_bytes(&cursor->bytes, 4, &session))
        return LAYER_CUT;
    if ((session[0] | session[1] | session[2] | session[3]) == 0)
        return LAYER_STOP;                              /* a control message */
    return layer_l2tpv3_payload(cursor);
}
