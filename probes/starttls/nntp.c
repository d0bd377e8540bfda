/* NNTP (RFC 3977) with STARTTLS (RFC 4642): 200 | 201 greeting -> STARTTLS -> 382. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

struct nntp_state {
    struct text_input input;
    bool asked;
};

static enum probe_step nntp_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    (void)target;
    struct nntp_state *state = opaque;
    struct text_reply reply;
    enum text_result result;
    while ((result = text_read_reply(&state->input, in, &reply)) == TEXT_LINE) {
        if (!state->asked && (reply.code == 200 || reply.code == 201)) {
            byte_writer_text(out, "STARTTLS\r\n");
            state->asked = true;
        } else if (state->asked && reply.code == 382) {
            return text_start_tls(in, detail);
        } else if (reply.code >= 400) {         /* 580 cannot now, 483, 500, 502 */
            text_detail_reply(detail, &reply);
            return PROBE_REFUSED;
        } else {
            return PROBE_NOT_SPOKEN;
        }
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_nntp = {
    .name = "nntp",
    .default_ports = {119},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct nntp_state),
    .step = nntp_step,
};
