/* IRC with STARTTLS (IRCv3, "tls" extension; now deprecated for direct TLS on 6697, still served). We speak first:
 *
 *     CAP LS -> CAP * LS :... tls ... -> STARTTLS -> 670
 *
 * Notices come before the answers, and some servers want a PING answered. The capabilities are asked for because a
 * server without TLS may keep silent on STARTTLS (ngIRCd does); one that does not know CAP gets STARTTLS anyway. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

#define IRC_PONG_MAX 4

enum irc_stage { IRC_BEGIN, IRC_CAPABILITIES, IRC_STARTTLS };

struct irc_state {
    struct text_input input;
    enum irc_stage stage;
    unsigned pongs;
};

/* The command follows tags "@..." and source ":..." (RFC 1459, section 2.3.1). */
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

/* Is "tls" in "CAP * LS :multi-prefix tls sasl=PLAIN"? */
static bool irc_offers_tls(const struct text_line *command)
{
    const char *colon = memchr(command->bytes, ':', command->len);
    const char *at = colon == NULL ? command->bytes : colon + 1, *end = command->bytes + command->len;
    while (at < end) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        size_t len = (size_t)((space == NULL ? end : space) - at);
        if (len == 3 && memcmp(at, "tls", 3) == 0)
            return true;
        at += len + 1;
    }
    return false;
}

static enum probe_step irc_starttls(struct irc_state *state, struct byte_writer *out)
{
    byte_writer_text(out, "STARTTLS\r\n");
    state->stage = IRC_STARTTLS;
    return PROBE_MORE;
}

static enum probe_step irc_capabilities(struct irc_state *state, const struct text_line *command,
                                        struct byte_writer *out, char *detail)
{
    if (irc_offers_tls(command))
        return irc_starttls(state, out);
    if (memmem(command->bytes, command->len, " LS * :", 7) != NULL)
        return PROBE_MORE;                      /* more of the list follows (IRCv3, "cap-3.2") */
    text_detail_line(detail, command);
    return PROBE_REFUSED;
}

static bool irc_is_one_of(const struct text_line *command, const char *const *words)
{
    while (*words != NULL && !text_line_starts(command, *words))
        words++;
    return *words != NULL;
}

static enum probe_step irc_line(struct irc_state *state, const struct text_line *line, const struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    static const char *const refusals[] = {"691", "421", "451", "410", "ERROR", NULL};
    static const char *const spoken[] = {"NOTICE", "CAP", "020", "001", "439", NULL};
    struct text_line command = irc_command(line);
    if (state->stage == IRC_STARTTLS && text_line_starts(&command, "670"))
        return text_start_tls(in, detail);
    if (text_line_starts(&command, "PING")) {
        irc_pong(state, &command, out);
        return PROBE_MORE;
    }
    if (state->stage == IRC_CAPABILITIES && text_line_starts(&command, "CAP"))
        return irc_capabilities(state, &command, out, detail);
    if (irc_is_one_of(&command, refusals)) {
        if (state->stage == IRC_CAPABILITIES && !text_line_starts(&command, "ERROR"))
            return irc_starttls(state, out);    /* older than CAP */
        text_detail_line(detail, &command);
        return PROBE_REFUSED;
    }
    bool known = (line->len > 0 && line->bytes[0] == ':') || irc_is_one_of(&command, spoken);
    return known ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

static enum probe_step irc_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    (void)target;
    struct irc_state *state = opaque;
    struct text_line line;
    enum text_result result;
    if (state->stage == IRC_BEGIN) {
        byte_writer_text(out, "CAP LS\r\n");
        state->stage = IRC_CAPABILITIES;
    }
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        enum probe_step step = irc_line(state, &line, in, out, detail);
        if (step != PROBE_MORE)
            return step;
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
