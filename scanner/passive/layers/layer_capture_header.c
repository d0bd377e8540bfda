/* Headers that capture tools and drivers put before each packet (https://www.tcpdump.org/linktypes.html). */
#include "scanner/passive/layers/layer_functions.h"

/* Netlink attributes about a packet, in the byte order of the capturing machine; the payload is one of them. */
enum layer layer_nflog(struct layer_cursor *cursor)
{
    enum { PAYLOAD = 9 };
    if (!byte_reader_skip(&cursor->bytes, 4))           /* family, version, group */
        return LAYER_CUT;
    while (cursor->bytes.left >= 4) {
        const uint8_t *at = cursor->bytes.at;
        unsigned len = at[0] | (unsigned)at[1] << 8, type = at[2] | (unsigned)at[3] << 8;
        if (at[3] != 0) {                               /* types are small, so this is the other byte order */
            len = (unsigned)at[0] << 8 | at[1];
            type = (unsigned)at[2] << 8 | at[3];
        }
        if (len < 4)
            return LAYER_STOP;
        if ((type & 0x7fff) == PAYLOAD) {
            byte_reader_skip(&cursor->bytes, 4);
            if (cursor->bytes.left > len - 4)
                cursor->bytes.left = len - 4;
            return LAYER_RAW_IP;
        }
        if (!byte_reader_skip(&cursor->bytes, (len + 3) & ~3u))
            return LAYER_CUT;
    }
    return LAYER_CUT;
}

/* Its length, a type that is 1 for packets, and their link type, in little endian. */
enum layer layer_pktap(struct layer_cursor *cursor)
{
    struct byte_reader header = cursor->bytes;
    uint32_t len, type;
    if (!byte_reader_u32_le(&header, &len) || !byte_reader_u32_le(&header, &type) ||
        !byte_reader_u32_le(&header, &cursor->link_type))
        return LAYER_CUT;
    if (len < 12 || type != 1)
        return LAYER_STOP;
    return byte_reader_skip(&cursor->bytes, len) ? LAYER_LINK : LAYER_CUT;
}

/* In a Prism header the length stands in the driver's byte order; some drivers write an AVS header instead. */
enum layer layer_prism(struct layer_cursor *cursor)
{
    struct byte_reader header = cursor->bytes;
    uint32_t code, len;
    if (!byte_reader_u32(&header, &code) || !byte_reader_u32(&header, &len))
        return LAYER_CUT;
    if (code >> 12 == 0x80211)
        return LAYER_AVS;
    if (len > 0xffff)
        len = __builtin_bswap32(len);
    return len >= 8 && byte_reader_skip(&cursor->bytes, len) ? LAYER_WIFI : LAYER_CUT;
}

enum layer layer_avs(struct layer_cursor *cursor)
{
    struct byte_reader header = cursor->bytes;
    uint32_t len;
    if (!byte_reader_skip(&header, 4) || !byte_reader_u32(&header, &len))
        return LAYER_CUT;
    return len >= 8 && byte_reader_skip(&cursor->bytes, len) ? LAYER_WIFI : LAYER_CUT;
}

/* OpenBSD's firewall log: the header's length (rounded up to words), the address family. */
enum layer layer_pflog(struct layer_cursor *cursor)
{
    if (cursor->bytes.left < 4)
        return LAYER_CUT;
    size_t len = (cursor->bytes.at[0] + 3u) & ~3u;
    return len >= 4 && byte_reader_skip(&cursor->bytes, len) ? LAYER_RAW_IP : LAYER_CUT;
}

/* OpenBSD's IPsec interface: address family, SPI, flags. */
enum layer layer_enc(struct layer_cursor *cursor)
{
    return byte_reader_skip(&cursor->bytes, 12) ? LAYER_RAW_IP : LAYER_CUT;
}
