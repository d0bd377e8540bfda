/* Wireless LAN as monitor mode captures it (IEEE 802.11), with the driver's header before each frame: radiotap
 * (https://www.radiotap.org) or PPI. Only data frames in the clear: above all EAPOL, in which EAP-TLS is seen. */
#include "scanner/passive/layers/layer_functions.h"

enum {
    FRAME_TO_DS = 0x0100,
    FRAME_FROM_DS = 0x0200,
    FRAME_PROTECTED = 0x4000,
    FRAME_ORDER = 0x8000,
    SUBTYPE_NO_DATA = 4,
    SUBTYPE_QOS = 8,
    ADDRESS_1 = 4,
    ADDRESS_2 = 10,
    ADDRESS_3 = 16,
    ADDRESS_4 = 24, /* offset in the header */
};

/* Both have their header length in bytes 2 and 3, little endian. */
static bool skip_capture_header(struct layer_cursor *cursor)
{
    struct byte_reader header = cursor->bytes;
    uint16_t version, len;
    return byte_reader_u16_le(&header, &version) && byte_reader_u16_le(&header, &len) && len >= 8 &&
           byte_reader_skip(&cursor->bytes, len);
}

enum layer layer_radiotap(struct layer_cursor *cursor)
{
    return skip_capture_header(cursor) ? LAYER_WIFI : LAYER_CUT;
}

enum layer layer_ppi(struct layer_cursor *cursor)
{
    struct byte_reader link = cursor->bytes;
    uint16_t link_type;
    if (!byte_reader_skip(&link, 4) || !byte_reader_u16_le(&link, &link_type) || !skip_capture_header(cursor))
        return LAYER_CUT;
    cursor->link_type = link_type;
    return LAYER_LINK;
}

enum layer layer_wifi(struct layer_cursor *cursor)
{
    struct byte_reader control = cursor->bytes;
    const uint8_t *header, *qos;
    uint16_t frame;
    if (!byte_reader_u16_le(&control, &frame))
        return LAYER_CUT;
    unsigned type = frame >> 2 & 3, subtype = frame >> 4 & 15;
    bool to_ds = frame & FRAME_TO_DS, from_ds = frame & FRAME_FROM_DS;
    if (type != 2 || (subtype & SUBTYPE_NO_DATA) || (frame & FRAME_PROTECTED))
        return LAYER_STOP;
    if (!byte_reader_bytes(&cursor->bytes, to_ds && from_ds ? 30 : 24, &header))
        return LAYER_CUT;
    cursor->destination_mac = header + (to_ds ? ADDRESS_3 : ADDRESS_1);
    cursor->source_mac = header + (!from_ds ? ADDRESS_2 : to_ds ? ADDRESS_4 : ADDRESS_3);
    if (subtype & SUBTYPE_QOS) {
        if (!byte_reader_bytes(&cursor->bytes, frame & FRAME_ORDER ? 6 : 2, &qos))
            return LAYER_CUT;
        if (qos[0] & 0x80) /* several frames in one (A-MSDU): seldom, and not in the clear */
            return LAYER_STOP;
    }
    return layer_snap(cursor);
}
