#include "probes/tls/stream_reader.h"

#include <string.h>

void tls_stream_reader_init(struct tls_stream_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    tls_record_reader_init(&reader->records);
    tls_message_reader_init(&reader->messages);
}

void tls_stream_reader_clear(struct tls_stream_reader *reader)
{
    tls_record_reader_clear(&reader->records);
    tls_message_reader_clear(&reader->messages);
}

bool tls_stream_reader_is_between(const struct tls_stream_reader *reader)
{
    return !reader->has_piece && tls_record_reader_is_between(&reader->records) &&
           tls_message_reader_is_between(&reader->messages);
}

static enum tls_stream_kind end_not_tls(struct tls_stream_reader *reader, const struct byte_reader *in,
                                        struct tls_stream_event *event)
{
    uint8_t first[16];                          /* the header's bytes came in an earlier piece */
    size_t len = reader->records.header_len;
    memcpy(first, reader->records.record.header, len);
    size_t more = in->left < sizeof first - len ? in->left : sizeof first - len;
    if (more != 0)
        memcpy(first + len, in->at, more);
    reader->ended = true;
    event->name = tls_not_tls_name(first, len + more);
    return TLS_STREAM_NOT_TLS;
}

static enum tls_stream_kind end_bad(struct tls_stream_reader *reader, const char *name,
                                    struct tls_stream_event *event)
{
    reader->ended = true;
    event->name = name;
    return TLS_STREAM_BAD;
}

/* The current piece; TLS_STREAM_MORE when it is used up. */
static enum tls_stream_kind read_piece(struct tls_stream_reader *reader, struct tls_stream_event *event)
{
    struct byte_reader *body = &reader->record.body;
    switch (reader->record.type) {
    case TLS_HANDSHAKE:
        switch (tls_message_read(&reader->messages, body, &event->message)) {
        case TLS_MESSAGE_DECLARED: return TLS_STREAM_DECLARED;
        case TLS_MESSAGE_READY: return TLS_STREAM_MESSAGE;
        case TLS_MESSAGE_MORE: break;
        }
        break;
    case TLS_ALERT:
        if (byte_reader_u8(body, &event->level) && byte_reader_u8(body, &event->description))
            return TLS_STREAM_ALERT;
        break;
    case TLS_CHANGE_CIPHER_SPEC:
        body->left = 0;
        reader->has_piece = false;
        reader->encrypted = true;
        return TLS_STREAM_CHANGE_CIPHER;
    case TLS_HEARTBEAT: break;
    default: break;
    }
    reader->has_piece = false;
    return TLS_STREAM_MORE;
}

void tls_stream_unread(struct tls_stream_reader *reader, struct byte_reader *in)
{
    size_t len = reader->record.body.left;
    if (!reader->has_piece || len == 0)
        return;
    in->at -= len;
    in->left += len;
    reader->records.left += (uint32_t)len;
    reader->records.header_len = TLS_RECORD_HEADER_LEN;
    reader->has_piece = false;
}

static bool record_is_opaque(const struct tls_stream_reader *reader)
{
    uint8_t type = reader->record.type;
    return type == TLS_APPLICATION_DATA || type == TLS_SSLV2 ||
           (reader->encrypted && type != TLS_CHANGE_CIPHER_SPEC);
}

enum tls_stream_kind tls_stream_read(struct tls_stream_reader *reader, struct byte_reader *in,
                                     struct tls_stream_event *event)
{
    while (!reader->ended) {
        if (reader->has_piece) {
            event->record = reader->record;
            enum tls_stream_kind kind = read_piece(reader, event);
            if (kind != TLS_STREAM_MORE)
                return kind;
        }
        reader->records.whole = reader->encrypted;
        switch (tls_record_read(&reader->records, in, &reader->record)) {
        case TLS_RECORD_MORE: return TLS_STREAM_MORE;
        case TLS_RECORD_NOT_TLS: return end_not_tls(reader, in, event);
        case TLS_RECORD_BAD: return end_bad(reader, "record header", event);
        case TLS_RECORD_DECLARED: event->record = reader->record; return TLS_STREAM_RECORD;
        case TLS_RECORD_READY: break;
        }
        if (record_is_opaque(reader)) {
            event->record = reader->record;
            return reader->record.type == TLS_SSLV2 ? TLS_STREAM_SSLV2 : TLS_STREAM_ENCRYPTED;
        }
        reader->has_piece = true;
    }
    return TLS_STREAM_MORE;
}
