/* The record layer (RFC 8446, section 5.1; SSLv2's framing too) for bytes in pieces of any size. It gives
 * the pieces of a record as they arrive, so that nothing is buffered twice, or the whole record where the caller asks
 * for it (an encrypted record can be opened only whole). It allocates only for bytes that have arrived, and holds at
 * most one record.
 *
 *     while ((result = tls_record_read(&reader, &in, &record)) == TLS_RECORD_READY) ...
 */
#pragma once
#include "probes/base/byte_buffer.h"
#include "probes/base/byte_reader.h"

enum tls_content_type {                 /* RFC 8446, section 5.1; RFC 6520 */
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23,
    TLS_HEARTBEAT = 24,
    TLS_SSLV2 = 0x80,                   /* not a content type: a record in SSLv2's framing */
};

#define TLS_RECORD_HEADER_LEN 5
#define TLS_RECORD_MAX (16384 + 2048)   /* of TLSCiphertext up to TLS 1.2; TLS 1.3 allows less */

#define TLS_RECORD_SMALL 512            /* up to here a record is held without asking */

enum tls_record_result {
    TLS_RECORD_MORE,                    /* all of `in` is used */
    TLS_RECORD_READY,
    TLS_RECORD_DECLARED,                /* where asks_room is set: a record must be held until it is whole. Set has_room
                                         * and read on, or read again later; `in` is left at what was not taken */
    TLS_RECORD_NOT_TLS,                 /* the first bytes are no record; `in` is left at them as far as they are there */
    TLS_RECORD_BAD,                     /* a later header is none, or its length is beyond the limit */
};

struct tls_record {
    uint8_t header[TLS_RECORD_HEADER_LEN];      /* the additional data of TLS 1.3's AEAD */
    uint8_t type;                       /* enum tls_content_type */
    uint16_t version;                   /* legacy_record_version; 0x0002 for SSLv2's framing */
    uint32_t len;                       /* of the whole body */
    bool first, last;                   /* of the record's pieces; both where it is whole */
    struct byte_reader body;            /* this piece: borrowed from `in` or from the reader until the next call */
};

struct tls_record_reader {
    bool whole;                         /* the caller's: give only whole records */
    bool may_be_sslv2;                  /* until the first record has begun */
    bool started;                       /* a first record header was good */
    bool gives_whole;                   /* the record at hand */
    bool asks_room;                     /* the caller's: see TLS_RECORD_DECLARED */
    bool has_room;                      /* the caller's, for the record at hand */
    uint8_t header_len;
    uint32_t count;                     /* of records that have begun */
    struct tls_record record;
    uint32_t left;                      /* bytes of the body that have not come */
    struct byte_buffer held;            /* a part of a record that must be whole */
};

void tls_record_reader_init(struct tls_record_reader *reader);
void tls_record_reader_clear(struct tls_record_reader *reader);     /* frees; usable again after init */
enum tls_record_result tls_record_read(struct tls_record_reader *reader, struct byte_reader *in,
                                       struct tls_record *record);

/* True between records: a stream that ends here ends cleanly. */
bool tls_record_reader_is_between(const struct tls_record_reader *reader);

/* What a stream that is not TLS looks like, from its first bytes: "http", "ssh", "smtp or ftp", "imap", "pop3" ...;
 * "unknown" where nothing fits. */
const char *tls_not_tls_name(const uint8_t *bytes, size_t len);
