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

bool der_int64(struct byte_reader content, int64_t *value)
{
    if (content.left == 0 || content.left > 8)
        return false;
    if (content.left > 1 && (content.at[0] == 0 || content.at[0] == 0xff)
        && (content.at[0] & 0x80) == (content.at[1] & 0x80))
        return false;
    uint64_t bits = content.at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < content.left; i++)
        bits = bits << 8 | content.at[i];
    *value = (int64_t)bits;
    return true;
}

size_t der_integer_bits(struct byte_reader content)
{
    uint8_t sign = content.left > 0 && content.at[0] & 0x80 ? 0xff : 0;
    while (content.left > 0 && content.at[0] == sign)
        byte_reader_skip(&content, 1);
    if (content.left == 0)
        return sign == 0 ? 0 : 1;       /* -1, -256 ...: near enough for a number that is a fault anyway */
    uint8_t first = (uint8_t)(content.at[0] ^ sign);
    return content.left * 8 - (first == 0 ? 8 : (size_t)__builtin_clz(first) - 24);
}

bool der_bit_bytes(struct byte_reader content, struct byte_reader *bytes)
{
    *bytes = content;
    return content.left > 0 && content.at[0] == 0 && byte_reader_skip(bytes, 1);
}

bool der_bit(struct byte_reader content, size_t n)
{
    return 1 + n / 8 < content.left && (content.at[1 + n / 8] & 0x80 >> n % 8) != 0;
}
