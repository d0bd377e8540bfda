#include "probes/base/byte_buffer.h"

#include "probes/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void byte_buffer_init(struct byte_buffer *buffer, size_t limit)
{
    *buffer = (struct byte_buffer){.limit = limit};
}

void byte_buffer_clear(struct byte_buffer *buffer)
{
    free(buffer->bytes);
    byte_buffer_init(buffer, buffer->limit);
}

uint8_t *byte_buffer_room(struct byte_buffer *buffer, size_t len)
{
    size_t used = byte_buffer_len(buffer);
    if (buffer->limit != 0 && (len > buffer->limit || used > buffer->limit - len))
        return NULL;
    if (buffer->capacity - buffer->tail < len && buffer->head != 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->head, used);
        buffer->head = 0;
        buffer->tail = used;
    }
    if (buffer->capacity - buffer->tail < len) {
        size_t wanted = buffer->capacity < 256 ? 512 : buffer->capacity * 2;
        if (wanted < used + len)
            wanted = used + len;
        buffer->bytes = xrealloc(buffer->bytes, wanted);
        buffer->capacity = wanted;
    }
    return buffer->bytes + buffer->tail;
}

void byte_buffer_added(struct byte_buffer *buffer, size_t len)
{
    assert(len <= buffer->capacity - buffer->tail);
    buffer->tail += len;
}

bool byte_buffer_append(struct byte_buffer *buffer, const void *bytes, size_t len)
{
    if (len == 0)
        return true;
    uint8_t *room = byte_buffer_room(buffer, len);
    if (room == NULL)
        return false;
    memcpy(room, bytes, len);
    byte_buffer_added(buffer, len);
    return true;
}

void byte_buffer_consume(struct byte_buffer *buffer, size_t len)
{
    assert(len <= byte_buffer_len(buffer));
    buffer->head += len;
    if (buffer->head == buffer->tail)
        buffer->head = buffer->tail = 0;
}
