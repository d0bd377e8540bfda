#include "probes/base/clean_text.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"
#include "probes/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_SIZE 12 /* "\U000e0041" and a NUL */

/* Default_Ignorable_Code_Point and Bidi_Control (Unicode 15.0, DerivedCoreProperties and PropList), the separators Zl
 * and Zp, the interlinear annotation characters, the noncharacters U+FDD0 to U+FDEF; sorted. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool clean_text_hides(uint32_t code_point)
{
    if ((code_point & 0xfffe) == 0xfffe)            /* noncharacters, two in each plane: XML may not hold those of the first */
        return true;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0] && code_point >= hidden[i].first; i++)
        if (code_point <= hidden[i].last)
            return true;
    return false;
}

/* The next character of text as it is shown: in `shown`, or a piece of text itself. Returns its length; *used is its length in text. */
static size_t next_shown(const char *text, size_t len, char shown[ESCAPE_SIZE], const char **piece, size_t *used)
{
    unsigned char byte = (unsigned char)text[0];
    *piece = text;
    *used = byte < 0x80 ? 1 : utf8_character(text, len);
    if ((byte >= 0x20 && byte < 0x7f) || byte == '\n')
        return 1;
    uint32_t code_point = *used < 2 ? byte : utf8_code_point(text, *used);
    if (*used > 1 && !clean_text_hides(code_point))
        return *used;
    *piece = shown;
    if (*used < 2) {
        *used = 1;
        return (size_t)snprintf(shown, ESCAPE_SIZE, "\\x%02x", byte);
    }
    return (size_t)snprintf(shown, ESCAPE_SIZE, code_point <= 0xffff ? "\\u%04x" : "\\U%08x", code_point);
}

size_t clean_text_into(char *to, size_t size, const char *text, size_t len)
{
    char shown[ESCAPE_SIZE];
    const char *piece;
    size_t out = 0, cut = 0, used; /* cut: where "..." would still fit */
    for (size_t at = 0; at < len; at += used) {
        size_t more = next_shown(text + at, len - at, shown, &piece, &used);
        if (out + more >= size) {
            memcpy(to + cut, "...", 4);
            return cut + 3;
        }
        memcpy(to + out, piece, more);
        out += more;
        if (out + 3 < size)
            cut = out;
    }
    to[out] = '\0';
    return out;
}

static char *take_text(struct byte_buffer *buffer)
{
    byte_buffer_append(buffer, "", 1);
    char *text = xmemdup(buffer->bytes, byte_buffer_len(buffer));
    byte_buffer_clear(buffer);
    return text;
}

static void append_line(struct byte_buffer *buffer, const char *line, size_t len, size_t limit)
{
    char shown[ESCAPE_SIZE], mark[48];
    const char *piece;
    size_t out = 0, used;
    for (size_t at = 0; at < len; at += used) {
        size_t more = next_shown(line + at, len - at, shown, &piece, &used);
        out += more;
        if (out > limit) {
            byte_buffer_append(buffer, mark, (size_t)snprintf(mark, sizeof mark, "... (cut, %zu bytes)", len));
            return;
        }
        byte_buffer_append(buffer, piece, more);
    }
}

/* Without a branch a byte, so that the compiler takes many at once. */
static bool is_printable(const char *text, size_t len)
{
    unsigned char odd = 0;
    for (size_t i = 0; i < len; i++)
        odd |= (unsigned char)((unsigned char)(text[i] - 0x20) > 0x7e - 0x20) & (text[i] != '\n');
    return odd == 0;
}

bool clean_text_is_plain(const char *text, size_t limit)
{
    size_t len = strlen(text);
    if (!is_printable(text, len))
        return false;
    for (const char *end = text + len; (size_t)(end - text) > limit;) {
        const char *line_end = memchr(text, '\n', limit + 1);
        if (line_end == NULL)
            return false;
        text = line_end + 1;
    }
    return true;
}

char *clean_text_lines(const char *text, size_t limit)
{
    struct byte_buffer buffer;
    byte_buffer_init(&buffer, 0);
    for (;;) {
        size_t len = strcspn(text, "\n");
        append_line(&buffer, text, len, limit);
        text += len;
        if (*text == '\0')
            return take_text(&buffer);
        byte_buffer_append(&buffer, text++, 1);
    }
}

char *clean_text(const char *text)
{
    return clean_text_lines(text, SIZE_MAX);
}

void clean_text_print(FILE *out, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = xmalloc(len < 0 ? 1 : (size_t)len + 1);
    text[0] = '\0';
    if (len >= 0)
        (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    char *clean = clean_text(text);
    fputs(clean, out);
    free(clean);
    free(text);
}
