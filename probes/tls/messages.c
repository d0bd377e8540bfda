#include "probes/tls/messages.h"

#include <ctype.h>
#include <string.h>

/* SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3). */
static const uint8_t retry_random[TLS_RANDOM_LEN] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool extension_next(struct byte_reader *extensions, uint16_t *type, struct byte_reader *data)
{
    struct byte_reader saved = *extensions;
    if (byte_reader_u16(extensions, type) && byte_reader_vector16(extensions, data))
        return true;
    *extensions = saved;
    return false;
}

/* Copies a protocol's name; bytes that are not printable become '?'. */
static void alpn_copy(struct byte_reader name, char alpn[ALPN_SIZE])
{
    size_t len = name.left < ALPN_SIZE - 1 ? name.left : ALPN_SIZE - 1;
    for (size_t i = 0; i < len; i++)
        alpn[i] = name.at[i] > 0x20 && name.at[i] < 0x7f ? (char)name.at[i] : '?';
    alpn[len] = '\0';
}

/* The first of a ProtocolNameList (RFC 7301). */
static void alpn_first(struct byte_reader data, struct byte_reader *list, char alpn[ALPN_SIZE])
{
    struct byte_reader names, name;
    if (!byte_reader_vector16(&data, &names))
        return;
    if (list != NULL)
        *list = names;
    if (byte_reader_vector8(&names, &name))
        alpn_copy(name, alpn);
}

/* RFC 6066, section 3: the host_name entry. Anything else than a plain name is left out. */
static void server_name_parse(struct byte_reader data, char server_name[SERVER_NAME_SIZE])
{
    struct byte_reader list, name;
    uint8_t type;
    if (!byte_reader_vector16(&data, &list) || !byte_reader_u8(&list, &type) || type != 0 ||
        !byte_reader_vector16(&list, &name) || name.left == 0)
        return;
    size_t len = name.left;
    if (name.at[len - 1] == '.')
        len--;
    if (len == 0 || len >= SERVER_NAME_SIZE)
        return;
    for (size_t i = 0; i < len; i++) {
        if (name.at[i] <= 0x20 || name.at[i] >= 0x7f) {
            server_name[0] = '\0';
            return;
        }
        server_name[i] = (char)tolower(name.at[i]);
    }
    server_name[len] = '\0';
}

static void client_max_version(struct client_hello *hello)
{
    struct byte_reader versions = hello->supported_versions;
    uint16_t version, max = 0;
    bool is_dtls = hello->legacy_version >> 8 == 0xfe;
    while (byte_reader_u16(&versions, &version)) {
        if (tls_is_grease(version) || (version >> 8 != 3 && version >> 8 != 0xfe))
            continue;                                           /* drafts of TLS 1.3 are 0x7fXX */
        if (max == 0 || (is_dtls ? version < max : version > max))      /* DTLS counts downwards */
            max = version;
    }
    hello->max_version = max != 0 ? max : hello->legacy_version;
}

static void client_extension(struct client_hello *hello, uint16_t type, struct byte_reader data)
{
    struct byte_reader *list = NULL;
    switch (type) {
    case TLS_EXT_SERVER_NAME:
        hello->has_server_name = true;
        server_name_parse(data, hello->server_name);
        break;
    case TLS_EXT_ALPN: alpn_first(data, &hello->alpn, hello->first_alpn); break;
    case TLS_EXT_SUPPORTED_VERSIONS: byte_reader_vector8(&data, &hello->supported_versions); break;
    case TLS_EXT_EC_POINT_FORMATS: byte_reader_vector8(&data, &hello->ec_point_formats); break;
    case TLS_EXT_SUPPORTED_GROUPS: list = &hello->supported_groups; break;
    case TLS_EXT_SIGNATURE_ALGORITHMS: list = &hello->signature_algorithms; break;
    case TLS_EXT_SIGNATURE_ALGORITHMS_CERT: list = &hello->signature_algorithms_cert; break;
    case TLS_EXT_KEY_SHARE: list = &hello->key_share; break;
    case TLS_EXT_PRE_SHARED_KEY: list = &hello->psk_identities; break;
    case TLS_EXT_COOKIE: list = &hello->cookie; break;
    case TLS_EXT_SESSION_TICKET: hello->session_ticket = data; break;
    case TLS_EXT_EARLY_DATA: hello->has_early_data = true; break;
    case TLS_EXT_ENCRYPTED_CLIENT_HELLO: hello->has_encrypted_client_hello = true; break;
    default: break;
    }
    if (list != NULL)
        byte_reader_vector16(&data, list);
}

static bool client_hello_read(struct byte_reader body, bool is_dtls, struct client_hello *hello)
{
    memset(hello, 0, sizeof *hello);
    if (!byte_reader_u16(&body, &hello->legacy_version) ||
        !byte_reader_bytes(&body, TLS_RANDOM_LEN, &hello->random) ||
        !byte_reader_vector8(&body, &hello->session_id) ||
        (is_dtls && !byte_reader_vector8(&body, &hello->cookie)) ||
        !byte_reader_vector16(&body, &hello->cipher_suites) ||
        !byte_reader_vector8(&body, &hello->compression_methods))
        return false;
    hello->max_version = hello->legacy_version;
    if (body.left == 0)
        return true;                                            /* no extensions: SSLv3, old TLS */
    if (!byte_reader_vector16(&body, &hello->extensions))
        return false;
    struct byte_reader extensions = hello->extensions, data;
    uint16_t type;
    while (extension_next(&extensions, &type, &data))
        client_extension(hello, type, data);
    client_max_version(hello);
    return extensions.left == 0;
}

bool client_hello_parse(struct byte_reader body, struct client_hello *hello)
{
    return client_hello_read(body, false, hello);
}

bool client_hello_parse_dtls(struct byte_reader body, struct client_hello *hello)
{
    return client_hello_read(body, true, hello);
}

bool client_hello_parse_sslv2(struct byte_reader body, struct client_hello *hello)
{
    uint8_t type;
    uint16_t specs_len, session_id_len, challenge_len;
    memset(hello, 0, sizeof *hello);
    hello->is_sslv2 = true;
    if (!byte_reader_u8(&body, &type) || type != 1 || !byte_reader_u16(&body, &hello->legacy_version) ||
        !byte_reader_u16(&body, &specs_len) || !byte_reader_u16(&body, &session_id_len) ||
        !byte_reader_u16(&body, &challenge_len))
        return false;
    hello->max_version = hello->legacy_version;
    return specs_len % 3 == 0 && byte_reader_sub(&body, specs_len, &hello->cipher_suites) &&
           byte_reader_sub(&body, session_id_len, &hello->session_id) && byte_reader_skip(&body, challenge_len);
}

/* SignedCertificateTimestampList (RFC 6962, section 3.3). */
static bool is_raw_key(struct byte_reader data)
{
    uint8_t type;
    return byte_reader_u8(&data, &type) && type == 2 && data.left == 0;
}

static uint32_t sct_count(struct byte_reader data)
{
    struct byte_reader list, sct;
    uint32_t count = 0;
    if (byte_reader_vector16(&data, &list))
        while (byte_reader_vector16(&list, &sct))
            count++;
    return count;
}

static void server_extension(struct server_hello *hello, uint16_t type, struct byte_reader data)
{
    uint16_t value;
    switch (type) {
    case TLS_EXT_SUPPORTED_VERSIONS:
        if (byte_reader_u16(&data, &value))
            hello->version = value;
        break;
    case TLS_EXT_KEY_SHARE:
        if (byte_reader_u16(&data, &value))
            hello->group = value;
        if (!hello->is_hello_retry_request)
            byte_reader_vector16(&data, &hello->key_exchange);
        break;
    case TLS_EXT_PRE_SHARED_KEY:
        if (byte_reader_u16(&data, &value))
            hello->psk = value;
        break;
    case TLS_EXT_COOKIE: byte_reader_vector16(&data, &hello->cookie); break;
    case TLS_EXT_ALPN: alpn_first(data, NULL, hello->alpn); break;
    case TLS_EXT_SIGNED_CERTIFICATE_TIMESTAMP: hello->sct_count = sct_count(data); break;
    case TLS_EXT_SERVER_CERTIFICATE_TYPE: hello->is_raw_key = is_raw_key(data); break;
    case TLS_EXT_EXTENDED_MASTER_SECRET: hello->extended_master_secret = true; break;
    case TLS_EXT_RENEGOTIATION_INFO: hello->secure_renegotiation = true; break;
    case TLS_EXT_SESSION_TICKET: hello->session_ticket = true; break;
    case TLS_EXT_STATUS_REQUEST: hello->status_request = true; break;
    case TLS_EXT_ENCRYPT_THEN_MAC: hello->encrypt_then_mac = true; break;
    case TLS_EXT_HEARTBEAT: hello->heartbeat = true; break;
    case TLS_EXT_NEXT_PROTOCOL: hello->next_protocol = true; break;
    default: break;
    }
}

bool server_hello_parse(struct byte_reader body, struct server_hello *hello)
{
    memset(hello, 0, sizeof *hello);
    hello->group = hello->psk = -1;
    if (!byte_reader_u16(&body, &hello->legacy_version) ||
        !byte_reader_bytes(&body, TLS_RANDOM_LEN, &hello->random) ||
        !byte_reader_vector8(&body, &hello->session_id) || !byte_reader_u16(&body, &hello->cipher_suite) ||
        !byte_reader_u8(&body, &hello->compression))
        return false;
    hello->version = hello->legacy_version;
    hello->is_hello_retry_request = memcmp(hello->random, retry_random, TLS_RANDOM_LEN) == 0;
    if (body.left == 0)
        return true;
    if (!byte_reader_vector16(&body, &hello->extensions))
        return false;
    struct byte_reader extensions = hello->extensions, data;
    uint16_t type;
    while (extension_next(&extensions, &type, &data))
        server_extension(hello, type, data);
    return extensions.left == 0;
}

bool sslv2_server_hello_parse(struct byte_reader body, struct sslv2_server_hello *hello)
{
    uint8_t type;
    uint16_t cert_len, specs_len, connection_id_len;
    memset(hello, 0, sizeof *hello);
    if (!byte_reader_u8(&body, &type) || type != 4 || !byte_reader_u8(&body, &hello->session_id_hit) ||
        !byte_reader_u8(&body, &hello->certificate_type) || !byte_reader_u16(&body, &hello->version) ||
        !byte_reader_u16(&body, &cert_len) || !byte_reader_u16(&body, &specs_len) ||
        !byte_reader_u16(&body, &connection_id_len))
        return false;
    hello->certificate.len = cert_len;
    return byte_reader_bytes(&body, cert_len, &hello->certificate.bytes) &&
           byte_reader_sub(&body, specs_len, &hello->cipher_specs) && byte_reader_skip(&body, connection_id_len);
}

bool encrypted_extensions_parse(struct byte_reader body, struct encrypted_extensions *out)
{
    struct byte_reader extensions, data;
    uint16_t type;
    memset(out, 0, sizeof *out);
    if (!byte_reader_vector16(&body, &extensions))
        return false;
    while (extension_next(&extensions, &type, &data)) {
        if (type == TLS_EXT_ALPN)
            alpn_first(data, NULL, out->alpn);
        else if (type == TLS_EXT_SERVER_NAME)
            out->server_name = true;
        else if (type == TLS_EXT_SERVER_CERTIFICATE_TYPE)
            out->is_raw_key = is_raw_key(data);
    }
    return extensions.left == 0;
}

bool certificate_parse(struct byte_reader body, uint16_t version, struct certificate_message *message)
{
    memset(message, 0, sizeof *message);
    message->is_tls13 = version == 0x0304 || version == 0xfefc;
    if (message->is_tls13 && !byte_reader_vector8(&body, &message->request_context))
        return false;
    return byte_reader_vector24(&body, &message->list);
}

bool certificate_next(struct certificate_message *message, struct der *cert, struct byte_reader *extensions)
{
    struct byte_reader saved = message->list, data, ignored;
    if (extensions == NULL)
        extensions = &ignored;
    *extensions = byte_reader_of(NULL, 0);
    if (!byte_reader_vector24(&message->list, &data))
        return false;
    if (message->is_tls13 && !byte_reader_vector16(&message->list, extensions)) {
        message->list = saved;
        return false;
    }
    *cert = (struct der){.bytes = data.at, .len = data.left};
    return true;
}

/* CertificateStatus: status_type ocsp(1), or ocsp_multi(2), of which the first response is the leaf's. */
bool certificate_status_parse(struct byte_reader body, struct byte_reader *ocsp_staple)
{
    uint8_t type;
    struct byte_reader list;
    if (!byte_reader_u8(&body, &type))
        return false;
    if (type == 1)
        return byte_reader_vector24(&body, ocsp_staple);
    return type == 2 && byte_reader_vector24(&body, &list) && byte_reader_vector24(&list, ocsp_staple);
}

void certificate_extensions_parse(struct byte_reader extensions, struct byte_reader *ocsp_staple, uint32_t *scts)
{
    struct byte_reader data;
    uint16_t type;
    while (extension_next(&extensions, &type, &data)) {
        if (type == TLS_EXT_STATUS_REQUEST)
            certificate_status_parse(data, ocsp_staple);
        else if (type == TLS_EXT_SIGNED_CERTIFICATE_TIMESTAMP)
            *scts = sct_count(data);
    }
}

bool compressed_certificate_parse(struct byte_reader body, struct compressed_certificate *certificate)
{
    memset(certificate, 0, sizeof *certificate);
    return byte_reader_u16(&body, &certificate->algorithm) &&
           byte_reader_u24(&body, &certificate->uncompressed_len) &&
           byte_reader_vector24(&body, &certificate->compressed);
}

/* How many bits an unsigned big-endian number has. */
static uint32_t bit_count(struct byte_reader number)
{
    uint8_t byte = 0;
    while (byte == 0)
        if (!byte_reader_u8(&number, &byte))
            return 0;
    uint32_t bits = (uint32_t)number.left * 8;
    for (; byte != 0; byte >>= 1)
        bits++;
    return bits;
}

static bool ecdh_params_parse(struct byte_reader *body, struct server_key_exchange *exchange)
{
    uint8_t curve_type;
    uint16_t group;
    if (!byte_reader_u8(body, &curve_type) || curve_type != 3 || !byte_reader_u16(body, &group) ||
        !byte_reader_vector8(body, &exchange->point))
        return false;                           /* explicit curves (types 1 and 2) are long gone: RFC 8422, 5.4 */
    exchange->group = group;
    return true;
}

static bool dh_params_parse(struct byte_reader *body, bool is_rsa, struct server_key_exchange *exchange)
{
    if (!byte_reader_vector16(body, &exchange->dh_p) || !byte_reader_vector16(body, &exchange->dh_g) ||
        (!is_rsa && !byte_reader_vector16(body, &exchange->dh_ys)))
        return false;
    exchange->dh_bits = bit_count(exchange->dh_p);
    return true;
}

static bool signature_parse(struct byte_reader *body, uint16_t version, int32_t *scheme,
                            struct byte_reader *signature)
{
    uint16_t value;
    if (version == 0x0303 || version == 0x0304 || version == 0xfefd || version == 0xfefc) {
        if (!byte_reader_u16(body, &value))
            return false;
        *scheme = value;
    }
    return byte_reader_vector16(body, signature);
}

bool server_key_exchange_parse(struct byte_reader body, uint16_t version, const struct tls_suite *suite,
                               struct server_key_exchange *exchange)
{
    memset(exchange, 0, sizeof *exchange);
    exchange->group = exchange->scheme = -1;
    if (suite == NULL)
        return false;
    const uint8_t *start = body.at;
    struct byte_reader hint;
    if (suite->auth == TLS_AUTH_PSK && !byte_reader_vector16(&body, &hint))     /* RFC 4279; RFC 5489 */
        return false;
    bool ok = false;
    if (suite->kx == TLS_KX_ECDHE)
        ok = ecdh_params_parse(&body, exchange);
    else if (suite->kx == TLS_KX_DHE)
        ok = dh_params_parse(&body, false, exchange);
    else if (suite->kx == TLS_KX_RSA && suite->is_export)
        ok = dh_params_parse(&body, true, exchange);
    if (!ok)
        return false;
    exchange->params = byte_reader_of(start, (size_t)(body.at - start));
    if (suite->auth == TLS_AUTH_ANON || suite->auth == TLS_AUTH_PSK || suite->auth == TLS_AUTH_NULL)
        return true;
    return signature_parse(&body, version, &exchange->scheme, &exchange->signature);
}

bool certificate_verify_parse(struct byte_reader body, uint16_t version, struct certificate_verify *verify)
{
    memset(verify, 0, sizeof *verify);
    verify->scheme = -1;
    return signature_parse(&body, version, &verify->scheme, &verify->signature);
}

static bool certificate_request_13_parse(struct byte_reader body, struct certificate_request *request)
{
    struct byte_reader context, extensions, data;
    uint16_t type;
    if (!byte_reader_vector8(&body, &context) || !byte_reader_vector16(&body, &extensions))
        return false;
    while (extension_next(&extensions, &type, &data)) {
        if (type == TLS_EXT_CERTIFICATE_AUTHORITIES)
            byte_reader_vector16(&data, &request->authorities);
        else if (type == TLS_EXT_SIGNATURE_ALGORITHMS)
            byte_reader_vector16(&data, &request->signature_algorithms);
    }
    return extensions.left == 0;
}

bool certificate_request_parse(struct byte_reader body, uint16_t version, struct certificate_request *request)
{
    struct byte_reader types;
    memset(request, 0, sizeof *request);
    if (version == 0x0304 || version == 0xfefc)
        return certificate_request_13_parse(body, request);
    return byte_reader_vector8(&body, &types) &&
           ((version != 0x0303 && version != 0xfefd) ||
            byte_reader_vector16(&body, &request->signature_algorithms)) &&
           byte_reader_vector16(&body, &request->authorities);
}
