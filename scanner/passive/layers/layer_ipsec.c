/* IPsec without encryption: AH, and ESP with the NULL cipher. */
#include "scanner/passive/layers/layer_functions.h"
#include "scanner/passive/layers/layer_look.h"

enum layer layer_ah(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 8, &header))
        return LAYER_CUT;
    if (header[1] == 0)
        return LAYER_STOP;
    cursor->protocol = header[0];
    return byte_reader_skip(&cursor->bytes, (header[1] + 2u) * 4 - 8) ? LAYER_IP_PROTOCOL : LAYER_CUT;
}

/* The padding is 1, 2, 3 ... (RFC 4303, section 2.4); then its length and the next header. */
static bool has_trailer(struct byte_reader payload, uint8_t *next_header, size_t *len)
{
    if (payload.left < 2)
        return false;
    size_t pad = payload.at[payload.left - 2];
    if (pad + 2 > payload.left)
        return false;
    *len = payload.left - 2 - pad;
    *next_header = payload.at[payload.left - 1];
    for (size_t i = 0; i < pad; i++)
        if (payload.at[*len + i] != i + 1)
            return false;
    return true;
}

static bool looks_like(struct byte_reader payload, uint8_t protocol)
{
    switch (protocol) {
    case 4: case 41: return layer_looks_like_ip(payload) && payload.at[0] >> 4 == (protocol == 4 ? 4 : 6);
    case 6: return payload.left >= 20 && payload.at[12] >> 4 >= 5 && (payload.at[12] >> 4) * 4u <= payload.left;
    case 17: return payload.left >= 8 && (size_t)(payload.at[4] << 8 | payload.at[5]) == payload.left;
    default: return false;
    }
}

/* The packet does not say that the cipher is NULL, nor how long the check value is: trailer and payload must look right (RFC 5879). */
enum layer layer_esp(struct layer_cursor *cursor)
{
    static const size_t check_lens[] = {12, 16, 24, 32, 0};
    if (!byte_reader_skip(&cursor->bytes, 8))           /* SPI, sequence number */
        return LAYER_CUT;
    for (size_t i = 0; i < sizeof check_lens / sizeof check_lens[0] && !cursor->cut; i++) {
        struct byte_reader payload = cursor->bytes;
        uint8_t next_header;
        if (payload.left < check_lens[i])
            continue;
        payload.left -= check_lens[i];
        if (!has_trailer(payload, &next_header, &payload.left) || !looks_like(payload, next_header))
            continue;
        cursor->bytes = payload;
        cursor->protocol = next_header;
        return LAYER_IP_PROTOCOL;
    }
    return layer_not_known(cursor, LAYER_UNKNOWN_IP_PROTOCOL, 50);
}
