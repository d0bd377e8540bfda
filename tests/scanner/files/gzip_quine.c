#include "tests/scanner/files/gzip_quine.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define OP 5u                           /* bytes of each block's header */

struct text {
    uint8_t bytes[GZIP_QUINE_MAX];
    size_t len;
};

static const uint8_t head[15] = {0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0xff, 'l', 'o', 'o', 'p', 0};       /* with a name, so that it has 15 bytes */

static void put(struct text *text, const void *bytes, size_t len)
{
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

/* A stored block (RFC 1951, 3.2.4): copies what follows. */
static void put_copy(struct text *text, size_t len)
{
    const uint8_t op[OP] = {0, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)~len, (uint8_t)(~len >> 8)};
    put(text, op, OP);
}

static void put_bits(uint64_t *bits, unsigned *count, unsigned value, unsigned len)
{
    *bits |= (uint64_t)value << *count;
    *count += len;
}

static unsigned reversed(unsigned value, unsigned len)
{
    unsigned out = 0;
    for (unsigned i = 0; i < len; i++)
        out |= (value >> i & 1u) << (len - 1 - i);
    return out;
}

/* A block of fixed codes (3.2.6) that repeats the last 17 to 20 bytes by two matches: 40 bits, whatever the length is. */
static void put_repeat(struct text *text, unsigned len)
{
    uint64_t bits = 0;
    unsigned count = 0;
    put_bits(&bits, &count, 1u << 1, 3);
    for (unsigned i = 0; i < 2; i++) {
        unsigned part = i == 0 ? len - 8 > 10 ? 10 : len - 8 : len - (len - 8 > 10 ? 10 : len - 8);
        put_bits(&bits, &count, reversed(part - 2, 7), 7);       /* lengths 3 to 10 are codes 257 to 264: 7 bits, of 1 to 8 */
        put_bits(&bits, &count, reversed(8, 5), 5);              /* distances 17 to 24 */
        put_bits(&bits, &count, len - 17, 3);
    }
    put_bits(&bits, &count, 0, 7);
    uint8_t op[OP];
    for (unsigned i = 0; i < OP; i++)
        op[i] = (uint8_t)(bits >> 8 * i);
    put(text, op, OP);
}

static void put_number(struct text *text, uint32_t number)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24)};
    put(text, bytes, 4);
}

/* The last block, empty; checksum and length. */
static void put_tail(struct text *text, uint32_t checksum, size_t len)
{
    static const uint8_t last[OP] = {1, 0, 0, 0xff, 0xff};
    put(text, last, OP);
    put_number(text, checksum);
    put_number(text, (uint32_t)len);
}

static void build(struct text *text, uint32_t checksum, size_t len)
{
    const unsigned front = sizeof head + OP, back = 13 + OP;
    text->len = 0;
    put(text, head, sizeof head);
    put_copy(text, front);
    put(text, head, sizeof head);
    put_copy(text, front);
    put_repeat(text, front);
    put_copy(text, OP);
    put_repeat(text, front);
    put_copy(text, OP);
    put_copy(text, OP);
    put_copy(text, 4 * OP);
    put_repeat(text, front);
    put_copy(text, OP);
    put_copy(text, OP);
    put_copy(text, 4 * OP);
    put_repeat(text, 4 * OP);
    for (unsigned i = 0; i < 4; i++) {
        put_copy(text, 4 * OP);
        put_repeat(text, 4 * OP);
    }
    put_copy(text, 0);
    put_copy(text, 0);
    put_copy(text, back);
    put_repeat(text, 4 * OP);
    put_copy(text, 0);
    put_copy(text, 0);
    put_copy(text, back);
    put_repeat(text, back);
    put_tail(text, checksum, len);
    put_repeat(text, back);
    put_tail(text, checksum, len);
}

static uint32_t crc32_of(const struct text *text)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < text->len; i++) {
        crc ^= text->bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

/* The checksum of a text that contains x is A x + b: solves A x + b = x. */
static bool solve(size_t len, uint32_t *x)
{
    struct text text;
    uint64_t rows[32] = {0};            /* of A + 1, and b in bit 32 */
    build(&text, 0, len);
    uint32_t b = crc32_of(&text);
    for (unsigned column = 0; column < 32; column++) {
        build(&text, 1u << column, len);
        uint32_t image = crc32_of(&text) ^ b ^ 1u << column;
        for (unsigned row = 0; row < 32; row++)
            rows[row] |= (uint64_t)(image >> row & 1u) << column;
    }
    for (unsigned row = 0; row < 32; row++)
        rows[row] |= (uint64_t)(b >> row & 1u) << 32;
    *x = 0;
    unsigned pivots[32], rank = 0;
    for (unsigned column = 0; column < 32; column++) {
        unsigned row = rank;
        while (row < 32 && (rows[row] >> column & 1u) == 0)
            row++;
        if (row == 32)
            continue;
        uint64_t swap = rows[row];
        rows[row] = rows[rank];
        rows[rank] = swap;
        for (unsigned other = 0; other < 32; other++)
            if (other != rank && (rows[other] >> column & 1u) != 0)
                rows[other] ^= rows[rank];
        pivots[rank++] = column;
    }
    for (unsigned row = 0; row < 32; row++)
        if (row < rank)
            *x |= (uint32_t)(rows[row] >> 32 & 1u) << pivots[row];
        else if (rows[row] >> 32 != 0)
            return false;
    return true;
}

size_t gzip_quine(uint8_t quine[GZIP_QUINE_MAX])
{
    struct text text;
    uint32_t checksum;
    build(&text, 0, 0);
    size_t len = text.len;
    if (!solve(len, &checksum))
        abort();
    build(&text, checksum, len);
    memcpy(quine, text.bytes, len);
    return len;
}
