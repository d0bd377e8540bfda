#include "inventory/certificate/cert_text.h"

#include "inventory/certificate/cert_parts.h"
#include "probes/base/clean_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

size_t text_utf8_put(uint32_t code, uint8_t out[4])
{
    if (code < 0x80)
        return out[0] = (uint8_t)code, 1;
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
    out[0] = (uint8_t)((0xf00u >> len & 0xff) | code);
    return len;
}

/* Where more bytes and a NUL fit. */
static char *text_room(struct text *text, size_t more)
{
    if (text->size - text->len < more + 1)
        text->at = xrealloc(text->at, text->size = 2 * text->size + more + 64);
    return text->at + text->len;
}

void text_add(struct text *text, const void *bytes, size_t len)
{
    memcpy(text_room(text, len), bytes, len);
    text->len += len;
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

char *text_take(struct text *text)
{
    *text_room(text, 0) = '\0';
    return text->at;
}

/* For people, as clean_text.h shows it: \xHH per byte, \uHHHH for a hidden character. */
static void clean_put(struct text *text, uint32_t code, const uint8_t *raw, size_t raw_len)
{
    uint8_t utf8[4];
    char escape[12];
    if (code != TEXT_BAD && !clean_text_hides(code)) {
        text_add(text, utf8, text_utf8_put(code, utf8));
        return;
    }
    if (code != TEXT_BAD && code >= 0x80) {
        text_add(text, escape, (size_t)snprintf(escape, sizeof escape, code <= 0xffff ? "\\u%04x" : "\\U%08x", code));
        return;
    }
    if (code != TEXT_BAD) {
        utf8[0] = (uint8_t)code;        /* a control character, whatever the type's width */
        raw = utf8;
        raw_len = 1;
    }
    for (size_t i = 0; i < raw_len; i++) {
        const char pair[4] = {'\\', 'x', digits[raw[i] >> 4], digits[raw[i] & 15]};
        text_add(text, pair, sizeof pair);
    }
}

uint32_t text_char_next(struct byte_reader *value, uint8_t tag, struct byte_reader *raw)
{
    uint32_t code = TEXT_BAD, low;
    size_t len = 1, used;
    const uint8_t *at = value->at;
    if (tag == DER_BMP_STRING && value->left >= 2) {
        len = 2;
        code = (uint32_t)at[0] << 8 | at[1];
        if (code >= 0xd800 && code < 0xdc00 && value->left >= 4 && (low = (uint32_t)at[2] << 8 | at[3]) >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));        /* UTF-16, as Windows writes it */
            len = 4;
        }
    } else if (tag == DER_UNIVERSAL_STRING && value->left >= 4) {
        len = 4;
        code = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    } else if (tag == DER_T61_STRING) {
        code = at[0];               /* as all the world writes it: Latin 1 */
    } else if (tag != DER_BMP_STRING && tag != DER_UNIVERSAL_STRING && (used = utf8_character((const char *)at, value->left)) > 0) {
        len = used;
        code = utf8_code_point((const char *)at, len);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = TEXT_BAD;
    byte_reader_sub(value, len, raw);
    return code;
}

static char *clean(struct byte_reader value, uint8_t tag)
{
    struct text text = {0};
    struct byte_reader raw;
    text_room(&text, value.left);
    while (value.left > 0) {
        uint32_t code = text_char_next(&value, tag, &raw);
        clean_put(&text, code, raw.at, raw.left);
    }
    return text_take(&text);
}

char *cert_text_clean(const void *bytes, size_t len)
{
    return clean(byte_reader_of(bytes, len), DER_UTF8_STRING);
}

char *cert_text_clean_lower(const void *bytes, size_t len)
{
    char *text = cert_text_clean(bytes, len);
    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return text;
}

char *cert_text_string(const struct der_item *item)
{
    return clean(item->content, item->tag);
}

bool cert_text_is_string(uint8_t tag)
{
    return tag == DER_UTF8_STRING || (tag >= DER_NUMERIC_STRING && tag <= DER_IA5_STRING && tag != 0x15)
           || tag == DER_VISIBLE_STRING || tag == DER_UNIVERSAL_STRING || tag == DER_BMP_STRING;
}

bool cert_texts_hold(const struct cert_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

void cert_texts_add(struct cert_texts *texts, char *text)
{
    if (texts->count == CERT_LIST_MAX) {
        texts->cut = true;
        free(text);
        return;
    }
    if ((texts->count & (texts->count - 1)) == 0)       /* room doubles at each power of two */
        texts->items = xreallocarray(texts->items, texts->count == 0 ? 1 : 2 * texts->count, sizeof(char *));
    texts->items[texts->count++] = text;
}

void cert_texts_clear(struct cert_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct cert_texts){0};
}

char *cert_text_serial(struct byte_reader content)
{
    bool negative = content.left > 0 && (content.at[0] & 0x80) != 0;
    uint8_t *magnitude = xmalloc(content.left + 1);
    unsigned carry = 1;
    for (size_t i = content.left; i-- > 0;) {           /* the amount of a negative number: all bits turned, and one more */
        unsigned byte = negative ? (uint8_t)~content.at[i] + carry : content.at[i];
        magnitude[i] = (uint8_t)byte;
        carry = byte >> 8;
    }
    char *hex = xmalloc(2 * content.left + 2), *from = hex;
    hex_format(magnitude, content.left, hex);
    while (from[0] == '0' && from[1] != '\0')
        from++;
    char *text = xasprintf("%s%s", negative ? "-" : "", from);
    free(hex);
    free(magnitude);
    return text;
}
