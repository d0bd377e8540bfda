/* FTP with AUTH TLS (RFC 4217, RFC 2228).
 *
 *     220 greeting -> AUTH TLS -> 234      (else AUTH SSL, which servers older than RFC 4217 know -> 234, 334) */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

enum ftp_stage { FTP_GREETING, FTP_AUTH_TLS, FTP_AUTH_SSL };

struct ftp_state {
    struct text_input input;
    enum ftp_stage stage;
};

static enum probe_step ftp_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    (void)target;
    struct ftp_state *state = opaque;
    struct text_reply reply;
    enum text_result result;
    while ((result = text_read_reply(&state->input, in, &reply)) == TEXT_LINE) {
        if (!reply.last || reply.code < 200)    /* 120: ready soon, another reply follows */
            continue;
        if (state->stage == FTP_GREETING && reply.code == 220) {
            byte_writer_text(out, "AUTH TLS\r\n");
            state->stage = FTP_AUTH_TLS;
        } else if (state->stage != FTP_GREETING && (reply.code == 234 || reply.code == 334)) {
            detail[0] = '\0';
            return text_start_tls(in, detail);
        } else if (state->stage == FTP_AUTH_TLS && reply.code >= 500) {
            text_detail_reply(detail, &reply);
            byte_writer_text(out, "AUTH SSL\r\n");
            state->stage = FTP_AUTH_SSL;
        } else if (reply.code >= 400) {
            text_detail_reply(detail, &reply);
            return PROBE_REFUSED;
        } else {
            return PROBE_NOT_SPOKEN;
        }
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

const struct probe probe_ftp = {
    .name = "ftp",
    .default_ports = {21},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct ftp_state),
    .step = ftp_step,
};
