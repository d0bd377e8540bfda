#include "scanner/passive/layers/layer_look.h"

#include "scanner/passive/layers/layer_functions.h"

bool layer_looks_like_ip(struct byte_reader bytes)
{
    const uint8_t *at = bytes.at;
    if (bytes.left >= 20 && at[0] >> 4 == 4) {
        size_t header_len = (at[0] & 15u) * 4, total_len = (size_t)(at[2] << 8 | at[3]);
        return header_len >= 20 && (total_len == 0 || total_len >= header_len) && at[8] != 0;
    }
    return bytes.left >= 40 && at[0] >> 4 == 6 && at[7] != 0;
}

bool layer_looks_like_ethernet(struct byte_reader bytes)
{
    uint16_t ethertype;
    if (!byte_reader_skip(&bytes, 12) || !byte_reader_u16(&bytes, &ethertype))
        return false;
    for (unsigned tags = 0; tags < 3 && (ethertype == 0x8100 || ethertype == 0x88a8); tags++)
        if (!byte_reader_skip(&bytes, 2) || !byte_reader_u16(&bytes, &ethertype))
            return false;
    if (ethertype == 0x0806)
        return bytes.left >= 28;
    return (ethertype == 0x0800 || ethertype == 0x86dd) && layer_looks_like_ip(bytes) &&
           (bytes.at[0] >> 4 == 4) == (ethertype == 0x0800);
}

enum layer layer_l2tpv3_payload(struct layer_cursor *cursor)
{
    static const size_t before[] = {0, 4, 8, 12};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct byte_reader rest = cursor->bytes;
        if (!byte_reader_skip(&rest, before[i]))
            break;
        bool is_ethernet = layer_looks_like_ethernet(rest), is_ip = layer_looks_like_ip(rest);
        bool is_ppp = rest.left > 4 && rest.at[0] == 0xff && rest.at[1] == 0x03;
        if (is_ethernet || is_ip || is_ppp) {
            cursor->bytes = rest;
            return is_ethernet ? LAYER_ETHERNET : is_ip ? LAYER_RAW_IP : LAYER_PPP;
        }
    }
    return layer_not_known(cursor, LAYER_UNKNOWN_IP_PROTOCOL, 115);
}
