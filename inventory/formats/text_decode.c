#include "inventory/formats/text_decode.h"

#include <string.h>

/* Windows-1252's 0x80 to 0x9f; 0: no character. The rest is Latin-1. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

static void put(struct byte_buffer *to, uint32_t c)
{
    uint8_t utf_8[4];
    size_t len = 1;
    if (c < 0x80) {
        utf_8[0] = (uint8_t)c;
    } else if (c < 0x800) {
        utf_8[0] = (uint8_t)(0xc0 | c >> 6);
        utf_8[1] = (uint8_t)(0x80 | (c & 0x3f));
        len = 2;
    } else if (c < 0x10000) {
        utf_8[0] = (uint8_t)(0xe0 | c >> 12);
        utf_8[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        utf_8[2] = (uint8_t)(0x80 | (c & 0x3f));
        len = 3;
    } else {
        utf_8[0] = (uint8_t)(0xf0 | c >> 18);
        utf_8[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        utf_8[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        utf_8[3] = (uint8_t)(0x80 | (c & 0x3f));
        len = 4;
    }
    byte_buffer_append(to, utf_8, len);
}

/* Bytes of the character that begins here (RFC 3629); 0: no UTF-8. */
static size_t utf_8_len(const uint8_t *at, size_t left)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : at[0] >= 0xe0 && at[0] < 0xf0 ? 3 : at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : 0;
    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0) || (at[0] == 0xf0 && at[1] < 0x90) ||
        (at[0] == 0xf4 && at[1] >= 0x90))
        return 0;
    return len;
}

static bool is_utf_8(struct byte_reader bytes)
{
    while (bytes.left > 0) {
        size_t len = utf_8_len(bytes.at, bytes.left);
        if (len == 0)
            return false;
        byte_reader_skip(&bytes, len);
    }
    return true;
}

/* -1 no UTF-16, 0 little-endian, 1 big-endian. Without a mark: a text of mostly ASCII has a NUL in every second byte. */
static int utf_16_order(struct byte_reader bytes)
{
    size_t even = 0, odd = 0, count = bytes.left < 512 ? bytes.left : 512;
    if (bytes.left >= 2 && memcmp(bytes.at, "\xff\xfe", 2) == 0)
        return 0;
    if (bytes.left >= 2 && memcmp(bytes.at, "\xfe\xff", 2) == 0)
        return 1;
    for (size_t i = 0; i < count; i++) {
        even += i % 2 == 0 && bytes.at[i] == 0;
        odd += i % 2 == 1 && bytes.at[i] == 0;
    }
    if (count < 8)
        return -1;
    if (odd > count * 3 / 8 && even < count / 16)
        return 0;
    return even > count * 3 / 8 && odd < count / 16 ? 1 : -1;
}

static uint32_t take_unit(struct byte_reader *bytes, bool is_big)
{
    uint16_t unit = 0xfffd;
    if (!(is_big ? byte_reader_u16(bytes, &unit) : byte_reader_u16_le(bytes, &unit)))
        byte_reader_skip(bytes, bytes->left);       /* half a unit at the end */
    return unit;
}

static void decode_utf_16(struct byte_reader bytes, bool is_big, struct byte_buffer *to)
{
    while (bytes.left > 0) {
        uint32_t c = take_unit(&bytes, is_big);
        if (c >= 0xd800 && c < 0xdc00 && bytes.left >= 2) {
            struct byte_reader ahead = bytes;
            uint32_t low = take_unit(&ahead, is_big);
            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                bytes = ahead;
            }
        }
        if (c != 0xfeff)                            /* the mark */
            put(to, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
    }
}

static void decode_windows_1252(struct byte_reader bytes, struct byte_buffer *to)
{
    for (size_t i = 0; i < bytes.left; i++) {
        uint8_t byte = bytes.at[i];
        uint32_t c = byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte;
        put(to, c == 0 && byte != 0 ? 0xfffd : c);
    }
}

struct byte_reader text_decode(struct byte_reader bytes, struct byte_buffer *decoded, const char **encoding)
{
    const char *ignored;
    if (encoding == NULL)
        encoding = &ignored;
    byte_buffer_init(decoded, 0);
    int order = utf_16_order(bytes);
    if (order >= 0) {
        *encoding = "UTF-16";
        decode_utf_16(bytes, order == 1, decoded);
        return byte_buffer_reader(decoded);
    }
    *encoding = "UTF-8";
    if (bytes.left >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0)
        byte_reader_skip(&bytes, 3);
    if (is_utf_8(bytes))
        return bytes;
    *encoding = "Windows-1252";
    decode_windows_1252(bytes, decoded);
    return byte_buffer_reader(decoded);
}
