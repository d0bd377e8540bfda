#include "inventory/formats/text_blocks.h"

#include "inventory/formats/certificate_text.h"
#include "inventory/formats/text_bytes.h"

#include <string.h>

struct decoder {
    struct byte_buffer *out;
    uint32_t bits;
    unsigned digits;
    bool is_full;
};

static void decoder_add(struct decoder *decoder, uint8_t c)
{
    decoder->bits = decoder->bits << 6 | (uint32_t)base64_value(c);
    if (++decoder->digits % 4 != 0)
        return;
    const uint8_t three[3] = {(uint8_t)(decoder->bits >> 16), (uint8_t)(decoder->bits >> 8), (uint8_t)decoder->bits};
    decoder->is_full = !byte_buffer_append(decoder->out, three, 3);
}

static void decoder_end(struct decoder *decoder)
{
    unsigned rest = decoder->digits % 4;
    const uint8_t two[2] = {(uint8_t)(decoder->bits >> (rest == 3 ? 10 : 4)), (uint8_t)(decoder->bits >> 2)};
    if (rest > 1)
        byte_buffer_append(decoder->out, two, rest - 1);
    decoder->digits = 0;
}

/* ---- PEM ---- */

/* In a URL a blank is "%20" or "+". */
static size_t blank_len(const uint8_t *at, const uint8_t *end)
{
    return at < end && (*at == ' ' || *at == '+') ? 1 : end - at > 2 && memcmp(at, "%20", 3) == 0 ? 3 : 0;
}

static bool read_label(struct byte_reader *bytes, struct text_block *block)
{
    const uint8_t *label = bytes->at + 10;
    size_t room = bytes->left - 10 < 128 ? bytes->left - 10 : 128;
    const uint8_t *end = memmem(label, room, "-----", 5), *at = label;
    if (end == NULL || memchr(label, '\n', (size_t)(end - label)) != NULL || blank_len(at, end) == 0)
        return false;
    at += blank_len(at, end);
    for (size_t len = 0; at < end && len + 1 < sizeof block->label; len++) {
        size_t blank = blank_len(at, end);
        block->label[len] = blank > 0 ? ' ' : (char)*at;
        at += blank > 0 ? blank : 1;
    }
    return byte_reader_skip(bytes, (size_t)(end - bytes->at) + 5);
}

/* Characters of base64 that are not part of it here: the "+" that joins two strings, the slashes of a comment. */
static bool is_sign(const uint8_t *run, size_t len)
{
    return (len == 1 && (run[0] == '+' || run[0] == '/')) || (len == 2 && run[0] == '/' && run[1] == '/');
}

static bool is_body_digit(uint8_t c)
{
    return c != '-' && c != '_' && base64_value(c) >= 0;
}

/* "Proc-Type: 4,ENCRYPTED": the rest of the line, real or escaped, is the header's. */
static size_t skip_header(struct byte_reader body, size_t at, struct text_block *block)
{
    size_t from = at;
    while (at < body.left && body.at[at] != '\n' && !(body.at[at] == '\\' && at + 1 < body.left && body.at[at + 1] == 'n'))
        at++;
    block->is_encrypted |= memmem(body.at + from, at - from, "ENCRYPTED", 9) != NULL;
    return at;
}

/* quote: only what stands between two of these counts; 0: everything does. The line with the label is inside of the first. */
static void decode_body(struct byte_reader body, uint8_t quote, struct text_block *block, struct byte_buffer *decoded)
{
    struct decoder decoder = {.out = decoded};
    bool is_outside = false;
    for (size_t at = 0, escape; at < body.left;) {
        int c;
        if ((escape = text_escape_read((struct byte_reader){body.at + at, body.left - at}, &c)) > 0) {
            if (!is_outside && c > 0 && is_body_digit((uint8_t)c) && !decoder.is_full)
                decoder_add(&decoder, (uint8_t)c);
            at += escape;
            continue;
        }
        size_t from = at;
        while (at < body.left && is_body_digit(body.at[at]))
            at++;
        if (at < body.left && (body.at[at] == ':' || (body.at[at] == '-' && at > from))) {
            at = skip_header(body, from, block);
            continue;
        }
        for (size_t i = from; i < at && !is_outside && !is_sign(body.at + from, at - from) && !decoder.is_full; i++)
            decoder_add(&decoder, body.at[i]);
        if (at < body.left && (at == from || (body.at[at] != '\\' && body.at[at] != '&' && body.at[at] != '%'))) {
            is_outside ^= quote != 0 && body.at[at] == quote;
            at++;
        }
    }
    decoder_end(&decoder);
}

/* Is it one structure of DER, and nothing behind it but padding? */
static bool is_one_structure(struct byte_reader der)
{
    if (der.left < 4 || der.at[0] != 0x30)
        return false;
    size_t len = der.at[1] < 0x80 ? 2u + der.at[1] : der.at[1] == 0x81 ? 3u + der.at[2] : der.at[1] == 0x82 ? 4u + ((size_t)der.at[2] << 8 | der.at[3]) : der.left;
    return der.left >= len && der.left - len <= 2;
}

/* Words between the strings that make up a block (vbCrLf, System.lineSeparator()) look like base64: where the whole is no structure,
 * what stands in quotes may be one. */
static void decode_quoted(struct byte_reader body, struct text_block *block, struct byte_buffer *decoded)
{
    static const uint8_t quotes[] = {'"', '\''};
    for (size_t i = 0; i < sizeof quotes && !is_one_structure(byte_buffer_reader(decoded)); i++)
        if (memchr(body.at, quotes[i], body.left) != NULL) {
            byte_buffer_consume(decoded, byte_buffer_len(decoded));
            decode_body(body, quotes[i], block, decoded);
        }
    if (!is_one_structure(byte_buffer_reader(decoded))) {
        byte_buffer_consume(decoded, byte_buffer_len(decoded));
        decode_body(body, 0, block, decoded);
    }
}

bool text_block_read(struct byte_reader bytes, struct text_block *block, struct byte_buffer *decoded)
{
    struct byte_reader body = bytes;
    *block = (struct text_block){.len = 11};
    byte_buffer_consume(decoded, byte_buffer_len(decoded));
    if (!read_label(&body, block))
        return false;
    if (body.left > TEXT_BLOCK_MAX)
        body.left = TEXT_BLOCK_MAX;
    const uint8_t *next = memmem(body.at, body.left, "-----BEGIN ", 11);        /* first, so that BEGIN lines without an END cost little */
    if (next != NULL)
        body.left = (size_t)(next - body.at);
    const uint8_t *end = memmem(body.at, body.left, "-----END", 8);
    if (end == NULL)
        return false;
    body.left = (size_t)(end - body.at);
    block->len = (size_t)(end - bytes.at) + 8;
    decode_body(body, 0, block, decoded);
    if (!is_one_structure(byte_buffer_reader(decoded)))
        decode_quoted(body, block, decoded);
    return byte_buffer_len(decoded) > 0;
}

/* ---- base64 ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t text_base64_read(struct byte_reader bytes, size_t wanted, struct byte_buffer *decoded)
{
    struct decoder decoder = {.out = decoded};
    size_t at = 0, escape;
    int c;
    byte_buffer_consume(decoded, byte_buffer_len(decoded));
    if (bytes.left > TEXT_BLOCK_MAX)
        bytes.left = TEXT_BLOCK_MAX;
    while (at < bytes.left && !decoder.is_full && (wanted == 0 || byte_buffer_len(decoded) < wanted)) {
        if (base64_value(bytes.at[at]) >= 0)
            decoder_add(&decoder, bytes.at[at++]);
        else if (is_blank(bytes.at[at]))
            at++;
        else if ((escape = text_escape_read((struct byte_reader){bytes.at + at, bytes.left - at}, &c)) == 0 ||
                 (c >= 0 && !is_blank((uint8_t)c) && base64_value((uint8_t)c) < 0))
            break;
        else {
            if (c >= 0 && !is_blank((uint8_t)c))
                decoder_add(&decoder, (uint8_t)c);
            at += escape;
        }
    }
    decoder_end(&decoder);
    return at;
}
