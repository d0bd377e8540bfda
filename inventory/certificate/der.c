#include "inventory/certificate/der.h"

static bool length_read(struct byte_reader *reader, size_t *len)
{
    uint8_t first;
    if (!byte_reader_u8(reader, &first))
        return false;
    if (first < 0x80)
        return *len = first, true;
    unsigned count = first & 0x7f;
    if (count == 0 || count > 8)        /* indefinite, or longer than anything that fits into memory */
        return false;
    uint64_t value = 0;
    for (uint8_t byte; count > 0; count--) {
        if (!byte_reader_u8(reader, &byte))
            return false;
        value = value << 8 | byte;
    }
    if (value > reader->left)
        return false;
    *len = (size_t)value;
    return true;
}

bool der_read(struct byte_reader *reader, struct der_item *item)
{
    struct byte_reader at = *reader;
    size_t len;
    if (!byte_reader_u8(&at, &item->tag) || (item->tag & 0x1f) == 0x1f)
        return false;
    if (!length_read(&at, &len) || !byte_reader_sub(&at, len, &item->content))
        return false;
    item->whole = byte_reader_of(reader->at, (size_t)(at.at - reader->at));
    *reader = at;
    return true;
}

bool der_read_tag(struct byte_reader *reader, uint8_t tag, struct der_item *item)
{
    struct byte_reader saved = *reader;
    if (der_read(reader, item) && item->tag == tag)
        return true;
    *reader = saved;
    return false;
}

uint8_t der_peek(const struct byte_reader *reader)
{
    return reader->left == 0 ? 0 : reader->at[0];
}
