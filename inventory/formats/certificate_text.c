#include "inventory/formats/certificate_text.h"

#include "inventory/certificate/pem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NESTED_MAX  3               /* base64 of base64 of PEM */
#define SMALLEST    96              /* characters of base64; no certificate has fewer */

int base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool base64_text_decode(const char *text, size_t len, struct byte_buffer *bytes)
{
    uint32_t bits = 0;
    size_t digits = 0, padding = 0;
    for (size_t i = 0; i < len; i++) {
        int value = base64_value((uint8_t)text[i]);
        if (text[i] == '=')
            padding++;
        if (text[i] == '=' || isspace((unsigned char)text[i]))
            continue;
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++digits % 4 == 0) {
            uint8_t three[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
            if (!byte_buffer_append(bytes, three, 3))
                return false;
        }
    }
    uint8_t rest[2] = {(uint8_t)(bits >> (digits % 4 == 3 ? 10 : 4)), (uint8_t)(bits >> 2)};
    return digits > 0 && digits % 4 != 1 && padding <= 2 &&
           (digits % 4 == 0 || byte_buffer_append(bytes, rest, digits % 4 - 1));
}

/* Writes the blocks of a PEM text as pem.h reads them: markers on lines of their own, bodies without escapes. */
static void spread_lines(const char *text, size_t len, struct byte_buffer *lines)
{
    const char *end = text + len;
    while (text < end) {
        size_t left = (size_t)(end - text);
        if (left > 10 && memcmp(text, "-----", 5) == 0) {
            const char *close = memmem(text + 5, left - 5, "-----", 5);
            size_t marker = close == NULL ? left : (size_t)(close - text) + 5;
            byte_buffer_append(lines, "\n", 1);
            byte_buffer_append(lines, text, marker);
            byte_buffer_append(lines, "\n", 1);
            text += marker;
        } else if (left > 1 && text[0] == '\\' && (text[1] == 'n' || text[1] == 'r')) {
            byte_buffer_append(lines, "\n", 1);
            text += 2;
        } else {
            byte_buffer_append(lines, strchr(" \t\"'", *text) != NULL ? "\n" : text, 1);
            text++;
        }
    }
}

static size_t find_pem(const char *text, size_t len, certificate_text_found *found, void *context)
{
    struct byte_buffer lines;
    byte_buffer_init(&lines, 0);
    spread_lines(text, len, &lines);
    struct byte_reader bytes = byte_buffer_reader(&lines);
    struct pem_reader reader = pem_reader_of(bytes.at, bytes.left);
    struct pem_block block;
    size_t count = 0;
    while (pem_next(&reader, &block)) {
        if (block.fault == NULL) {
            found(context, block.label, block.der, block.len);
            count++;
        }
        free(block.der);
    }
    byte_buffer_clear(&lines);
    return count;
}

static size_t find_nested(const char *text, size_t len, int depth, certificate_text_found *found, void *context)
{
    if (len < SMALLEST)
        return 0;
    if (memmem(text, len, "-----BEGIN ", 11) != NULL)
        return find_pem(text, len, found, context);
    struct byte_buffer bytes;
    size_t count = 0;
    byte_buffer_init(&bytes, 0);
    if (base64_text_decode(text, len, &bytes)) {
        struct byte_reader decoded = byte_buffer_reader(&bytes);
        if (decoded.left > 4 && decoded.at[0] == 0x30 && (decoded.at[1] & 0x80) != 0) {     /* SEQUENCE, long length */
            found(context, "DER", decoded.at, decoded.left);
            count = 1;
        } else if (depth > 0) {
            count = find_nested((const char *)decoded.at, decoded.left, depth - 1, found, context);
        }
    }
    byte_buffer_clear(&bytes);
    return count;
}

size_t certificate_text_find(const char *text, size_t len, certificate_text_found *found, void *context)
{
    return find_nested(text, len, NESTED_MAX, found, context);
}
