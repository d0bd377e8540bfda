/* See utf8.h. */
#include "probes/base/utf8.h"

size_t utf8_character(const char *text, size_t left)
{
    const uint8_t *bytes = (const uint8_t *)text;
    if (left == 0)
        return 0;
    uint8_t head = bytes[0], low = 0x80, high = 0xbf;
    size_t len;
    if (head < 0x80)
        return 1;
    if (head >= 0xc2 && head <= 0xdf)
        len = 2;
    else if (head >= 0xe0 && head <= 0xef)
        len = 3;
    else if (head >= 0xf0 && head <= 0xf4)
        len = 4;
    else
        return 0;
    switch (head) {
    case 0xe0: low = 0xa0; break;       /* no overlong forms */
    case 0xed: high = 0x9f; break;      /* no surrogates */
    case 0xf0: low = 0x90; break;
    case 0xf4: high = 0x8f; break;      /* nothing above U+10FFFF */
    }
    if (left < len || bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

uint32_t utf8_code_point(const char *text, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    uint32_t code_point = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    return code_point;
}
