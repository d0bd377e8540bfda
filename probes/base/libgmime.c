/* GMime, and the functions of GLib that its objects need, loaded on first use (loaded_library.h). */
#include "probes/base/loaded_library.h"

#include <gmime/gmime.h>

static const struct loaded_library library = {LIBGMIME_FILE, "mail", ERROR_SYSTEM};

/* clang-format off */
FORWARD(GDateTime *, g_date_time_new_now_utc, (void), ())
FORWARD_VOID(g_date_time_unref, (GDateTime *datetime), (datetime))
FORWARD_VOID(g_free, (gpointer mem), (mem))
FORWARD(ssize_t, g_mime_data_wrapper_write_to_stream, (GMimeDataWrapper *wrapper, GMimeStream *stream), (wrapper, stream))
FORWARD_VOID(g_mime_format_options_free, (GMimeFormatOptions *options), (options))
FORWARD(GMimeFormatOptions *, g_mime_format_options_new, (void), ())
FORWARD_VOID(g_mime_format_options_set_newline_format, (GMimeFormatOptions *options, GMimeNewLineFormat newline), (options, newline))
FORWARD_VOID(g_mime_init, (void), ())
FORWARD_VOID(g_mime_message_add_mailbox, (GMimeMessage *message, GMimeAddressType type, const char *name, const char *addr), (message, type, name, addr))
FORWARD(GMimeObject *, g_mime_message_get_mime_part, (GMimeMessage *message), (message))
FORWARD(GMimeMessage *, g_mime_message_new, (gboolean pretty_headers), (pretty_headers))
FORWARD(GMimeMessage *, g_mime_message_part_get_message, (GMimeMessagePart *part), (part))
FORWARD(GType, g_mime_message_part_get_type, (void), ())
FORWARD_VOID(g_mime_message_set_date, (GMimeMessage *message, GDateTime *date), (message, date))
FORWARD_VOID(g_mime_message_set_message_id, (GMimeMessage *message, const char *message_id), (message, message_id))
FORWARD_VOID(g_mime_message_set_mime_part, (GMimeMessage *message, GMimeObject *mime_part), (message, mime_part))
FORWARD_VOID(g_mime_message_set_subject, (GMimeMessage *message, const char *subject, const char *charset), (message, subject, charset))
FORWARD_VOID(g_mime_multipart_add, (GMimeMultipart *multipart, GMimeObject *part), (multipart, part))
FORWARD(int, g_mime_multipart_get_count, (GMimeMultipart *multipart), (multipart))
FORWARD(GMimeObject *, g_mime_multipart_get_part, (GMimeMultipart *multipart, int index), (multipart, index))
FORWARD(GType, g_mime_multipart_get_type, (void), ())
FORWARD(GMimeMultipart *, g_mime_multipart_new_with_subtype, (const char *subtype), (subtype))
FORWARD_VOID(g_mime_object_set_header, (GMimeObject *object, const char *header, const char *value, const char *charset), (object, header, value, charset))
FORWARD(char *, g_mime_object_to_string, (GMimeObject *object, GMimeFormatOptions *options), (object, options))
FORWARD(GMimeMessage *, g_mime_parser_construct_message, (GMimeParser *parser, GMimeParserOptions *options), (parser, options))
FORWARD(GMimeParser *, g_mime_parser_new_with_stream, (GMimeStream *stream), (stream))
FORWARD(GMimeDataWrapper *, g_mime_part_get_content, (GMimePart *mime_part), (mime_part))
FORWARD(const char *, g_mime_part_get_filename, (GMimePart *mime_part), (mime_part))
FORWARD(GType, g_mime_part_get_type, (void), ())
FORWARD_VOID(g_mime_part_set_content_encoding, (GMimePart *mime_part, GMimeContentEncoding encoding), (mime_part, encoding))
FORWARD(GByteArray *, g_mime_stream_mem_get_byte_array, (GMimeStreamMem *mem), (mem))
FORWARD(GMimeStream *, g_mime_stream_mem_new, (void), ())
FORWARD(GMimeStream *, g_mime_stream_mem_new_with_buffer, (const char *buffer, size_t len), (buffer, len))
FORWARD(GMimeTextPart *, g_mime_text_part_new_with_subtype, (const char *subtype), (subtype))
FORWARD_VOID(g_mime_text_part_set_charset, (GMimeTextPart *mime_part, const char *charset), (mime_part, charset))
FORWARD_VOID(g_mime_text_part_set_text, (GMimeTextPart *mime_part, const char *text), (mime_part, text))
FORWARD_VOID(g_object_unref, (gpointer object), (object))
FORWARD(gboolean, g_type_check_instance_is_a, (GTypeInstance *instance, GType iface_type), (instance, iface_type))
/* clang-format on */
