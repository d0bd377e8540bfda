#include "probes/via.h"

#include "probes/base/observation.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED "expected http://ADDRESS:PORT or socks5://ADDRESS:PORT (an IPv6 address in brackets; a login in --via-login FILE)"

bool via_parse(const char *text, struct via *via, struct error *err)
{
    static const char *const schemes[] = {[VIA_CONNECT] = "http://", [VIA_SOCKS5] = "socks5://"};
    char address[64];
    unsigned port = 0;
    int used = 0;
    *via = (struct via){.proxy.transport = TRANSPORT_TCP};
    if (strchr(text, '@') != NULL)                      /* so the text, which may hold a password, is not shown */
        return error_set(err, ERROR_USAGE, "--via: a login on the command line would be seen by others: put it into a file of yours, and "
                                           "name that by --via-login FILE");
    if (strncmp(text, schemes[VIA_SOCKS5], strlen(schemes[VIA_SOCKS5])) == 0)
        via->kind = VIA_SOCKS5;
    else if (strncmp(text, schemes[VIA_CONNECT], strlen(schemes[VIA_CONNECT])) != 0)
        return error_set(err, ERROR_USAGE, "--via %s: " EXPECTED, text);
    const char *rest = text + strlen(schemes[via->kind]);
    bool is_read = rest[0] == '[' ? sscanf(rest, "[%63[0-9a-fA-F:.]]:%5u%n", address, &port, &used) == 2
                                  : sscanf(rest, "%63[0-9.]:%5u%n", address, &port, &used) == 2;
    if (!is_read || (rest[used] != '\0' && strcmp(rest + used, "/") != 0) || port == 0 || port > 65535 ||
        !address_parse(address, &via->proxy.address))
        return error_set(err, ERROR_USAGE, "--via %s: " EXPECTED, text);
    via->proxy.port = (uint16_t)port;
    return true;
}

static bool is_text(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)bytes[i] < 0x20 || bytes[i] == 0x7f)
            return false;
    return len > 0 && len <= VIA_LOGIN_MAX;
}

bool via_login_parse(const char *text, size_t len, struct via *via, struct error *err)
{
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    const char *colon = len == 0 ? NULL : memchr(text, ':', len);
    size_t name_len = colon == NULL ? 0 : (size_t)(colon - text), password_len = colon == NULL ? 0 : len - name_len - 1;
    if (!is_text(text, name_len) || !is_text(text + name_len + 1, password_len))
        return error_set(err, ERROR_INPUT, "expected one line of NAME:PASSWORD, each of 1 to %d bytes", VIA_LOGIN_MAX);
    memcpy(via->name, text, name_len);
    memcpy(via->password, colon + 1, password_len);
    via->name[name_len] = via->password[password_len] = '\0';
    return true;
}

static enum via_step via_failed(enum outcome *outcome, enum outcome how, char *detail, const char *words)
{
    char text[DETAIL_SIZE];
    text_detail(text, words, strlen(words));
    snprintf(detail, DETAIL_SIZE, "proxy: %.119s", text);
    *outcome = how;
    return VIA_FAILED;
}

/* --- CONNECT -------------------------------------------------------------------------------------------- */

enum { CONNECT_BEGIN, CONNECT_STATUS, CONNECT_HEAD };

/* In plaintext, as the scheme requires (RFC 7617). */
static void connect_login(const struct via *via, struct byte_writer *out)
{
    char pair[2 * VIA_LOGIN_MAX + 2];
    uint8_t coded[4 * sizeof pair / 3 + 4];
    int len = snprintf(pair, sizeof pair, "%s:%s", via->name, via->password);
    int coded_len = EVP_EncodeBlock(coded, (const uint8_t *)pair, len);
    byte_writer_bytes(out, "Proxy-Authorization: Basic ", 27);
    byte_writer_bytes(out, coded, (size_t)coded_len);
    byte_writer_bytes(out, "\r\n", 2);
    OPENSSL_cleanse(pair, sizeof pair);
    OPENSSL_cleanse(coded, sizeof coded);
}

static void connect_ask(const struct via *via, const struct target *target, struct byte_writer *out)
{
    char address[ADDRESS_TEXT_SIZE], request[256];
    bool is_ipv6 = target->address.len == 16;
    address_format(&target->address, address);
    int len = snprintf(request, sizeof request, "CONNECT %s%s%s:%u HTTP/1.1\r\nHost: %s%s%s:%u\r\n", is_ipv6 ? "[" : "", address,
                       is_ipv6 ? "]" : "", target->port, is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", target->port);
    byte_writer_bytes(out, request, (size_t)len);
    if (via->name[0] != '\0')
        connect_login(via, out);
    byte_writer_bytes(out, "\r\n", 2);
}

static enum via_step connect_status(struct via_state *state, const struct text_line *line, enum outcome *outcome, char *detail)
{
    char words[DETAIL_SIZE];
    if (line->len < 12 || memcmp(line->bytes, "HTTP/1.", 7) != 0 || line->bytes[8] != ' ')
        return via_failed(outcome, OUTCOME_UNREACHABLE, detail, "it does not speak HTTP/1");
    if (line->bytes[9] == '2') {
        state->stage = CONNECT_HEAD;
        return VIA_MORE;
    }
    snprintf(words, sizeof words, "%.*s", (int)(line->len - 9 < 100 ? line->len - 9 : 100), line->bytes + 9);
    return via_failed(outcome, OUTCOME_UNREACHABLE, detail, words);
}

static enum via_step connect_step(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                                  struct byte_writer *out, enum outcome *outcome, char *detail)
{
    struct text_line line;
    enum text_result result;
    if (state->stage == CONNECT_BEGIN) {
        connect_ask(via, target, out);
        state->stage = CONNECT_STATUS;
    }
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        if (state->stage == CONNECT_HEAD && line.len == 0)
            return VIA_OPEN;
        if (state->stage == CONNECT_STATUS && connect_status(state, &line, outcome, detail) == VIA_FAILED)
            return VIA_FAILED;
    }
    return result == TEXT_MORE ? VIA_MORE : via_failed(outcome, OUTCOME_UNREACHABLE, detail, "it does not speak HTTP/1");
}

/* --- SOCKS5 --------------------------------------------------------------------------------------------- */

enum { SOCKS5_BEGIN, SOCKS5_METHOD, SOCKS5_LOGIN, SOCKS5_REPLY };
enum { SOCKS5_NO_LOGIN = 0, SOCKS5_PASSWORD = 2, SOCKS5_NO_METHOD = 0xff };
enum { SOCKS5_IPV4 = 1, SOCKS5_NAME = 3, SOCKS5_IPV6 = 4 };

static void socks5_ask(const struct target *target, struct byte_writer *out)
{
    bool is_ipv6 = target->address.len == 16;
    byte_writer_bytes(out, "\x05\x01\0", 3);            /* CONNECT */
    byte_writer_u8(out, is_ipv6 ? SOCKS5_IPV6 : SOCKS5_IPV4);
    byte_writer_bytes(out, target->address.bytes, target->address.len);
    byte_writer_u16(out, target->port);
}

static enum via_step socks5_failed(uint8_t reply, enum outcome *outcome, char *detail)
{
    static const char *const words[] = {"general failure", "general failure", "not allowed by its rules", "network unreachable",
                                        "host unreachable", "connection refused", "TTL expired", "command not supported",
                                        "address type not supported"};
    return via_failed(outcome, reply == 5 ? OUTCOME_REFUSED : OUTCOME_UNREACHABLE, detail,
                      reply < sizeof words / sizeof words[0] ? words[reply] : "unknown reply");
}

static void socks5_login(const struct via *via, struct byte_writer *out)
{
    size_t name_len = strlen(via->name), password_len = strlen(via->password);
    byte_writer_u8(out, 1);                             /* the version of RFC 1929 */
    byte_writer_u8(out, (unsigned)name_len);
    byte_writer_bytes(out, via->name, name_len);
    byte_writer_u8(out, (unsigned)password_len);
    byte_writer_bytes(out, via->password, password_len);
}

static enum via_step socks5_method(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                                   struct byte_writer *out, enum outcome *outcome, char *detail)
{
    uint8_t version, method;
    struct byte_reader at = *in;
    if (!byte_reader_u8(&at, &version) || !byte_reader_u8(&at, &method))
        return VIA_MORE;
    bool has_login = via->name[0] != '\0';
    *in = at;
    if (version == 5 && method == SOCKS5_NO_METHOD)
        return via_failed(outcome, OUTCOME_UNREACHABLE, detail, has_login ? "it wants another kind of login" : "it wants a login");
    if (version != 5 || (method != SOCKS5_NO_LOGIN && (method != SOCKS5_PASSWORD || !has_login)))
        return via_failed(outcome, OUTCOME_UNREACHABLE, detail, "it does not speak SOCKS5");
    if (method == SOCKS5_PASSWORD) {
        socks5_login(via, out);
        state->stage = SOCKS5_LOGIN;
        return VIA_MORE;
    }
    socks5_ask(target, out);
    state->stage = SOCKS5_REPLY;
    return VIA_MORE;
}

static enum via_step socks5_login_reply(struct via_state *state, const struct target *target, struct byte_reader *in,
                                        struct byte_writer *out, enum outcome *outcome, char *detail)
{
    uint8_t version, status;
    struct byte_reader at = *in;
    if (!byte_reader_u8(&at, &version) || !byte_reader_u8(&at, &status))
        return VIA_MORE;
    *in = at;
    if (status != 0)
        return via_failed(outcome, OUTCOME_UNREACHABLE, detail, "it refuses the login");
    socks5_ask(target, out);
    state->stage = SOCKS5_REPLY;
    return VIA_MORE;
}

static enum via_step socks5_reply(struct byte_reader *in, enum outcome *outcome, char *detail)
{
    struct byte_reader at = *in;
    uint8_t version, reply, reserved, type, len = 4;
    if (!byte_reader_u8(&at, &version) || !byte_reader_u8(&at, &reply))
        return VIA_MORE;
    if (version == 5 && reply != 0)                     /* its bound address is meaningless then */
        return socks5_failed(reply, outcome, detail);
    if (!byte_reader_u8(&at, &reserved) || !byte_reader_u8(&at, &type))
        return VIA_MORE;
    if (version != 5 || (type != SOCKS5_IPV4 && type != SOCKS5_IPV6 && type != SOCKS5_NAME))
        return via_failed(outcome, OUTCOME_UNREACHABLE, detail, "it does not speak SOCKS5");
    if (type == SOCKS5_NAME && !byte_reader_u8(&at, &len))
        return VIA_MORE;
    if (!byte_reader_skip(&at, (type == SOCKS5_IPV6 ? 16u : len) + 2))
        return VIA_MORE;
    *in = at;
    return VIA_OPEN;
}

static enum via_step socks5_step(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                                 struct byte_writer *out, enum outcome *outcome, char *detail)
{
    enum via_step step = VIA_MORE;
    if (state->stage == SOCKS5_BEGIN) {
        if (via->name[0] != '\0')
            byte_writer_bytes(out, "\x05\x02\0\x02", 4); /* two methods: none, and a password */
        else
            byte_writer_bytes(out, "\x05\x01\0", 3);     /* one: none */
        state->stage = SOCKS5_METHOD;
    }
    if (state->stage == SOCKS5_METHOD)
        step = socks5_method(via, state, target, in, out, outcome, detail);
    if (step == VIA_MORE && state->stage == SOCKS5_LOGIN)
        step = socks5_login_reply(state, target, in, out, outcome, detail);
    return step == VIA_MORE && state->stage == SOCKS5_REPLY ? socks5_reply(in, outcome, detail) : step;
}

enum via_step via_step(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                       struct byte_writer *out, enum outcome *outcome, char *detail)
{
    return via->kind == VIA_SOCKS5 ? socks5_step(via, state, target, in, out, outcome, detail)
                                   : connect_step(via, state, target, in, out, outcome, detail);
}
