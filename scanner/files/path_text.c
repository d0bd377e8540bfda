#include "scanner/files/path_text.h"

#include "probes/base/memory.h"
#include "probes/base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* C1 control characters obey a terminal too. */
static size_t plain_character(const char *at, size_t left)
{
    size_t len = utf8_character(at, left);
    if (len == 0 || at[0] == '\\' || (unsigned char)at[0] < 0x20 || (unsigned char)at[0] == 0x7f)
        return 0;
    uint32_t code = utf8_code_point(at, len);
    return code >= 0x80 && code < 0xa0 ? 0 : len;
}

char *path_text(const char *path, size_t len)
{
    char *text = xmalloc(4 * len + 1), *out = text;
    for (size_t at = 0; at < len;) {
        size_t plain = plain_character(path + at, len - at);
        if (plain > 0) {
            memcpy(out, path + at, plain);
            out += plain;
            at += plain;
        } else {
            out += sprintf(out, "\\x%02x", (unsigned)(unsigned char)path[at++]);
        }
    }
    *out = '\0';
    return text;
}
