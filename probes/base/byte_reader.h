/* Foreign bytes are read only through this: a window that only shrinks; every step checks the length. A read that
 * does not fit returns false and moves nothing. Integers are big-endian (network order) unless the name says le.
 * What bytes() and the vectors give is borrowed from the window. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_reader {
    const uint8_t *at;
    size_t left;
};

static inline struct byte_reader byte_reader_of(const void *bytes, size_t len)
{
    return (struct byte_reader){.at = bytes, .left = len};
}

static inline bool byte_reader_bytes(struct byte_reader *reader, size_t len, const uint8_t **bytes)
{
    if (reader->left < len)
        return false;
    *bytes = reader->at;
    if (len != 0)               /* an empty window may be NULL, to which not even 0 may be added */
        reader->at += len;
    reader->left -= len;
    return true;
}

static inline bool byte_reader_skip(struct byte_reader *reader, size_t len)
{
    const uint8_t *ignored;
    return byte_reader_bytes(reader, len, &ignored);
}

/* A window of the next len bytes, for what is nested inside. */
static inline bool byte_reader_sub(struct byte_reader *reader, size_t len, struct byte_reader *sub)
{
    *sub = (struct byte_reader){.at = NULL, .left = 0};        /* empty on failure: never a length without bytes */
    if (!byte_reader_bytes(reader, len, &sub->at))
        return false;
    sub->left = len;
    return true;
}

static inline bool byte_reader_u8(struct byte_reader *reader, uint8_t *value)
{
    const uint8_t *b;
    if (!byte_reader_bytes(reader, 1, &b))
        return false;
    *value = b[0];
    return true;
}

static inline bool byte_reader_u16(struct byte_reader *reader, uint16_t *value)
{
    const uint8_t *b;
    if (!byte_reader_bytes(reader, 2, &b))
        return false;
    *value = (uint16_t)(b[0] << 8 | b[1]);
    return true;
}

static inline bool byte_reader_u24(struct byte_reader *reader, uint32_t *value)
{
    const uint8_t *b;
    if (!byte_reader_bytes(reader, 3, &b))
        return false;
    *value = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
    return true;
}

static inline bool byte_reader_u32(struct byte_reader *reader, uint32_t *value)
{
    const uint8_t *b;
    if (!byte_reader_bytes(reader, 4, &b))
        return false;
    *value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return true;
}

static inline bool byte_reader_u64(struct byte_reader *reader, uint64_t *value)
{
    uint32_t high, low;
    struct byte_reader saved = *reader;
    if (!byte_reader_u32(reader, &high) || !byte_reader_u32(reader, &low))
        return *reader = saved, false;
    *value = (uint64_t)high << 32 | low;
    return true;
}

static inline bool byte_reader_u16_le(struct byte_reader *reader, uint16_t *value)
{
    const uint8_t *b;
    if (!byte_reader_bytes(reader, 2, &b))
        return false;
    *value = (uint16_t)(b[1] << 8 | b[0]);
    return true;
}

static inline bool byte_reader_u32_le(struct byte_reader *reader, uint32_t *value)
{
    const uint8_t *b;
    if (!byte_reader_bytes(reader, 4, &b))
        return false;
    *value = (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
    return true;
}

/* Vectors of the TLS presentation language (RFC 8446, section 3.4): a length of 1, 2 or 3 bytes, then as many
 * bytes. sub is the content. False if the content is incomplete; the reader does not move then. */
static inline bool byte_reader_vector8(struct byte_reader *reader, struct byte_reader *sub)
{
    struct byte_reader saved = *reader;
    uint8_t len;
    if (byte_reader_u8(reader, &len) && byte_reader_sub(reader, len, sub))
        return true;
    *reader = saved;
    return false;
}

static inline bool byte_reader_vector16(struct byte_reader *reader, struct byte_reader *sub)
{
    struct byte_reader saved = *reader;
    uint16_t len;
    if (byte_reader_u16(reader, &len) && byte_reader_sub(reader, len, sub))
        return true;
    *reader = saved;
    return false;
}

static inline bool byte_reader_vector24(struct byte_reader *reader, struct byte_reader *sub)
{
    struct byte_reader saved = *reader;
    uint32_t len;
    if (byte_reader_u24(reader, &len) && byte_reader_sub(reader, len, sub))
        return true;
    *reader = saved;
    return false;
}
