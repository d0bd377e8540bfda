#include "inventory/formats/text_blocks.h"

#include "inventory/formats/certificate_text.h"

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

static bool read_label(struct byte_reader *bytes, struct text_block *block)
{
    const uint8_t *label = bytes->at + 11;
    size_t room = bytes->left - 11 < 128 ? bytes->left - 11 : 128;
    const uint8_t *end = memmem(label, room, "-----", 5);
    if (end == NULL || memchr(label, '\n', (size_t)(end - label)) != NULL)
        return false;
    size_t len = (size_t)(end - label) < sizeof block->label ? (size_t)(end - label) : sizeof block->label - 1;
    memcpy(block->label, label, len);
    block->label[len] = '\0';
    return byte_reader_skip(bytes, 11 + (size_t)(end - label) + 5);
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

static void decode_body(struct byte_reader body, struct text_block *block, struct byte_buffer *decoded)
{
    struct decoder decoder = {.out = decoded};
    for (size_t at = 0; at < body.left;) {
        if (body.at[at] == '\\') {                      /* an escape, perhaps escaped itself: \n, \\n, \u000a */
            while (at < body.left && body.at[at] == '\\')
                at++;
            if (at < body.left && strchr("nrt", body.at[at]) != NULL)
                at++;
            else if (body.left - at > 5 && body.at[at] == 'u')
                at += 5;
            continue;
        }
        size_t from = at;
        while (at < body.left && is_body_digit(body.at[at]))
            at++;
        if (at < body.left && (body.at[at] == ':' || (body.at[at] == '-' && at > from))) {
            at = skip_header(body, from, block);
            continue;
        }
        for (size_t i = from; i < at && !is_sign(body.at + from, at - from) && !decoder.is_full; i++)
            decoder_add(&decoder, body.at[i]);
        if (at < body.left && body.at[at] != '\\')
            at++;
    }
    decoder_end(&decoder);
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
    decode_body(body, block, decoded);
    return byte_buffer_len(decoded) > 0;
}

/* ---- base64 ---- */

/* White space, or a line end as an escape; 0: neither. */
static size_t gap_len(struct byte_reader bytes)
{
    if (bytes.left > 0 && strchr(" \t\r\n", bytes.at[0]) != NULL && bytes.at[0] != '\0')
        return 1;
    size_t at = 0;
    while (at < bytes.left && bytes.at[at] == '\\')
        at++;
    return at > 0 && at < bytes.left && (bytes.at[at] == 'n' || bytes.at[at] == 'r') ? at + 1 : 0;
}

size_t text_base64_read(struct byte_reader bytes, size_t wanted, struct byte_buffer *decoded)
{
    struct decoder decoder = {.out = decoded};
    size_t at = 0, gap;
    byte_buffer_consume(decoded, byte_buffer_len(decoded));
    if (bytes.left > TEXT_BLOCK_MAX)
        bytes.left = TEXT_BLOCK_MAX;
    while (at < bytes.left && !decoder.is_full && (wanted == 0 || byte_buffer_len(decoded) < wanted)) {
        if (base64_value(bytes.at[at]) >= 0)
            decoder_add(&decoder, bytes.at[at++]);
        else if ((gap = gap_len((struct byte_reader){bytes.at + at, bytes.left - at})) > 0)
            at += gap;
        else
            break;
    }
    decoder_end(&decoder);
    return at;
}
