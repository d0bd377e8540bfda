#include "scanner/fetch/fetch_record.h"

#include <string.h>

void fetch_record_add(struct byte_buffer *buffer, const void *bytes, size_t len)
{
    const uint8_t length[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    byte_buffer_append(buffer, length, sizeof length);
    if (len != 0)
        byte_buffer_append(buffer, bytes, len);
}

void fetch_record_add_text(struct byte_buffer *buffer, const char *text)
{
    fetch_record_add(buffer, text, strlen(text));
}

bool fetch_record_take(struct byte_reader *reader, size_t limit, struct byte_reader *field)
{
    uint32_t len;
    struct byte_reader saved = *reader;
    if (byte_reader_u32(reader, &len) && len <= limit && byte_reader_sub(reader, len, field))
        return true;
    *reader = saved;
    return false;
}

/* A length that is too long is rejected without waiting for more bytes. */
static enum fetch_take wait_for(struct byte_reader reader, size_t limit)
{
    uint32_t len;
    return byte_reader_u32(&reader, &len) && len > limit ? FETCH_TAKE_WRONG : FETCH_TAKE_MORE;
}

enum fetch_take fetch_record_answer(struct byte_reader *reader, struct fetch_answer *answer)
{
    struct byte_reader next = *reader;
    if (!byte_reader_u32(&next, &answer->number))
        return FETCH_TAKE_MORE;
    if (!fetch_record_take(&next, FETCH_FAULT_MAX, &answer->fault))
        return wait_for(next, FETCH_FAULT_MAX);
    if (!fetch_record_take(&next, FETCH_LIST_OCTETS_MAX, &answer->body))
        return wait_for(next, FETCH_LIST_OCTETS_MAX);
    *reader = next;
    return FETCH_TAKE_DONE;
}
