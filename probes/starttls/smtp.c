/* SMTP (RFC 5321) and LMTP (RFC 2033) with STARTTLS (RFC 3207).
 *
 *     220 greeting -> EHLO | LHLO -> 250 capabilities -> STARTTLS -> 220
 *
 * STARTTLS is sent even if it was not offered: a middlebox that overwrites the offer ("250-XXXXXXXA") often lets
 * the command through; otherwise the server's own refusal is recorded. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

enum smtp_stage { SMTP_GREETING, SMTP_EHLO, SMTP_STARTTLS };

struct smtp_state {
    struct text_input input;
    enum smtp_stage stage;
};

/* ".invalid" (RFC 6761, section 6.4) is well-formed for servers that check it, belongs to no one, and identifies us in their logs. */
static enum probe_step smtp_dialogue(struct smtp_state *state, const char *hello, struct byte_reader *in,
                                     struct byte_writer *out, char *detail)
{
    struct text_reply reply;
    enum text_result result;
    while ((result = text_read_reply(&state->input, in, &reply)) == TEXT_LINE) {
        if (!reply.last)
            continue;
        bool agreed = reply.code == (state->stage == SMTP_EHLO ? 250 : 220);
        if (!agreed && reply.code < 400)
            return PROBE_NOT_SPOKEN;
        if (!agreed) {
            text_detail_reply(detail, &reply);
            return PROBE_REFUSED;
        }
        switch (state->stage) {
        case SMTP_GREETING:
            byte_writer_text(out, hello);
            state->stage = SMTP_EHLO;
            break;
        case SMTP_EHLO:
            byte_writer_text(out, "STARTTLS\r\n");
            state->stage = SMTP_STARTTLS;
            break;
        case SMTP_STARTTLS: return text_start_tls(in, detail);
        }
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

static enum probe_step smtp_step(void *state, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    (void)target;
    return smtp_dialogue(state, "EHLO certsweep.invalid\r\n", in, out, detail);
}

static enum probe_step lmtp_step(void *state, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    (void)target;
    return smtp_dialogue(state, "LHLO certsweep.invalid\r\n", in, out, detail);
}

const struct probe probe_smtp = {
    .name = "smtp",
    .default_ports = {25, 587},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct smtp_state),
    .step = smtp_step,
};

const struct probe probe_lmtp = {
    .name = "lmtp",
    .default_ports = {24},              /* no port is registered; Cyrus and Dovecot listen here */
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct smtp_state),
    .step = lmtp_step,
};
