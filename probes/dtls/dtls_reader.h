/* DTLS (RFC 6347, RFC 9147): the records of a datagram, and handshake messages reassembled from fragments that
 * arrive in any order, repeatedly or overlapping (the first bytes are kept). A message is returned when it is
 * complete, in any order, so that a lost one does not delay the others. */
#pragma once
#include "probes/base/byte_reader.h"

#define DTLS_MESSAGE_MAX   (256u << 10)
#define DTLS_MESSAGES_MAX  8            /* incomplete at once, per direction */

struct dtls_record {
    uint8_t type;                       /* as in TLS; 25: with a connection id (RFC 9146) */
    uint16_t version;                   /* 0xfeff 1.0, 0xfefd 1.2 and 1.3, 0x0100 before the standard */
    uint16_t epoch;                     /* above 0: encrypted */
    bool encrypted;                     /* epoch above 0, or DTLS 1.3's unified header */
    struct byte_reader body;
};

/* The next record of a datagram; false at its end or where the rest cannot be parsed. */
bool dtls_record_read(struct byte_reader *datagram, struct dtls_record *record);

/* Does the datagram begin with a plaintext handshake record? */
bool dtls_begins(struct byte_reader datagram);

struct dtls_message {
    uint8_t type;                       /* enum tls_handshake_type */
    uint16_t sequence;
    struct byte_reader body;            /* borrowed until the next call */
};

struct dtls_reader;

struct dtls_reader *dtls_reader_create(void);           /* for one direction */
void dtls_reader_destroy(struct dtls_reader *reader);
size_t dtls_reader_memory(const struct dtls_reader *reader);

/* The next fragment in a handshake record's body: true when a message is whole now. Called until body is empty. */
bool dtls_reader_next(struct dtls_reader *reader, struct byte_reader *body, struct dtls_message *message);
