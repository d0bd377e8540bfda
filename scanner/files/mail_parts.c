#include "scanner/files/mail_parts.h"

#include "probes/base/memory.h"
#include "scanner/files/path_text.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNK 65536u

void mail_prepare(void)
{
    g_mime_init();
}

/* ---- is it mail? ---- */

/* The length of a header field's name ("Content-Type" of "Content-Type: text/plain"; RFC 5322, 2.2); 0: none. */
static size_t field_len(struct byte_reader line)
{
    size_t at = 0;
    while (at < line.left && at < 77 && line.at[at] > 32 && line.at[at] < 127 && line.at[at] != ':')
        at++;
    return at < line.left && line.at[at] == ':' ? at : 0;
}

static bool is_field(struct byte_reader line, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp((const char *)line.at, name, len) == 0;
}

static bool take_line(struct byte_reader *bytes, struct byte_reader *line)
{
    const uint8_t *end = bytes->left == 0 ? NULL : memchr(bytes->at, '\n', bytes->left);
    if (end == NULL)
        return false;
    *line = byte_reader_of(bytes->at, (size_t)(end - bytes->at));
    return byte_reader_skip(bytes, line->left + 1);
}

static bool is_mbox(struct byte_reader head)
{
    return head.left > 10 && memcmp(head.at, "From ", 5) == 0;
}

/* A block of header fields; of a message alone it must say that MIME is in it, since other files begin with fields, too. */
bool mail_is_head(struct byte_reader head)
{
    struct byte_reader line;
    bool mbox = is_mbox(head), is_mime = false;
    unsigned fields = 0;
    if (head.left < 40 || !isalpha(head.at[0]) || (mbox && !take_line(&head, &line)))
        return false;
    while (take_line(&head, &line) && line.left > 0 && line.at[0] != '\r') {
        size_t len = field_len(line);
        if (len == 0 && (fields == 0 || (line.at[0] != ' ' && line.at[0] != '\t')))
            return false;
        fields += len > 0;
        is_mime |= is_field(line, len, "MIME-Version") || is_field(line, len, "Content-Type");
    }
    return fields >= 2 && (mbox || is_mime);
}

/* ---- parts ---- */

struct mail {
    struct file_scanner *scanner;
    const struct place *place;
    struct found *found;                /* takes what is wrong with the mail itself */
    char *prefix;                       /* "message 12!"; "" of a message alone */
    unsigned parts;                     /* of the message */
    bool ok;
};

static void look_at_bytes(struct mail *mail, const char *name, struct byte_reader bytes)
{
    char *inside = xasprintf("%s%s%s%s", mail->place->inside, mail->place->inside[0] == '\0' ? "" : "!", mail->prefix, name);
    const struct place inner = {.status = mail->place->status, .inside = inside};
    mail->scanner->entries++;
    mail->scanner->counts.entries++;
    if (strlen(inside) < FILE_PATH_MAX)
        mail->ok = scanner_look_at_bytes(mail->scanner, &inner, bytes);
    else
        found_fault(mail->found, FILE_LIMIT, "limit: a part's name of more than 65,535 bytes; that part is not read");
    free(inside);
}

static void look_at_part(struct mail *mail, GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    const char *file = g_mime_part_get_filename(part);
    char *name = file == NULL || file[0] == '\0' ? xasprintf("part %u", mail->parts) : path_text(file, strlen(file));
    GMimeStream *decoded = g_mime_stream_mem_new();
    if (content != NULL && g_mime_data_wrapper_write_to_stream(content, decoded) >= 0) {
        const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(decoded));
        look_at_bytes(mail, name, byte_reader_of(bytes->data, bytes->len));
    }
    g_object_unref(decoded);
    free(name);
}

static void look_at_object(struct mail *mail, GMimeObject *object, int depth)
{
    if (object == NULL || !mail->ok || scanner_is_stopped(mail->scanner))
        return;
    if (depth > MAIL_DEPTH_MAX) {
        found_fault(mail->found, FILE_LIMIT, "limit: parts of a mail in each other, more than 32 deep; not read");
        return;
    }
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(object);
        for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
            look_at_object(mail, g_mime_multipart_get_part(multipart, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        look_at_object(mail, message == NULL ? NULL : g_mime_message_get_mime_part(message), depth + 1);
    } else if (GMIME_IS_PART(object)) {
        mail->parts++;
        look_at_part(mail, GMIME_PART(object));
    }
}

static void look_at_message(struct mail *mail, struct byte_reader bytes)
{
    struct byte_reader line;
    if (is_mbox(bytes))
        take_line(&bytes, &line);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)bytes.at, bytes.left);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    mail->parts = 0;
    if (message != NULL) {
        look_at_object(mail, g_mime_message_get_mime_part(message), 0);
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
}

/* ---- the mails of a file ---- */

/* Where the next message begins; 0: not in these bytes. */
static size_t next_message(struct byte_reader bytes, size_t from)
{
    const uint8_t *at = bytes.left < from + 6 ? NULL : memmem(bytes.at + from, bytes.left - from, "\nFrom ", 6);
    return at == NULL ? 0 : (size_t)(at - bytes.at) + 1;
}

/* False: nothing follows. */
static bool read_more(struct byte_buffer *spool, struct source *source, struct found *found)
{
    const char *why = NULL;
    uint8_t *room = byte_buffer_room(spool, CHUNK);
    if (room == NULL) {
        found_fault(found, FILE_LIMIT, "limit: a mail of more than 64 MiB; it is looked into in pieces");
        return false;
    }
    ssize_t got = source->read(source->context, room, CHUNK, &why);
    if (got < 0)
        found_fault(found, source->fault == 0 ? FILE_DAMAGED : (enum file_outcome)source->fault, why == NULL ? "it cannot be read" : why);
    if (got > 0)
        byte_buffer_added(spool, (size_t)got);
    return got > 0;
}

static void look_at_all(struct mail *mail, struct byte_buffer *spool, bool mbox, struct source *source, struct found *found)
{
    size_t number = 0, from = 5;
    bool more = true;
    while (mail->ok && !scanner_is_stopped(mail->scanner) && (more || byte_buffer_len(spool) > 0)) {
        size_t end = mbox ? next_message(byte_buffer_reader(spool), from) : 0;
        if (end == 0 && more) {
            from = byte_buffer_len(spool) > 16 ? byte_buffer_len(spool) - 8 : 5;
            more = read_more(spool, source, found);
            if (more)
                continue;
            end = mbox ? next_message(byte_buffer_reader(spool), 5) : 0;
            more = found->outcome == FILE_LIMIT && byte_buffer_len(spool) > MAIL_MESSAGE_MAX / 2;
        }
        struct byte_reader message = byte_buffer_reader(spool);
        message.left = end == 0 ? message.left : end;
        free(mail->prefix);
        mail->prefix = mbox ? xasprintf("message %zu!", ++number) : xstrdup("");
        look_at_message(mail, message);
        byte_buffer_consume(spool, message.left);
        from = 5;
    }
}

bool mail_look(struct file_scanner *scanner, const struct place *place, struct byte_reader head, struct source *source, struct found *found)
{
    struct mail mail = {.scanner = scanner, .place = place, .found = found, .prefix = NULL, .ok = true};
    struct byte_buffer spool;
    if (scanner->depth >= SCANNER_DEPTH_MAX) {
        found_fault(found, FILE_LIMIT, "limit: archives in archives, more than 8 deep; not read");
        return true;
    }
    byte_buffer_init(&spool, MAIL_MESSAGE_MAX);
    byte_buffer_append(&spool, head.at, head.left);
    scanner->depth++;
    look_at_all(&mail, &spool, is_mbox(head), source, found);
    scanner->depth--;
    free(mail.prefix);
    byte_buffer_clear(&spool);
    return mail.ok;
}
