/* Reads one direction of a TLS connection over a stream, as events; used by active capture, passive capture and the
 * fuzzers. It knows records, messages and where the encryption begins; it has no secrets and decrypts nothing.
 *
 *     while ((event.kind = tls_stream_read(&reader, &in, &event)) != TLS_STREAM_MORE) ...
 *
 * What is borrowed lives until the next call. After NOT_TLS or BAD nothing more can be read.
 */
#pragma once
#include "probes/tls/message_reader.h"
#include "probes/tls/record_reader.h"

enum tls_stream_kind {
    TLS_STREAM_MORE,            /* all of `in` is used */
    TLS_STREAM_DECLARED,        /* a message's type and length, before its body: tls_message_allow() or _skip() on
                                 * reader.messages, then read on */
    TLS_STREAM_RECORD,          /* where records.asks_room is set: one must be held until it is whole. Set
                                 * records.has_room and read on, or read again later */
    TLS_STREAM_MESSAGE,         /* a handshake message in the clear */
    TLS_STREAM_ALERT,           /* level and description, in the clear */
    TLS_STREAM_CHANGE_CIPHER,   /* ChangeCipherSpec; up to TLS 1.2 what follows is encrypted */
    TLS_STREAM_ENCRYPTED,       /* a whole record that only its keys decrypt */
    TLS_STREAM_SSLV2,           /* a whole message of SSLv2, or a ClientHello in its framing: body from the type on */
    TLS_STREAM_NOT_TLS,         /* name says what it looks like */
    TLS_STREAM_BAD,             /* name says what is wrong with the record */
};

struct tls_stream_event {
    enum tls_stream_kind kind;
    struct tls_record record;   /* ENCRYPTED, SSLV2; its header otherwise */
    struct tls_message message; /* DECLARED, MESSAGE */
    uint8_t level, description; /* ALERT */
    const char *name;           /* NOT_TLS, BAD */
};

struct tls_stream_reader {
    struct tls_record_reader records;
    struct tls_message_reader messages;
    struct tls_record record;   /* the piece at hand; its body is what is left of it */
    bool has_piece;
    bool encrypted;             /* set by itself after ChangeCipherSpec, or by the caller (a 1.3 ServerHello): handshake
                                 * and alert records are ENCRYPTED then. A caller that knows better clears it: after a
                                 * HelloRetryRequest, ChangeCipherSpec changes nothing */
    bool ended;
};

void tls_stream_reader_init(struct tls_stream_reader *reader);
void tls_stream_reader_clear(struct tls_stream_reader *reader);
enum tls_stream_kind tls_stream_read(struct tls_stream_reader *reader, struct byte_reader *in,
                                     struct tls_stream_event *event);

/* After DECLARED, when the caller cannot decide yet: gives the rest of the current piece back to `in`, which must
 * be the one just read from. The next read returns DECLARED again. */
void tls_stream_unread(struct tls_stream_reader *reader, struct byte_reader *in);

/* True where no record or message is incomplete. */
bool tls_stream_reader_is_between(const struct tls_stream_reader *reader);
