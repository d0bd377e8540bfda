/* ManageSieve (RFC 5804, section 2.2) with STARTTLS: capabilities, each a line of strings, then OK -> STARTTLS -> OK. A string
 * may be a literal, whose bytes are skipped. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

struct sieve_state {
    struct text_input input;
    bool asked;
    bool agreed;                        /* OK was received; its text is a literal that follows */
    bool inside;                        /* after a literal: still the same line */
};

/* Reads one response line, with its literal. */
static enum probe_step sieve_line(struct sieve_state *state, const struct text_line *line, char *detail)
{
    if (text_line_starts(line, "NO") || text_line_starts(line, "BYE")) {
        text_detail_line(detail, line);
        return PROBE_REFUSED;
    }
    if (text_line_starts(line, "OK")) {
        state->agreed = true;
        return PROBE_MORE;
    }
    return line->len > 0 && (line->bytes[0] == '"' || line->bytes[0] == '{') ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

static enum probe_step sieve_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                  struct byte_writer *out, char *detail)
{
    (void)target;
    struct sieve_state *state = opaque;
    struct text_line line;
    enum text_result result;
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        bool inside = state->inside;
        if (!text_expect_literal(&state->input, &line))
            return PROBE_NOT_SPOKEN;
        state->inside = state->input.literal_left > 0;
        enum probe_step step = inside ? PROBE_MORE : sieve_line(state, &line, detail);
        if (step != PROBE_MORE)
            return step;
        if (!state->agreed || state->inside)
            continue;
        if (state->asked)
            return text_start_tls(in, detail);
        byte_writer_text(out, "STARTTLS\r\n");
        state->asked = true;
        state->agreed = false;
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_sieve = {
    .name = "sieve",
    .default_ports = {4190},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct sieve_state),
    .step = sieve_step,
};
