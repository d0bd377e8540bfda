/* IRC with STARTTLS (IRCv3, "tls" extension; now deprecated for direct TLS on 6697, still served). We speak
 * first; notices come before the answer, 670 (RPL_STARTTLS) agrees, and some servers want a PING answered. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

#define IRC_PONG_MAX 4

struct irc_state {
    struct text_input input;
    bool asked;
    unsigned pongs;
};

/* Behind tags "@..." and source ":..." (RFC 1459, section 2.3.1) stands the command. */
static struct text_line irc_command(const struct text_line *line)
{
    struct text_line rest = *line;
    while (rest.len > 0 && (rest.bytes[0] == ':' || rest.bytes[0] == '@')) {
        const char *space = memchr(rest.bytes, ' ', rest.len);
        size_t skip = space == NULL ? rest.len : (size_t)(space - rest.bytes) + 1;
        rest.bytes += skip;
        rest.len -= skip;
    }
    return rest;
}

static void irc_pong(struct irc_state *state, const struct text_line *command, struct byte_writer *out)
{
    if (state->pongs++ >= IRC_PONG_MAX || command->len > 512)
        return;
    byte_writer_text(out, "PONG");
    byte_writer_bytes(out, command->bytes + 4, command->len - 4);
    byte_writer_text(out, "\r\n");
}

static enum probe_step irc_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    (void)target;
    static const char *const refusals[] = {"691", "421", "451", "ERROR"};
    static const char *const spoken[] = {"NOTICE", "CAP", "020", "001", "439", "ERROR"};
    struct irc_state *state = opaque;
    struct text_line line;
    enum text_result result;
    if (!state->asked)
        byte_writer_text(out, "STARTTLS\r\n");
    state->asked = true;
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        struct text_line command = irc_command(&line);
        if (text_line_starts(&command, "670"))
            return text_start_tls(in, detail);
        if (text_line_starts(&command, "PING")) {
            irc_pong(state, &command, out);
            continue;
        }
        for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
            if (text_line_starts(&command, refusals[i])) {
                text_detail_line(detail, &command);
                return PROBE_REFUSED;
            }
        }
        bool known = line.len > 0 && line.bytes[0] == ':';
        for (size_t i = 0; i < sizeof spoken / sizeof spoken[0]; i++)
            known |= text_line_starts(&command, spoken[i]);
        if (!known)
            return PROBE_NOT_SPOKEN;
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_irc = {
    .name = "irc",
    .default_ports = {6667, 194},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct irc_state),
    .step = irc_step,
};
