/* Writes into a fixed array of the caller's. What does not fit sets `full` and is dropped whole; a message is
 * checked once, at its end, with byte_writer_ok(). Integers are big-endian. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct byte_writer {
    uint8_t *bytes;
    size_t capacity;
    size_t len;
    bool full;
};

static inline struct byte_writer byte_writer_of(void *bytes, size_t capacity)
{
    return (struct byte_writer){.bytes = bytes, .capacity = capacity};
}

static inline bool byte_writer_ok(const struct byte_writer *writer)
{
    return !writer->full;
}

/* Room for len bytes, which the caller fills; NULL (and full) where there is none. */
static inline uint8_t *byte_writer_room(struct byte_writer *writer, size_t len)
{
    if (writer->full || writer->capacity - writer->len < len) {
        writer->full = true;
        return NULL;
    }
    uint8_t *room = writer->bytes + writer->len;
    writer->len += len;
    return room;
}

static inline void byte_writer_bytes(struct byte_writer *writer, const void *bytes, size_t len)
{
    uint8_t *room = byte_writer_room(writer, len);
    if (room != NULL && len != 0)
        memcpy(room, bytes, len);
}

static inline void byte_writer_text(struct byte_writer *writer, const char *text)
{
    byte_writer_bytes(writer, text, strlen(text));
}

static inline void byte_writer_u8(struct byte_writer *writer, unsigned value)
{
    uint8_t *room = byte_writer_room(writer, 1);
    if (room != NULL)
        room[0] = (uint8_t)value;
}

static inline void byte_writer_u16(struct byte_writer *writer, unsigned value)
{
    uint8_t *room = byte_writer_room(writer, 2);
    if (room != NULL) {
        room[0] = (uint8_t)(value >> 8);
        room[1] = (uint8_t)value;
    }
}

static inline void byte_writer_u24(struct byte_writer *writer, uint32_t value)
{
    byte_writer_u8(writer, value >> 16);
    byte_writer_u16(writer, value & 0xffff);
}

static inline void byte_writer_u32(struct byte_writer *writer, uint32_t value)
{
    byte_writer_u16(writer, value >> 16);
    byte_writer_u16(writer, value & 0xffff);
}

static inline void byte_writer_u64(struct byte_writer *writer, uint64_t value)
{
    byte_writer_u32(writer, (uint32_t)(value >> 32));
    byte_writer_u32(writer, (uint32_t)value);
}

/* A vector of the TLS presentation language whose length (len_size bytes: 1, 2 or 3) is known only at its end:
 * begin gives a mark, end writes the length there. */
static inline size_t byte_writer_vector_begin(struct byte_writer *writer, size_t len_size)
{
    byte_writer_room(writer, len_size);
    return writer->len;
}

static inline void byte_writer_vector_end(struct byte_writer *writer, size_t mark, size_t len_size)
{
    if (writer->full)
        return;
    size_t len = writer->len - mark;
    if (len_size < 3 && len >> (8 * len_size) != 0) {
        writer->full = true;
        return;
    }
    for (size_t i = 0; i < len_size; i++)
        writer->bytes[mark - 1 - i] = (uint8_t)(len >> (8 * i));
}
