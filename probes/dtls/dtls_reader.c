#include "probes/dtls/dtls_reader.h"

#include "probes/base/memory.h"
#include "probes/tls/message_reader.h"
#include "probes/tls/record_reader.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_LEN 12                   /* of a handshake fragment */
#define DONE_MAX 64

struct partial {
    uint8_t *bytes;                     /* len bytes, then a bit for each that has arrived */
    uint32_t len, missing;
    uint8_t type;
    uint16_t sequence;
    uint32_t order;
};

struct dtls_reader {
    struct partial partials[DTLS_MESSAGES_MAX];
    uint32_t order;
    uint32_t done[DONE_MAX];            /* type and sequence of returned messages, so that none is returned twice */
    uint32_t done_count;
    uint8_t *given;
};

static bool is_version(uint16_t version)
{
    return version == 0xfeff || version == 0xfefd || version == 0xfefc || version == 0x0100;
}

bool dtls_record_read(struct byte_reader *datagram, struct dtls_record *record)
{
    struct byte_reader reader = *datagram;
    uint8_t type;
    uint16_t sequence_high;
    uint32_t sequence;
    if (!byte_reader_u8(&reader, &type))
        return false;
    if ((type & 0xe0) == 0x20 || type == 25) {          /* unified header (RFC 9147, section 4), connection id */
        *record = (struct dtls_record){.type = type, .epoch = 1, .encrypted = true, .body = reader};
        return byte_reader_skip(datagram, datagram->left);
    }
    if (type < TLS_CHANGE_CIPHER_SPEC || type > TLS_HEARTBEAT + 2 || !byte_reader_u16(&reader, &record->version) ||
        !is_version(record->version) || !byte_reader_u16(&reader, &record->epoch) ||
        !byte_reader_u16(&reader, &sequence_high) || !byte_reader_u32(&reader, &sequence) ||
        !byte_reader_vector16(&reader, &record->body))
        return false;
    record->type = type;
    record->encrypted = record->epoch != 0;
    *datagram = reader;
    return true;
}

bool dtls_begins(struct byte_reader datagram)
{
    struct dtls_record record;
    const uint8_t *header;
    if (datagram.left < 13 + HEADER_LEN || datagram.at[0] != TLS_HANDSHAKE || !dtls_record_read(&datagram, &record) ||
        record.encrypted || !byte_reader_bytes(&record.body, HEADER_LEN, &header))
        return false;
    size_t len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
    size_t offset = (size_t)header[6] << 16 | (size_t)header[7] << 8 | header[8];
    size_t fragment = (size_t)header[9] << 16 | (size_t)header[10] << 8 | header[11];
    return header[0] <= TLS_COMPRESSED_CERTIFICATE && fragment <= record.body.left && offset + fragment <= len &&
           len <= DTLS_MESSAGE_MAX;
}

struct dtls_reader *dtls_reader_create(void)
{
    return xcalloc(1, sizeof(struct dtls_reader));
}

void dtls_reader_destroy(struct dtls_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < DTLS_MESSAGES_MAX; i++)
        free(reader->partials[i].bytes);
    free(reader->given);
    free(reader);
}

static size_t partial_size(uint32_t len)
{
    return (size_t)len + len / 8 + 1;
}

size_t dtls_reader_memory(const struct dtls_reader *reader)
{
    size_t sum = sizeof *reader;
    for (size_t i = 0; i < DTLS_MESSAGES_MAX; i++)
        if (reader->partials[i].bytes != NULL)
            sum += partial_size(reader->partials[i].len);
    return sum;
}

static bool is_done(const struct dtls_reader *reader, uint32_t key)
{
    uint32_t count = reader->done_count < DONE_MAX ? reader->done_count : DONE_MAX;
    for (uint32_t i = 0; i < count; i++)
        if (reader->done[i] == key)
            return true;
    return false;
}

/* The message that this fragment belongs to. A new one replaces the oldest if none is free. */
static struct partial *partial_of(struct dtls_reader *reader, uint8_t type, uint16_t sequence, uint32_t len)
{
    struct partial *oldest = &reader->partials[0];
    for (size_t i = 0; i < DTLS_MESSAGES_MAX; i++) {
        struct partial *partial = &reader->partials[i];
        if (partial->bytes != NULL && partial->sequence == sequence && partial->type == type && partial->len == len)
            return partial;
        if (oldest->bytes != NULL && (partial->bytes == NULL || partial->order < oldest->order))
            oldest = partial;
    }
    free(oldest->bytes);
    *oldest = (struct partial){.bytes = xcalloc(1, partial_size(len)), .len = len, .missing = len, .type = type,
                               .sequence = sequence, .order = ++reader->order};
    return oldest;
}

static void put(struct partial *partial, uint32_t offset, struct byte_reader bytes)
{
    uint8_t *bits = partial->bytes + partial->len;
    for (size_t i = 0; i < bytes.left; i++) {
        size_t at = offset + i;
        if (bits[at / 8] & 1u << at % 8)
            continue;
        bits[at / 8] |= (uint8_t)(1u << at % 8);
        partial->bytes[at] = bytes.at[i];
        partial->missing--;
    }
}

bool dtls_reader_next(struct dtls_reader *reader, struct byte_reader *body, struct dtls_message *message)
{
    uint8_t type;
    uint16_t sequence;
    uint32_t len, offset, fragment_len;
    struct byte_reader fragment;
    if (!byte_reader_u8(body, &type) || !byte_reader_u24(body, &len) || !byte_reader_u16(body, &sequence) ||
        !byte_reader_u24(body, &offset) || !byte_reader_u24(body, &fragment_len) ||
        !byte_reader_sub(body, fragment_len, &fragment) || len > DTLS_MESSAGE_MAX || offset + fragment_len > len) {
        body->left = 0;
        return false;
    }
    uint32_t key = (uint32_t)type << 16 | sequence;
    if (is_done(reader, key))
        return false;
    *message = (struct dtls_message){.type = type, .sequence = sequence, .body = fragment};
    if (fragment_len != len) {
        struct partial *partial = partial_of(reader, type, sequence, len);
        put(partial, offset, fragment);
        if (partial->missing != 0)
            return false;
        free(reader->given);
        reader->given = partial->bytes;
        partial->bytes = NULL;
        message->body = byte_reader_of(reader->given, len);
    }
    reader->done[reader->done_count++ % DONE_MAX] = key;
    return true;
}
