/* Links between sites and inside clusters: Frame Relay, ATM, InfiniBand. */
#include "scanner/passive/layers/layer_functions.h"

enum { NLPID_SNAP = 0x80, NLPID_IPV6 = 0x8e, NLPID_IPV4 = 0xcc, NLPID_PPP = 0xcf };

/* The number of the network layer's protocol (ISO/IEC TR 9577). */
static enum layer on_nlpid(struct layer_cursor *cursor)
{
    uint8_t nlpid;
    do
        if (!byte_reader_u8(&cursor->bytes, &nlpid))
            return LAYER_CUT;
    while (nlpid == 0);                                 /* padding to an even number of bytes */
    const uint8_t *snap;
    switch (nlpid) {
    case NLPID_IPV4: return LAYER_IPV4;
    case NLPID_IPV6: return LAYER_IPV6;
    case NLPID_PPP: return LAYER_PPP;
    case NLPID_SNAP:
        if (!byte_reader_bytes(&cursor->bytes, 5, &snap))
            return LAYER_CUT;
        cursor->ethertype = (uint16_t)(snap[3] << 8 | snap[4]);
        if ((snap[0] | snap[1] | snap[2]) == 0)
            return LAYER_ETHERTYPE;
        return snap[1] == 0x80 && snap[2] == 0xc2 && (cursor->ethertype == 1 || cursor->ethertype == 7)
                   ? LAYER_ETHERNET
                   : LAYER_STOP;
    default: return layer_not_known(cursor, LAYER_UNKNOWN_NLPID, nlpid);
    }
}

/* An address of two to four bytes, the last one odd; then control and protocol (RFC 2427), or Cisco's ethertype. */
enum layer layer_frame_relay(struct layer_cursor *cursor)
{
    uint8_t byte;
    unsigned len = 0;
    do
        if (!byte_reader_u8(&cursor->bytes, &byte))
            return LAYER_CUT;
    while ((byte & 1) == 0 && ++len < 4);
    if (cursor->bytes.left != 0 && cursor->bytes.at[0] == 0x03) {
        byte_reader_skip(&cursor->bytes, 1);
        return on_nlpid(cursor);
    }
    return byte_reader_u16(&cursor->bytes, &cursor->ethertype) ? LAYER_ETHERTYPE : LAYER_CUT;
}

/* With LLC, or (one protocol a circuit) IP at once. */
enum layer layer_rfc_1483(struct layer_cursor *cursor)
{
    const uint8_t *at = cursor->bytes.at;
    if (cursor->bytes.left < 3)
        return LAYER_CUT;
    if (at[0] == 0xaa && at[1] == 0xaa)
        return layer_snap(cursor);
    if (at[0] == 0xfe && at[1] == 0xfe && at[2] == 0x03) {
        byte_reader_skip(&cursor->bytes, 3);
        return on_nlpid(cursor);
    }
    return LAYER_RAW_IP;
}

/* A global routing header of 40 bytes, an ethertype, two bytes reserved. */
enum layer layer_ipoib(struct layer_cursor *cursor)
{
    if (!byte_reader_skip(&cursor->bytes, 40) || !byte_reader_u16(&cursor->bytes, &cursor->ethertype) ||
        !byte_reader_skip(&cursor->bytes, 2))
        return LAYER_CUT;
    return LAYER_ETHERTYPE;
}
