/* IMAP (RFC 3501, section 6.2.1; RFC 9051) with STARTTLS: "* OK" greeting -> "s STARTTLS" -> "s OK". Untagged responses and
 * literals in between are skipped. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

struct imap_state {
    struct text_input input;
    bool asked;
    bool inside;                        /* after a literal: still the same response */
};

static enum probe_step imap_greeting(struct imap_state *state, const struct text_line *line,
                                     struct byte_writer *out, char *detail)
{
    if (text_line_starts(line, "* BYE")) {
        text_detail_line(detail, line);
        return PROBE_REFUSED;
    }
    if (!text_line_starts(line, "* OK") && !text_line_starts(line, "* PREAUTH"))
        return PROBE_NOT_SPOKEN;
    byte_writer_text(out, "s STARTTLS\r\n");
    state->asked = true;
    return PROBE_MORE;
}

static enum probe_step imap_answer(const struct text_line *line, const struct byte_reader *in, char *detail)
{
    if (text_line_starts(line, "s OK"))
        return text_start_tls(in, detail);
    if (text_line_starts(line, "s NO") || text_line_starts(line, "s BAD") || text_line_starts(line, "* BYE") ||
        text_line_starts(line, "* BAD")) {
        text_detail_line(detail, line);
        return PROBE_REFUSED;
    }
    return line->len > 0 && line->bytes[0] == '*' ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

static enum probe_step imap_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    (void)target;
    struct imap_state *state = opaque;
    struct text_line line;
    enum text_result result;
    if (!state->asked && in->left > 0 && in->at[0] != '*')
        return PROBE_NOT_SPOKEN;
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        bool inside = state->inside;
        if (!text_expect_literal(&state->input, &line))
            return PROBE_NOT_SPOKEN;
        state->inside = state->input.literal_left > 0;
        if (inside)
            continue;
        enum probe_step step =
            state->asked ? imap_answer(&line, in, detail) : imap_greeting(state, &line, out, detail);
        if (step != PROBE_MORE)
            return step;
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_imap = {
    .name = "imap",
    .default_ports = {143},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct imap_state),
    .step = imap_step,
};
