#include "probes/tls/record_reader.h"

#include <string.h>

void tls_record_reader_init(struct tls_record_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    reader->may_be_sslv2 = true;
    byte_buffer_init(&reader->held, 0);
}

void tls_record_reader_clear(struct tls_record_reader *reader)
{
    byte_buffer_clear(&reader->held);
}

bool tls_record_reader_is_between(const struct tls_record_reader *reader)
{
    return reader->left == 0 && reader->header_len == 0;
}

/* SSLv2's two-byte header has the high bit set and is followed by the message type: ERROR 0, CLIENT-HELLO 1 or
 * SERVER-HELLO 4. */
static bool is_sslv2_header(const uint8_t *header, size_t len)
{
    return (header[0] & 0x80) != 0 && (len < 3 || header[2] == 0 || header[2] == 1 || header[2] == 4);
}

/* True while the bytes so far can begin a header. */
static bool header_is_plausible(const struct tls_record_reader *reader)
{
    const uint8_t *header = reader->record.header;
    size_t len = reader->header_len;
    if (len >= 1 && reader->may_be_sslv2 && (header[0] & 0x80) != 0)
        return is_sslv2_header(header, len);
    return (len < 1 || (header[0] >= TLS_CHANGE_CIPHER_SPEC && header[0] <= TLS_HEARTBEAT)) &&
           (len < 2 || header[1] == 3);
}

static void record_begin(struct tls_record_reader *reader)
{
    struct tls_record *record = &reader->record;
    if ((record->header[0] & 0x80) != 0) {
        record->type = TLS_SSLV2;
        record->version = 0x0002;
        record->len = (uint32_t)(record->header[0] & 0x7f) << 8 | record->header[1];
    } else {
        record->type = record->header[0];
        record->version = (uint16_t)(record->header[1] << 8 | record->header[2]);
        record->len = (uint32_t)record->header[3] << 8 | record->header[4];
    }
    record->first = true;
    reader->count++;
    reader->left = record->len;
    reader->has_room = false;
    reader->gives_whole = reader->whole || record->type != TLS_HANDSHAKE;
    reader->held.head = reader->held.tail = 0;
}

/* The usual case: all of it lies in one piece, and it is not SSLv2. */
static bool take_header(struct tls_record_reader *reader, struct byte_reader *in)
{
    const uint8_t *header = in->at;
    if (reader->header_len != 0 || reader->may_be_sslv2 || in->left < TLS_RECORD_HEADER_LEN ||
        header[0] < TLS_CHANGE_CIPHER_SPEC || header[0] > TLS_HEARTBEAT || header[1] != 3)
        return false;
    memcpy(reader->record.header, header, TLS_RECORD_HEADER_LEN);
    reader->header_len = TLS_RECORD_HEADER_LEN;
    return byte_reader_skip(in, TLS_RECORD_HEADER_LEN);
}

static enum tls_record_result read_header(struct tls_record_reader *reader, struct byte_reader *in)
{
    size_t need = TLS_RECORD_HEADER_LEN;
    const struct byte_reader saved = *in;
    uint8_t saved_len = reader->header_len;
    if (take_header(reader, in))
        need = 0;
    while (reader->header_len < need) {
        uint8_t byte;
        if (!byte_reader_u8(in, &byte))
            return TLS_RECORD_MORE;
        reader->record.header[reader->header_len++] = byte;
        if (!header_is_plausible(reader)) {
            *in = saved;
            reader->header_len = saved_len;
            return reader->started ? TLS_RECORD_BAD : TLS_RECORD_NOT_TLS;
        }
        if (reader->may_be_sslv2 && (reader->record.header[0] & 0x80) != 0) {
            need = 3;                           /* the third byte is the body's first: read, not consumed */
            if (reader->header_len == need) {
                in->at--;
                in->left++;
            }
        }
    }
    record_begin(reader);
    if (reader->record.len > TLS_RECORD_MAX && reader->record.type != TLS_SSLV2)
        return reader->started ? TLS_RECORD_BAD : TLS_RECORD_NOT_TLS;
    reader->started = true;
    reader->may_be_sslv2 = false;
    return TLS_RECORD_READY;
}

/* The third byte of an SSLv2 header may have come in an earlier piece than the body: then it is in the header. */
static enum tls_record_result give(struct tls_record_reader *reader, struct byte_reader body, bool last,
                                   struct tls_record *record)
{
    *record = reader->record;
    record->body = body;
    record->last = last;
    reader->record.first = false;
    if (last)
        reader->header_len = 0;
    return TLS_RECORD_READY;
}

enum tls_record_result tls_record_read(struct tls_record_reader *reader, struct byte_reader *in,
                                       struct tls_record *record)
{
    if (reader->left == 0) {
        enum tls_record_result result = read_header(reader, in);
        if (result != TLS_RECORD_READY)
            return result;
        if (reader->left == 0)
            return give(reader, byte_reader_of(NULL, 0), true, record);
    }
    struct byte_reader piece;
    size_t len = in->left < reader->left ? in->left : reader->left;
    if (len == 0)
        return TLS_RECORD_MORE;
    if (reader->asks_room && !reader->has_room && reader->gives_whole && len < reader->record.len &&
        reader->record.len > TLS_RECORD_SMALL) {
        *record = reader->record;
        return TLS_RECORD_DECLARED;
    }
    byte_reader_sub(in, len, &piece);
    reader->left -= (uint32_t)len;
    if (!reader->gives_whole || len == reader->record.len)
        return give(reader, piece, reader->left == 0, record);
    if (reader->has_room)                       /* all of it, so that it is not doubled on its way */
        byte_buffer_room(&reader->held, reader->left + len);
    byte_buffer_append(&reader->held, piece.at, piece.left);
    return reader->left == 0 ? give(reader, byte_buffer_reader(&reader->held), true, record) : TLS_RECORD_MORE;
}

const char *tls_not_tls_name(const uint8_t *bytes, size_t len)
{
    static const struct {
        uint8_t len;
        const char *prefix, *name;
    } known[] = {
        {5, "HTTP/", "http"},      {9, "<!DOCTYPE", "http"}, {5, "<html", "http"},    {4, "SSH-", "ssh"},
        {3, "220", "smtp or ftp"}, {3, "421", "smtp or ftp"}, {3, "554", "smtp"},     {4, "* OK", "imap"},
        {9, "* PREAUTH", "imap"},  {5, "* BYE", "imap"},     {3, "+OK", "pop3"},      {4, "-ERR", "redis or pop3"},
        {4, "RFB ", "vnc"},        {5, "<?xml", "xmpp"},     {8, "<stream:", "xmpp"}, {4, "AMQP", "amqp"},
        {4, "200 ", "nntp"},       {4, "201 ", "nntp"},      {7, "@RSYNCD", "rsync"}, {3, "\x03\0\0", "rdp"},
        {2, "\xff\xfd", "telnet"}, {2, "\xff\xfb", "telnet"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= known[i].len && memcmp(bytes, known[i].prefix, known[i].len) == 0)
            return known[i].name;
    return "unknown";
}
