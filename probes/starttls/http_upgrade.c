/* HTTP/1.1 with Upgrade to TLS (RFC 2817, section 3.2), as CUPS and other printers have it:
 *
 *     OPTIONS * with Upgrade: TLS/1.0 -> 101 Switching Protocols
 *
 * Any other status is a refusal: a server that does not know Upgrade answers OPTIONS as if the header were
 * absent. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

struct http_state {
    struct text_input input;
    bool asked;
    bool switching;                     /* 101 came; the end of its header section has not */
};

static void http_ask(const struct probe_target *target, struct byte_writer *out)
{
    const char *host = target->server_name == NULL || target->server_name[0] == '\0' ? "localhost" : target->server_name;
    byte_writer_text(out, "OPTIONS * HTTP/1.1\r\nHost: ");
    for (; *host != '\0'; host++)       /* a name from a certificate must not end our line */
        byte_writer_u8(out, (unsigned char)*host > 0x20 && *host != 0x7f ? (unsigned char)*host : '_');
    byte_writer_text(out, "\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n");
}

/* The line "HTTP/1.1 101 Switching Protocols" (RFC 9112, section 4). */
static enum probe_step http_status(struct http_state *state, const struct text_line *line, char *detail)
{
    if (line->len < 12 || memcmp(line->bytes, "HTTP/1.", 7) != 0 || line->bytes[8] != ' ')
        return PROBE_NOT_SPOKEN;
    state->switching = memcmp(line->bytes + 9, "101", 3) == 0;
    if (state->switching)
        return PROBE_MORE;
    text_detail_line(detail, line);
    return PROBE_REFUSED;
}

static enum probe_step http_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    struct http_state *state = opaque;
    struct text_line line;
    enum text_result result;
    if (!state->asked)
        http_ask(target, out);
    state->asked = true;
    if (!state->switching && in->left > 0 && in->at[0] != 'H')
        return PROBE_NOT_SPOKEN;        /* decided by the first byte, without waiting for a line end */
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        enum probe_step step = PROBE_MORE;
        if (!state->switching)
            step = http_status(state, &line, detail);
        else if (line.len == 0)
            step = text_start_tls(in, detail);
        if (step != PROBE_MORE)
            return step;
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_http_upgrade = {
    .name = "http-upgrade",
    .default_ports = {631},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct http_state),
    .step = http_step,
};
