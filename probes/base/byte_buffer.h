/* A growing queue of bytes on the heap: appended at its tail, consumed from its head. The unread part is always
 * contiguous. limit is the most bytes that it may hold (0: no limit). */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_buffer {
    uint8_t *bytes;
    size_t head;        /* first unread byte */
    size_t tail;        /* behind the last one */
    size_t capacity;
    size_t limit;
};

void byte_buffer_init(struct byte_buffer *buffer, size_t limit);
void byte_buffer_clear(struct byte_buffer *buffer);         /* frees; usable again */

/* Room for len more bytes at the tail: fill it, then call byte_buffer_added(). NULL if that would exceed the
 * limit. */
uint8_t *byte_buffer_room(struct byte_buffer *buffer, size_t len);
void byte_buffer_added(struct byte_buffer *buffer, size_t len);
bool byte_buffer_append(struct byte_buffer *buffer, const void *bytes, size_t len);   /* false: limit */
void byte_buffer_consume(struct byte_buffer *buffer, size_t len);

static inline size_t byte_buffer_len(const struct byte_buffer *buffer)
{
    return buffer->tail - buffer->head;
}

static inline struct byte_reader byte_buffer_reader(const struct byte_buffer *buffer)
{
    return byte_reader_of(buffer->bytes == NULL ? NULL : buffer->bytes + buffer->head, byte_buffer_len(buffer));
}
