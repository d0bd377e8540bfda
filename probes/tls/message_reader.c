#include "probes/tls/message_reader.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

void tls_message_reader_init(struct tls_message_reader *reader)
{
    memset(reader, 0, sizeof *reader);
}

void tls_message_reader_clear(struct tls_message_reader *reader)
{
    free(reader->held);
    memset(reader, 0, sizeof *reader);
}

bool tls_message_reader_is_between(const struct tls_message_reader *reader)
{
    return reader->header_len == 0;
}

void tls_message_allow(struct tls_message_reader *reader)
{
    reader->decision = TLS_MESSAGE_ALLOWED;
    if (reader->held == NULL) {
        reader->held = xmalloc((size_t)reader->len + TLS_MESSAGE_HEADER_LEN);
        memcpy(reader->held, reader->header, TLS_MESSAGE_HEADER_LEN);
    }
}

void tls_message_skip(struct tls_message_reader *reader)
{
    reader->decision = TLS_MESSAGE_SKIPPED;
}

uint8_t *tls_message_take(struct tls_message_reader *reader, const struct tls_message *message)
{
    if (reader->held == NULL || message->whole.at != reader->held)
        return NULL;
    uint8_t *taken = reader->held;
    reader->held = NULL;
    return taken;
}

static void message_end(struct tls_message_reader *reader)
{
    reader->header_len = 0;
    reader->have = 0;
    reader->decision = TLS_MESSAGE_UNDECIDED;
}

static enum tls_message_result give(struct tls_message_reader *reader, const uint8_t *bytes,
                                    struct tls_message *message)
{
    message->type = bytes[0];
    message->len = reader->len;
    message->whole = byte_reader_of(bytes, (size_t)reader->len + TLS_MESSAGE_HEADER_LEN);
    message->body = byte_reader_of(bytes + TLS_MESSAGE_HEADER_LEN, reader->len);
    message_end(reader);
    return TLS_MESSAGE_READY;
}

/* The whole message lies in `in`. */
static bool read_lent(struct tls_message_reader *reader, struct byte_reader *in, struct tls_message *message)
{
    struct byte_reader ahead = *in;
    uint8_t type;
    if (reader->header_len != 0 || !byte_reader_u8(&ahead, &type) || !byte_reader_u24(&ahead, &reader->len) ||
        ahead.left < reader->len)
        return false;
    const uint8_t *whole = in->at;
    byte_reader_skip(in, (size_t)reader->len + TLS_MESSAGE_HEADER_LEN);
    give(reader, whole, message);
    return true;
}

enum tls_message_result tls_message_read(struct tls_message_reader *reader, struct byte_reader *in,
                                         struct tls_message *message)
{
    if (reader->held != NULL && reader->header_len == 0) {      /* release what the last call returned */
        free(reader->held);
        reader->held = NULL;
    }
    for (;;) {
        if (read_lent(reader, in, message))
            return TLS_MESSAGE_READY;
        while (reader->header_len < TLS_MESSAGE_HEADER_LEN) {
            if (!byte_reader_u8(in, &reader->header[reader->header_len]))
                return TLS_MESSAGE_MORE;
            reader->header_len++;
        }
        reader->len = (uint32_t)reader->header[1] << 16 | (uint32_t)reader->header[2] << 8 | reader->header[3];
        if (reader->decision == TLS_MESSAGE_UNDECIDED) {
            *message = (struct tls_message){.type = reader->header[0], .len = reader->len};
            return TLS_MESSAGE_DECLARED;
        }
        uint32_t left = reader->len - reader->have;
        const uint8_t *piece;
        size_t len = in->left < left ? in->left : left;
        byte_reader_bytes(in, len, &piece);
        if (reader->decision == TLS_MESSAGE_ALLOWED && len != 0)
            memcpy(reader->held + TLS_MESSAGE_HEADER_LEN + reader->have, piece, len);
        reader->have += (uint32_t)len;
        if (reader->have < reader->len)
            return TLS_MESSAGE_MORE;
        if (reader->decision == TLS_MESSAGE_ALLOWED)
            return give(reader, reader->held, message);
        message_end(reader);                                    /* skipped: continue with the next */
    }
}
