/* Tags between the addresses of a frame and what it carries, and headers that carry whole frames. */
#include "scanner/passive/layers/layer_functions.h"

/* An ethertype after len bytes. */
static enum layer ethertype_behind(struct layer_cursor *cursor, size_t len)
{
    if (!byte_reader_skip(&cursor->bytes, len) || !byte_reader_u16(&cursor->bytes, &cursor->ethertype))
        return LAYER_CUT;
    return LAYER_ETHERTYPE;
}

/* Version, length in 32-bit words, then that many words of options and tag. */
enum layer layer_sgt(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 2, &header))
        return LAYER_CUT;
    return ethertype_behind(cursor, header[1] * 4u);
}

enum layer layer_vn_tag(struct layer_cursor *cursor)
{
    return ethertype_behind(cursor, 4);
}

enum layer layer_e_tag(struct layer_cursor *cursor)
{
    return ethertype_behind(cursor, 6);
}

/* The tag's first byte says whether what follows is encrypted; the last 16 bytes are the integrity check value. */
enum layer layer_macsec(struct layer_cursor *cursor)
{
    enum { CHANGED = 0x04, ENCRYPTED = 0x08, HAS_CHANNEL = 0x20, CHECK_LEN = 16 };
    const uint8_t *tag;
    if (!byte_reader_bytes(&cursor->bytes, 6, &tag) ||
        ((tag[0] & HAS_CHANNEL) && !byte_reader_skip(&cursor->bytes, 8)))
        return LAYER_CUT;
    if (tag[0] & (ENCRYPTED | CHANGED))
        return layer_not_known(cursor, LAYER_UNKNOWN_ETHERTYPE, 0x88e5);
    if (cursor->bytes.left < CHECK_LEN + 2)
        return LAYER_CUT;
    cursor->bytes.left -= CHECK_LEN;
    return ethertype_behind(cursor, 0);
}

enum layer layer_pbb(struct layer_cursor *cursor)
{
    return byte_reader_skip(&cursor->bytes, 4) ? LAYER_ETHERNET : LAYER_CUT;
}

/* The numbers of RFC 8300, section 2.2, which VXLAN-GPE shares. */
enum layer layer_next_protocol(struct layer_cursor *cursor, uint8_t number, enum layer_unknown_kind kind, uint32_t unknown)
{
    switch (number) {
    case 1: return LAYER_IPV4;
    case 2: return LAYER_IPV6;
    case 3: return LAYER_ETHERNET;
    case 4: return LAYER_NSH;
    case 5: return LAYER_MPLS;
    default: return layer_not_known(cursor, kind, unknown);
    }
}

enum layer layer_nsh(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 8, &header))
        return LAYER_CUT;
    size_t len = (header[1] & 0x3fu) * 4;
    if (len < 8)
        return LAYER_STOP;
    if (!byte_reader_skip(&cursor->bytes, len - 8))
        return LAYER_CUT;
    return layer_next_protocol(cursor, header[3], LAYER_UNKNOWN_ETHERTYPE, 0x894f);
}

enum layer layer_trill(struct layer_cursor *cursor)
{
    const uint8_t *header;
    if (!byte_reader_bytes(&cursor->bytes, 6, &header))
        return LAYER_CUT;
    size_t options = ((header[0] & 7u) << 2 | header[1] >> 6) * 4;
    return byte_reader_skip(&cursor->bytes, options) ? LAYER_ETHERNET : LAYER_CUT;
}

/* A switch chip's tag of len bytes after the addresses. */
static enum layer chip_tag(struct layer_cursor *cursor, size_t len)
{
    const uint8_t *addresses;
    if (!byte_reader_bytes(&cursor->bytes, 12, &addresses))
        return LAYER_CUT;
    cursor->destination_mac = addresses;
    cursor->source_mac = addresses + 6;
    return ethertype_behind(cursor, len);
}

enum layer layer_dsa_brcm_prepend(struct layer_cursor *cursor)
{
    return byte_reader_skip(&cursor->bytes, 4) ? LAYER_ETHERNET : LAYER_CUT;
}

enum layer layer_dsa(struct layer_cursor *cursor)
{
    return chip_tag(cursor, 4);
}

enum layer layer_edsa(struct layer_cursor *cursor)
{
    return chip_tag(cursor, 8);
}
