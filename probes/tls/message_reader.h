/* Handshake messages (RFC 8446, section 4) out of bytes in any pieces: records' bodies, DTLS fragments put in order,
 * QUIC CRYPTO streams. A message that is complete in one piece is borrowed from it, without a copy. Any other
 * message is declared first, by its header: before a byte of the body is buffered, the caller allows its length
 * (it may ask a pool), or has the message skipped.
 */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum tls_handshake_type {               /* RFC 8446, section 4; RFC 5246, section 7.4 */
    TLS_HELLO_REQUEST = 0,
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,               /* a HelloRetryRequest too */
    TLS_HELLO_VERIFY_REQUEST = 3,       /* DTLS */
    TLS_NEW_SESSION_TICKET = 4,
    TLS_END_OF_EARLY_DATA = 5,
    TLS_ENCRYPTED_EXTENSIONS = 8,
    TLS_CERTIFICATE = 11,
    TLS_SERVER_KEY_EXCHANGE = 12,
    TLS_CERTIFICATE_REQUEST = 13,
    TLS_SERVER_HELLO_DONE = 14,
    TLS_CERTIFICATE_VERIFY = 15,
    TLS_CLIENT_KEY_EXCHANGE = 16,
    TLS_FINISHED = 20,
    TLS_CERTIFICATE_URL = 21,
    TLS_CERTIFICATE_STATUS = 22,
    TLS_SUPPLEMENTAL_DATA = 23,
    TLS_KEY_UPDATE = 24,
    TLS_COMPRESSED_CERTIFICATE = 25,    /* RFC 8879 */
    TLS_MESSAGE_HASH = 254,
};

#define TLS_MESSAGE_HEADER_LEN 4

struct tls_message {
    uint8_t type;                       /* enum tls_handshake_type */
    uint32_t len;
    struct byte_reader whole;           /* with the header: what a transcript hashes */
    struct byte_reader body;            /* borrowed until the next call */
};

enum tls_message_result {
    TLS_MESSAGE_MORE,                   /* all of `in` is used */
    TLS_MESSAGE_DECLARED,               /* message.type and .len are known, the body is not all there: allow or skip */
    TLS_MESSAGE_READY,
};

struct tls_message_reader {
    uint8_t header[TLS_MESSAGE_HEADER_LEN];
    uint8_t header_len;
    enum { TLS_MESSAGE_UNDECIDED, TLS_MESSAGE_ALLOWED, TLS_MESSAGE_SKIPPED } decision;
    uint32_t len;                       /* of the message's body, once the header is whole */
    uint32_t have;                      /* bytes of the body that came */
    uint8_t *held;                      /* header and body; NULL until allowed */
};

void tls_message_reader_init(struct tls_message_reader *reader);
void tls_message_reader_clear(struct tls_message_reader *reader);

enum tls_message_result tls_message_read(struct tls_message_reader *reader, struct byte_reader *in,
                                         struct tls_message *message);

/* After DECLARED: buffer the body; or skip the message. Until one of them is called, reads answer DECLARED again and
 * consume nothing. */
void tls_message_allow(struct tls_message_reader *reader);
void tls_message_skip(struct tls_message_reader *reader);

/* Takes the block of the message that is READY, with its header: free() it. NULL if the message is borrowed from
 * `in`. */
uint8_t *tls_message_take(struct tls_message_reader *reader, const struct tls_message *message);

/* True between messages. */
bool tls_message_reader_is_between(const struct tls_message_reader *reader);

/* The bytes buffered for an incomplete message, for the pool to count; else 0. */
static inline uint32_t tls_message_held_len(const struct tls_message_reader *reader)
{
    return reader->held == NULL ? 0 : reader->len + TLS_MESSAGE_HEADER_LEN;
}
