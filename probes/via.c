#include "probes/via.h"

#include "probes/base/observation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED "expected http://ADDRESS:PORT or socks5://ADDRESS:PORT (an IPv6 address in brackets, and no login)"

bool via_parse(const char *text, struct via *via, struct error *err)
{
    static const char *const schemes[] = {[VIA_CONNECT] = "http://", [VIA_SOCKS5] = "socks5://"};
    char address[64];
    unsigned port = 0;
    int used = 0;
    *via = (struct via){.proxy.transport = TRANSPORT_TCP};
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

static void connect_ask(const struct target *target, struct byte_writer *out)
{
    char address[ADDRESS_TEXT_SIZE], request[256];
    bool is_ipv6 = target->address.len == 16;
    address_format(&target->address, address);
    int len = snprintf(request, sizeof request, "CONNECT %s%s%s:%u HTTP/1.1\r\nHost: %s%s%s:%u\r\n\r\n", is_ipv6 ? "[" : "", address,
                       is_ipv6 ? "]" : "", target->port, is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", target->port);
    byte_writer_bytes(out, request, (size_t)len);
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

static enum via_step connect_step(struct via_state *state, const struct target *target, struct byte_reader *in,
                                  struct byte_writer *out, enum outcome *outcome, char *detail)
{
    struct text_line line;
    enum text_result result;
    if (state->stage == CONNECT_BEGIN) {
        connect_ask(target, out);
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

enum { SOCKS5_BEGIN, SOCKS5_METHOD, SOCKS5_REPLY };
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

static enum via_step socks5_method(struct via_state *state, const struct target *target, struct byte_reader *in,
                                   struct byte_writer *out, enum outcome *outcome, char *detail)
{
    uint16_t answer;
    if (!byte_reader_u16(in, &answer))
        return VIA_MORE;
    if (answer != 0x0500)
        return via_failed(outcome, OUTCOME_UNREACHABLE, detail, answer == 0x05ff ? "it wants a login" : "it does not speak SOCKS5");
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
    if (version == 5 && reply != 0)                     /* its bound address says nothing then */
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

static enum via_step socks5_step(struct via_state *state, const struct target *target, struct byte_reader *in,
                                 struct byte_writer *out, enum outcome *outcome, char *detail)
{
    enum via_step step = VIA_MORE;
    if (state->stage == SOCKS5_BEGIN) {
        byte_writer_bytes(out, "\x05\x01\0", 3);        /* one method: no authentication */
        state->stage = SOCKS5_METHOD;
    }
    if (state->stage == SOCKS5_METHOD)
        step = socks5_method(state, target, in, out, outcome, detail);
    return step == VIA_MORE && state->stage == SOCKS5_REPLY ? socks5_reply(in, outcome, detail) : step;
}

enum via_step via_step(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                       struct byte_writer *out, enum outcome *outcome, char *detail)
{
    return via->kind == VIA_SOCKS5 ? socks5_step(state, target, in, out, outcome, detail)
                                   : connect_step(state, target, in, out, outcome, detail);
}
