#include "probes/tls/client_hello.h"

#include "probes/base/address.h"
#include "probes/tls/messages.h"
#include "probes/tls/message_reader.h"

#include <ctype.h>

#define GREASE            0x7a7a    /* of RFC 8701's sixteen values any will do */
#define EXTENSION_UNKNOWN 0x5a5c    /* unassigned, and no GREASE value */

static void list_write(const uint16_t *list, size_t len_size, bool grease, struct byte_writer *out)
{
    size_t mark = byte_writer_vector_begin(out, len_size);
    if (grease)
        byte_writer_u16(out, GREASE);
    for (; list != NULL && *list != 0; list++)
        byte_writer_u16(out, *list);
    byte_writer_vector_end(out, mark, len_size);
}

static size_t extension_begin(uint16_t type, struct byte_writer *out)
{
    byte_writer_u16(out, type);
    return byte_writer_vector_begin(out, 2);
}

static void extension_list(uint16_t type, const uint16_t *list, size_t len_size, bool grease, struct byte_writer *out)
{
    if (list == NULL)
        return;
    size_t mark = extension_begin(type, out);
    list_write(list, len_size, grease, out);
    byte_writer_vector_end(out, mark, 2);
}

static void extension_bytes(uint16_t type, const char *bytes, size_t len, struct byte_writer *out)
{
    size_t mark = extension_begin(type, out);
    byte_writer_bytes(out, bytes, len);
    byte_writer_vector_end(out, mark, 2);
}

bool client_hello_may_send_name(const char *name)
{
    struct address ignored;
    size_t label = 0, len = 0;
    if (name == NULL || address_parse(name, &ignored))
        return false;
    for (; name[len] != '\0'; len++) {
        unsigned char c = (unsigned char)name[len];
        if (c == '.' ? label == 0 : !isalnum(c) && c != '-' && c != '_')
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label != 0 && len < 254;
}

static void server_name_write(const char *name, struct byte_writer *out)
{
    if (!client_hello_may_send_name(name))
        return;
    size_t mark = extension_begin(TLS_EXT_SERVER_NAME, out);
    size_t list = byte_writer_vector_begin(out, 2);
    byte_writer_u8(out, 0);                             /* host_name */
    size_t text = byte_writer_vector_begin(out, 2);
    byte_writer_text(out, name);
    byte_writer_vector_end(out, text, 2);
    byte_writer_vector_end(out, list, 2);
    byte_writer_vector_end(out, mark, 2);
}

static void alpn_write(const char *alpn, struct byte_writer *out)
{
    if (alpn == NULL)
        return;
    size_t mark = extension_begin(TLS_EXT_ALPN, out);
    size_t list = byte_writer_vector_begin(out, 2);
    while (*alpn != '\0') {
        size_t len = strcspn(alpn, ",");
        byte_writer_u8(out, (unsigned)len);
        byte_writer_bytes(out, alpn, len);
        alpn += len + (alpn[len] == ',');
    }
    byte_writer_vector_end(out, list, 2);
    byte_writer_vector_end(out, mark, 2);
}

static void share_write(const struct client_hello_input *input, uint16_t group, struct byte_writer *out)
{
    byte_writer_u16(out, group);
    size_t mark = byte_writer_vector_begin(out, 2);
    if (input->pairs != NULL && key_pairs_know(group))
        key_pairs_write(input->pairs, group, out);
    else
        key_share_write(group, out);
    byte_writer_vector_end(out, mark, 2);
}

static void key_share_extension(const struct client_hello_input *input, struct byte_writer *out)
{
    if (!tls_list_holds(input->offer->versions, 0x0304))
        return;
    size_t mark = extension_begin(TLS_EXT_KEY_SHARE, out);
    size_t shares = byte_writer_vector_begin(out, 2);
    if (input->retry_group >= 0)
        share_write(input, (uint16_t)input->retry_group, out);
    else
        for (const uint16_t *group = input->offer->shares; group != NULL && *group != 0; group++)
            share_write(input, *group, out);
    byte_writer_vector_end(out, shares, 2);
    byte_writer_vector_end(out, mark, 2);
}

static void cookie_write(struct byte_reader cookie, struct byte_writer *out)
{
    if (cookie.left == 0)
        return;
    size_t mark = extension_begin(TLS_EXT_COOKIE, out);
    byte_writer_u16(out, (unsigned)cookie.left);
    byte_writer_bytes(out, cookie.at, cookie.left);
    byte_writer_vector_end(out, mark, 2);
}

/* Some old load balancers hang on a hello of 256-511 bytes (RFC 7685): start is where the message began. */
static void padding_write(size_t start, struct byte_writer *out)
{
    size_t len = out->len - start;
    if (len < 256 || len > 511)
        return;
    size_t padding = 512 - len;
    size_t mark = extension_begin(TLS_EXT_PADDING, out);
    for (size_t i = 4; i < padding; i++)
        byte_writer_u8(out, 0);
    byte_writer_vector_end(out, mark, 2);
}

/* Extensions that only the server test sends. */
static void test_extensions_write(const struct tls_offer *offer, struct byte_writer *out)
{
    if (offer->session_ticket)
        extension_bytes(TLS_EXT_SESSION_TICKET, NULL, 0, out);
    if (offer->encrypt_then_mac)
        extension_bytes(TLS_EXT_ENCRYPT_THEN_MAC, NULL, 0, out);
    if (offer->heartbeat)
        extension_bytes(TLS_EXT_HEARTBEAT, "\2", 1, out);          /* peer_not_allowed_to_send */
    if (offer->next_protocol)
        extension_bytes(TLS_EXT_NEXT_PROTOCOL, NULL, 0, out);
    if (offer->grease)
        extension_bytes(GREASE, NULL, 0, out);
    if (offer->unknown_extension_len == 0)
        return;
    size_t mark = extension_begin(EXTENSION_UNKNOWN, out);
    for (unsigned i = 0; i < offer->unknown_extension_len; i++)
        byte_writer_u8(out, 0);
    byte_writer_vector_end(out, mark, 2);
}

static void extensions_write(const struct client_hello_input *input, size_t start, struct byte_writer *out)
{
    const struct tls_offer *offer = input->offer;
    size_t mark = byte_writer_vector_begin(out, 2);
    server_name_write(input->server_name, out);
    if (offer->extended_master_secret)
        extension_bytes(TLS_EXT_EXTENDED_MASTER_SECRET, NULL, 0, out);
    if (offer->renegotiation_info)
        extension_bytes(TLS_EXT_RENEGOTIATION_INFO, "\0", 1, out);
    extension_list(TLS_EXT_SUPPORTED_GROUPS, offer->groups, 2, offer->grease, out);
    if (offer->groups != NULL)
        extension_bytes(TLS_EXT_EC_POINT_FORMATS, "\1\0", 2, out);
    alpn_write(offer->alpn, out);
    if (offer->status_request)
        extension_bytes(TLS_EXT_STATUS_REQUEST, "\1\0\0\0\0", 5, out);
    extension_list(TLS_EXT_SIGNATURE_ALGORITHMS, offer->schemes, 2, offer->grease, out);
    if (offer->scts)
        extension_bytes(TLS_EXT_SIGNED_CERTIFICATE_TIMESTAMP, NULL, 0, out);
    if (offer->compress_certificate)
        extension_bytes(TLS_EXT_COMPRESS_CERTIFICATE, offer->every_compression ? "\6\0\1\0\2\0\3" : "\2\0\1",
                        offer->every_compression ? 7 : 3, out);
    if (offer->certificate_types != TLS_TYPES_CERTIFICATE)
        extension_bytes(TLS_EXT_SERVER_CERTIFICATE_TYPE, offer->certificate_types == TLS_TYPES_EITHER ? "\2\0\2" : "\1\2",
                        offer->certificate_types == TLS_TYPES_EITHER ? 3 : 2, out);
    extension_list(TLS_EXT_SIGNATURE_ALGORITHMS_CERT, offer->cert_schemes, 2, false, out);
    key_share_extension(input, out);
    if (tls_list_holds(offer->versions, 0x0304))
        extension_bytes(TLS_EXT_PSK_KEY_EXCHANGE_MODES, "\1\1", 2, out);
    extension_list(TLS_EXT_SUPPORTED_VERSIONS, offer->versions, 1, offer->grease, out);
    test_extensions_write(offer, out);
    cookie_write(input->cookie, out);
    padding_write(start, out);
    byte_writer_vector_end(out, mark, 2);
}

void client_hello_write(const struct client_hello_input *input, struct byte_writer *out)
{
    const struct tls_offer *offer = input->offer;
    size_t start = out->len;
    byte_writer_u8(out, TLS_CLIENT_HELLO);
    size_t message = byte_writer_vector_begin(out, 3);
    byte_writer_u16(out, offer->version);
    byte_writer_bytes(out, input->random, TLS_RANDOM_LEN);
    bool is_13 = tls_list_holds(offer->versions, 0x0304);       /* a session id makes it look like a resumption (RFC 8446, D.4) */
    byte_writer_u8(out, is_13 ? 32 : 0);
    byte_writer_bytes(out, input->session_id, is_13 ? 32 : 0);
    size_t suites = byte_writer_vector_begin(out, 2);
    if (offer->grease)
        byte_writer_u16(out, GREASE);
    for (const uint16_t *suite = offer->suites; *suite != 0; suite++)
        byte_writer_u16(out, *suite);
    if (offer->no_extensions && offer->renegotiation_info)
        byte_writer_u16(out, 0x00ff);
    if (offer->fallback_scsv)
        byte_writer_u16(out, 0x5600);
    byte_writer_vector_end(out, suites, 2);
    byte_writer_bytes(out, offer->deflate ? "\2\1\0" : "\1\0", offer->deflate ? 3 : 2);
    if (!offer->no_extensions)
        extensions_write(input, start, out);
    byte_writer_vector_end(out, message, 3);
}

void client_hello_write_sslv2(const uint8_t *random, struct byte_writer *out)
{
    static const uint32_t kinds[] = {0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700c0, 0x080080};
    unsigned kinds_len = sizeof kinds / sizeof kinds[0] * 3;
    byte_writer_u16(out, 0x8000 | (9 + kinds_len + 16));
    byte_writer_u8(out, 1);
    byte_writer_u16(out, 0x0002);
    byte_writer_u16(out, kinds_len);
    byte_writer_u16(out, 0);
    byte_writer_u16(out, 16);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        byte_writer_u24(out, kinds[i]);
    byte_writer_bytes(out, random, 16);
}

void client_hello_write_sslv2_format(const struct tls_offer *offer, const uint8_t *random, struct byte_writer *out)
{
    unsigned specs_len = 0;
    for (const uint16_t *suite = offer->suites; *suite != 0; suite++)
        specs_len += 3;
    byte_writer_u16(out, 0x8000 | (9 + specs_len + TLS_RANDOM_LEN));
    byte_writer_u8(out, 1);
    byte_writer_u16(out, offer->version);
    byte_writer_u16(out, specs_len);
    byte_writer_u16(out, 0);
    byte_writer_u16(out, TLS_RANDOM_LEN);
    for (const uint16_t *suite = offer->suites; *suite != 0; suite++)
        byte_writer_u24(out, *suite);
    byte_writer_bytes(out, random, TLS_RANDOM_LEN);
}
