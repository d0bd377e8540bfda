#include "scanner/passive/handshake/hello_facts.h"

#include "probes/base/hex.h"
#include "probes/tls/messages.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* The text that JA3 hashes. Only a forged hello is too long for it; the rest is cut. */
struct ja3 {
    char text[8192];
    size_t len;
    bool wanted;
};

static void ja3_number(struct ja3 *ja3, unsigned value, bool *first)
{
    if (!ja3->wanted || tls_is_grease((uint16_t)value) || ja3->len + 8 > sizeof ja3->text)
        return;
    ja3->len += (size_t)snprintf(ja3->text + ja3->len, 8, *first ? "%u" : "-%u", value);
    *first = false;
}

static void ja3_comma(struct ja3 *ja3)
{
    if (ja3->wanted && ja3->len + 2 < sizeof ja3->text)
        ja3->text[ja3->len++] = ',';
}

static void ja3_u16_list(struct ja3 *ja3, struct byte_reader list)
{
    uint16_t value;
    bool first = true;
    while (byte_reader_u16(&list, &value))
        ja3_number(ja3, value, &first);
}

static void ja3_finish(const struct ja3 *ja3, char out[33])
{
    out[0] = '\0';
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (ja3->wanted && EVP_Digest(ja3->text, ja3->len, digest, &len, EVP_md5(), NULL) == 1 && len == 16)
        hex_format(digest, 16, out);
}

static void ja3_extensions(struct ja3 *ja3, struct byte_reader extensions)
{
    uint16_t type;
    struct byte_reader data;
    bool first = true;
    while (extension_next(&extensions, &type, &data))
        ja3_number(ja3, type, &first);
}

static void ja3_client(const struct client_hello *hello, char out[33])
{
    struct ja3 ja3;
    struct byte_reader formats = hello->ec_point_formats;
    bool first = true;
    uint8_t format;
    ja3.len = 0;
    ja3.wanted = true;
    ja3_number(&ja3, hello->legacy_version, &first);
    ja3_comma(&ja3);
    ja3_u16_list(&ja3, hello->cipher_suites);
    ja3_comma(&ja3);
    ja3_extensions(&ja3, hello->extensions);
    ja3_comma(&ja3);
    ja3_u16_list(&ja3, hello->supported_groups);
    ja3_comma(&ja3);
    first = true;
    while (byte_reader_u8(&formats, &format))
        ja3_number(&ja3, format, &first);
    ja3_finish(&ja3, out);
}

static void ja3_server(const struct server_hello *hello, char out[33])
{
    struct ja3 ja3;
    bool first = true;
    ja3.len = 0;
    ja3.wanted = true;
    ja3_number(&ja3, hello->legacy_version, &first);
    ja3_comma(&ja3);
    first = true;
    ja3_number(&ja3, hello->cipher_suite, &first);
    ja3_comma(&ja3);
    ja3_extensions(&ja3, hello->extensions);
    ja3_finish(&ja3, out);
}

static uint8_t count_names(struct byte_reader list)
{
    struct byte_reader name;
    uint8_t count = 0;
    while (count < 255 && byte_reader_vector8(&list, &name))
        count++;
    return count;
}

static void copy_session_id(struct byte_reader id, uint8_t *len, uint8_t to[32])
{
    *len = (uint8_t)(id.left > 32 ? 0 : id.left);
    if (*len != 0)
        memcpy(to, id.at, *len);
}

static void keep_client(const struct client_hello *hello, struct client_hello_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    facts->known = true;
    facts->has_ech = hello->has_encrypted_client_hello;
    facts->offers_tls13 = hello->max_version == 0x0304 || hello->max_version == 0xfefc;
    facts->version = hello->legacy_version;
    if (hello->random != NULL)
        memcpy(facts->random, hello->random, 32);
    copy_session_id(hello->session_id, &facts->session_id_len, facts->session_id);
    memcpy(facts->server_name, hello->server_name, sizeof facts->server_name);
    memcpy(facts->alpn, hello->first_alpn, sizeof facts->alpn);
    facts->alpn_count = count_names(hello->alpn);
}

bool client_hello_read(struct byte_reader body, bool is_dtls, bool want_ja3, struct client_hello_facts *facts)
{
    struct client_hello hello;
    bool whole = is_dtls ? client_hello_parse_dtls(body, &hello) : client_hello_parse(body, &hello);
    if (!whole && (hello.random == NULL || hello.cipher_suites.at == NULL))
        return false;
    keep_client(&hello, facts);
    if (want_ja3) {
        ja3_client(&hello, facts->ja3);
        ja4_client(&hello, is_dtls ? 'd' : 't', facts->ja4);
    }
    return true;
}

bool client_hello_read_sslv2(struct byte_reader body, struct client_hello_facts *facts)
{
    struct client_hello hello;
    if (!client_hello_parse_sslv2(body, &hello))
        return false;
    keep_client(&hello, facts);
    return true;
}

bool server_hello_read(struct byte_reader body, bool want_ja3, struct server_hello_facts *facts)
{
    struct server_hello hello;
    if (!server_hello_parse(body, &hello) && (hello.random == NULL || hello.session_id.at == NULL || hello.version == 0))
        return false;           /* keep what came before broken extensions */
    memset(facts, 0, sizeof *facts);
    facts->known = true;
    facts->is_retry = hello.is_hello_retry_request;
    facts->version = hello.version;
    facts->cipher_suite = hello.cipher_suite;
    facts->group = hello.group;
    memcpy(facts->random, hello.random, 32);
    copy_session_id(hello.session_id, &facts->session_id_len, facts->session_id);
    memcpy(facts->alpn, hello.alpn, sizeof facts->alpn);
    facts->sct_count = hello.sct_count;
    facts->selected_psk = hello.psk >= 0;
    facts->extended_master_secret = hello.extended_master_secret;
    facts->encrypt_then_mac = hello.encrypt_then_mac;
    if (want_ja3)
        ja3_server(&hello, facts->ja3s);
    return true;
}
