/* Network UPS Tools (RFC 9271, section 4.2.9): STARTTLS, answered by "OK STARTTLS" or by ERR and the reason. We speak first; upsd
 * sends no greeting. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

struct nut_state {
    struct text_input input;
    bool asked;
};

static enum probe_step nut_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    (void)target;
    struct nut_state *state = opaque;
    struct text_line line;
    if (!state->asked)
        byte_writer_text(out, "STARTTLS\n");
    state->asked = true;
    enum text_result result = text_read_line(&state->input, in, &line);
    if (result == TEXT_MORE)
        return PROBE_MORE;
    if (result == TEXT_LINE && text_line_starts(&line, "OK"))
        return text_start_tls(in, detail);
    if (result != TEXT_LINE || !text_line_starts(&line, "ERR"))
        return PROBE_NOT_SPOKEN;
    text_detail_line(detail, &line);
    return PROBE_REFUSED;
}

const struct probe probe_nut = {
    .name = "nut",
    .default_ports = {3493},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,
    .state_size = sizeof(struct nut_state),
    .step = nut_step,
};
