/* POP3 (RFC 1939) with STLS (RFC 2595, section 4): +OK greeting -> STLS -> +OK. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

struct pop3_state {
    struct text_input input;
    bool asked;
};

static enum probe_step pop3_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    (void)target;
    struct pop3_state *state = opaque;
    struct text_line line;
    enum text_result result;
    if (in->left > 0 && in->at[0] != '+' && in->at[0] != '-')
        return PROBE_NOT_SPOKEN;
    while ((result = text_read_line(&state->input, in, &line)) == TEXT_LINE) {
        if (text_line_starts(&line, "-ERR")) {
            text_detail_line(detail, &line);
            return PROBE_REFUSED;
        }
        if (!text_line_starts(&line, "+OK"))
            return PROBE_NOT_SPOKEN;
        if (state->asked)
            return text_start_tls(in, detail);
        byte_writer_text(out, "STLS\r\n");
        state->asked = true;
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_pop3 = {
    .name = "pop3",
    .default_ports = {110},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct pop3_state),
    .step = pop3_step,
};
